public import AssayModel

/// Pays for the model requests of a specialist.
///
/// Every request is reserved before it is sent, and settled or refunded once its fate is known. Each call is durable
/// when it returns, and the same call again changes nothing. A reservation that is neither settled nor refunded (the
/// process was killed in between) stays charged in full: what such a request used is not known.
public protocol ModelBudget: Sendable {
  /// Sets aside what a request may use at most.
  ///
  /// - Throws: ``AgentError/Code/budgetExhausted`` when there is not so much left; the request is not sent then.
  func reserve(_ reservation: ModelReservation) async throws(AgentError)
  /// Replaces a reservation by what the request used. More than was reserved is charged too.
  func settle(_ charge: ModelCharge) async throws(AgentError)
  /// Takes back the reservation of a request that was not sent, or that its server refused without working on it.
  func refund(_ request: String) async throws(AgentError)
}

/// What a model request may use at most.
public struct ModelReservation: Sendable, Hashable, Codable {
  /// Names the request, once in a run: `run/specialist/iteration/session/number`.
  public var request: String
  public var specialist: String
  /// Who is asked: `anthropic`, `openai`, or the name that the configuration gives a server.
  public var provider: String
  public var model: String
  /// An estimate of the prompt, and the bound of the answer. The estimate is not below what servers count.
  public var usage: TokenUsage
  /// Nil where the model has no price.
  public var nanodollars: Int64?

  public init(
    request: String, specialist: String, provider: String, model: String, usage: TokenUsage,
    nanodollars: Int64?
  ) {
    self.request = request
    self.specialist = specialist
    self.provider = provider
    self.model = model
    self.usage = usage
    self.nanodollars = nanodollars
  }
}

/// What a model request used.
public struct ModelCharge: Sendable, Hashable, Codable {
  /// The request of the reservation.
  public var request: String
  public var specialist: String
  public var provider: String
  /// The model that answered.
  public var model: String
  public var usage: TokenUsage
  /// Nil where the model has no price.
  public var nanodollars: Int64?
  /// Whether the server said less than all of it, because its answer broke off: the rest is as reserved.
  public var isEstimate: Bool

  public init(
    request: String, specialist: String, provider: String, model: String, usage: TokenUsage,
    nanodollars: Int64?, isEstimate: Bool = false
  ) {
    self.request = request
    self.specialist = specialist
    self.provider = provider
    self.model = model
    self.usage = usage
    self.nanodollars = nanodollars
    self.isEstimate = isEstimate
  }
}

/// A budget without bounds that keeps no account.
public struct UnlimitedModelBudget: ModelBudget {
  public init() {}
  public func reserve(_ reservation: ModelReservation) async throws(AgentError) {}
  public func settle(_ charge: ModelCharge) async throws(AgentError) {}
  public func refund(_ request: String) async throws(AgentError) {}
}
