public import AssayAgent
import AssayMessages
public import AssayModel
import AssayPatch
import AssayRPC
import AssayReflection
import AssayTools
import Foundation
public import Logging

/// Proposes edits in sessions with a language model that uses tools on a working copy. A fresh session a proposal.
public struct LLMProposer: Proposer {
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

  private let run: String
  private let services: SessionServices
  private let models: [ModelChoice]
  private let client: ModelClient
  private let budget: any ModelBudget
  private let store: SessionStore
  private let limits: Limits
  private let policy: RetryMachine.Policy
  private let logger: Logger
  private let pause: @Sendable (Duration) async throws -> Void

  /// - Parameter models: the preferred one first; at least one.
  public init(
    run: String, services: SessionServices, models: [ModelChoice], client: ModelClient,
    budget: any ModelBudget,
    store: SessionStore, limits: Limits = Limits(), policy: RetryMachine.Policy = .init(), logger: Logger,
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

  public func propose(_ state: ResearchState) async throws(AgentError) -> RecipeProposal {
    do {
      return try await session(state)
    } catch let error as AgentError {
      throw error
    } catch {
      throw AgentError(.cancelled, "the session was stopped", cause: error)
    }
  }

  private func session(_ state: ResearchState) async throws -> RecipeProposal {
    let opening = try await services.opening(state)
    let tools = ResearchTools(
      state: state, parent: opening.parent, copy: MemoryWorkingCopy(opening.recipe), reader: services.reader,
      motive: "llm", smoke: services.smoke, views: services.views)
    let session =
      "\(run)/\(state.specialist)/\(state.iteration)/\(String(UInt64.random(in: 0 ... .max), radix: 16))"
    var request = ModelRequest(
      model: "", system: opening.system, messages: [ModelMessage(.user, [.text(opening.message)])],
      tools: tools.definitions, maximumOutput: 0)
    let transcript = try store.begin(
      session,
      [
        "session": .string(session), "specialist": .string(state.specialist),
        "iteration": .integer(Int64(state.iteration)), "parent": .integer(Int64(opening.parent)),
        "knowledge": .string("sha256:" + opening.knowledge),
        "techniques": opening.techniques.map { .string("sha256:" + $0) } ?? .null,
        "system": .array(opening.system.map { .string($0) }), "message": .string(opening.message),
        "tools": .array(tools.definitions.map { .string($0.name) }),
      ])
    let caller = ModelCaller(
      client: client, models: models, policy: policy, budget: budget, specialist: state.specialist,
      logger: logger,
      pause: pause)
    var account = ModelCaller.Account()
    var outcome = "stopped"
    defer {
      var facts: [String: JSONValue] = [
        "outcome": .string(outcome), "requests": .integer(Int64(account.requests)),
        "usage": account.usage.json,
      ]
      facts["nanodollars"] = account.nanodollars.map { .integer($0) } ?? .null
      do throws(AgentError) {
        let digest = try store.end(transcript, facts)
        logger.info(
          "session of \(state.specialist): \(outcome), \(account.requests) requests, \(account.usage.total) tokens, sha256:\(digest)"
        )
      } catch {
        logger.error("\(error.message)")
      }
    }
    do {
      try await ModelConversation(
        tools: tools, caller: caller, transcript: transcript, limits: limits, session: session,
        words: Self.words, isOver: { _ in await tools.submission != nil }
      ).hold(&request, &account)
    } catch {
      outcome = (error as? AgentError)?.message ?? "stopped"
      throw error
    }
    guard let proposal = await tools.submission else {
      outcome = "no submission"
      throw AgentError(.noProposal, "the session ended without a submission")
    }
    outcome = "submitted"
    return proposal
  }

  private static let words = ModelConversation.Words(
    useTools:
      "You used no tool. Edit your working copy with edit_file and call submit; words alone change nothing.",
    hurry: "Submit what you have, or it is lost.", missing: "a submission")
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
