/// Puts a streamed answer together from its events.
protocol AnswerStream {
  /// What the server counted so far.
  var usage: TokenUsage { get }
  mutating func take(_ event: ServerSentEvent) throws(ModelError)
  /// The answer once the stream has ended. Throws ``ModelError/Code/brokenOff`` where it ended too early.
  func finish() throws(ModelError) -> ModelAnswer
}
