import AssayMessages
import AssayRPC
import AssayVerdict
import GRDB

/// What model requests cost: the one ledger of a run, outside the reach of those who spend.
extension Evaluator {
  public func reserveSpend(_ request: EvaluatorV1.ReserveSpendRequest, _ context: CallContext) async throws
    -> EvaluatorV1.ReserveSpendResponse
  {
    let specialist = try Self.specialist(context)
    guard !request.request.isEmpty else {
      throw RPCError(
        .invalidArgument, reason: "MISSING_REQUEST", "name the model request, once in a run")
    }
    let body = VerdictStatement.digest(request.serialized())
    let refused: RPCError? = try await commit { database in
      var run = try RunRow.fetch(database, request.runId)
      let owned = try self.owned(run.taskName)
      let ledger = Ledger(database, run: run.id)
      if let known = try ledger.request(request.request) {
        guard known.body == body, known.specialist == specialist, known.state == "open" else {
          throw Self.reused
        }
        return nil
      }
      guard run.phase == .accepting || run.phase == .measuringBaseline else {
        throw RPCError(
          .failedPrecondition, reason: "RUN_CLOSED",
          "run '\(run.id)' accepts no more trials, so nothing more is spent on proposals")
      }
      var control = try RunControl.fetch(database, run.id)
      let amount = Amount(request.usage, nanodollars: request.priced ? request.nanodollars : 0)
      let whole = Amount(control.bounds?.run)
      let bound = control.bound(of: specialist)
      let session = Amount(control.bounds?.session)
      guard request.priced || [whole, bound, session].allSatisfy({ $0.nanodollars == 0 }) else {
        return RPCError(
          .failedPrecondition, reason: "NO_PRICE",
          "model '\(request.model.prefix(128))' has no price, and the run has a bound in dollars; add it to the price table, or bound tokens instead"
        )
      }
      // An agent makes one request after the other: one that is still open was lost with its process.
      try ledger.giveUp(requestsOf: specialist)
      let total = try ledger.total()
      let own = try ledger.entry(of: specialist).account
      let asked = try ledger.account(ofSession: request.session, specialist)
      let lasting = Refusal.worse(
        total.refusal(of: amount, within: whole), own.refusal(of: amount, within: bound))
      let left =
        "run: \(total.left(of: whole)); specialist: \(own.left(of: bound)); session: \(asked.left(of: session))"
      if let refusal = lasting {
        if refusal == .spent {
          try ledger.markExhausted(specialist)
          try self.applyStopRules(database, &run, &control, owned)
          try self.drain(database, &run, owned)
          try run.save(database)
        }
        return Self.refused(refusal, left: left)
      }
      guard asked.refusal(of: amount, within: session) == nil else {
        return RPCError(
          .resourceExhausted, reason: "SESSION_SPENT",
          "this proposal has used what one may; end it, and begin the next. Left are, \(left).",
          metadata: ["left": left])
      }
      try ledger.reserve(
        Ledger.ModelRequest(
          request: request.request, specialist: specialist, session: request.session,
          provider: request.provider, model: request.model, purpose: request.purpose,
          usage: request.usage ?? EvaluatorV1.ModelUsage(), amount: amount, isPriced: request.priced,
          body: body))
      return nil
    }
    announce()
    if let refused { throw refused }
    return EvaluatorV1.ReserveSpendResponse()
  }

  public func settleSpend(_ request: EvaluatorV1.SettleSpendRequest, _ context: CallContext) async throws
    -> EvaluatorV1.SettleSpendResponse
  {
    let specialist = try Self.specialist(context)
    let closing = VerdictStatement.digest(request.serialized())
    try await commit { database in
      var run = try RunRow.fetch(database, request.runId)
      let owned = try self.owned(run.taskName)
      let ledger = Ledger(database, run: run.id)
      guard let known = try ledger.request(request.request), known.specialist == specialist else {
        throw RPCError(
          .notFound, reason: "UNKNOWN_REQUEST",
          "nothing was reserved under this name; reserve before a request is sent")
      }
      guard known.state == "open" || known.state == "lost" else {
        guard known.closing == closing else { throw Self.reused }
        return
      }
      let amount = Amount(request.usage, nanodollars: request.nanodollars)
      try ledger.close(
        request.request, known,
        used: request.refunded ? nil : (request.model, request.usage ?? EvaluatorV1.ModelUsage(), amount),
        closing: closing)
      var control = try RunControl.fetch(database, run.id)
      try self.applyStopRules(database, &run, &control, owned)
      try self.drain(database, &run, owned)
      try run.save(database)
    }
    announce()
    return EvaluatorV1.SettleSpendResponse()
  }

  public func getCosts(_ request: EvaluatorV1.GetCostsRequest, _ context: CallContext) async throws
    -> EvaluatorV1.GetCostsResponse
  {
    try await consult { database in
      let run = try RunRow.fetch(database, request.runId)
      var state = EvaluatorV1.RunState()
      try self.describe(database, run, try self.owned(run.taskName), in: &state)
      var response = EvaluatorV1.GetCostsResponse()
      response.models = try Ledger(database, run: run.id).modelCosts()
      response.specialists = state.specialists
      return response
    }
  }

  /// Whose money it is follows from the proven name.
  static func specialist(_ context: CallContext) throws -> String {
    guard context.peer.name.hasPrefix("agent/") else {
      throw RPCError(
        .permissionDenied, reason: "NOT_A_SPECIALIST",
        "only an agent with a name such as agent/opt spends")
    }
    return String(context.peer.name.dropFirst("agent/".count))
  }

  private static var reused: RPCError {
    RPCError(
      .failedPrecondition, reason: "REQUEST_REUSED",
      "this name stands for another request, or for another outcome of it; the first one counts")
  }
}
