/// When a lease has to be renewed, and when its holder must stop: a value that is told what happened and says what to do.
///
/// The holder stops before the lease ends by its own clock, so that nobody else can have the job while it still runs
/// here (the reasoning of Kubernetes' leader election: renew deadline below lease duration).
struct LeaseClock: Sendable {
  enum Action: Equatable, Sendable {
    /// Call Heartbeat at this time.
    case renew(at: ContinuousClock.Instant)
    /// Kill the job: the lease cannot be held any longer.
    case stop
  }

  private let interval: Duration
  private var lease: Duration
  private var renewed: ContinuousClock.Instant
  private var failures = 0
  private var lost = false

  /// - Parameter granted: when the call that brought the lease was *sent*.
  init(leaseMilliseconds: UInt32, heartbeatMilliseconds: UInt32, granted: ContinuousClock.Instant) {
    lease = .milliseconds(max(1000, Int(leaseMilliseconds)))
    interval = .milliseconds(max(100, Int(heartbeatMilliseconds)))
    renewed = granted
  }

  /// Two thirds of the lease: what is left is for killing the job.
  private var deadline: ContinuousClock.Instant { renewed + lease * 2 / 3 }

  func action(now: ContinuousClock.Instant) -> Action {
    if lost || now >= deadline { return .stop }
    let next = failures == 0 ? renewed + interval : now + interval / 4
    return .renew(at: min(max(next, now), deadline))
  }

  /// How long one attempt may take without missing the deadline.
  func patience(now: ContinuousClock.Instant) -> Duration {
    max(.milliseconds(100), now.duration(to: deadline))
  }

  mutating func succeeded(sent: ContinuousClock.Instant, leaseMilliseconds: UInt32) {
    renewed = sent
    failures = 0
    if leaseMilliseconds > 0 { lease = .milliseconds(Int(leaseMilliseconds)) }
  }

  mutating func failed() { failures += 1 }

  /// The evaluator said that the job is not ours, or not wanted, any more.
  mutating func refused() { lost = true }
}
