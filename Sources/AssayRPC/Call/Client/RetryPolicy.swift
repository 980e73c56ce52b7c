/// When a failed attempt is followed by another (after gRPC proposal A6).
struct RetryPolicy: Sendable {
  static let maximumAttempts: UInt32 = 5
  static let initialBackoff: Duration = .milliseconds(50)
  static let maximumBackoff: Duration = .seconds(2)

  /// How long to wait before the attempt after `attempt`; nil to give up.
  ///
  /// - Parameters:
  ///   - reached: whether the failed attempt may have been executed.
  ///   - repeatable: whether a second execution is harmless.
  ///   - random: 0 up to 1, for the jitter.
  static func delay(
    after attempt: UInt32, error: RPCError, reached: Bool, repeatable: Bool, waitForReady: Bool,
    random: Double
  ) -> Duration? {
    let retryable =
      error.code == .unavailable
      || error.code == .resourceExhausted && error.metadata[RPCLimits.pushbackKey] != nil
    guard retryable, !reached || repeatable else { return nil }
    guard attempt < maximumAttempts || waitForReady else { return nil }
    if let text = error.metadata[RPCLimits.pushbackKey], let pushback = Int(text) {
      return pushback < 0 ? nil : .milliseconds(min(pushback, 30_000))
    }
    let growth = min(
      Double(maximumBackoff / initialBackoff), Double(UInt64(1) << UInt64(min(attempt - 1, 10))))
    return initialBackoff * growth * max(0.1, random)
  }

  /// How often in a row one call may be told that its caller is unknown.
  static let maximumRefusals: UInt32 = 3

  /// How long to wait before a call whose caller the server does not know is made in a new session; nil to give up.
  ///
  /// A server that is restarted knows neither sessions nor the first half of a handshake, and may be restarted again before the next
  /// message. Whoever is not trusted is refused each time.
  ///
  /// - Parameters:
  ///   - refusal: 1 for the first in a row.
  ///   - sent: whether the call itself was refused, and not the session for it.
  static func delay(
    afterRefusal refusal: UInt32, _ error: RPCError, sent: Bool, repeatable: Bool, random: Double
  ) -> Duration? {
    guard error.code == .unauthenticated, error.reason != "WRONG_SERVER", repeatable || !sent,
      refusal < maximumRefusals
    else { return nil }
    return sent && refusal == 1 ? .zero : initialBackoff * Double(1 << refusal) * max(0.1, random)
  }
}
