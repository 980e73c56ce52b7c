import AssayPatch
import Foundation
import Glibc
import Testing

/// What somebody builds who shares no code with us: evaluator, scorer and agent in Python, on pynng and protobuf.
@Suite(.tags(.slow), .serialized, .timeLimit(.minutes(5))) struct PythonSDKTests {
  static let python = Program.repository.appending(path: ".build/python/bin/python").path

  private func python(_ arguments: String...) async throws -> Program.Ended {
    try #require(
      FileManager.default.isExecutableFile(atPath: Self.python),
      "run tools/python-sdk.sh first; make test does")
    return try await Program.run(Self.python, arguments)
  }

  private func key(_ name: String, in output: String) -> String {
    output.split(separator: "\n").first { $0.hasPrefix(name + "\t") }
      .map { String($0.dropFirst(name.count + 1)) } ?? ""
  }

  @Test func ownTestsPass() async throws {
    let ended = try await python("-m", "unittest", "discover", "sdk/python/tests")
    #expect(ended.status == 0, "\(ended.errors)")
    #expect(ended.errors.contains("OK"))
  }

  @Test("a run on a task of a Python evaluator, whose verdicts stock Python verifies")
  func evaluator() async throws {
    let run = Run()
    let owner = FileManager.default.temporaryDirectory.appending(path: "assay-peaks-\(UUID().uuidString)")
      .path
    try FileManager.default.createDirectory(atPath: owner, withIntermediateDirectories: true)
    defer { for folder in [owner, run.state] { try? FileManager.default.removeItem(atPath: folder) } }
    let program = Program.repository.appending(path: "examples/python-evaluator/evaluator.py").path
    let address = "ipc://\(owner)/evaluator.sock"
    let shown = try await python(program, "--listen", address, "--key", owner + "/key", "--show-key")
    let evaluatorKey = shown.output.trimmingCharacters(in: .whitespacesAndNewlines)
    let keys = try await Program.assay(
      "keys", "init", "--directory", run.state + "/keys", "--specialists", "model,training",
      "--evaluator-key",
      evaluatorKey)
    let evaluator = try Running(
      Self.python,
      [
        program, "--listen", address, "--key", owner + "/key", "--trust",
        run.state + "/keys/trust-evaluator.json",
        "--state", owner + "/state", "--lineage", "ipc://\(run.state)/sockets/lineage.sock", "--lineage-key",
        key("lineage", in: keys.output),
      ])
    let asked = [
      "run", "peaks", "--json", "--state", run.state, "--evaluator", address, "--evaluator-key", evaluatorKey,
      "--trials", "1000",
    ]
    let running = try Running("assay", asked + ["--max-time", "4m"])
    #expect(await running.output { $0.contains("\"baseline\"") })
    // Whether a search finds something is luck; that the curve's own features are far better than noise is not.
    let better = try await submit(features: "[1.0, x, math.sin(3 * x)]", to: run)
    #expect(better["label"] as? String == "keep", "\(better)")
    // Confirmed beside the incumbent, on fresh seeds.
    #expect((better["reason"] as? String ?? "").hasPrefix("confirmed: on 3 fresh seeds"), "\(better)")
    #expect(await running.output { $0.split(separator: "\n").count >= 12 })
    let name = try #require(try await run.ask("status").rows.first?["run"] as? String)
    let closed = try await run.ask(
      "rpc", "call", "EvaluatorService/CloseRun", "--server", "evaluator", "--body",
      "{\"runId\": \"\(name)\"}")
    #expect(closed.status == 0, "\(closed.errors)")
    let ended = try await running.ended()
    #expect(ended.status == 0, "\(ended.errors)")
    let trials = try await run.trials()
    #expect(trials.count >= 12)
    #expect(trials.allSatisfy { $0["label"] as? String != "in_flight" })
    let best = try #require(try await run.ask("best").rows.first)
    #expect((best["final"] as? [String: Any])?["better_beyond_noise"] as? Bool == true)
    // Its rules are the first entry of the run's log, and every verdict names them.
    let proofs = owner + "/proofs"
    #expect(
      try await run.ask("export", "--proofs", proofs).rows.first?["policy"] as? Bool == true)
    #expect(
      try await Program.assay("verify", proofs, "--evaluator-key", evaluatorKey, "--allow-uncosigned").status
        == 0)

    // The signatures, by a program that knows nothing of Assay; and what it says when one is not right.
    var envelopes: [String] = []
    for trial in trials.indices {
      let shown = try await run.ask("show", "\(trial)")
      #expect(shown.rows.first?["signature"] as? String == "valid")
      envelopes.append(shown.output)
    }
    let list = owner + "/verdicts.jsonl"
    try envelopes.joined().write(toFile: list, atomically: true, encoding: .utf8)
    let stock = Program.repository.appending(path: "examples/verify_verdicts.py").path
    let verified = try await Program.run(
      "/bin/sh", ["-c", "\(Self.python) \(stock) \(evaluatorKey) < \(list)"])
    #expect(verified.status == 0, "\(verified.errors)")
    #expect(verified.output.split(separator: "\n").count == trials.count)
    let other = key("operator", in: keys.output)
    #expect(
      try await Program.run("/bin/sh", ["-c", "\(Self.python) \(stock) \(other) < \(list)"]).status == 4)

    // Killed and started again, it knows its run.
    evaluator.signal(SIGKILL)
    _ = try? await evaluator.ended()
    let again = try Running(
      Self.python,
      [
        program, "--listen", address, "--key", owner + "/key", "--trust",
        run.state + "/keys/trust-evaluator.json",
        "--state", owner + "/state",
      ])
    let once = try await Running("assay", asked).ended()
    #expect(once.status == 0, "\(once.errors)")
    let bounded = try await Running("assay", asked + ["--budget", "cpu=1h"]).ended()
    #expect(bounded.status == 3 && bounded.errors.contains("leave out budgets"), "\(bounded.errors)")
    #expect(try await run.trials().count == trials.count)
    again.signal(SIGTERM)
    #expect(try await again.ended().status == 0)
  }

  /// A person's trial of the task "peaks": other features.
  private func submit(features: String, to run: Run) async throws -> [String: Any] {
    let recipe = try String(
      contentsOf: Program.repository.appending(path: "examples/python-evaluator/recipe.py"), encoding: .utf8)
    let old = "    return [(x / 2.0) ** power for power in range(DEGREE + 1)]"
    try #require(recipe.contains(old))
    let edited = recipe.replacing(old, with: "    import math\n    return \(features)")
    let diff = try UnifiedDiff.make(
      from: RecipeTree(["recipe.py": Array(recipe.utf8)]), to: RecipeTree(["recipe.py": Array(edited.utf8)]))
    let patch = FileManager.default.temporaryDirectory.appending(path: "\(UUID().uuidString).patch")
    try Data(diff.bytes).write(to: patch)
    defer { try? FileManager.default.removeItem(at: patch) }
    let ended = try await run.ask(
      "submit", "peaks", "--edit", patch.path, "--specialist", "model", "--hypothesis",
      "the curve's own terms",
      "--parent", "0")
    return try #require(ended.rows.last, "\(ended.errors)")
  }

  @Test("a Python program as a specialist of a running run")
  func agent() async throws {
    let run = Run()
    defer { try? FileManager.default.removeItem(atPath: run.state) }
    let running = try run.start("--trials", "200", "--max-time", "4m", "--specialists", "model,opt")
    #expect(await running.output { $0.split(separator: "\n").count >= 2 })
    let keys = try await Program.assay(
      "keys", "init", "--directory", run.state + "/keys", "--specialists", "model,opt")
    let name = try #require(try await run.ask("status").rows.first?["run"] as? String)
    let ended = try await python(
      Program.repository.appending(path: "examples/python-agent/agent.py").path, "--run", name,
      "--specialist", "opt",
      "--key", run.state + "/keys/agent-opt.key", "--constant", "LR", "--factor", "1.37",
      "--evaluator", "ipc://\(run.state)/sockets/evaluator.sock", key("evaluator", in: keys.output),
      "--lineage", "ipc://\(run.state)/sockets/lineage.sock", key("lineage", in: keys.output))
    #expect(ended.status == 0, "\(ended.errors)")
    #expect(
      ended.output.split(separator: "\n").filter { $0.hasPrefix("trial ") }.count >= 1, "\(ended.output)")
    let trials = try await run.trials()
    #expect(trials.contains { ($0["hypothesis"] as? String)?.hasPrefix("LR times ") == true })
    running.signal(SIGINT)
    #expect(try await running.ended().status == 130)
  }

  @Test("our evaluator asks a Python scorer for inputs and scores")
  func scorer() async throws {
    let run = Run()
    let owner = FileManager.default.temporaryDirectory.appending(path: "assay-scorer-\(UUID().uuidString)")
      .path
    defer { for folder in [owner, run.state] { try? FileManager.default.removeItem(atPath: folder) } }
    let owned = try await Program.assay("keys", "init", "--directory", owner + "/keys")
    let evaluatorKey = key("evaluator", in: owned.output)
    let program = Program.repository.appending(path: "examples/python-scorer/scorer.py").path
    let scorerAddress = "ipc://\(owner)/scorer.sock"
    let shown = try await python(
      program, "--listen", scorerAddress, "--key", owner + "/scorer.key", "--show-key")
    try #"{"trust": [{"name": "evaluator", "roles": ["evaluator"], "key": "\#(evaluatorKey)"}]}"#
      .write(toFile: owner + "/trust.json", atomically: true, encoding: .utf8)
    let scorer = try Running(
      Self.python,
      [program, "--listen", scorerAddress, "--key", owner + "/scorer.key", "--trust", owner + "/trust.json"])
    let made = try await Program.assay(
      "keys", "init", "--directory", run.state + "/keys", "--specialists", "model,opt,data",
      "--evaluator-key",
      evaluatorKey)
    let prepared = try await Program.assay("task", "prepare", "tiny-regression")
    let mounts = prepared.output.split(separator: "\n").filter { $0.hasPrefix("mount ") }
      .flatMap { ["--mount", String($0.dropFirst("mount ".count))] }
    let address = "ipc://\(owner)/evaluator.sock"
    let evaluator = try Running(
      "assay-evaluator",
      [
        "--listen", address, "--key", owner + "/keys/evaluator.key", "--trust",
        run.state + "/keys/trust-evaluator.json", "--state", owner + "/state", "--task",
        Program.repository.appending(path: "tasks/tiny-regression").path, "--prepared", Program.prepared.path,
        "--lineage", "ipc://\(run.state)/sockets/lineage.sock", "--lineage-key",
        key("lineage", in: made.output),
        "--scorer", scorerAddress, "--scorer-key",
        shown.output.trimmingCharacters(in: .whitespacesAndNewlines),
      ])
    let ended = try await Running(
      "assay",
      [
        "run", "tiny-regression", "--json", "--state", run.state, "--trials", "6", "--max-time", "3m",
        "--evaluator",
        address, "--evaluator-key", evaluatorKey,
      ] + mounts
    ).ended()
    #expect(ended.status == 0, "\(ended.errors)")
    let trials = try await run.trials()
    #expect(trials.count == 7)
    #expect(trials.contains { $0["score"] as? String != nil && $0["trial"] as? Int != 0 })
    evaluator.signal(SIGTERM)
    #expect(try await evaluator.ended().status == 0)
    scorer.signal(SIGTERM)
    #expect(try await scorer.ended().status == 0)
  }
}
