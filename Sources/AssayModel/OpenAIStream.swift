import AssayReflection

/// Puts a streamed chat completion together.
struct OpenAIStream: AnswerStream {
  private struct Call {
    var id: String?
    var name = ""
    var arguments = ""
  }

  private var model = ""
  private var text = ""
  private var thought = ""
  private var refusal = ""
  private var calls: [Int: Call] = [:]
  private var reason: String?
  private var ended = false
  private var counted = false
  private(set) var usage = TokenUsage()

  mutating func take(_ event: ServerSentEvent) throws(ModelError) {
    guard event.data != "[DONE]" else {
      ended = true
      return
    }
    let body: JSONValue
    do {
      body = try JSONValue(parsing: event.data.utf8)
    } catch {
      throw ModelError(.malformed, "a part of the server's answer is no JSON", usage: usage)
    }
    if let error = body["error"], error != .null {
      throw ServerErrorText.error(status: nil, body, usage: usage)
    }
    if model.isEmpty { model = body["model"]?.text ?? "" }
    if OpenAICodec.read(body["usage"], into: &usage) { counted = true }
    guard let choice = body["choices"]?.items?.first else { return }
    reason = choice["finish_reason"]?.text ?? reason
    guard let delta = choice["delta"] else { return }
    text += delta["content"]?.text ?? ""
    thought += (delta["reasoning_content"] ?? delta["reasoning"])?.text ?? ""
    refusal += delta["refusal"]?.text ?? ""
    for (position, part) in (delta["tool_calls"]?.items ?? []).enumerated() {
      let index = part["index"]?.wholeNumber ?? position
      guard calls[index] != nil || calls.count < 1000 else {
        throw ModelError(.malformed, "the server's answer has too many tool calls", usage: usage)
      }
      var call = calls[index] ?? Call()
      if let id = part["id"]?.text, !id.isEmpty { call.id = id }
      call.name += part["function"]?["name"]?.text ?? ""
      call.arguments += OpenAICodec.arguments(part["function"]?["arguments"])
      calls[index] = call
    }
  }

  func finish() throws(ModelError) -> ModelAnswer {
    guard ended || reason != nil else {
      throw ModelError(.brokenOff, "the server's answer broke off before its end", usage: usage)
    }
    var blocks: [ModelBlock] = []
    if !thought.isEmpty { blocks.append(.thinking(thought, signature: "")) }
    for part in [text, refusal] where !part.isEmpty { blocks.append(.text(part)) }
    for index in calls.keys.sorted() {
      guard let call = calls[index] else { continue }
      blocks.append(
        .call(
          ToolCall(
            id: OpenAICodec.identifier(call.id, index), name: call.name, arguments: call.arguments)))
    }
    return ModelAnswer(
      model: model, blocks: blocks, stop: OpenAICodec.stop(reason, refused: !refusal.isEmpty), usage: usage,
      isCounted: counted)
  }
}
