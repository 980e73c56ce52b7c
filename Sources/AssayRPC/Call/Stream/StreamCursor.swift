/// Where a stream goes on, and how much of it is wanted at once.
public struct StreamCursor: Hashable, Sendable {
  /// Messages with a higher sequence number are wanted; 0 is the beginning.
  public var after: UInt64
  /// 1 to 10000.
  public var maximumMessages: Int
  /// Bytes of the batch's messages, 1 to 4 MiB; one message is always sent.
  public var maximumBytes: Int
  /// How long to wait for a first message, at most 30 s.
  public var wait: Duration

  public init(
    after: UInt64 = 0, maximumMessages: Int = 1000, maximumBytes: Int = 1 << 20, wait: Duration = .zero
  ) {
    self.after = after
    self.maximumMessages = min(max(1, maximumMessages), 10_000)
    self.maximumBytes = min(max(1, maximumBytes), 4 << 20)
    self.wait = wait
  }
}
