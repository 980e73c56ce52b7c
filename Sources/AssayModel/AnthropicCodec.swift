import AssayReflection

/// The Messages API of Anthropic: a request's body, and the answer to it. Version 2023-06-01.
enum AnthropicCodec {
  static let version = "2023-06-01"

  static func body(of request: ModelRequest, streams: Bool) -> JSONValue {
    var body: [String: JSONValue] = [
      "model": .string(request.model), "max_tokens": .integer(Int64(request.maximumOutput)),
      "stream": .bool(streams),
    ]
    // The prefix that stays the same is cached up to here, and the conversation so far up to its last message.
    if !request.system.isEmpty {
      body["system"] = .array(
        request.system.enumerated().map { index, text in
          block(["type": "text", "text": .string(text)], cached: index >= request.system.count - 2)
        })
    }
    if !request.tools.isEmpty {
      body["tools"] = .array(
        request.tools.map { tool in
          ["name": .string(tool.name), "description": .string(tool.summary), "input_schema": tool.schema]
        })
    }
    body["messages"] = .array(
      request.messages.enumerated().map { index, message in
        var blocks = message.blocks.compactMap(json)
        if index == request.messages.count - 1, let last = blocks.last?.members {
          blocks[blocks.count - 1] = block(last, cached: true)
        }
        return ["role": .string(message.role.rawValue), "content": .array(blocks)]
      })
    switch request.thinking {
    case .none:
      if let temperature = request.temperature { body["temperature"] = .real(temperature) }
    // With thinking the API takes no temperature.
    case .tokens(let count):
      body["thinking"] = ["type": "enabled", "budget_tokens": .integer(Int64(count))]
    case .adaptive: body["thinking"] = ["type": "adaptive"]
    }
    return .object(body)
  }

  private static func block(_ members: [String: JSONValue], cached: Bool) -> JSONValue {
    guard cached else { return .object(members) }
    return .object(members.merging(["cache_control": ["type": "ephemeral"]]) { $1 })
  }

  private static func json(_ block: ModelBlock) -> JSONValue? {
    switch block {
    // The API refuses empty texts.
    case .text(let text): text.isEmpty ? nil : ["type": "text", "text": .string(text)]
    case .thinking(let text, let signature):
      ["type": "thinking", "thinking": .string(text), "signature": .string(signature)]
    case .hiddenThinking(let data): ["type": "redacted_thinking", "data": .string(data)]
    case .call(let call):
      [
        "type": "tool_use", "id": .string(call.id), "name": .string(call.name),
        // What was no object cannot be said again; the result beside it says what was wrong.
        "input": call.parsedArguments ?? [:],
      ]
    case .result(let result):
      [
        "type": "tool_result", "tool_use_id": .string(result.id), "is_error": .bool(result.isError),
        "content": .string(result.text),
      ]
    }
  }

  /// Reads an answer that was not streamed.
  static func answer(_ body: JSONValue) throws(ModelError) -> ModelAnswer {
    guard let content = body["content"]?.items else {
      throw ModelError(
        .malformed, "the server's answer has no 'content'; check that it speaks the Messages API")
    }
    var blocks: [ModelBlock] = []
    for item in content {
      switch item["type"]?.text {
      case "text": blocks.append(.text(item["text"]?.text ?? ""))
      case "thinking":
        blocks.append(.thinking(item["thinking"]?.text ?? "", signature: item["signature"]?.text ?? ""))
      case "redacted_thinking": blocks.append(.hiddenThinking(item["data"]?.text ?? ""))
      case "tool_use":
        blocks.append(
          .call(
            ToolCall(
              id: item["id"]?.text ?? "", name: item["name"]?.text ?? "",
              arguments: item["input"]?.canonicalText ?? "")))
      default: continue
      }
    }
    var usage = TokenUsage()
    let counted = read(body["usage"], into: &usage)
    return ModelAnswer(
      model: body["model"]?.text ?? "", blocks: blocks, stop: stop(body["stop_reason"]?.text), usage: usage,
      isCounted: counted)
  }

  static func stop(_ reason: String?) -> ModelAnswer.Stop {
    switch reason {
    case "end_turn", "stop_sequence": .ended
    case "tool_use": .toolUse
    case "max_tokens", "model_context_window_exceeded": .outputLimit
    case "refusal": .refusal
    default: .other(reason ?? "no reason")
    }
  }

  /// Takes in the counts that are there: a stream's later counts are totals, not differences.
  @discardableResult static func read(_ counts: JSONValue?, into usage: inout TokenUsage) -> Bool {
    guard let counts else { return false }
    func take(_ key: String, _ field: WritableKeyPath<TokenUsage, Int>) {
      if let count = counts[key]?.wholeNumber, count >= 0 {
        usage[keyPath: field] = min(count, TokenUsage.largestCount)
      }
    }
    take("input_tokens", \.input)
    take("output_tokens", \.output)
    take("cache_read_input_tokens", \.cacheRead)
    take("cache_creation_input_tokens", \.cacheWrite)
    return counts["output_tokens"]?.wholeNumber != nil
  }
}
