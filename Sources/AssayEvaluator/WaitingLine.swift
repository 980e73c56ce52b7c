import AssayRPC
import Synchronization

/// One at a time, first come first served: runners that wait for a job, submissions that wait for their reading.
final class WaitingLine: Sendable {
  private struct State {
    var isTaken = false
    /// Numbers are given in the order in which everybody came.
    var next: UInt64 = 0
    /// Below this nobody waits.
    var first: UInt64 = 1
    var waiters: [UInt64: CheckedContinuation<Bool, Never>] = [:]
    var cancelled: Set<UInt64> = []
  }
  private let state = Mutex(State())

  /// How many wait behind the one at the head.
  var count: Int { state.withLock { $0.waiters.count } }

  /// Runs `body` when everyone who came before has left.
  ///
  /// - Parameter context: of the call that waits here.
  /// - Throws: `CancellationError` when the task is cancelled while it waits; what `CallContext.whileWaiting` and `body` throw.
  func atHead<Value: Sendable>(
    for context: CallContext? = nil, _ body: @Sendable () async throws -> Value
  ) async throws -> Value {
    if !enterAtOnce() {
      let entered =
        if let context { try await context.whileWaiting { await self.enter() } } else { await enter() }
      guard entered else { throw CancellationError() }
    }
    defer { leave() }
    try Task.checkCancellation()
    return try await body()
  }

  /// The same; nil when its turn did not come within `patience`. What has begun is not broken off.
  func atHead<Value: Sendable>(
    for context: CallContext, within patience: Duration, _ body: @Sendable () async throws -> Value
  ) async throws -> Value? {
    if !enterAtOnce() {
      let entered = try await context.whileWaiting { await self.enter(within: patience) }
      guard entered else {
        try Task.checkCancellation()
        return nil
      }
    }
    defer { leave() }
    try Task.checkCancellation()
    return try await body()
  }

  private func enter(within patience: Duration) async -> Bool {
    await withTaskGroup(of: Bool.self) { group in
      group.addTask { await self.enter() }
      group.addTask {
        try? await Task.sleep(for: patience)
        return false
      }
      var hasEntered = false
      while let entered = await group.next() {
        hasEntered = hasEntered || entered
        group.cancelAll()
      }
      return hasEntered
    }
  }

  private func enterAtOnce() -> Bool {
    state.withLock { state in
      defer { state.isTaken = true }
      return !state.isTaken
    }
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
          state.waiters[id] = continuation
          // It may have been overtaken on the way here.
          state.first = min(state.first, id)
          return nil
        }
        if let answer { continuation.resume(returning: answer) }
      }
    } onCancel: {
      let waiter = state.withLock { state -> CheckedContinuation<Bool, Never>? in
        if let waiter = state.waiters.removeValue(forKey: id) { return waiter }
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
      while !state.waiters.isEmpty {
        defer { state.first += 1 }
        if let waiter = state.waiters.removeValue(forKey: state.first) { return waiter }
      }
      state.isTaken = false
      state.first = state.next + 1
      return nil
    }
    next?.resume(returning: true)
  }
}
