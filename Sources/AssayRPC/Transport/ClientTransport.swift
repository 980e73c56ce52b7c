/// Moves one message to a server and one back. Knows nothing of envelopes, sessions or retries.
public protocol ClientTransport: Sendable {
  /// Sends a request and waits for its answer.
  ///
  /// - Throws: `TransportError`, or `CancellationError` when the task is cancelled.
  func exchange(_ request: [UInt8], timeout: Duration) async throws -> [UInt8]

  /// Sends a request whose answer nobody waits for; failing is silent.
  func post(_ request: [UInt8])

  /// Where the connection stands now.
  var connection: ConnectionState { get }

  /// Connects where that has not begun, and waits until the connection stands elsewhere than `known`, or the time is up.
  ///
  /// - Returns: where it stands then.
  func connection(after known: ConnectionState, for limit: Duration) async -> ConnectionState

  /// Where tasks that do little but call run best: an answer is then read on the thread that brings it. Nil where it makes no
  /// difference.
  var executor: (any TaskExecutor)? { get }

  /// Ends running exchanges and refuses further ones.
  func close()
}

extension ClientTransport {
  public var executor: (any TaskExecutor)? { nil }
}
