import Synchronization

/// How the disk below a service's state does, for its log and for whoever asks whether it can work.
public final class StateHealth: Sendable {
  /// So long a failure counts: whoever asks less often than this may miss one, and a service that nothing is asked of gets ready again.
  public static let memory: Duration = .seconds(30)

  private struct State {
    var failures = 0
    var last: (reason: String, at: ContinuousClock.Instant)?
    var observer: (@Sendable (String) -> Void)?
  }
  private let state = Mutex(State())

  public init() {}

  /// How often something could not be read or written.
  public var failures: Int { state.withLock { $0.failures } }

  /// Why the state could not be used within the last half minute; nil when it could.
  public var trouble: String? {
    state.withLock { state in
      guard let last = state.last, last.at.duration(to: .now) < Self.memory else { return nil }
      return last.reason
    }
  }

  /// Notes that something could not be read or written.
  public func note(_ reason: String) {
    let observer = state.withLock { state in
      state.failures += 1
      state.last = (reason, .now)
      return state.observer
    }
    observer?(reason)
  }

  /// Tells of each failure as it happens.
  public func observe(_ observer: @escaping @Sendable (String) -> Void) {
    state.withLock { $0.observer = observer }
  }
}
