import AssayAgentsFile
import AssayModel

/// Replies of model servers, whole and streamed, and agents files. The first byte says which.
struct ReplySurface: Surface {
  static let name = "replies"
  static let weight = 8

  var seeds: [[UInt8]] {
    [
      (0, Self.streamedMessages), (1, Self.streamedCompletion), (2, Self.message), (3, Self.completion),
      (4, Self.agents),
    ].map { [$0] + Array($1.utf8) }
  }

  func consume(_ bytes: [UInt8]) throws -> Bool {
    guard let first = bytes.first else { return false }
    let rest = Array(bytes.dropFirst())
    switch first % 5 {
    case 0: return try streamed(rest, .anthropic)
    case 1: return try streamed(rest, .openai)
    case 2: return try check(try? ModelEndpoint.API.anthropic.answer(rest))
    case 3: return try check(try? ModelEndpoint.API.openai.answer(rest))
    default: return try agentsFile(rest)
    }
  }

  /// What comes out does not depend on how the bytes were cut.
  private func streamed(_ bytes: [UInt8], _ api: ModelEndpoint.API) throws -> Bool {
    let whole = Result { try api.answer(streamed: [bytes]) }
    let single = Result { try api.answer(streamed: bytes.map { [$0] }) }
    let middle = bytes.count / 2
    let halves = Result { try api.answer(streamed: [Array(bytes[..<middle]), Array(bytes[middle...])]) }
    for other in [single, halves] where (try? other.get()) != (try? whole.get()) {
      throw Finding("an answer depends on how its bytes were cut")
    }
    return try check(try? whole.get())
  }

  private func check(_ answer: ModelAnswer?) throws -> Bool {
    guard let answer else { return false }
    let counts = [answer.usage.input, answer.usage.output, answer.usage.cacheRead, answer.usage.cacheWrite]
    guard counts.allSatisfy({ $0 >= 0 }), answer.usage.total >= 0 else {
      throw Finding("a server counted \(counts) tokens, and is believed")
    }
    for case .call(let call) in answer.blocks {
      guard let arguments = call.parsedArguments else { continue }
      guard arguments.members != nil else { throw Finding("arguments are no object: \(call.arguments)") }
    }
    return true
  }

  private func agentsFile(_ bytes: [UInt8]) throws -> Bool {
    let text = String(decoding: bytes, as: UTF8.self)
    guard let file = try? AgentsFile(text: text, folder: "/agents") else { return false }
    for name in file.names + ["nobody"] {
      let settings = file.settings(of: name)
      guard (1...1000).contains(settings.maximumTurns) else {
        throw Finding("\(settings.maximumTurns) turns")
      }
      for model in settings.models where !model.baseURL.hasPrefix("http") {
        throw Finding("a model is asked at '\(model.baseURL)'")
      }
      for path in [settings.techniques].compactMap(\.self) + (settings.command?.mounts ?? [])
      where !path.hasPrefix("/") {
        throw Finding("'\(path)' is no absolute path")
      }
      _ = file.gap(of: name)
    }
    return true
  }

  private static let streamedMessages = """
    event: message_start
    data: {"type":"message_start","message":{"model":"m","usage":{"input_tokens":10,"output_tokens":1}}}

    data: {"type":"content_block_start","index":0,"content_block":{"type":"tool_use","id":"c","name":"submit","input":{}}}

    data: {"type":"content_block_delta","index":0,"delta":{"type":"input_json_delta","partial_json":"{\\"a\\": 1}"}}

    data: {"type":"message_delta","delta":{"stop_reason":"tool_use"},"usage":{"output_tokens":7}}

    data: {"type":"message_stop"}


    """
  private static let streamedCompletion = """
    data: {"model":"m","choices":[{"delta":{"content":"hm","tool_calls":[{"index":0,"id":"c","function":{"name":"diff","arguments":"{"}}]}}]}

    data: {"choices":[{"delta":{"tool_calls":[{"index":0,"function":{"arguments":"}"}}]},"finish_reason":"tool_calls"}]}

    data: {"choices":[],"usage":{"prompt_tokens":10,"completion_tokens":5}}

    data: [DONE]


    """
  private static let message = """
    {"model":"m","stop_reason":"end_turn","usage":{"input_tokens":3,"output_tokens":4,"cache_read_input_tokens":1},\
    "content":[{"type":"text","text":"hm"},{"type":"tool_use","id":"c","name":"diff","input":{}}]}
    """
  private static let completion = """
    {"model":"m","usage":{"prompt_tokens":3,"completion_tokens":4},"choices":[{"finish_reason":"stop","message":{"content":"hm",\
    "tool_calls":[{"id":"c","type":"function","function":{"name":"diff","arguments":"{}"}}]}}]}
    """
  private static let agents = """
    assay_agents: 1
    defaults: {proposer: llm, model: m, api: anthropic, techniques: notes, thinking: 100}
    specialists:
      opt: {model: n, api: openai, base_url: "http://127.0.0.1:1/v1", fallbacks: [{model: o, key_variable: K}]}
      data: {proposer: command, command: [/bin/sh, x.sh], mounts: [a, /b], environment: {A: b}, network: true}
    prices: {m: {input: 3, output: 15}}
    """
}
