/// Hands each arriving message to a handler and sends back what it returns.
public protocol ServerTransport: Sendable {
  /// How many messages can be in the hands of the handler at once.
  var concurrency: Int { get }

  /// Serves until the task is cancelled or `close()` is called; returns when the last handler has.
  func serve(_ handler: @escaping @Sendable ([UInt8]) async -> [UInt8]) async throws

  /// Stops taking messages.
  func close()
}
