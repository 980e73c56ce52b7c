public import AssayMessages

/// A message of a stream, with the number at which the stream goes on after it.
public struct StreamElement<Message: WireMessage>: Sendable {
  public let sequence: UInt64
  public let message: Message

  public init(_ sequence: UInt64, _ message: Message) {
    self.sequence = sequence
    self.message = message
  }
}
