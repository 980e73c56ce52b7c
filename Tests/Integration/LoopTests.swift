import Foundation
import Glibc
import Testing

/// Whole runs with real services, real training and a real sandbox, one at a time.
@Suite(.serialized, .tags(.slow)) struct LoopTests {
  @Test func aRunEndsAndEveryQuestionIsAnswered() async throws {
    let run = Run()
    let ended = try await run.start("--trials", "9", "--max-time", "4m").ended()
    #expect(ended.status == 0, "\(ended.errors)")

    let trials = try await run.trials()
    #expect(trials.count == 10)
    #expect(trials.first?["label"] as? String == "baseline")
    for trial in trials {
      for key in [
        "trial", "specialist", "parent", "label", "score", "reason", "seconds", "cpu_seconds", "memory_bytes",
        "artifact_bytes",
      ] {
        #expect(trial[key] != nil, "\(key) of \(trial)")
      }
      #expect(trial["label"] as? String != "in_flight")
    }
    let status = try #require(try await run.ask("status").rows.first)
    #expect(status["state"] as? String == "finished")
    #expect(status["trials"] as? Int == 10)
    let best = try #require(try await run.ask("best").rows.first)
    // Whether nine trials of a search find something is luck; without a keep there is nothing to judge again.
    let split = trials.contains { $0["label"] as? String == "keep" } ? "sealed" : "held-out"
    #expect((best["final"] as? [String: Any])?["split"] as? String == split)
    let detail = try await run.ask("show", "1")
    #expect(detail.status == 0)
    #expect(detail.rows.first?["signature"] as? String == "valid")
    #expect(try await run.ask("tree").rows.count == 10)
    #expect(try await run.ask("show", "99").status == 2)

    let folder = run.state + "-best"
    #expect(try await run.ask("best", "--out", folder).status == 0)
    #expect(FileManager.default.fileExists(atPath: folder + "/recipe.py"))
    #expect(try await run.ask("best", "--out", folder).status == 2)

    // The same command on a finished run says so, and changes nothing.
    #expect(try await run.start("--trials", "9").ended().status == 0)
    #expect(try await run.trials().count == 10)
  }

  @Test func interruptedRunsGoOn() async throws {
    let run = Run()
    let first = try run.start("--trials", "12", "--max-time", "4m")
    #expect(await first.output { $0.split(separator: "\n").count >= 4 })
    first.signal(SIGINT)
    #expect(try await first.ended().status == 130)
    for program in ["assay-evaluator", "assay-lineage", "assay-runner", "assay-agent"] {
      #expect(run.pids(of: program).isEmpty)
    }
    let second = try await run.start("--trials", "12", "--max-time", "4m").ended()
    #expect(second.status == 0, "\(second.errors)")
    let trials = try await run.trials()
    #expect(trials.compactMap { $0["trial"] as? Int } == Array(0...12))
    #expect(!trials.contains { $0["label"] as? String == "in_flight" })
  }

  /// kill -9 of each service in turn: the run goes on, and each accepted submission ends in exactly one verdict.
  @Test func killedServicesLoseNothing() async throws {
    let run = Run()
    let running = try run.start("--trials", "24", "--max-time", "5m")
    for (index, program) in ["assay-lineage", "assay-evaluator", "assay-runner", "assay-agent"].enumerated() {
      #expect(
        await running.output { $0.split(separator: "\n").count >= 3 * (index + 1) },
        "the run goes on after \(index) kills")
      let victim = try #require(run.pids(of: program).first)
      kill(victim, SIGKILL)
    }
    let ended = try await running.ended()
    #expect(ended.status == 0, "\(ended.errors)")
    let printed = ended.rows.compactMap { $0["trial"] as? Int }
    #expect(printed.sorted() == Array(0...24), "each verdict is reported once")
    let trials = try await run.trials()
    #expect(trials.compactMap { $0["trial"] as? Int } == Array(0...24))
    #expect(!trials.contains { ["in_flight", "harness_abort"].contains($0["label"] as? String ?? "") })
  }

  /// kill -9 of the program itself: no child outlives it, and the run goes on.
  @Test func killedProgramLeavesNoChildren() async throws {
    let run = Run()
    let first = try run.start("--trials", "8", "--max-time", "4m")
    #expect(await first.output { $0.split(separator: "\n").count >= 2 })
    let children = ["assay-evaluator", "assay-lineage", "assay-runner", "assay-agent"].flatMap {
      run.pids(of: $0)
    }
    #expect(children.count >= 5)
    first.signal(SIGKILL)
    _ = try await first.ended()
    // The children drain by themselves; the folder is free once the last of them has gone.
    let second = try await run.start("--trials", "8", "--max-time", "4m").ended()
    #expect(second.status == 0, "\(second.errors)")
    #expect(children.allSatisfy { kill($0, 0) != 0 })
    #expect(try await run.trials().count == 9)
  }

  @Test func withoutLineageThereIsNoPathToIt() async throws {
    let run = Run()
    let ended = try await run.start("--trials", "4", "--max-time", "3m", "--no-lineage").ended()
    #expect(ended.status == 0, "\(ended.errors)")
    #expect(try await run.trials().count == 5)
    let trust = try String(contentsOfFile: run.state + "/keys/trust-lineage.json", encoding: .utf8)
    #expect(!trust.contains("agent/"))
    #expect(try await run.start("--trials", "4").ended().status == 3, "an arm is not changed half way")
  }
}

extension Tag {
  @Tag static var slow: Tag
}
