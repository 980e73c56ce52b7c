import AssayEvaluator
import Synchronization

/// A clock that moves when the test says so.
final class ManualClock: Sendable {
  private struct State {
    var now: Int64 = 1_000_000
    /// By how much the machine's clock was set.
    var wallError: Int64 = 0
    var next: UInt64 = 0
    var sleepers: [UInt64: (due: Int64, continuation: CheckedContinuation<Void, Never>)] = [:]
    var cancelled: Set<UInt64> = []
  }
  private let state = Mutex(State())
  private let boot: String

  /// - Parameter boot: names the start of the machine; empty where that is not known.
  init(boot: String = "") { self.boot = boot }

  /// Sets the machine's clock: no time passes.
  func setWall(by milliseconds: Int64) { state.withLock { $0.wallError += milliseconds } }

  var evaluator: EvaluatorClock {
    EvaluatorClock(
      wall: { self.state.withLock { $0.now + $0.wallError } }, uptime: { self.state.withLock { $0.now } },
      boot: boot, sleepUntil: { try await self.sleep(until: $0) })
  }

  func advance(_ milliseconds: Int64) {
    let due = state.withLock { state in
      state.now += milliseconds
      let due = state.sleepers.filter { $0.value.due <= state.now }
      for id in due.keys { state.sleepers[id] = nil }
      return due
    }
    for sleeper in due.values { sleeper.continuation.resume() }
  }

  private func sleep(until due: Int64) async throws {
    let id = state.withLock { state in
      state.next += 1
      return state.next
    }
    await withTaskCancellationHandler {
      await withCheckedContinuation { continuation in
        let over = state.withLock { state in
          if due <= state.now || state.cancelled.remove(id) != nil { return true }
          state.sleepers[id] = (due, continuation)
          return false
        }
        if over { continuation.resume() }
      }
    } onCancel: {
      let sleeper = state.withLock { state -> CheckedContinuation<Void, Never>? in
        if let sleeper = state.sleepers.removeValue(forKey: id) { return sleeper.continuation }
        state.cancelled.insert(id)
        return nil
      }
      sleeper?.resume()
    }
    try Task.checkCancellation()
  }
}
