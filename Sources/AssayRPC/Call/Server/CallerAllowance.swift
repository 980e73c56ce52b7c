/// What one caller has in use: calls that run, and a bucket that fills with time and empties by calls.
struct CallerAllowance {
  var running = 0
  private var tokens: Double?
  private var filled = ContinuousClock.now

  /// Takes a place and a token; returns how long to stay away when there is none.
  mutating func admit(_ limits: RPCServer.Configuration, now: ContinuousClock.Instant) -> Duration? {
    guard running < limits.maximumCallsPerCaller else { return .milliseconds(200) }
    if let rate = limits.callsPerSecondPerCaller {
      let full = max(1, 2 * rate)
      var left = min(full, (tokens ?? full) + filled.duration(to: now).seconds * rate)
      filled = now
      defer { tokens = left }
      guard left >= 1 else { return .seconds((1 - left) / rate) }
      left -= 1
    }
    running += 1
    return nil
  }
}
