import AssayAgent
import AssayModel
import AssayReflection
import AssayTools

/// A conversation with a model that uses tools: every answer is paid for, in the transcript before it is acted on, and bounded.
struct ModelConversation: Sendable {
  /// What a model is told where it does not come to an end.
  struct Words: Sendable, Hashable {
    /// After an answer that used no tool.
    var useTools: String
    /// When few answers are left.
    var hurry: String
    /// What a conversation that used up its turns did not come to.
    var missing: String
  }

  let tools: any ToolProvider
  let caller: ModelCaller
  let transcript: SessionTranscript
  let limits: ModelSessions.Limits
  /// Names the requests.
  let session: String
  let words: Words
  /// Asked after the tools of an answer were called.
  let isOver: @Sendable (ModelAnswer) async -> Bool

  /// Asks, calls tools and tells what came of them, until it is over.
  ///
  /// - Throws: `AgentError`: `noProposal` where the model came to no end within the limits; what ``ModelCaller`` throws.
  func hold(_ request: inout ModelRequest, _ account: inout ModelCaller.Account) async throws {
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
          ? await run(call)
          : ToolOutcome(
            "too many calls at once, at most \(limits.callsPerTurn) are made; make fewer", isError: true)
        blocks.append(.result(ToolResult(id: call.id, text: outcome.text, isError: outcome.isError)))
        let text = call.name + call.arguments
        last = (text, text == last.call ? last.times + 1 : 1)
      }
      if !blocks.isEmpty {
        try transcript.add("results", ["results": .array(blocks.map(Self.fact))])
      }
      if await isOver(answer) { return }
      guard last.times <= limits.repeats else {
        throw AgentError(.noProposal, "the model made the same call \(last.times) times in a row")
      }
      guard answer.stop != .refusal else { throw AgentError(.noProposal, "the model refused to answer") }
      idle = answer.calls.isEmpty ? idle + 1 : 0
      guard idle < limits.idleTurns else {
        throw AgentError(
          .noProposal, "the model used no tool \(idle) times in a row; it may not know tools, choose another")
      }
      if let word = reminder(answer, left: limits.turns - turn) { blocks.append(.text(word)) }
      request.messages.append(ModelMessage(.user, blocks))
    }
    throw AgentError(.noProposal, "the session used its \(limits.turns) turns without \(words.missing)")
  }

  private func run(_ call: ToolCall) async -> ToolOutcome {
    guard let arguments = call.parsedArguments else {
      return ToolOutcome(
        "the arguments are not a JSON object: \(UntrustedText.line(call.arguments, limit: 200))",
        isError: true)
    }
    return await tools.call(call.name, arguments)
  }

  /// What is said beside the results; nil where nothing has to be.
  private func reminder(_ answer: ModelAnswer, left: Int) -> String? {
    if answer.stop == .outputLimit {
      return "Your answer was cut off at its bound. Go on with a shorter one: call one tool at a time."
    }
    if left <= 3 { return "This session has \(left) more answers. \(words.hurry)" }
    return answer.calls.isEmpty ? words.useTools : nil
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
