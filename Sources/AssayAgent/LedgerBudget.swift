import AssayMessages
import AssayModel
public import AssayRPC
public import AssayServices

/// Where spending is accounted for: the evaluator, which no agent can reach past.
public protocol SpendPort: Sendable {
  func reserveSpend(
    _ request: EvaluatorV1.ReserveSpendRequest, _ options: CallOptions
  ) async throws(RPCError) -> EvaluatorV1.ReserveSpendResponse
  func settleSpend(
    _ request: EvaluatorV1.SettleSpendRequest, _ options: CallOptions
  ) async throws(RPCError) -> EvaluatorV1.SettleSpendResponse
}

extension EvaluatorServiceClient: SpendPort {}

/// The budget of model requests as the run's evaluator keeps it: one ledger for all agents of the run.
public struct LedgerBudget: ModelBudget {
  private let run: String
  private let port: any SpendPort
  private let purpose: String
  private let firstPause: Duration
  private let longestPause: Duration
  private let pause: @Sendable (Duration) async throws -> Void

  /// - Parameters:
  ///   - purpose: what the requests are for, as the accounts tell it.
  ///   - pause: waits between attempts; throws when the agent is to stop.
  public init(
    run: String, port: any SpendPort, purpose: String = "propose", firstPause: Duration = .milliseconds(250),
    longestPause: Duration = .seconds(30),
    pause: @escaping @Sendable (Duration) async throws -> Void = { try await Task.sleep(for: $0) }
  ) {
    self.run = run
    self.port = port
    self.purpose = purpose
    self.firstPause = firstPause
    self.longestPause = longestPause
    self.pause = pause
  }

  public func reserve(_ reservation: ModelReservation) async throws(AgentError) {
    let request = EvaluatorV1.ReserveSpendRequest.with {
      $0.runId = run
      $0.request = reservation.request
      $0.session = Self.session(of: reservation.request)
      $0.provider = reservation.provider
      $0.model = reservation.model
      $0.purpose = purpose
      $0.usage = Self.wire(reservation.usage)
      $0.nanodollars = UInt64(clamping: reservation.nanodollars ?? 0)
      $0.priced = reservation.nanodollars != nil
    }
    try await patiently("reserve a model request") { () throws(RPCError) in
      _ = try await port.reserveSpend(request, CallOptions(timeout: .seconds(20)))
    }
  }

  public func settle(_ charge: ModelCharge) async throws(AgentError) {
    let request = EvaluatorV1.SettleSpendRequest.with {
      $0.runId = run
      $0.request = charge.request
      $0.model = charge.model
      $0.usage = Self.wire(charge.usage)
      $0.nanodollars = UInt64(clamping: charge.nanodollars ?? 0)
      $0.estimated = charge.isEstimate
    }
    try await patiently("settle a model request") { () throws(RPCError) in
      _ = try await port.settleSpend(request, CallOptions(timeout: .seconds(20)))
    }
  }

  public func refund(_ name: String) async throws(AgentError) {
    let request = EvaluatorV1.SettleSpendRequest.with {
      $0.runId = run
      $0.request = name
      $0.refunded = true
    }
    try await patiently("take back a model request") { () throws(RPCError) in
      _ = try await port.settleSpend(request, CallOptions(timeout: .seconds(20)))
    }
  }

  /// `run/specialist/iteration/session/number` without the number: the requests for one proposal.
  static func session(of request: String) -> String {
    request.lastIndex(of: "/").map { String(request[..<$0]) } ?? request
  }

  private static func wire(_ usage: TokenUsage) -> EvaluatorV1.ModelUsage {
    .with {
      $0.inputTokens = UInt64(clamping: usage.input)
      $0.outputTokens = UInt64(clamping: usage.output)
      $0.cacheReadTokens = UInt64(clamping: usage.cacheRead)
      $0.cacheWriteTokens = UInt64(clamping: usage.cacheWrite)
    }
  }

  /// Calls until it is answered: what is not accounted for is not spent.
  private func patiently(
    _ what: String, _ call: () async throws(RPCError) -> Void
  ) async throws(AgentError) {
    var wait = firstPause
    while true {
      do {
        return try await call()
      } catch {
        switch (error.code, error.reason) {
        // Somebody else's evaluator may keep no ledger, and then has no bounds either.
        case (.unimplemented, _): return
        case (_, "BUDGET_SPENT"), (_, "NO_PRICE"):
          throw AgentError(.budgetExhausted, error.message, cause: error)
        case (_, "SESSION_SPENT"), (_, "RUN_CLOSED"):
          throw AgentError(.noProposal, error.message, cause: error)
        case (.permissionDenied, _), (.invalidArgument, _), (.failedPrecondition, _),
          (.notFound, _):
          throw AgentError(.refused, "could not \(what): \(error.message)", cause: error)
        default: break
        }
      }
      do {
        try Task.checkCancellation()
        try await pause(wait)
      } catch {
        throw AgentError(.refused, "could not \(what) before the agent was stopped", cause: error)
      }
      wait = min(wait * 2, longestPause)
    }
  }
}
