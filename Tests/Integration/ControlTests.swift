import Foundation
import Glibc
import Testing

/// Bounds, pauses and experiments through the programs, with real services.
@Suite(.serialized, .tags(.slow)) struct ControlTests {
  @Test(.timeLimit(.minutes(4))) func aRunIsPausedResumedAndStopped() async throws {
    let run = Run()
    let running = try run.start(
      "--trials", "500", "--max-time", "30m", "--analysts", "meta", "--crew", "generics:2")
    #expect(await running.output { $0.split(separator: "\n").count >= 3 })
    let paused = try #require(try await run.ask("pause").rows.first)
    #expect(paused["paused"] as? Bool == true)
    let status = try #require(try await run.ask("status").rows.first)
    let control = try #require(status["control"] as? [String: Any])
    #expect(control["paused"] as? Bool == true)
    #expect((control["specialists"] as? [[String: Any]])?.count == 3)
    #expect(control["deadline"] is String)
    #expect(try await run.ask("pause", "nobody").status == 2)
    let before = try await run.trials().count
    #expect(try await run.ask("resume").status == 0)
    #expect(await running.output { $0.split(separator: "\n").count >= before + 3 })
    let stopped = try #require(try await run.ask("stop").rows.first)
    #expect(stopped["stop"] as? String == "operator")
    let ended = try await running.ended()
    #expect(ended.status == 0, "\(ended.errors)")
    #expect(!(try await run.trials()).contains { $0["label"] as? String == "in_flight" })
    #expect(try await run.ask("pause").status == 3, "its services are down")
  }

  /// The bound is the record's: a run that was killed does not spend it again.
  @Test(.timeLimit(.minutes(4))) func aBudgetSurvivesAKill() async throws {
    let run = Run()
    let options = ["--trials", "500", "--specialist-budget", "trials=3"]
    let first = try Running(
      "assay", ["run", run.task, "--json", "--state", run.state] + options)
    #expect(await first.output { $0.split(separator: "\n").count >= 4 })
    first.signal(SIGKILL)
    _ = try await first.ended()
    let second = try await Running(
      "assay", ["run", run.task, "--json", "--state", run.state] + options
    ).ended()
    #expect(second.status == 0, "\(second.errors)")
    #expect(second.errors.contains("the budget is spent"))
    let bySpecialist = Dictionary(grouping: try await run.trials()) { $0["specialist"] as? String ?? "" }
    #expect(bySpecialist.mapValues(\.count) == ["": 1, "model": 3, "opt": 3, "data": 3])
  }

  @Test(.timeLimit(.minutes(5))) func anExperimentIsInterruptedAndGoesOn() async throws {
    let folder = FileManager.default.temporaryDirectory.appending(
      path: "assay-experiment-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    let file = folder.appending(path: "study.yaml").path
    try """
    assay-experiment: 1
    task: tiny-regression
    trials: 3
    seeds: [1]
    arms:
      - {name: "on"}
      - {name: "off", lineage: false, knowledge: false}
      - {name: single, crew: generalist}
    """.write(toFile: file, atomically: true, encoding: .utf8)
    let arguments = ["experiment", file, "--json", "--state", folder.appending(path: "state").path]
    let first = try Running("assay", arguments)
    #expect(await first.output { $0.contains("\n") })
    first.signal(SIGINT)
    #expect(try await first.ended().status == 130)
    let second = try await Running("assay", arguments).ended()
    #expect(second.status == 0, "\(second.errors)")
    #expect(second.errors.contains("1 of 3 runs are there"))
    let report = try #require(second.rows.last)
    #expect(report["missing"] as? Int == 0)
    #expect((report["arms"] as? [[String: Any]])?.allSatisfy { $0["trials"] as? Int == 3 } == true)
    for (arm, isNamed) in [("on", true), ("off", false)] {
      let trust = try String(
        contentsOf: folder.appending(path: "state/runs/\(arm)-1/keys/trust-lineage.json"), encoding: .utf8)
      #expect(trust.contains("agent/") == isNamed)
    }
    #expect(try await Program.run("assay", arguments + ["--report"]).status == 0)
    try "assay-experiment: 1\ntask: tiny-regression\nseeds: [2]\narms: [{name: on2}]\n".write(
      toFile: file, atomically: true, encoding: .utf8)
    #expect(try await Program.run("assay", arguments).status == 3, "a folder holds one experiment")
  }
}
