import AssayReflection

/// What a server says of a failure, as an error of ours.
enum ServerErrorText {
  /// - Parameters:
  ///   - status: the HTTP status; nil for an error in the middle of a stream.
  ///   - body: both APIs write `{"error": {"type": ..., "message": ...}}`, some servers only a text or `detail`.
  static func error(
    status: Int?, _ body: JSONValue?, retryAfter: Duration? = nil, usage: TokenUsage? = nil
  ) -> ModelError {
    let error = body?["error"]
    let kind = error?["type"]?.text ?? ""
    let said =
      error?["message"]?.text ?? error?.text ?? body?["message"]?.text ?? body?["detail"]?.text ?? kind
    let text = said.isEmpty ? "" : ": " + clean(said)
    let number = status ?? wholeStatus(error?["code"])
    let prefix = status.map { "the server answered \($0)" } ?? "the server ended its answer with an error"
    let code: ModelError.Code
    let remedy: String
    switch (number, kind) {
    case (401, _), (403, _), (_, "authentication_error"), (_, "permission_error"):
      code = .unauthorized
      remedy = "; check the key that the configuration names"
    case (404, _), (_, "not_found_error"):
      code = .notFound
      remedy = "; check the model's name and the base URL"
    case (429, _), (529, _), (503, _), (_, "overloaded_error"), (_, "rate_limit_error"):
      code = .overloaded
      remedy = ""
    case (408, _), (504, _), (524, _), (_, "timeout_error"):
      code = .timedOut
      remedy = ""
    case (.some(500...599), _), (_, "api_error"), (409, _):
      code = .serverFailed
      remedy = ""
    case (nil, _):
      code = .brokenOff
      remedy = ""
    default:
      code = .refused
      remedy = ""
    }
    return ModelError(code, prefix + text + remedy, status: status, retryAfter: retryAfter, usage: usage)
  }

  private static func wholeStatus(_ code: JSONValue?) -> Int? {
    code?.wholeNumber ?? code?.text.flatMap { Int($0) }
  }

  /// One line, bounded: a server's words go to logs.
  static func clean(_ text: String) -> String {
    let line = text.prefix(500).map {
      $0.isNewline || $0.unicodeScalars.contains { $0.value < 0x20 } ? " " : $0
    }
    return String(line)
  }

  /// The wait that a `retry-after` header asks for, in seconds; dates are not waited for.
  static func retryAfter(_ header: String?) -> Duration? {
    guard let header, let seconds = Double(header), seconds.isFinite, seconds >= 0 else { return nil }
    return .milliseconds(Int(min(seconds, 86_400) * 1000))
  }
}
