import AssayStore

/// The evaluator's clock, replaceable so that leases and retries can be tested without waiting. It is steady: leases, deadlines and the times
/// in the record do not follow a machine's clock that somebody sets.
public struct EvaluatorClock: Sendable {
  /// Milliseconds since the Unix epoch as the machine says them.
  public let wall: @Sendable () -> Int64
  /// Names what the time that nobody can set counts from; empty where that is not known.
  public let boot: String
  let uptime: @Sendable () -> Int64
  private let sleepUntilUptime: @Sendable (_ milliseconds: Int64) async throws -> Void
  private var steady: SteadyClock

  /// - Parameters:
  ///   - uptime: milliseconds that nobody can set.
  ///   - sleepUntil: waits until a time of `uptime`, at once over when that has passed; throws when the task is cancelled.
  public init(
    wall: @escaping @Sendable () -> Int64, uptime: @escaping @Sendable () -> Int64, boot: String = "",
    sleepUntil: @escaping @Sendable (_ milliseconds: Int64) async throws -> Void
  ) {
    self.wall = wall
    self.uptime = uptime
    self.boot = boot
    sleepUntilUptime = sleepUntil
    steady = SteadyClock(at: wall(), uptime: uptime)
  }

  /// Milliseconds since the Unix epoch, moved by time alone.
  public func now() -> Int64 { steady.now() }

  /// Waits until a time of this clock.
  public func sleepUntil(_ milliseconds: Int64) async throws {
    try await sleepUntilUptime(steady.uptime(at: milliseconds))
  }

  /// Waits for a number of milliseconds.
  public func pause(_ milliseconds: Int64) async throws { try await sleepUntil(now() + milliseconds) }

  /// This clock, which says `beginning` now.
  func set(to beginning: Int64) -> EvaluatorClock {
    var clock = self
    clock.steady = SteadyClock(at: beginning, uptime: uptime)
    return clock
  }

  public static var system: EvaluatorClock {
    EvaluatorClock(
      wall: { MachineClock.wall() }, uptime: { MachineClock.uptime() }, boot: MachineClock.boot,
      sleepUntil: { due in
        try await Task.sleep(for: .milliseconds(max(0, due - MachineClock.uptime())))
      })
  }
}
