/// Where a client's connection stands (after gRPC's connectivity states).
public enum ConnectionState: Sendable, Hashable {
  /// Nothing was sent yet, so nobody was called; the first message connects.
  case idle
  case connecting
  case ready
  /// The last attempt failed, with the reason; further attempts follow by themselves.
  case failing(String)
  /// Closed by its owner, for good.
  case closed
}
