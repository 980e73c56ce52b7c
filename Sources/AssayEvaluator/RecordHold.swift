import Synchronization

/// Keeps the outbox from telling the lineage anything for a while, so that both sides can be copied at one point.
final class RecordHold: Sendable {
  private struct State {
    /// In the evaluator's clock; 0 when nothing is held.
    var until: Int64 = 0
    var sending = false
  }

  private let state = Mutex(State())
  private let changed = Signal()
  private let clock: EvaluatorClock

  init(clock: EvaluatorClock) { self.clock = clock }

  /// Holds from now on; returns when what was being sent has been answered.
  func hold(milliseconds: Int64) async throws {
    state.withLock { $0.until = clock.now() + milliseconds }
    while true {
      let seen = changed.generation
      if !state.withLock({ $0.sending }) { return }
      try await changed.wait(past: seen)
    }
  }

  /// - Returns: whether the hold was still in force.
  func release() -> Bool {
    let now = clock.now()
    let held = state.withLock { state in
      defer { state.until = 0 }
      return state.until > now
    }
    changed.raise()
    return held
  }

  /// Sends something while nothing is held; waits until then.
  func whileFree<Value: Sendable>(_ send: () async throws -> Value) async throws -> Value {
    while true {
      let seen = changed.generation
      let now = clock.now()
      let until = state.withLock { state in
        if state.until <= now { state.sending = true }
        return state.until
      }
      if until <= now { break }
      try await wait(past: seen, until: until)
    }
    defer {
      state.withLock { $0.sending = false }
      changed.raise()
    }
    return try await send()
  }

  private func wait(past seen: UInt64, until: Int64) async throws {
    try await withThrowingTaskGroup(of: Void.self) { [changed, clock] group in
      group.addTask { try await changed.wait(past: seen) }
      group.addTask { try await clock.sleepUntil(until) }
      try await group.next()
      group.cancelAll()
      while let ended = await group.nextResult() {
        if case .failure(let error) = ended, !(error is CancellationError) { throw error }
      }
    }
    try Task.checkCancellation()
  }
}
