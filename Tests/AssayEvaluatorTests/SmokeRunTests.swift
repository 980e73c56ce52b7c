import AssayMessages
import AssayRPC
import AssayServices
import Foundation
import GRDB
import Testing

@testable import AssayEvaluator

/// Short runs that are no trials: measured and charged, never scored.
@Suite("Smoke runs", .timeLimit(.minutes(2)))
struct SmokeRunTests {
  private func request(_ edit: [UInt8], seconds: UInt32 = 5, parent: UInt32 = 0, wait: UInt32 = 20_000)
    -> EvaluatorV1.SmokeRunRequest
  {
    var request = EvaluatorV1.SmokeRunRequest()
    request.runId = EvaluatorHarness.run
    request.edit = edit
    request.seconds = seconds
    request.parent = parent
    request.waitMs = wait
    return request
  }

  private func smoke(
    _ client: EvaluatorServiceClient, _ request: EvaluatorV1.SmokeRunRequest, key: String = UUID().uuidString
  ) async throws(RPCError) -> EvaluatorV1.SmokeRunResponse {
    try await client.smokeRun(request, CallOptions(timeout: .seconds(40), idempotencyKey: key))
  }

  private func reason(
    _ client: EvaluatorServiceClient, _ request: EvaluatorV1.SmokeRunRequest, key: String = UUID().uuidString
  ) async -> String {
    do throws(RPCError) {
      return "ended: \(try await smoke(client, request, key: key).ending)"
    } catch {
      return error.reason
    }
  }

  private func count(_ harness: EvaluatorHarness, _ what: String) async throws -> Int {
    try await harness.evaluator.store.read { database in
      try Int.fetchOne(database, sql: "SELECT COUNT(*) FROM \(what)") ?? -1
    }
  }

  private func bounds(cpu: UInt64) -> EvaluatorV1.RunBounds {
    var spend = EvaluatorV1.Spend()
    spend.cpuMs = cpu
    var bounds = EvaluatorV1.RunBounds()
    bounds.run = spend
    return bounds
  }

  @Test("it is measured, its words are cleaned, it is charged, and it is neither a trial nor a verdict")
  func measured() async throws {
    try await EvaluatorHarness.with(try Bench(), script: ScriptedRunner.honest) { harness in
      try await harness.openAccepting(bounds: bounds(cpu: 1_000_000))
      let before = try await harness.state()
      let told = try await count(harness, "outbox")
      let signed = try await count(harness, "provenance")
      let answer = try await smoke(harness.agent, request(try Bench.edit(width: "'escape'")))
      #expect(answer.ended && answer.ending == "exited" && answer.exitCode == 0)
      #expect(answer.cpuNs == 1_000_000_000 && answer.artifactBytes > 0 && answer.seconds == 5)
      #expect(answer.logExcerpt == "aredb\n" && answer.left == 7)
      let crashed = try await smoke(harness.agent, request(try Bench.edit(width: "'crash'")))
      #expect(crashed.exitCode == 1)
      #expect(try await smoke(harness.agent, request([])).ending == "exited", "the parent as it is")
      let state = try await harness.state()
      #expect(state.accepted == before.accepted && state.decided == before.decided)
      #expect(state.incumbent == 0 && state.spent?.trials == 0)
      #expect(state.spent?.cpuMs == 3000 && state.reserved?.cpuMs == 0)
      #expect(try await count(harness, "trials WHERE trial > 0") == 0)
      #expect(try await count(harness, "measurements WHERE trial > 0") == 0)
      #expect(try await count(harness, "outbox") == told, "nothing of it goes to the record")
      #expect(try await count(harness, "provenance") == signed, "a verdict would name it")
      // The first trial is number 1.
      #expect(try await harness.submit(try Bench.edit(width: "2")) == 1)
    }
  }

