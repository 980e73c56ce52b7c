import AssayReflection

/// Puts a streamed answer of the Messages API together.
struct AnthropicStream: AnswerStream {
  private struct Part {
    var block: ModelBlock
    /// Arguments of a call, as they come.
    var json = ""
    /// Arguments that came whole with the beginning of the block.
    var whole: JSONValue?
  }

  private var model = ""
  private var parts: [Int: Part] = [:]
  private var reason: String?
  private var ended = false
  private var counted = false
  private(set) var usage = TokenUsage()

  mutating func take(_ event: ServerSentEvent) throws(ModelError) {
    let body: JSONValue
    do {
      body = try JSONValue(parsing: event.data.utf8)
    } catch {
      throw ModelError(.malformed, "an event of the server's answer is no JSON", usage: usage)
    }
    let index = body["index"]?.wholeNumber ?? 0
    switch body["type"]?.text ?? event.type {
    case "message_start":
      model = body["message"]?["model"]?.text ?? ""
      AnthropicCodec.read(body["message"]?["usage"], into: &usage)
    case "content_block_start":
      guard parts.count < 1000 else { throw ModelError(.malformed, "the server's answer has too many parts") }
      guard let block = body["content_block"] else { return }
      switch block["type"]?.text {
      case "text": parts[index] = Part(block: .text(block["text"]?.text ?? ""))
      case "thinking":
        parts[index] = Part(
          block: .thinking(block["thinking"]?.text ?? "", signature: block["signature"]?.text ?? ""))
      case "redacted_thinking": parts[index] = Part(block: .hiddenThinking(block["data"]?.text ?? ""))
      case "tool_use":
        parts[index] = Part(
          block: .call(
            ToolCall(id: block["id"]?.text ?? "", name: block["name"]?.text ?? "", arguments: "")),
          whole: block["input"])
      default: return
      }
    case "content_block_delta":
      guard var part = parts[index], let delta = body["delta"] else { return }
      switch (delta["type"]?.text, part.block) {
      case ("text_delta", .text(let text)): part.block = .text(text + (delta["text"]?.text ?? ""))
      case ("thinking_delta", .thinking(let text, let signature)):
        part.block = .thinking(text + (delta["thinking"]?.text ?? ""), signature: signature)
      case ("signature_delta", .thinking(let text, let signature)):
        part.block = .thinking(text, signature: signature + (delta["signature"]?.text ?? ""))
      case ("input_json_delta", .call): part.json += delta["partial_json"]?.text ?? ""
      default: return
      }
      parts[index] = part
    case "message_delta":
      reason = body["delta"]?["stop_reason"]?.text ?? reason
      if AnthropicCodec.read(body["usage"], into: &usage) { counted = true }
    case "message_stop": ended = true
    case "error": throw ServerErrorText.error(status: nil, body, usage: usage)
    default: return
    }
  }

  func finish() throws(ModelError) -> ModelAnswer {
    // A server that closes without its last event, but said why it stopped, has said everything.
    guard ended || reason != nil else {
      throw ModelError(.brokenOff, "the server's answer broke off before its end", usage: usage)
    }
    let blocks = parts.keys.sorted().compactMap { index -> ModelBlock? in
      guard let part = parts[index] else { return nil }
      guard case .call(var call) = part.block else { return part.block }
      call.arguments = part.json.isEmpty ? part.whole?.canonicalText ?? "" : part.json
      return .call(call)
    }
    return ModelAnswer(
      model: model, blocks: blocks, stop: AnthropicCodec.stop(reason), usage: usage, isCounted: counted)
  }
}
