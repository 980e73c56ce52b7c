/// One event of a `text/event-stream`.
public struct ServerSentEvent: Sendable, Hashable {
  /// Its type, `message` where the stream names none.
  public var type: String
  /// Its data lines, joined by line feeds.
  public var data: String

  public init(type: String = "message", data: String) {
    self.type = type
    self.data = data
  }
}
