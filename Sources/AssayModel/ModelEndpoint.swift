import AssayReflection

/// A server that models are asked at.
public struct ModelEndpoint: Sendable, Hashable {
  /// Which API it speaks.
  public enum API: String, Sendable, Hashable, Codable, CaseIterable {
    /// The Messages API.
    case anthropic
    /// Chat completions, as OpenAI, vLLM, llama.cpp and Ollama serve them.
    case openai
  }

  /// How it is called in accounts and logs.
  public var name: String
  public var api: API
  /// Without a slash at its end: `https://api.anthropic.com`, `http://127.0.0.1:8000/v1`.
  public var baseURL: String
  /// Nil for a server that wants none.
  public var key: Secret?
  /// False for servers that cannot stream tool calls.
  public var streams: Bool

  public init(name: String, api: API, baseURL: String, key: Secret?, streams: Bool = true) {
    self.name = name
    self.api = api
    self.baseURL = baseURL.hasSuffix("/") ? String(baseURL.dropLast()) : baseURL
    self.key = key
    self.streams = streams
  }

  /// The body of a request, the same for equal requests, so that a server's cache finds its beginning again.
  public func body(of request: ModelRequest) -> [UInt8] {
    let body =
      switch api {
      case .anthropic: AnthropicCodec.body(of: request, streams: streams)
      case .openai:
        OpenAICodec.body(
          of: request, streams: streams,
          // OpenAI's own servers refuse the name that the others know.
          boundKey: baseURL.contains("://api.openai.com") ? "max_completion_tokens" : "max_tokens")
      }
    return Array(body.canonicalText.utf8)
  }

  var url: String {
    switch api {
    case .anthropic: baseURL + "/v1/messages"
    case .openai: baseURL + "/chat/completions"
    }
  }

  var headers: [(String, String)] {
    var headers = [("content-type", "application/json"), ("accept", "application/json, text/event-stream")]
    switch api {
    case .anthropic:
      headers.append(("anthropic-version", AnthropicCodec.version))
      if let key { headers.append(("x-api-key", key.value)) }
    case .openai:
      if let key { headers.append(("authorization", "Bearer " + key.value)) }
    }
    return headers
  }
}
