/// Bounds that both sides keep.
public enum RPCLimits {
  public static let protocolVersion: UInt32 = 1
  /// Largest envelope, in bytes, in either direction.
  public static let maximumMessageBytes = 8 << 20
  /// What the socket accepts at most: above our own limit, so that ours answers first.
  public static let socketBytes = 16 << 20
  /// Longest deadline a server grants.
  public static let maximumTimeout: Duration = .seconds(300)
  /// Metadata key of an overloaded server's wish: milliseconds to wait before the next attempt.
  public static let pushbackKey = "retry-pushback-ms"
}
