/// Decides what follows a failed request: the same again after a pause, the next model, or the end.
///
/// A value without clock or chance of its own, so that every course of events can be played.
public struct RetryMachine: Sendable, Hashable {
  /// How patient to be.
  public struct Policy: Sendable, Hashable {
    /// Requests to one model before the next is asked.
    public var attempts: Int
    public var firstPause: Duration
    public var longestPause: Duration
    /// A server that asks for a longer wait is not waited for.
    public var longestWait: Duration

    public init(
      attempts: Int = 5, firstPause: Duration = .seconds(1), longestPause: Duration = .seconds(60),
      longestWait: Duration = .seconds(120)
    ) {
      self.attempts = attempts
      self.firstPause = firstPause
      self.longestPause = longestPause
      self.longestWait = longestWait
    }
  }

  public enum Action: Sendable, Hashable {
    /// Wait, then ask the same model again.
    case wait(Duration)
    /// Ask the model at this place of the list, at once.
    case fallBack(Int)
    case giveUp
  }

  private let policy: Policy
  private let models: Int
  /// The place of the model that is asked.
  public private(set) var current = 0
  private var failures = 0

  /// - Parameter models: how many models may be asked, the preferred one first.
  public init(policy: Policy, models: Int) {
    self.policy = policy
    self.models = models
  }

  /// What follows a failure. `jitter`, in 0..<1, spreads those that failed together.
  public mutating func failed(_ error: ModelError, jitter: Double) -> Action {
    failures += 1
    let wait = error.retryAfter ?? backoff(jitter)
    if error.isTransient, failures < policy.attempts, wait <= policy.longestWait { return .wait(wait) }
    guard current + 1 < models else { return .giveUp }
    current += 1
    failures = 0
    return .fallBack(current)
  }

  /// Doubles from the first pause up to the longest, of which the jitter takes up to a half.
  private func backoff(_ jitter: Double) -> Duration {
    var pause = policy.firstPause
    for _ in 1..<max(1, failures) where pause < policy.longestPause { pause *= 2 }
    pause = min(pause, policy.longestPause)
    return pause * (1 - 0.5 * min(max(jitter, 0), 1))
  }
}