  @Test("a key names one: a lost answer begins no second, and another body under it is refused")
  func keys() async throws {
    let bench = try Bench()
    try await EvaluatorHarness.with(bench, script: ScriptedRunner.honest) { harness in
      try await harness.openAccepting()
    }
    try await EvaluatorHarness.with(bench) { harness in
      let runner = harness.runner()
      let edit = try Bench.edit(width: "3")
      #expect(try await smoke(harness.agent, request(edit, wait: 0), key: "k").ended == false)
      #expect(try await smoke(harness.agent, request(edit, wait: 0), key: "k").ended == false)
      #expect(
        await reason(harness.agent, request(edit, seconds: 6, wait: 0), key: "k") == "IDEMPOTENCY_KEY_REUSED")
      #expect(await reason(harness.agent, request(edit, wait: 0)) == "SMOKE_RUN_IN_FLIGHT")
      #expect(await reason(harness.agent, request(edit, wait: 0), key: "") == "MISSING_IDEMPOTENCY_KEY")
      let job = try #require(try await runner.lease())
      #expect(job.phase == "smoke" && job.budget?.wallMs == 5000 && job.budget?.cpuMs == 5000)
      try await runner.perform(job, ScriptedRunner.honest)
      #expect(try await smoke(harness.agent, request(edit), key: "k").ended)
      #expect(try await runner.lease(wait: 100) == nil, "it was one job")
      // Another specialist's key is its own.
      #expect(
        try await smoke(harness.otherAgent, request(try Bench.edit(lr: "3"), wait: 0), key: "k").ended
          == false)
    }
  }

  @Test("what would not be run is told, nobody tries for another, and there are only so many")
  func refused() async throws {
    try await EvaluatorHarness.with(try Bench(), script: ScriptedRunner.honest) { harness in
      #expect(await reason(harness.agent, request([])) == "UNKNOWN_RUN")
      try await harness.openAccepting()
      #expect(
        await reason(harness.agent, request(try Bench.edit(lr: "7"))) == "WOULD_NOT_RUN",
        "its partition is another")
      #expect(await reason(harness.agent, request(try Bench.edit(width: "("))) == "WOULD_NOT_RUN")
      #expect(await reason(harness.agent, request(try Bench.edit(width: "eval"))) == "WOULD_NOT_RUN")
      #expect(await reason(harness.agent, request([], parent: 99)) == "UNKNOWN_PARENT")
      #expect(await reason(harness.agent, request(Array("no diff".utf8))) == "INVALID_EDIT")
      for width in 10..<18 {
        #expect(await reason(harness.agent, request(try Bench.edit(width: "\(width)"))) == "ended: exited")
      }
      #expect(await reason(harness.agent, request(try Bench.edit(width: "18"))) == "TOO_MANY_SMOKE_RUNS")
      _ = try await harness.verdict(try await harness.submit(try Bench.edit(width: "18")))
      #expect(await reason(harness.agent, request(try Bench.edit(width: "19"))) == "ended: exited")
    }
  }

  @Test("a spent budget of compute allows none, and our failures cost nothing")
  func budget() async throws {
    try await EvaluatorHarness.with(try Bench(), script: ScriptedRunner.honest) { harness in
      try await harness.openAccepting(bounds: bounds(cpu: 1500))
      let edit = try Bench.edit(width: "'broken runner'")
      #expect(await reason(harness.agent, request(edit)) == "ended: failed")
      #expect(try await harness.state().spent?.cpuMs == 0)
      #expect(try await harness.state().reserved?.cpuMs == 0)
      #expect(await reason(harness.agent, request(try Bench.edit(width: "3"))) == "ended: exited")
      #expect(await reason(harness.agent, request(try Bench.edit(width: "4"))) == "ended: exited")
      let state = try await harness.state { $0.phase != .accepting }
      #expect(state.stop == "budget" && state.spent?.cpuMs == 2000)
      #expect(await reason(harness.agent, request(try Bench.edit(width: "5"))) == "RUN_CLOSED")
    }
  }

  @Test(
    "one that is under way when its evaluator dies is ended by the next; one when the run ends is cancelled")
  func restarts() async throws {
    let bench = try Bench()
    let edit = try Bench.edit(width: "3")
    try await EvaluatorHarness.with(bench, script: { job, recipe in ScriptedRunner.honest(job, recipe) }) {
      harness in
      try await harness.openAccepting()
    }
    try await EvaluatorHarness.with(bench) { harness in
      let begun = try await smoke(harness.agent, request(edit, wait: 0), key: "k")
      #expect(!begun.ended)
    }
    try await EvaluatorHarness.with(bench) { harness in
      let runner = harness.runner()
      try await runner.perform(try #require(try await runner.lease()), ScriptedRunner.honest)
      #expect(try await smoke(harness.agent, request(edit), key: "k").ending == "exited")
      #expect(try await smoke(harness.agent, request(edit, wait: 0), key: "l").ended == false)
      var close = EvaluatorV1.CloseRunRequest()
      close.runId = EvaluatorHarness.run
      _ = try await harness.user.closeRun(close, CallOptions(timeout: .seconds(10)))
      #expect(try await smoke(harness.agent, request(edit), key: "l").ending == "cancelled")
      #expect(try await harness.state().reserved?.cpuMs == 0)
      #expect(try await runner.lease(wait: 100) == nil)
    }
  }
}
