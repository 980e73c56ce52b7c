import AssayReflection

/// The chat completions API of OpenAI, which vLLM, llama.cpp, Ollama and others serve too.
enum OpenAICodec {
  static func body(of request: ModelRequest, streams: Bool, boundKey: String) -> JSONValue {
    var messages: [JSONValue] = []
    if !request.system.isEmpty {
      messages.append(["role": "system", "content": .string(request.system.joined(separator: "\n\n"))])
    }
    for message in request.messages { messages += json(message) }
    var body: [String: JSONValue] = [
      "model": .string(request.model), "messages": .array(messages),
      boundKey: .integer(Int64(request.maximumOutput)), "stream": .bool(streams),
    ]
    if streams { body["stream_options"] = ["include_usage": true] }
    if let temperature = request.temperature { body["temperature"] = .real(temperature) }
    if !request.tools.isEmpty {
      body["tools"] = .array(
        request.tools.map { tool in
          [
            "type": "function",
            "function": [
              "name": .string(tool.name), "description": .string(tool.summary), "parameters": tool.schema,
            ],
          ]
        })
    }
    // This API knows efforts instead of tokens.
    if case .tokens(let count) = request.thinking {
      body["reasoning_effort"] = count < 2048 ? "low" : count < 12_288 ? "medium" : "high"
    }
    return .object(body)
  }

  private static func json(_ message: ModelMessage) -> [JSONValue] {
    var messages: [JSONValue] = []
    let texts = message.blocks.compactMap { block -> String? in
      guard case .text(let text) = block, !text.isEmpty else { return nil }
      return text
    }
    switch message.role {
    case .assistant:
      var members: [String: JSONValue] = ["role": "assistant"]
      members["content"] = texts.isEmpty ? .null : .string(texts.joined(separator: "\n"))
      let calls = message.blocks.compactMap { block -> JSONValue? in
        guard case .call(let call) = block else { return nil }
        return [
          "id": .string(call.id), "type": "function",
          // Servers read the arguments again; what is no object breaks some of them.
          "function": [
            "name": .string(call.name),
            "arguments": .string(call.parsedArguments == nil ? "{}" : call.arguments),
          ],
        ]
      }
      if !calls.isEmpty { members["tool_calls"] = .array(calls) }
      messages.append(.object(members))
    case .user:
      for block in message.blocks {
        guard case .result(let result) = block else { continue }
        messages.append([
          "role": "tool", "tool_call_id": .string(result.id),
          "content": .string(result.isError ? "Error: " + result.text : result.text),
        ])
      }
      if !texts.isEmpty {
        messages.append(["role": "user", "content": .string(texts.joined(separator: "\n"))])
      }
    }
    return messages
  }

  /// Reads an answer that was not streamed.
  static func answer(_ body: JSONValue) throws(ModelError) -> ModelAnswer {
    guard let choice = body["choices"]?.items?.first, let message = choice["message"] else {
      throw ModelError(
        .malformed, "the server's answer has no 'choices'; check that it speaks the chat completions API")
    }
    var blocks: [ModelBlock] = []
    if let thought = (message["reasoning_content"] ?? message["reasoning"])?.text, !thought.isEmpty {
      blocks.append(.thinking(thought, signature: ""))
    }
    for text in [message["content"]?.text, message["refusal"]?.text] {
      if let text, !text.isEmpty { blocks.append(.text(text)) }
    }
    for (index, call) in (message["tool_calls"]?.items ?? []).enumerated() {
      blocks.append(
        .call(
          ToolCall(
            id: identifier(call["id"]?.text, index), name: call["function"]?["name"]?.text ?? "",
            arguments: arguments(call["function"]?["arguments"]))))
    }
    var usage = TokenUsage()
    let counted = read(body["usage"], into: &usage)
    return ModelAnswer(
      model: body["model"]?.text ?? "", blocks: blocks,
      stop: stop(choice["finish_reason"]?.text, refused: message["refusal"]?.text != nil), usage: usage,
      isCounted: counted)
  }

  /// Some servers leave the id out.
  static func identifier(_ id: String?, _ index: Int) -> String {
    guard let id, !id.isEmpty else { return "call_\(index)" }
    return id
  }

  /// Some servers send an object where the API has a string.
  static func arguments(_ value: JSONValue?) -> String {
    guard let value, value != .null else { return "" }
    return value.text ?? value.canonicalText
  }

  static func stop(_ reason: String?, refused: Bool) -> ModelAnswer.Stop {
    switch reason {
    case _ where refused: .refusal
    case "stop": .ended
    case "tool_calls", "function_call": .toolUse
    case "length": .outputLimit
    case "content_filter": .refusal
    default: .other(reason ?? "no reason")
    }
  }

  @discardableResult static func read(_ counts: JSONValue?, into usage: inout TokenUsage) -> Bool {
    guard var prompt = counts?["prompt_tokens"]?.wholeNumber,
      var output = counts?["completion_tokens"]?.wholeNumber, prompt >= 0, output >= 0
    else { return false }
    prompt = min(prompt, TokenUsage.largestCount)
    output = min(output, TokenUsage.largestCount)
    let cached = min(max(0, counts?["prompt_tokens_details"]?["cached_tokens"]?.wholeNumber ?? 0), prompt)
    usage = TokenUsage(input: prompt - cached, output: output, cacheRead: cached)
    return true
  }
}
