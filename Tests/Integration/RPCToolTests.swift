import Foundation
import Glibc
import Testing

/// `assay rpc` against the services of a run.
@Suite(.tags(.slow), .serialized) struct RPCToolTests {
  @Test func listsDescribesAndCalls() async throws {
    let run = Run()
    let running = try run.start("--trials", "200", "--max-time", "4m")
    #expect(await running.output { $0.split(separator: "\n").count >= 2 })

    let methods = try await run.ask("rpc", "list").rows.compactMap { $0["method"] as? String }
    #expect(methods.contains("assay.lineage.v1.LineageService/FollowEvents"))
    #expect(!methods.contains { $0.hasPrefix("assay.evaluator") }, "only what this server serves")
    let described = try await run.ask(
      "rpc", "describe", "EvaluatorService/SubmitTrial", "--server", "evaluator")
    #expect(described.output.contains("roles: agent, operator"))

    let runs = try await run.ask("rpc", "call", "LineageService/ListRuns").rows
    let known = try #require((runs.first?["runs"] as? [[String: Any]])?.first?["runId"] as? String)
    let body = "{\"runId\": \"\(known)\"}"
    let summary = try await run.ask("rpc", "call", "LineageService/Summarize", "--body", body).rows
    #expect(summary.first?["baselineScore"] as? String != nil)

    let stream = try Running(
      "assay", ["rpc", "call", "LineageService/FollowEvents", "--after", "1", "--state", run.state])
    #expect(await stream.output { $0.split(separator: "\n").count >= 3 })
    stream.signal(SIGINT)
    let events = try await stream.ended().rows.compactMap {
      ($0["event"] as? [String: Any])?["sequence"] as? String
    }
    #expect(Array(events.prefix(3)) == ["2", "3", "4"])

    let unknown = try await run.ask("rpc", "call", "LineageService/GetTrial", "--body", "{\"trail\": 1}")
    #expect(unknown.status == 2)
    #expect(unknown.errors.contains("It has: runId, trial"))
    let refused = try await run.ask("rpc", "call", "LineageService/AppendVerdict")
    #expect(refused.errors.contains("PERMISSION_DENIED"))
    running.signal(SIGINT)
    #expect(try await running.ended().status == 130)
    #expect(try await run.ask("rpc", "list", "--timeout", "1").status == 3)
  }

  @Test func aRevokedIdentityIsCutOffFromARunningService() async throws {
    let run = Run()
    let running = try run.start("--trials", "200", "--max-time", "4m")
    #expect(await running.output { $0.split(separator: "\n").count >= 1 })
    let keys = try await Program.assay(
      "keys", "init", "--directory", run.state + "/keys", "--specialists", "model,opt,data")
    let server = try #require(
      keys.output.split(separator: "\n").first { $0.hasPrefix("lineage\t") }?.split(separator: "\t").last)
    func ask() async throws -> Program.Ended {
      try await Program.assay(
        "rpc", "list", "--address", "ipc://\(run.state)/sockets/lineage.sock", "--server-key", String(server),
        "--key", run.state + "/keys/observer.key")
    }
    #expect(try await ask().status == 0)
    // Its holder still has the key: a copy is what an attacker would have.
    let copy = run.state + "/keys/copy.key"
    try FileManager.default.copyItem(atPath: run.state + "/keys/observer.key", toPath: copy)
    #expect(
      try await Program.assay("keys", "revoke", "observer", "--directory", run.state + "/keys").status == 0)
    try FileManager.default.copyItem(atPath: copy, toPath: run.state + "/keys/observer.key")
    var last = try await ask()
    let limit = ContinuousClock.now + .seconds(20)
    while last.status == 0, ContinuousClock.now < limit { last = try await ask() }
    #expect(last.status == 3)
    #expect(last.errors.contains("NOT_TRUSTED"), "\(last.errors)")
    #expect(try await run.ask("rpc", "list").status == 0, "others are served as before")
    running.signal(SIGINT)
    _ = try await running.ended()
  }
}
