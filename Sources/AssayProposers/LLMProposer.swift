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
      try await converse(&request, tools, caller, transcript, session, &account)
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

  private func converse(
    _ request: inout ModelRequest, _ tools: ResearchTools, _ caller: ModelCaller,
    _ transcript: SessionTranscript,
    _ session: String, _ account: inout ModelCaller.Account
  ) async throws {
    var idle = 0
    var last: (call: String, times: Int) = ("", 0)
    for turn in 1...limits.turns {
      try Task.checkCancellation()
      let reply = try await caller.ask(request, session: session, account: &account)
      let answer = reply.answer
      try transcript.add("answer", Self.facts(reply))
      request.messages.append(
        ModelMessage(.assistant, answer.blocks.isEmpty ? [.text("(no answer)")] : answer.blocks))
      var blocks: [ModelBlock] = []
      for (index, call) in answer.calls.enumerated() {
        let outcome =
          index < limits.callsPerTurn
          ? await Self.run(call, tools)
          : ToolOutcome(
            "too many calls at once, at most \(limits.callsPerTurn) are made; make fewer", isError: true)
        blocks.append(.result(ToolResult(id: call.id, text: outcome.text, isError: outcome.isError)))
        let text = call.name + call.arguments
        last = (text, text == last.call ? last.times + 1 : 1)
      }
      if !blocks.isEmpty {
        try transcript.add("results", ["results": .array(blocks.map(Self.fact))])
      }
      if await tools.submission != nil { return }
      guard last.times <= limits.repeats else {
        throw AgentError(.noProposal, "the model made the same call \(last.times) times in a row")
      }
      guard answer.stop != .refusal else { throw AgentError(.noProposal, "the model refused to answer") }
      idle = answer.calls.isEmpty ? idle + 1 : 0
      guard idle < limits.idleTurns else {
        throw AgentError(
          .noProposal, "the model used no tool \(idle) times in a row; it may not know tools, choose another")
      }
      if let word = Self.reminder(answer, left: limits.turns - turn) { blocks.append(.text(word)) }
      request.messages.append(ModelMessage(.user, blocks))
    }
    throw AgentError(.noProposal, "the session used its \(limits.turns) turns without a submission")
  }

  private static func run(_ call: ToolCall, _ tools: ResearchTools) async -> ToolOutcome {
    guard let arguments = call.parsedArguments else {
      return ToolOutcome(
        "the arguments are not a JSON object: \(UntrustedText.line(call.arguments, limit: 200))",
        isError: true)
    }
    return await tools.call(call.name, arguments)
  }

  /// What is said beside the results; nil where nothing has to be.
  private static func reminder(_ answer: ModelAnswer, left: Int) -> String? {
    if answer.stop == .outputLimit {
      return "Your answer was cut off at its bound. Go on with a shorter one: call one tool at a time."
    }
    if left <= 3 { return "This session has \(left) more answers. Submit what you have, or it is lost." }
    guard answer.calls.isEmpty else { return nil }
    return
      "You used no tool. Edit your working copy with edit_file and call submit; words alone change nothing."
  }

  private static func facts(_ reply: ModelCaller.Reply) -> [String: JSONValue] {
    [
      "model": .string(reply.charge.model), "provider": .string(reply.charge.provider),
      "request": .string(reply.charge.request), "usage": reply.charge.usage.json,
      "nanodollars": reply.charge.nanodollars.map { .integer($0) } ?? .null,
      "estimate": .bool(reply.charge.isEstimate), "stop": .string("\(reply.answer.stop)"),
      "failures": .array(reply.failures.map { .string($0) }),
      "blocks": .array(reply.answer.blocks.map(fact)),
    ]
  }

  private static func fact(_ block: ModelBlock) -> JSONValue {
    switch block {
    case .text(let text): ["text": .string(text)]
    case .thinking(let text, _): ["thinking": .string(text)]
    case .hiddenThinking: ["hidden_thinking": true]
    case .call(let call):
      ["call": .string(call.name), "id": .string(call.id), "arguments": .string(call.arguments)]
    case .result(let result):
      ["result": .string(result.text), "id": .string(result.id), "error": .bool(result.isError)]
    }
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
