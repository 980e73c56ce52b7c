import Foundation

/// The evaluator's clock, replaceable so that leases and retries can be tested without waiting.
public struct EvaluatorClock: Sendable {
  /// Milliseconds since the Unix epoch.
  public var now: @Sendable () -> Int64
  /// Waits for a number of milliseconds; ends early, throwing, when the task is cancelled.
  public var sleep: @Sendable (_ milliseconds: Int64) async throws -> Void

  public init(
    now: @escaping @Sendable () -> Int64, sleep: @escaping @Sendable (_ milliseconds: Int64) async throws -> Void
  ) {
    self.now = now
    self.sleep = sleep
  }

  public static let system = EvaluatorClock(
    now: { Int64(Date().timeIntervalSince1970 * 1000) },
    sleep: { try await Task.sleep(for: .milliseconds(max(0, $0))) })
}
