import AssayMessages
import AssayRPC
import AssayServices
import Foundation
import Testing

@testable import AssayEvaluator

/// The ledger of model requests, through the service and through restarts.
@Suite("Spending", .timeLimit(.minutes(2)))
struct SpendTests {
  private static let options = CallOptions(timeout: .seconds(10))

  private func reserve(
    _ client: EvaluatorServiceClient, _ name: String, tokens: UInt64, dollars: UInt64 = 0,
    priced: Bool = true,
    session: String = "s"
  ) async -> String {
    var request = EvaluatorV1.ReserveSpendRequest()
    request.runId = EvaluatorHarness.run
    request.request = name
    request.session = session
    request.provider = "fake"
    request.model = "m"
    request.purpose = "propose"
    var usage = EvaluatorV1.ModelUsage()
    usage.inputTokens = tokens / 2
    usage.outputTokens = tokens - tokens / 2
    request.usage = usage
    request.nanodollars = dollars
    request.priced = priced
    do {
      _ = try await client.reserveSpend(request, Self.options)
      return "ok"
    } catch {
      return error.reason
    }
  }

  private func settle(
    _ client: EvaluatorServiceClient, _ name: String, tokens: UInt64, dollars: UInt64 = 0,
    refunded: Bool = false
  ) async -> String {
    var request = EvaluatorV1.SettleSpendRequest()
    request.runId = EvaluatorHarness.run
    request.request = name
    request.refunded = refunded
    var usage = EvaluatorV1.ModelUsage()
    usage.outputTokens = tokens
    request.usage = usage
    request.nanodollars = dollars
    do {
      _ = try await client.settleSpend(request, Self.options)
      return "ok"
    } catch {
      return error.reason
    }
  }

  private func bounds(tokens: UInt64 = 0, dollars: UInt64 = 0, session: UInt64 = 0) -> EvaluatorV1.RunBounds {
    var bounds = EvaluatorV1.RunBounds()
    var spend = EvaluatorV1.Spend()
    spend.tokens = tokens
    spend.nanodollars = dollars
    bounds.run = spend
    var each = EvaluatorV1.Spend()
    each.tokens = session
    bounds.session = each
    return bounds
  }

  @Test func whatIsReservedIsSettledOrRefundedOnce() async throws {
    try await EvaluatorHarness.with(try Bench(), script: ScriptedRunner.honest) { harness in
      try await harness.openAccepting(bounds: bounds(tokens: 1_000))
      #expect(await reserve(harness.agent, "a", tokens: 600) == "ok")
      #expect(await reserve(harness.agent, "a", tokens: 600) == "ok", "the same call again")
      #expect(await reserve(harness.agent, "a", tokens: 500) == "REQUEST_REUSED")
      #expect(try await harness.state().reserved?.tokens == 600)
      #expect(await reserve(harness.otherAgent, "b", tokens: 500) == "BUDGET_RESERVED")
      #expect(await settle(harness.otherAgent, "a", tokens: 1) == "UNKNOWN_REQUEST", "another's money")
      #expect(await settle(harness.agent, "a", tokens: 123) == "ok")
      #expect(await settle(harness.agent, "a", tokens: 123) == "ok")
      #expect(await settle(harness.agent, "a", tokens: 0, refunded: true) == "REQUEST_REUSED")
      #expect(await reserve(harness.otherAgent, "b", tokens: 500) == "ok")
      #expect(await settle(harness.otherAgent, "b", tokens: 0, refunded: true) == "ok")
      let state = try await harness.state()
      #expect(state.spent?.tokens == 123 && state.reserved?.tokens == 0)
      #expect(state.phase == .accepting)
      var request = EvaluatorV1.GetCostsRequest()
      request.runId = EvaluatorHarness.run
      let costs = try await harness.user.getCosts(request, Self.options)
      #expect(costs.models.map(\.specialist) == ["model", "opt"])
      #expect(costs.models.map(\.refunded) == [0, 1])
      #expect(costs.models.first?.usage?.outputTokens == 123)
    }
  }

