import AssayMessages
import AssayRPC
import Logging
import Synchronization
import Testing

@testable import AssayAgent

@Suite struct AnalystTests {
  private let metric = TaskKnowledge.Metric(
    name: "loss", unit: "nats", smallestEffect: 0.01, noise: 0.02, keepMargin: 0.05)

  private func trial(
    _ number: Int, _ outcome: TrialOutcome, _ score: Double?, _ motive: String, by specialist: String = "opt",
    parent: Int = 0
  ) -> TrialKnowledge {
    TrialKnowledge(
      number: number, specialist: specialist, parent: parent, outcome: outcome, score: score, motive: motive)
  }

  @Test func itSaysWhatPaidWhatFailedAndWhatIsStuck() async throws {
    var trials = [trial(0, .baseline, 1, "")]
    trials.append(trial(1, .keep, 0.8, "mutate.optimizer"))
    trials.append(trial(2, .keep, 0.7, "mutate.optimizer+schedule", parent: 1))
    for number in 3...5 { trials.append(trial(number, .crash, nil, "mutate.norm", by: "arch")) }
    for number in 6...14 { trials.append(trial(number, .discard, 0.75, "mutate.constant.rate", parent: 2)) }
    trials.append(trial(15, .harnessAbort, nil, "mutate.norm"))
    let lessons = try await SummarisingAnalyst().insights(trials, metric: metric)
    #expect(lessons.count == 3)
    #expect(
      lessons[0].text.hasPrefix("After 14 trials: optimizer edits were kept 2 of 2 times, gaining 0.3 nats"))
    #expect(lessons[0].text.contains("norm edits were never kept in 3 tries (3 failed)"))
    #expect(lessons[0].trials == [1, 2])
    #expect(lessons[1].text.contains("3 crash (3 of them by arch)"))
    #expect(
      lessons[2].text.hasPrefix(
        "Saturated: the last 12 of 14 trials brought no keep, and a keep needs 0.05 nats"))
    #expect(lessons[2].text.contains("opt (9 trials)"))
    let again = try await SummarisingAnalyst().insights(trials, metric: metric)
    #expect(again == lessons)
    #expect(try await SummarisingAnalyst().insights([trials[0]], metric: metric).isEmpty)
  }

  @Test(arguments: [(7, 10, false), (8, 40, false), (20, 40, true), (8, 9, true)])
  func saturationIsMeasuredByWhatAKeepTook(_ since: Int, _ trials: Int, _ isStuck: Bool) {
    #expect((Saturation(trialsSinceKeep: since, of: trials) != nil) == isStuck)
  }

  /// Single steps do not show any more: several are taken at once.
  @Test func aSaturatedSearchTakesLargerSteps() async throws {
    let task = try Fixtures.task(Fixtures.sectioned)
    let reader = try RecipeReader()
    let idle = (1...9).map { trial($0, .discard, 1.001, "mutate.constant.rate") }
    var bold: [Bool: Int] = [:]
    for (trials, isStuck) in [(Array(idle.prefix(7)), false), (idle, true)] {
      for seed in 0..<6 as Range<UInt64> {
        let proposal = try await EvolveProposer(reader: reader, seed: seed).propose(
          Fixtures.state(task, trials, iteration: 9))
        if proposal.motive.contains("leap") || proposal.hypothesis.contains("Together with") {
          bold[isStuck, default: 0] += 1
        }
      }
    }
    // A pair of rewrites that does not fit together falls back to one.
    #expect(bold[true, default: 0] >= 4)
    #expect(bold[false, default: 0] <= 2)
  }

  /// A bandit's arm is worth what it gains for what it takes.
  @Test func cheapKindsAreFavouredAndDearOnesAreNot() throws {
    let task = try Fixtures.task(Fixtures.sectioned)
    func trial(_ number: Int, _ motive: String, _ seconds: Double) -> TrialKnowledge {
      var trial = self.trial(number, .discard, 1, motive)
      trial.usage.trainSeconds = seconds
      return trial
    }
    let evidence = Evidence(
      task: task,
      lineage: LineageKnowledge(
        trials: [
          self.trial(0, .baseline, 1, ""), trial(1, "mutate.a", 1), trial(2, "mutate.b", 9),
          trial(3, "mutate.c", 0), trial(4, "mutate.a", 2),
        ], incumbent: 0), inspections: [:], others: [])
    #expect(evidence.thrift(of: "a") > 1.3)
    #expect(evidence.thrift(of: "b") < 0.8 && evidence.thrift(of: "b") >= 0.5)
    #expect(evidence.thrift(of: "c") == 1, "what was not timed is neither")
    #expect(evidence.thrift(of: "new") == 1)
  }
}
