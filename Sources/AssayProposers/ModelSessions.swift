import AssayAgent
public import AssayModel
import AssayReflection
import AssayTools
public import Logging

/// What sessions with a language model are held with: of a proposer and of an analyst alike.
public struct ModelSessions: Sendable {
  /// The bounds of a session.
  public struct Limits: Sendable, Hashable {
    /// Answers of the model.
    public var turns: Int
    /// Tool calls in one answer; more are refused.
    public var callsPerTurn: Int
    /// Answers in a row that use no tool before the session is given up.
    public var idleTurns: Int
    /// Times that the same call may be made in a row.
    public var repeats: Int

    public init(turns: Int = 60, callsPerTurn: Int = 32, idleTurns: Int = 3, repeats: Int = 5) {
      self.turns = turns
      self.callsPerTurn = callsPerTurn
      self.idleTurns = idleTurns
      self.repeats = repeats
    }
  }

  let run: String
  let services: SessionServices
  let store: SessionStore
  let limits: Limits
  let logger: Logger
  private let models: [ModelChoice]
  private let client: ModelClient
  private let budget: any ModelBudget
  private let policy: RetryMachine.Policy
  private let pause: @Sendable (Duration) async throws -> Void

  /// - Parameter models: the preferred one first; at least one.
  public init(
    run: String, services: SessionServices, models: [ModelChoice], client: ModelClient,
    budget: any ModelBudget, store: SessionStore, limits: Limits = Limits(),
    policy: RetryMachine.Policy = .init(), logger: Logger,
    pause: @escaping @Sendable (Duration) async throws -> Void = { try await Task.sleep(for: $0) }
  ) {
    self.run = run
    self.services = services
    self.models = models
    self.client = client
    self.budget = budget
    self.store = store
    self.limits = limits
    self.policy = policy
    self.logger = logger
    self.pause = pause
  }

  /// A new name for a session, which no other has.
  func name(_ state: ResearchState) -> String {
    "\(run)/\(state.specialist)/\(state.iteration)/\(String(UInt64.random(in: 0 ... .max), radix: 16))"
  }

  func caller(for specialist: String) -> ModelCaller {
    ModelCaller(
      client: client, models: models, policy: policy, budget: budget, specialist: specialist, logger: logger,
      pause: pause)
  }

  /// Begins the transcript of a session.
  ///
  /// - Parameter facts: what is said of it besides what every session says.
  func begin(
    _ session: String, of specialist: String, _ opening: SessionServices.Opening, tools: [String],
    _ facts: [String: JSONValue]
  ) throws -> SessionTranscript {
    let common: [String: JSONValue] = [
      "session": .string(session), "specialist": .string(specialist),
      "knowledge": .string("sha256:" + opening.knowledge),
      "techniques": opening.techniques.map { .string("sha256:" + $0) } ?? .null,
      "system": .array(opening.system.map { .string($0) }), "message": .string(opening.message),
      "tools": .array(tools.map { .string($0) }),
    ]
    return try store.begin(session, common.merging(facts) { $1 })
  }

  /// Ends the transcript of a session with what it came to and what it cost.
  func end(
    _ transcript: SessionTranscript, of specialist: String, _ outcome: String, _ account: ModelCaller.Account,
    _ facts: [String: JSONValue] = [:]
  ) throws(AgentError) {
    let common: [String: JSONValue] = [
      "outcome": .string(outcome), "requests": .integer(Int64(account.requests)),
      "usage": account.usage.json, "nanodollars": account.nanodollars.map { .integer($0) } ?? .null,
    ]
    let digest = try store.end(transcript, common.merging(facts) { $1 })
    logger.info(
      "session of \(specialist): \(outcome), \(account.requests) requests, \(account.usage.total) tokens, sha256:\(digest)"
    )
  }
}

extension TokenUsage {
  var json: JSONValue {
    [
      "input": .integer(Int64(input)), "output": .integer(Int64(output)),
      "cache_read": .integer(Int64(cacheRead)),
      "cache_write": .integer(Int64(cacheWrite)),
    ]
  }
}