  /// Killed between reserving and settling: the evaluator, the agent, or both.
  @Test func aRequestWhoseProcessDiedStaysChargedInFull() async throws {
    let bench = try Bench()
    let limits = bounds(tokens: 1_000)
    try await EvaluatorHarness.with(bench, script: ScriptedRunner.honest) { harness in
      try await harness.openAccepting(bounds: limits)
      #expect(await reserve(harness.agent, "a", tokens: 600) == "ok")
    }
    try await EvaluatorHarness.with(bench, works: false) { harness in
      #expect(try await harness.state().reserved?.tokens == 600)
      // Its next request says that the earlier one was lost.
      #expect(await reserve(harness.agent, "b", tokens: 300) == "ok")
      #expect(try await harness.state().spent?.tokens == 600)
      #expect(
        await reserve(harness.agent, "a", tokens: 600) == "REQUEST_REUSED", "not sent twice for one price")
      // What it used comes to light after all.
      #expect(await settle(harness.agent, "a", tokens: 100) == "ok")
      let state = try await harness.state()
      #expect(state.spent?.tokens == 100 && state.reserved?.tokens == 300)
    }
  }

  @Test func aSpentBudgetEndsTheRunWhenNobodyIsLeft() async throws {
    try await EvaluatorHarness.with(try Bench(), script: ScriptedRunner.honest) { harness in
      try await harness.openAccepting(bounds: bounds(tokens: 1_000))
      #expect(await reserve(harness.agent, "a", tokens: 900) == "ok")
      #expect(await settle(harness.agent, "a", tokens: 900) == "ok")
      #expect(await reserve(harness.agent, "b", tokens: 200) == "BUDGET_SPENT")
      let state = try await harness.state()
      #expect(state.phase == .accepting && state.specialists.first?.exhausted == true)
      #expect(await reserve(harness.otherAgent, "c", tokens: 200) == "BUDGET_SPENT")
      #expect(try await harness.state { $0.phase == .finished }.stop == "budget")
    }
  }

  @Test func dollarsNeedAPriceAndSessionsHaveABound() async throws {
    try await EvaluatorHarness.with(try Bench(), script: ScriptedRunner.honest) { harness in
      try await harness.openAccepting(bounds: bounds(dollars: 1_000_000_000, session: 500))
      #expect(await reserve(harness.agent, "a", tokens: 10, priced: false) == "NO_PRICE")
      #expect(await reserve(harness.agent, "a", tokens: 400, dollars: 400_000_000) == "ok")
      #expect(await settle(harness.agent, "a", tokens: 400, dollars: 400_000_000) == "ok")
      #expect(await reserve(harness.agent, "b", tokens: 200) == "SESSION_SPENT")
      #expect(await reserve(harness.agent, "b", tokens: 200, session: "t") == "ok")
      #expect(await settle(harness.agent, "b", tokens: 200) == "ok")
      #expect(
        await reserve(harness.agent, "c", tokens: 1, dollars: 700_000_000, session: "u") == "BUDGET_SPENT")
      #expect(
        await reserve(EvaluatorServiceClient(harness.server.clients["operator"]), "d", tokens: 1) != "ok")
    }
  }

  /// An analyst spends as others do: from the run's account, under its own bound, and without a say in when the run ends. It submits
  /// nothing and tries nothing.
  @Test func anAnalystSpendsFromTheSameAccount() async throws {
    var arm = EvaluatorV1.Arm()
    arm.name = "watched"
    var member = EvaluatorV1.ArmMember()
    member.specialist = "model"
    member.partitions = ["model"]
    arm.members = [member]
    arm.analysts = ["opt"]
    let chosen = arm
    var limits = bounds(tokens: 1_000)
    var own = EvaluatorV1.SpecialistBound()
    own.specialist = "opt"
    own.bound = EvaluatorV1.Spend()
    own.bound?.tokens = 400
    limits.specialists = [own]
    let bound = limits
    let edit = try Bench.edit(lr: "4")
    try await EvaluatorHarness.with(try Bench(), script: ScriptedRunner.honest) { harness in
      try await harness.openAccepting(bounds: bound, arm: chosen)
      let analyst = harness.otherAgent
      #expect(await reserve(analyst, "a", tokens: 300) == "ok")
      #expect(try await harness.state().reserved?.tokens == 300)
      #expect(await settle(analyst, "a", tokens: 250) == "ok")
      #expect(await reserve(analyst, "b", tokens: 200) == "BUDGET_SPENT")
      let state = try await harness.state()
      #expect(state.spent?.tokens == 250 && state.phase == .accepting)
      let account = state.specialists.first { $0.specialist == "opt" }
      #expect(account?.spent?.tokens == 250 && account?.exhausted == true)
      var smoke = EvaluatorV1.SmokeRunRequest()
      smoke.runId = EvaluatorHarness.run
      for edit in [edit, []] {
        smoke.edit = edit
        let tried = smoke
        var refusal = "ok"
        do throws(RPCError) {
          _ = try await analyst.smokeRun(tried, CallOptions(timeout: .seconds(10), idempotencyKey: "k"))
        } catch {
          refusal = error.reason
        }
        #expect(refusal == "UNKNOWN_SPECIALIST")
      }
      var refusal = "ok"
      do throws(RPCError) {
        try await harness.submit(edit, specialist: "opt")
      } catch {
        refusal = error.reason
      }
      #expect(refusal == "UNKNOWN_SPECIALIST")
      #expect(await reserve(harness.agent, "c", tokens: 700) == "ok", "the others go on")
      #expect(await settle(harness.agent, "c", tokens: 750) == "ok")
      #expect(try await harness.state { $0.phase == .finished }.stop == "budget")
    }
  }

  /// Many agents at once, each reserving and settling: the sum is exact, and no bound is passed.
  @Test func concurrentSpendingIsExact() async throws {
    try await EvaluatorHarness.with(try Bench(), script: ScriptedRunner.honest) { harness in
      try await harness.openAccepting(bounds: bounds(tokens: 2_000))
      let used = await withTaskGroup(of: UInt64.self) { group in
        for (name, client) in [("x", harness.agent), ("y", harness.otherAgent)] {
          group.addTask {
            var sum: UInt64 = 0
            for index in 0..<40 {
              let request = "\(name)\(index)"
              let answer = await reserve(client, request, tokens: 100, session: request)
              guard answer == "ok" else {
                if answer == "BUDGET_SPENT" { break }
                continue
              }
              let tokens = UInt64(index * 7 % 100)
              if await settle(client, request, tokens: tokens) == "ok" { sum += tokens }
            }
            return sum
          }
        }
        return await group.reduce(0, +)
      }
      let state = try await harness.state()
      #expect(state.spent?.tokens == used)
      #expect(used <= 2_000 && used > 1_500)
    }
  }
}
