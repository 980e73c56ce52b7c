import Synchronization

/// Whether this process can do its work now: what a health check of a container asks.
public final class Readiness: Sendable {
  private struct State {
    var draining = false
    var checks: [@Sendable () -> String?] = []
  }

  private let state = Mutex(State())

  public init() {}

  /// Adds something that has to be in order.
  ///
  /// - Parameter check: nil when it is, else what is missing. Answers at once.
  public func require(_ check: @escaping @Sendable () -> String?) {
    state.withLock { $0.checks.append(check) }
  }

  /// From now on the process takes no more work.
  public func drain() { state.withLock { $0.draining = true } }

  /// What is missing; empty when the process is ready.
  public var missing: [String] {
    let (draining, checks) = state.withLock { ($0.draining, $0.checks) }
    return (draining ? ["stopping"] : []) + checks.compactMap { $0() }
  }
}
