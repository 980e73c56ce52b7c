import AssayAgent
import AssayModel
import Logging

/// Asks the models of a specialist, one request after another: with retries and fallbacks, and each request paid for.
struct ModelCaller: Sendable {
  let client: ModelClient
  let models: [ModelChoice]
  let policy: RetryMachine.Policy
  let budget: any ModelBudget
  let specialist: String
  let logger: Logger
  let pause: @Sendable (Duration) async throws -> Void

  /// What a session has used so far.
  struct Account: Sendable, Hashable {
    var usage = TokenUsage()
    /// Nil once a model without a price was asked.
    var nanodollars: Int64? = 0
    var requests = 0

    mutating func add(_ charge: ModelCharge) {
      usage += charge.usage
      if let sum = nanodollars, let cost = charge.nanodollars {
        nanodollars = sum.addingReportingOverflow(cost).overflow ? .max : sum + cost
      } else {
        nanodollars = nil
      }
    }
  }

  /// An answer, and what it took to get it.
  struct Reply: Sendable {
    var answer: ModelAnswer
    var charge: ModelCharge
    /// What failed on the way.
    var failures: [String]
  }

  /// - Parameters:
  ///   - request: its model, temperature, thinking and bound are taken from the model that is asked.
  ///   - session: names the requests.
  /// - Throws: `AgentError`: `budgetExhausted`, or `noProposal` where no model answered. `CancellationError`.
  func ask(_ request: ModelRequest, session: String, account: inout Account) async throws -> Reply {
    var machine = RetryMachine(policy: policy, models: models.count)
    var failures: [String] = []
    while true {
      let choice = models[machine.current]
      var asked = request
      asked.model = choice.model
      asked.temperature = choice.temperature
      asked.thinking = choice.thinking
      asked.maximumOutput = choice.maximumOutput
      account.requests += 1
      let name = "\(session)/\(account.requests)"
      let reservation = reserve(asked, choice, name)
      try await budget.reserve(reservation)
      do {
        let answer = try await client.answer(asked, at: choice.endpoint)
        let charge = charge(reservation, answer.usage, counted: answer.isCounted, model: answer.model, choice)
        try await budget.settle(charge)
        account.add(charge)
        return Reply(answer: answer, charge: charge, failures: failures)
      } catch {
        // A cancelled request stays charged in full: nobody knows what it used.
        guard let error = error as? ModelError else { throw error }
        if error.mayBeCharged || (error.usage?.total ?? 0) > 0 {
          let charge = charge(
            reservation, error.usage ?? TokenUsage(), counted: false, model: choice.model, choice)
          try await budget.settle(charge)
          account.add(charge)
        } else {
          try await budget.refund(name)
        }
        failures.append("\(choice.endpoint.name)/\(choice.model): \(error)")
        switch machine.failed(error, jitter: Double.random(in: 0..<1)) {
        case .wait(let wait):
          logger.notice("\(choice.model): \(error.message); again in \(wait)")
          try await pause(wait)
        case .fallBack(let next):
          logger.warning("\(choice.model): \(error.message); asking \(models[next].model) instead")
        case .giveUp:
          throw AgentError(.noProposal, "no model answered: \(error.message)", cause: error)
        }
      }
    }
  }

  private func reserve(_ request: ModelRequest, _ choice: ModelChoice, _ name: String) -> ModelReservation {
    // A token has at least one byte, so no server counts more tokens than the body has bytes.
    let usage = TokenUsage(input: choice.endpoint.body(of: request).count, output: request.maximumOutput)
    let dearest = choice.price.map { price in
      TokenPrice(
        input: max(price.input, price.cacheWrite), output: price.output, cacheRead: price.cacheRead,
        cacheWrite: price.cacheWrite)
    }
    return ModelReservation(
      request: name, specialist: specialist, provider: choice.endpoint.name, model: choice.model,
      usage: usage,
      nanodollars: dearest?.cost(of: usage))
  }

  /// - Parameter counted: false where the server did not count to the end: then what it did not say is as reserved.
  private func charge(
    _ reservation: ModelReservation, _ usage: TokenUsage, counted: Bool, model: String, _ choice: ModelChoice
  ) -> ModelCharge {
    var charged = usage
    if !counted {
      if usage.input + usage.cacheRead + usage.cacheWrite == 0 { charged.input = reservation.usage.input }
      charged.output = max(usage.output, reservation.usage.output)
    }
    return ModelCharge(
      request: reservation.request, specialist: specialist, provider: choice.endpoint.name,
      model: model.isEmpty ? choice.model : model, usage: charged,
      nanodollars: choice.price?.cost(of: charged),
      isEstimate: !counted)
  }
}
