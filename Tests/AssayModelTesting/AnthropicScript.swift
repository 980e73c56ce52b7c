import AssayReflection

/// Answers of the Messages API, written as its documentation shows them.
public enum AnthropicScript {
  /// A streamed answer: thinking, a text, and calls of tools.
  public static func stream(
    text: String = "", calls: [(id: String, name: String, json: String)] = [], thinking: String? = nil,
    input: Int = 100, output: Int = 20, cacheRead: Int = 0, cacheWrite: Int = 0, model: String = "model-a",
    end: Bool = true
  ) -> String {
    var lines = ""
    func event(_ type: String, _ body: JSONValue) {
      lines += "event: \(type)\ndata: \(body.canonicalText)\n\n"
    }
    event(
      "message_start",
      [
        "type": "message_start",
        "message": [
          "id": "msg_1", "type": "message", "role": "assistant", "content": [], "model": .string(model),
          "usage": [
            "input_tokens": .integer(Int64(input)), "output_tokens": 1,
            "cache_read_input_tokens": .integer(Int64(cacheRead)),
            "cache_creation_input_tokens": .integer(Int64(cacheWrite)),
          ],
        ],
      ])
    event("ping", ["type": "ping"])
    var index: Int64 = 0
    func block(_ start: JSONValue, _ deltas: [JSONValue]) {
      event(
        "content_block_start",
        ["type": "content_block_start", "index": .integer(index), "content_block": start])
      for delta in deltas {
        event(
          "content_block_delta", ["type": "content_block_delta", "index": .integer(index), "delta": delta])
      }
      event("content_block_stop", ["type": "content_block_stop", "index": .integer(index)])
      index += 1
    }
    if let thinking {
      block(
        ["type": "thinking", "thinking": "", "signature": ""],
        [
          ["type": "thinking_delta", "thinking": .string(thinking)],
          ["type": "signature_delta", "signature": "sig"],
        ])
    }
    if !text.isEmpty {
      block(["type": "text", "text": ""], halves(text).map { ["type": "text_delta", "text": .string($0)] })
    }
    for call in calls {
      block(
        ["type": "tool_use", "id": .string(call.id), "name": .string(call.name), "input": [:]],
        halves(call.json).map { ["type": "input_json_delta", "partial_json": .string($0)] })
    }
    guard end else { return lines }
    event(
      "message_delta",
      [
        "type": "message_delta",
        "delta": ["stop_reason": .string(calls.isEmpty ? "end_turn" : "tool_use")],
        "usage": ["output_tokens": .integer(Int64(output))],
      ])
    event("message_stop", ["type": "message_stop"])
    return lines
  }

  private static func halves(_ text: String) -> [String] {
    let middle = text.index(text.startIndex, offsetBy: text.count / 2)
    return [String(text[..<middle]), String(text[middle...])]
  }
}

/// Answers of the chat completions API.
public enum OpenAIScript {
  public static func stream(
    text: String = "", calls: [(id: String, name: String, json: String)] = [], prompt: Int = 100,
    cached: Int = 0,
    output: Int = 20, end: Bool = true
  ) -> String {
    var lines = ""
    func chunk(_ delta: JSONValue, _ finish: JSONValue = .null) {
      let body: JSONValue = [
        "id": "c1", "object": "chat.completion.chunk", "model": "model-o",
        "choices": [["index": 0, "delta": delta, "finish_reason": finish]],
      ]
      lines += "data: \(body.canonicalText)\n\n"
    }
    chunk(["role": "assistant", "content": .null])
    for letter in text { chunk(["content": .string(String(letter))]) }
    for (index, call) in calls.enumerated() {
      let place = JSONValue.integer(Int64(index))
      chunk([
        "tool_calls": [
          [
            "index": place, "id": .string(call.id), "type": "function",
            "function": ["name": .string(call.name), "arguments": ""],
          ]
        ]
      ])
      for letter in call.json {
        chunk(["tool_calls": [["index": place, "function": ["arguments": .string(String(letter))]]]])
      }
    }
    guard end else { return lines }
    chunk([:], .string(calls.isEmpty ? "stop" : "tool_calls"))
    let usage: JSONValue = [
      "id": "c1", "object": "chat.completion.chunk", "model": "model-o", "choices": [],
      "usage": [
        "prompt_tokens": .integer(Int64(prompt)), "completion_tokens": .integer(Int64(output)),
        "prompt_tokens_details": ["cached_tokens": .integer(Int64(cached))],
      ],
    ]
    return lines + "data: \(usage.canonicalText)\n\ndata: [DONE]\n\n"
  }
}
