/// Says when a dialer is to be replaced: nng 1.5.2 stops dialing, for good and without a word, when a connection breaks while its
/// greeting is written. That looks like a server that is away, so a dialer is given up when it has not connected for a while, and
/// each further one gets more time: a slow network must not be cut off in the middle of connecting.
struct DialerPatience {
  static let shortest: Duration = .seconds(5)
  static let longest: Duration = .seconds(40)

  private var limit = Self.shortest
  /// How many connections there had been at the last look, whether one was there, and since when that is so.
  private var known: (total: UInt64, isConnected: Bool, since: ContinuousClock.Instant)?

  /// - Parameters:
  ///   - isConnected: whether there is a connection now.
  ///   - total: how many there have been so far.
  /// - Returns: whether the dialer has had its time; then the time of the next one begins.
  mutating func isSpent(isConnected: Bool, total: UInt64, now: ContinuousClock.Instant) -> Bool {
    guard let known, known.total == total, !known.isConnected, !isConnected else {
      known = (total, isConnected, now)
      limit = Self.shortest
      return false
    }
    guard known.since.duration(to: now) >= limit else { return false }
    self.known = (total, false, now)
    limit = min(limit * 2, Self.longest)
    return true
  }
}
