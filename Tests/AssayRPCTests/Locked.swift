import Synchronization

/// A value that tasks share.
final class Locked<Value: Sendable>: Sendable {
  private let value: Mutex<Value>
  init(_ value: Value) { self.value = Mutex(value) }
  func get() -> Value { value.withLock { $0 } }
  func set(_ fresh: Value) { value.withLock { $0 = fresh } }
}
