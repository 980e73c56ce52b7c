import AssayIdentity
import AssayMessages
import AssaySupervisor
import Foundation
import Testing

@testable import AssayDashboard

@Suite struct MLflowTests {
  private let view: RunView = {
    let json =
      #"{"run":"r","task":"t","task_path":"","task_digest":"","seed":1,"lineage":true,"specialists":["opt"]}"#
    return try! RunView(
      JSONDecoder().decode(RunDescription.self, from: Data(json.utf8)), folder: "r",
      logKey: IdentityKey().publicIdentity)
  }()

  private func run(
    _ trial: UInt32, _ label: LineageV1.VerdictLabel, score: String = "", specialist: String = "opt",
    hypothesis: String = "warm-up helps"
  ) -> MLflowWire.Run {
    var record = LineageV1.TrialRecord()
    record.trial = LineageV1.Trial()
    record.trial?.trial = trial
    record.trial?.submittedAtMs = Int64(trial)
    record.trial?.proposal = AgentV1.Proposal()
    record.trial?.proposal?.specialist = specialist
    record.trial?.proposal?.hypothesis = hypothesis
    record.verdict = LineageV1.Verdict()
    record.verdict?.label = label
    record.verdict?.score = score
    record.verdict?.seedScores = ["1", "2", "3"]
    return MLflowWire.Run(TrialPoint(record), of: view)
  }

  private func admitted(_ filter: String) throws -> [String] {
    let runs = [
      run(1, .keep, score: "0.5"), run(2, .discard, score: "0.7", specialist: "arch"),
      run(3, .crash, hypothesis: "50% wider"),
    ]
    return try runs.filter(MLflowFilter(filter).admits).map(\.info.runName)
  }

  @Test func filters() throws {
    #expect(try admitted("").count == 3)
    #expect(try admitted("metrics.score < 0.6") == ["trial 1 opt"])
    #expect(try admitted("metrics.`score` >= 0.5 AND params.specialist != 'opt'") == ["trial 2 arch"])
    #expect(try admitted("tags.hypothesis LIKE '%up%'").count == 2)
    #expect(try admitted("tags.hypothesis ILIKE 'WARM%'").count == 2)
    #expect(try admitted("params.label IN ('crash', 'keep')").count == 2)
    #expect(try admitted("params.label NOT IN ('crash')").count == 2)
    #expect(try admitted("metrics.score IS NULL") == ["trial 3 opt"])
    #expect(try admitted("status = 'FAILED'") == ["trial 3 opt"])
    #expect(try admitted("attributes.status = \"FINISHED\" and tag.reason = 'and'").isEmpty)
    #expect(try admitted("tags.\"mlflow.runName\" = 'trial 2 arch'") == ["trial 2 arch"])
  }

  @Test("what is no filter is refused, and a hostile one costs little")
  func refusals() {
    for text in [
      "metrics.score", "metrics.score <", "x.y = 1 or 2", "tags.a = 'open", "metrics.score ~ 1",
      "params.a IN 1", "and", String(repeating: "a", count: 9000),
    ] { #expect(throws: MLflowRefusal.self, "\(text.prefix(40))") { try MLflowFilter(text) } }
    let long = String(repeating: "a", count: 2000)
    #expect(!MLflowFilter.matches(long, String(repeating: "%a", count: 1000) + "b", ignoringCase: false))
  }

  @Test func patterns() {
    #expect(MLflowFilter.matches("abc", "a%c", ignoringCase: false))
    #expect(MLflowFilter.matches("abc", "___", ignoringCase: false))
    #expect(MLflowFilter.matches("", "%", ignoringCase: false))
    #expect(!MLflowFilter.matches("abc", "a_", ignoringCase: false))
    #expect(!MLflowFilter.matches("ABC", "abc", ignoringCase: false))
  }

  @Test func order() throws {
    let runs = [run(1, .keep, score: "0.7"), run(2, .crash), run(3, .discard, score: "0.5")]
    func names(_ order: String...) throws -> [String] {
      try MLflowOrder(order).sorted(runs).map { $0.data.params.first { $0.key == "trial" }?.value ?? "" }
    }
    #expect(try names("metrics.score ASC") == ["3", "1", "2"])
    #expect(try names("metrics.score DESC") == ["1", "3", "2"])
    #expect(try names() == ["3", "2", "1"])
    #expect(try names("params.label", "start_time DESC") == ["2", "3", "1"])
    #expect(throws: MLflowRefusal.self) { try names("nothing.at.all") }
  }

  @Test("a step a seed; the same names in every process")
  func metrics() {
    let seeds = MLflowWire.metrics(of: TrialPoint(LineageV1.TrialRecord()))
    #expect(seeds.first { $0.key == "score" } == nil)
    #expect(run(1, .keep, score: "0.5").data.metrics.first { $0.key == "seed_score" }?.step == 2)
    #expect(MLflowWire.runID("r", 1) == MLflowWire.runID("r", 1))
    #expect(MLflowWire.runID("r", 1) != MLflowWire.runID("r", 2))
    #expect(MLflowWire.runID("r", 1).count == 32)
  }

  @Test func artifacts() {
    let artifacts = MLflowArtifacts(files: [
      "log.txt": [1, 2], "recipe/recipe.py": [1], "recipe/lib/a.py": [1],
    ])
    #expect(artifacts.list("").map(\.path) == ["log.txt", "recipe"])
    #expect(artifacts.list("recipe").map(\.path) == ["lib", "recipe.py"])
    #expect(artifacts.list("recipe").map(\.isDir) == [true, false])
    #expect(artifacts.list("log.txt").isEmpty)
    #expect(artifacts.list("rec").isEmpty)
  }
}
