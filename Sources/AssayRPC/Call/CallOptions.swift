/// How a caller wants one call made.
public struct CallOptions: Sendable {
  /// One deadline for all attempts together.
  public var timeout: Duration
  /// Names the effect: calls with the same key have it once. Sent with every attempt.
  public var idempotencyKey: String?
  /// Keep trying while the server cannot be reached, until the timeout, instead of a few attempts.
  public var waitForReady: Bool
  public var metadata: [String: String]

  public init(
    timeout: Duration = .seconds(15), idempotencyKey: String? = nil, waitForReady: Bool = false,
    metadata: [String: String] = [:]
  ) {
    self.timeout = timeout
    self.idempotencyKey = idempotencyKey
    self.waitForReady = waitForReady
    self.metadata = metadata
  }
}
