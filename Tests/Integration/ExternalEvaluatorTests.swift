import Foundation
import Glibc
import Testing

/// A run whose evaluator is started by somebody else, with a key of its own.
@Suite(.tags(.slow), .serialized) struct ExternalEvaluatorTests {
  @Test("a run names any evaluator by address and key", arguments: [false, true])
  func anyEvaluator(overTLS: Bool) async throws {
    let run = Run()
    let owner = FileManager.default.temporaryDirectory.appending(path: "assay-owner-\(UUID().uuidString)")
      .path
    defer { try? FileManager.default.removeItem(atPath: owner) }
    func key(_ name: String, in output: String) -> String {
      output.split(separator: "\n").first { $0.hasPrefix(name + "\t") }
        .map { String($0.dropFirst(name.count + 1)) } ?? ""
    }
    // The owner's key; then the run's keys, which name it.
    let owned = try await Program.assay("keys", "init", "--directory", owner)
    let evaluatorKey = key("evaluator", in: owned.output)
    let made = try await Program.assay(
      "keys", "init", "--directory", run.state + "/keys", "--specialists", "model,opt,data",
      "--evaluator-key",
      evaluatorKey)
    #expect(made.status == 0, "\(made.errors)")
    // Over TLS, one authority for both sides.
    let keys = run.state + "/keys"
    if overTLS {
      for name in [
        "evaluator", "lineage", "operator", "runner/local", "agent/model", "agent/opt", "agent/data",
      ] {
        let issued = try await Program.assay("keys", "tls", "--directory", keys, "--name", name)
        #expect(issued.status == 0, "\(issued.errors)")
      }
    }
    let ports = (UInt16.random(in: 20000..<30000), UInt16.random(in: 30000..<32000))
    let tls = overTLS ? ["--tls-ca", keys + "/ca.pem", "--tls-cert", keys + "/evaluator.pem"] : []
    let prepared = try await Program.assay("task", "prepare", "tiny-regression")
    let mounts = prepared.output.split(separator: "\n").filter { $0.hasPrefix("mount ") }
      .flatMap { ["--mount", String($0.dropFirst("mount ".count))] }
    #expect(!mounts.isEmpty, "\(prepared.output)")

    let address = overTLS ? "tls+tcp://127.0.0.1:\(ports.0)" : "ipc://\(owner)/evaluator.sock"
    let lineage = overTLS ? "tls+tcp://127.0.0.1:\(ports.1)" : "ipc://\(run.state)/sockets/lineage.sock"
    let asked = ["tiny-regression", "--json", "--state", run.state, "--trials", "6", "--max-time", "3m"]
    let named =
      ["--evaluator", address, "--evaluator-key", evaluatorKey]
      + (overTLS ? ["--lineage-listen", lineage] : []) + mounts
    let evaluator = try Running(
      "assay-evaluator",
      [
        "--listen", address, "--key", owner + "/evaluator.key", "--trust",
        run.state + "/keys/trust-evaluator.json", "--state", owner + "/state", "--task",
        Program.repository.appending(path: "tasks/tiny-regression").path, "--prepared", Program.prepared.path,
        "--lineage", lineage, "--lineage-key", key("lineage", in: made.output),
      ] + tls)
    let ended = try await Running("assay", ["run"] + asked + named).ended()
    #expect(ended.status == 0, "\(ended.errors)")
    #expect(
      run.pids(of: "assay-evaluator").map { $0 != evaluator.pid }.allSatisfy { !$0 }, "no other is started")
    let trials = try await run.trials()
    #expect(trials.count == 7)
    #expect(trials.allSatisfy { $0["label"] as? String != "in_flight" })
    let best = try await run.ask("show", "0")
    #expect(best.output.contains("valid"), "signed by the evaluator that the run names")

    if overTLS {
      // Without a certificate nobody gets anything.
      let bare = try await Program.assay(
        "rpc", "list", "--address", address, "--server-key", evaluatorKey, "--key", keys + "/operator.key")
      #expect(bare.status == 2 && bare.errors.contains("--tls-ca"), "\(bare.errors)")
      evaluator.signal(SIGTERM)
      #expect(try await evaluator.ended().status == 0)
      return
    }
    // Another key than the one it has: nothing is believed of it.
    let other = key("operator", in: owned.output)
    let wrong = try await Running(
      "assay",
      ["run"] + asked.map { $0 == run.state ? run.state + "-other" : $0 }
        + ["--evaluator", address, "--evaluator-key", other]
    ).ended()
    #expect(wrong.status == 3)
    #expect(wrong.errors.contains("check the address and the key"), "\(wrong.errors)")
    // A run that it was not told of.
    let stranger = try await Running(
      "assay", ["run"] + asked.map { $0 == run.state ? run.state + "-stranger" : $0 } + named
    ).ended()
    #expect(stranger.status == 3)
    #expect(stranger.errors.contains("trust-evaluator.json"), "\(stranger.errors)")
    // The run keeps its evaluator.
    #expect(try await Running("assay", ["run"] + asked).ended().status == 3)
    evaluator.signal(SIGTERM)
    #expect(try await evaluator.ended().status == 0)
  }
}
