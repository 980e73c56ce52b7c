import CoreMetrics
import Synchronization

/// Durations in buckets from a millisecond, which a call takes, to an hour, which a trial takes.
final class HistogramValue: TimerHandler, Sendable {
  /// Upper bounds in seconds; above the last there is only infinity.
  static let bounds: [Double] = [
    0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120, 300, 600, 1800, 3600,
  ]

  struct Content: Sendable {
    /// Observations in each bucket, not cumulated; the last is beyond all bounds.
    var buckets = [Int64](repeating: 0, count: HistogramValue.bounds.count + 1)
    var sum = 0.0
  }

  private let content = Mutex(Content())

  var value: Content { content.withLock(\.self) }

  func recordNanoseconds(_ duration: Int64) {
    let seconds = Double(max(0, duration)) / 1e9
    let bucket = Self.bounds.firstIndex { seconds <= $0 } ?? Self.bounds.count
    content.withLock {
      $0.buckets[bucket] += 1
      $0.sum += seconds
    }
  }
}
