public import AssayMessages

/// One batch of a stream.
public struct StreamPage<Message: WireMessage>: Sendable {
  /// In order of their sequence numbers. Empty when nothing happened in the time waited.
  public var elements: [StreamElement<Message>]
  /// Whether no message will follow.
  public var isEnd: Bool

  public init(_ elements: [StreamElement<Message>] = [], isEnd: Bool = false) {
    self.elements = elements
    self.isEnd = isEnd
  }
}
