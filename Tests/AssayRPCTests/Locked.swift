import Synchronization

/// A value that tasks share.
final class Locked<Value: Sendable>: Sendable {
  private let state: Mutex<Value>
  init(_ value: Value) { state = Mutex(value) }
  var value: Value { state.withLock { $0 } }
  func set(_ fresh: Value) { state.withLock { $0 = fresh } }
  func update(_ change: (inout Value) -> Void) { state.withLock { change(&$0) } }
}
