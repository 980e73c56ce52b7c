import Synchronization

/// One at a time, first come first served: runners that wait for a job.
final class WaitingLine: Sendable {
  private struct State {
    var isTaken = false
    var next: UInt64 = 0
    var waiters: [(id: UInt64, continuation: CheckedContinuation<Bool, Never>)] = []
    var cancelled: Set<UInt64> = []
  }
  private let state = Mutex(State())

  /// How many wait behind the one at the head.
  var count: Int { state.withLock { $0.waiters.count } }

  /// Runs `body` when everyone who came before has left.
  ///
  /// - Throws: `CancellationError` when the task is cancelled while it waits; what `body` throws.
  func atHead<Value: Sendable>(_ body: @Sendable () async throws -> Value) async throws -> Value {
    guard await enter() else { throw CancellationError() }
    defer { leave() }
    try Task.checkCancellation()
    return try await body()
  }

  private func enter() async -> Bool {
    let id = state.withLock { state in
      state.next += 1
      return state.next
    }
    let entered = await withTaskCancellationHandler {
      await withCheckedContinuation { continuation in
        let answer = state.withLock { state -> Bool? in
          if state.cancelled.remove(id) != nil { return false }
          if !state.isTaken {
            state.isTaken = true
            return true
          }
          state.waiters.append((id, continuation))
          return nil
        }
        if let answer { continuation.resume(returning: answer) }
      }
    } onCancel: {
      let waiter = state.withLock { state -> CheckedContinuation<Bool, Never>? in
        if let index = state.waiters.firstIndex(where: { $0.id == id }) {
          return state.waiters.remove(at: index).continuation
        }
        state.cancelled.insert(id)
        return nil
      }
      waiter?.resume(returning: false)
    }
    _ = state.withLock { $0.cancelled.remove(id) }
    return entered
  }

  private func leave() {
    let next = state.withLock { state -> CheckedContinuation<Bool, Never>? in
      if state.waiters.isEmpty {
        state.isTaken = false
        return nil
      }
      return state.waiters.removeFirst().continuation
    }
    next?.resume(returning: true)
  }
}
