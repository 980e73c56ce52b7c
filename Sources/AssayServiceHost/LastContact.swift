import AssayRPC
import Synchronization

/// When a service that this process dials last answered it.
enum LastContact {
  /// Longer than any call that waits for something to happen.
  static let limit: Duration = .seconds(90)

  private static let last = Mutex<ContinuousClock.Instant?>(nil)

  static func note(_ status: RPCStatus) {
    // A service that refuses a call answers too.
    guard status != .unavailable, status != .deadlineExceeded, status != .cancelled else { return }
    last.withLock { $0 = .now }
  }

  static var isRecent: Bool { last.withLock { $0.map { $0.duration(to: .now) < limit } ?? false } }
}
