public import AssayAgent
public import AssayModel
import AssayReflection
import AssayTools
public import Logging

/// Writes insights in sessions with a language model that reads the record. A fresh session a look; it edits and submits nothing.
public struct LLMAnalyst: AnalystSessions {
  private let run: String
  private let services: SessionServices
  private let models: [ModelChoice]
  private let client: ModelClient
  private let budget: any ModelBudget
  private let store: SessionStore
  private let limits: LLMProposer.Limits
  private let policy: RetryMachine.Policy
  private let logger: Logger
  private let pause: @Sendable (Duration) async throws -> Void

  /// - Parameter models: the preferred one first; at least one.
  public init(
    run: String, services: SessionServices, models: [ModelChoice], client: ModelClient,
    budget: any ModelBudget, store: SessionStore, limits: LLMProposer.Limits = .init(),
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

  /// Read from the index of transcripts: a session that came to something says how many verdicts it saw.
  public func covered(in run: String, by analyst: String) -> Int {
    store.entries()
      .filter { $0["session"]?.text?.hasPrefix("\(run)/\(analyst)/") == true }
      .compactMap { $0["verdicts"]?.wholeNumber.map { Int(clamping: $0) } }.max() ?? 0
  }

  public func analyse(
    _ state: ResearchState, write: @escaping @Sendable (Lesson) async throws -> Void
  ) async throws(AgentError) {
    do {
      try await session(state, write)
    } catch let error as AgentError {
      throw error
    } catch {
      throw AgentError(.cancelled, "the session was stopped", cause: error)
    }
  }

  private static let words = ModelConversation.Words(
    useTools:
      "You used no tool. Call write_insight for what the record amounts to, or finish; other words are lost.",
    hurry: "Write what you have with write_insight and call finish.", missing: "an insight")

  private func session(
    _ state: ResearchState, _ write: @escaping @Sendable (Lesson) async throws -> Void
  ) async throws {
    let opening = try await services.analystOpening(state)
    let tools = AnalystTools(state: state, reader: services.reader, views: services.views, write: write)
    let session =
      "\(run)/\(state.specialist)/\(state.iteration)/\(String(UInt64.random(in: 0 ... .max), radix: 16))"
    var request = ModelRequest(
      model: "", system: opening.system, messages: [ModelMessage(.user, [.text(opening.message)])],
      tools: tools.definitions, maximumOutput: 0)
    let transcript = try store.begin(
      session,
      [
        "session": .string(session), "specialist": .string(state.specialist),
        "verdicts": .integer(Int64(state.iteration)), "knowledge": .string("sha256:" + opening.knowledge),
        "techniques": opening.techniques.map { .string("sha256:" + $0) } ?? .null,
        "system": .array(opening.system.map { .string($0) }), "message": .string(opening.message),
        "tools": .array(tools.definitions.map { .string($0.name) }),
      ])
    let caller = ModelCaller(
      client: client, models: models, policy: policy, budget: budget, specialist: state.specialist,
      logger: logger, pause: pause)
    var account = ModelCaller.Account()
    var failure: (any Error)?
    do {
      try await ModelConversation(
        tools: tools, caller: caller, transcript: transcript, limits: limits, session: session,
        words: Self.words,
        isOver: { answer in
          if await tools.isFinished { return true }
          // Whoever has written something may end in plain words.
          return answer.calls.isEmpty ? await !tools.insights.isEmpty : false
        }
      ).hold(&request, &account)
    } catch {
      failure = error
    }
    let insights = await tools.insights
    // What was written counts, whatever ended the session.
    if let error = failure as? AgentError, error.code == .noProposal, !insights.isEmpty { failure = nil }
    var facts: [String: JSONValue] = [
      "requests": .integer(Int64(account.requests)), "usage": account.usage.json,
      "nanodollars": account.nanodollars.map { .integer($0) } ?? .null,
      "insights": .array(insights.map { .string($0.text) }),
    ]
    let outcome = failure.map { ($0 as? AgentError)?.message ?? "stopped" } ?? "analysed"
    facts["outcome"] = .string(outcome)
    if failure == nil { facts["verdicts"] = .integer(Int64(state.iteration)) }
    let digest = try store.end(transcript, facts)
    logger.info(
      "session of \(state.specialist): \(outcome), \(insights.count) insights, \(account.requests) requests, \(account.usage.total) tokens, sha256:\(digest)"
    )
    if let failure { throw failure }
  }
}
