import AssayReflection

extension ModelEndpoint.API {
  /// Reads a whole answer that was not streamed, from its bytes.
  ///
  /// - Throws: `ModelError` for what is no answer, or one with an error in it.
  public func answer(_ bytes: some Sequence<UInt8>) throws(ModelError) -> ModelAnswer {
    let document: JSONValue
    do {
      document = try JSONValue(parsing: bytes)
    } catch {
      throw ModelError(.malformed, "the server's answer is no JSON; check the base URL")
    }
    // Some servers answer 200 with an error in it.
    if document["choices"] == nil, document["content"] == nil, let error = document["error"], error != .null {
      throw ServerErrorText.error(status: nil, document)
    }
    return switch self {
    case .anthropic: try AnthropicCodec.answer(document)
    case .openai: try OpenAICodec.answer(document)
    }
  }

  /// Reads a streamed answer from the pieces in which its bytes came.
  ///
  /// - Throws: `ModelError`, with what the server had counted when it broke off.
  public func answer(streamed pieces: [[UInt8]]) throws(ModelError) -> ModelAnswer {
    var parser = ServerSentEventParser()
    var stream = makeStream()
    for piece in pieces {
      for event in try parser.take(piece) { try stream.take(event) }
    }
    return try stream.finish()
  }

  func makeStream() -> any AnswerStream {
    switch self {
    case .anthropic: AnthropicStream()
    case .openai: OpenAIStream()
    }
  }
}
