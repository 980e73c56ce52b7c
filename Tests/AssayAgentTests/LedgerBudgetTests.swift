import AssayMessages
import AssayModel
import AssayRPC
import Synchronization
import Testing

@testable import AssayAgent

@Suite struct LedgerBudgetTests {
  /// Answers with the errors that it is given, then with success.
  private final class Desk: SpendPort {
    let errors: Mutex<[RPCError]>
    let reserved = Mutex<[EvaluatorV1.ReserveSpendRequest]>([])
    let settled = Mutex<[EvaluatorV1.SettleSpendRequest]>([])

    init(_ errors: RPCError...) { self.errors = Mutex(errors) }

    private func answer() throws(RPCError) {
      if let error = errors.withLock({ $0.isEmpty ? nil : $0.removeFirst() }) { throw error }
    }

    func reserveSpend(
      _ request: EvaluatorV1.ReserveSpendRequest, _ options: CallOptions
    ) async throws(RPCError) -> EvaluatorV1.ReserveSpendResponse {
      try answer()
      reserved.withLock { $0.append(request) }
      return .init()
    }

    func settleSpend(
      _ request: EvaluatorV1.SettleSpendRequest, _ options: CallOptions
    ) async throws(RPCError) -> EvaluatorV1.SettleSpendResponse {
      try answer()
      settled.withLock { $0.append(request) }
      return .init()
    }
  }

  private let reservation = ModelReservation(
    request: "r/opt/3/abc/7", specialist: "opt", provider: "p", model: "m",
    usage: TokenUsage(input: 10, output: 20, cacheRead: 1, cacheWrite: 2), nanodollars: 55)

  private func budget(_ desk: Desk) -> LedgerBudget {
    LedgerBudget(run: "r", port: desk, pause: { _ in await Task.yield() })
  }

  @Test func aServiceThatIsAwayIsWaitedFor() async throws {
    let desk = Desk(
      RPCError(.unavailable, "away"), RPCError(.deadlineExceeded, "late"),
      RPCError(.resourceExhausted, reason: "BUDGET_RESERVED", "in flight"))
    try await budget(desk).reserve(reservation)
    let reserved = desk.reserved.withLock { $0 }
    let request = try #require(reserved.first)
    #expect(request.session == "r/opt/3/abc" && request.request == "r/opt/3/abc/7")
    #expect(request.priced && request.nanodollars == 55)
    #expect(request.usage?.cacheWriteTokens == 2)
    try await budget(desk).settle(
      ModelCharge(
        request: "r/opt/3/abc/7", specialist: "opt", provider: "p", model: "m",
        usage: TokenUsage(input: 9, output: 8), nanodollars: nil))
    try await budget(desk).refund("r/opt/3/abc/8")
    let settled = desk.settled.withLock { $0 }
    #expect(settled.map(\.refunded) == [false, true])
    #expect(settled.first?.usage?.outputTokens == 8)
  }

  @Test(arguments: [
    ("BUDGET_SPENT", AgentError.Code.budgetExhausted), ("NO_PRICE", .budgetExhausted),
    ("SESSION_SPENT", .noProposal), ("RUN_CLOSED", .noProposal), ("REQUEST_REUSED", .refused),
  ])
  func aRefusalIsSaidOnce(_ reason: String, _ code: AgentError.Code) async {
    let desk = Desk(RPCError(.failedPrecondition, reason: reason, "no"))
    let error = await #expect(throws: AgentError.self) { try await budget(desk).reserve(reservation) }
    #expect(error?.code == code)
    let reserved = desk.reserved.withLock { $0 }
    #expect(reserved.isEmpty)
  }
}
