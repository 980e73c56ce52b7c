import AssayAgent
import AssayMessages
import AssayTools
import Testing

@testable import AssayProposers

@Suite struct PromptBuilderTests {
  private func builder(_ specialist: String = "opt", note: String = "Small rates help.") throws
    -> PromptBuilder
  {
    PromptBuilder(
      brief: ResearchBrief(
        name: "bench", title: "A bench", summary: "Fit it.", gates: ["r2 at least 0.2"],
        rules: ["no-eval: eval hides code"],
        partitions: [.init(name: "opt", title: "Optimiser", scope: "section 'optimiser'")],
        knowledge: [.init(path: "notes.md", text: note)], seedsPerTrial: 1),
      task: try ProposerBench.state().task, specialist: specialist, hasLineage: true)
  }

  /// What servers can cache is the same for all specialists of a run, and for all its sessions.
  @Test func theSharedPartIsShared() throws {
    let one = try builder()
    let other = try builder("arch")
    #expect(one.system[0] == other.system[0] && one.system[1] != other.system[1])
    #expect(one.system[0].contains("r2 at least 0.2") && one.system[0].contains("no-eval"))
    #expect(try builder(note: "Large rates help.").system[0] != one.system[0])
    #expect(try builder(note: "Large rates help.").brief.knowledgeDigest != one.brief.knowledgeDigest)
  }

  @Test("a gate is told with what has to meet it, the bound of the mean or the mean")
  func gates() {
    func words(_ change: (inout EvaluatorV1.Gate) -> Void) -> String? {
      var gate = EvaluatorV1.Gate()
      gate.metric = "r2"
      change(&gate)
      var task = EvaluatorV1.TaskDescription()
      task.gates = [gate]
      return ResearchBrief(task).gates.first
    }
    #expect(
      words { ($0.atLeast, $0.confidence) = ("0.2", "0.95") }
        == "r2 at least 0.2 (by the lower bound of the seeds' mean with confidence 0.95, not by the mean itself)"
    )
    #expect(words { ($0.atMost, $0.confidence) = ("0.2", "0.9") }?.contains("the upper bound") == true)
    #expect(
      words { ($0.atLeast, $0.confidence) = ("0.2", "0.5") } == "r2 at least 0.2 in the mean of the seeds")
    #expect(words { $0.atLeast = "0.2" } == "r2 at least 0.2")
  }

  @Test func theOpeningTellsWhereTheRunStands() throws {
    let state = try ProposerBench.state()
    let text = try builder().opening(state, parent: 0, view: "THE VIEW")
    #expect(text.contains("THE VIEW") && text.contains("the baseline") && text.contains("0.02"))
    #expect(!text.contains("changed nothing that can be told from noise"))
  }

  @Test func aSpecialistThatGoesInCirclesIsTold() throws {
    var state = try ProposerBench.state()
    for number in 1...5 {
      state.lineage?.trials.append(
        TrialKnowledge(number: number, specialist: "opt", parent: 0, outcome: .discard, score: 1.001))
    }
    #expect(try builder().opening(state, parent: 0, view: nil).contains("Leave the neighbourhood"))
    state.lineage?.trials[3].score = 0.5
    #expect(try !builder().opening(state, parent: 0, view: nil).contains("Leave the neighbourhood"))
  }
}
