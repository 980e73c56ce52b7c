import Synchronization

/// Wakes everyone who waits whenever something changed. Never lost: a waiter names the generation it has seen.
final class Signal: Sendable {
  private struct State {
    var generation: UInt64 = 0
    var nextWaiter: UInt64 = 0
    var waiters: [UInt64: CheckedContinuation<Void, Never>] = [:]
    var cancelled: Set<UInt64> = []
  }
  private let state = Mutex(State())

  var generation: UInt64 { state.withLock { $0.generation } }

  /// How many wait.
  var waiting: Int { state.withLock { $0.waiters.count } }

  func raise() {
    let waiters = state.withLock { state in
      state.generation += 1
      defer { state.waiters = [:] }
      return state.waiters
    }
    for (_, waiter) in waiters.sorted(by: { $0.key < $1.key }) { waiter.resume() }
  }

  /// Returns when the generation is beyond `seen`.
  ///
  /// - Throws: `CancellationError` when the task is cancelled first.
  func wait(past seen: UInt64) async throws {
    let id = state.withLock { state in
      state.nextWaiter += 1
      return state.nextWaiter
    }
    await withTaskCancellationHandler {
      await withCheckedContinuation { continuation in
        let done = state.withLock { state in
          if state.generation > seen || state.cancelled.remove(id) != nil { return true }
          state.waiters[id] = continuation
          return false
        }
        if done { continuation.resume() }
      }
    } onCancel: {
      let waiter = state.withLock { state -> CheckedContinuation<Void, Never>? in
        if let waiter = state.waiters.removeValue(forKey: id) { return waiter }
        state.cancelled.insert(id)
        return nil
      }
      waiter?.resume()
    }
    _ = state.withLock { $0.cancelled.remove(id) }
    try Task.checkCancellation()
  }
}
