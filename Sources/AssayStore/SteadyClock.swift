/// Milliseconds since the Unix epoch that move as time passes, whatever becomes of the machine's clock: that is asked once, and from then on
/// something is counted that cannot be set.
public struct SteadyClock: Sendable {
  private let base: Int64
  private let count: @Sendable () -> Int64

  /// - Parameters:
  ///   - beginning: what it says now.
  ///   - uptime: milliseconds that only time moves.
  public init(
    at beginning: Int64, uptime: @escaping @Sendable () -> Int64 = { MachineClock.uptime() }
  ) {
    base = beginning - uptime()
    count = uptime
  }

  public func now() -> Int64 { base + count() }

  /// What `uptime` says at a time of this clock.
  public func uptime(at time: Int64) -> Int64 { time - base }
}
