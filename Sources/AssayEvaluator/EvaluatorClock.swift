import Foundation

/// The evaluator's clock, replaceable so that leases and retries can be tested without waiting.
public struct EvaluatorClock: Sendable {
  /// Milliseconds since the Unix epoch.
  public var now: @Sendable () -> Int64
  /// Waits until a time of this clock, at once over when that has passed; throws when the task is cancelled.
  public var sleepUntil: @Sendable (_ milliseconds: Int64) async throws -> Void

  public init(
    now: @escaping @Sendable () -> Int64,
    sleepUntil: @escaping @Sendable (_ milliseconds: Int64) async throws -> Void
  ) {
    self.now = now
    self.sleepUntil = sleepUntil
  }

  /// Waits for a number of milliseconds.
  public func pause(_ milliseconds: Int64) async throws { try await sleepUntil(now() + milliseconds) }

  public static let system: EvaluatorClock = {
    let now: @Sendable () -> Int64 = { Int64(Date().timeIntervalSince1970 * 1000) }
    return EvaluatorClock(
      now: now, sleepUntil: { try await Task.sleep(for: .milliseconds(max(0, $0 - now()))) })
  }()
}
