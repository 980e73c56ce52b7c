import Synchronization

/// One task at a time, first come first served; waiting ends when the task is cancelled.
final class AsyncLock: Sendable {
  private struct State {
    var isHeld = false
    var next: UInt64 = 0
    var queue: [(id: UInt64, continuation: CheckedContinuation<Bool, Never>)] = []
    var cancelled: Set<UInt64> = []
  }
  private let state = Mutex(State())

  /// Runs `body` while no other body of this lock runs.
  func withLock<Value>(_ body: () async -> Value) async throws(CancellationError) -> Value {
    guard await acquire() else { throw CancellationError() }
    let value = await body()
    release()
    return value
  }

  private func acquire() async -> Bool {
    let id = state.withLock { state -> UInt64 in
      state.next += 1
      return state.next
    }
    let acquired = await withTaskCancellationHandler {
      await withCheckedContinuation { (continuation: CheckedContinuation<Bool, Never>) in
        let now = state.withLock { state -> Bool? in
          if state.cancelled.remove(id) != nil { return false }
          if !state.isHeld {
            state.isHeld = true
            return true
          }
          state.queue.append((id, continuation))
          return nil
        }
        if let now { continuation.resume(returning: now) }
      }
    } onCancel: {
      let waiter = state.withLock { state -> CheckedContinuation<Bool, Never>? in
        if let index = state.queue.firstIndex(where: { $0.id == id }) {
          return state.queue.remove(at: index).continuation
        }
        state.cancelled.insert(id)
        return nil
      }
      waiter?.resume(returning: false)
    }
    state.withLock { _ = $0.cancelled.remove(id) }
    return acquired
  }

  private func release() {
    let next = state.withLock { state -> CheckedContinuation<Bool, Never>? in
      if state.queue.isEmpty {
        state.isHeld = false
        return nil
      }
      return state.queue.removeFirst().continuation
    }
    next?.resume(returning: true)
  }
}
