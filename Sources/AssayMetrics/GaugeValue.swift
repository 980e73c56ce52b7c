import CoreMetrics
import Synchronization

/// A value that rises and falls.
final class GaugeValue: RecorderHandler, MeterHandler, Sendable {
  private let current = Mutex(0.0)

  var value: Double { current.withLock(\.self) }

  func record(_ value: Int64) { set(Double(value)) }
  func record(_ value: Double) { set(value) }
  func set(_ value: Int64) { set(Double(value)) }
  func set(_ value: Double) { current.withLock { $0 = value } }
  func increment(by amount: Double) { current.withLock { $0 += amount } }
  func decrement(by amount: Double) { current.withLock { $0 -= amount } }
}
