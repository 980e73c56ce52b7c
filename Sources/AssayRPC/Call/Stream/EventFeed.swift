import Synchronization

/// Wakes those who wait for events, without polling. Waiters are woken by commits, by their timeout, or by cancellation.
public final class EventFeed: Sendable {
  private struct State {
    var last: UInt64
    var waiters: [UInt64: (after: UInt64, continuation: CheckedContinuation<Void, Never>)] = [:]
    var cancelled: Set<UInt64> = []
    var nextID: UInt64 = 0
  }
  private let state: Mutex<State>

  public init(last: UInt64) { state = Mutex(State(last: last)) }

  /// Number of the newest event.
  public var last: UInt64 { state.withLock { $0.last } }

  /// Moves on and wakes those who wait for it.
  public func advance(to sequence: UInt64) {
    let woken = state.withLock { state in
      state.last = max(state.last, sequence)
      let due = state.waiters.filter { $0.value.after < state.last }
      for id in due.keys { state.waiters[id] = nil }
      return due.values.map(\.continuation)
    }
    for waiter in woken { waiter.resume() }
  }

  /// Returns when there are events after `sequence`, or when the time is up.
  public func wait(past sequence: UInt64, for limit: Duration) async {
    guard limit > .zero, last <= sequence else { return }
    await withTaskGroup(of: Void.self) { group in
      group.addTask { await self.wait(past: sequence) }
      group.addTask { try? await Task.sleep(for: limit) }
      await group.next()
      group.cancelAll()
    }
  }

  private func wait(past sequence: UInt64) async {
    let id = state.withLock { state in
      state.nextID += 1
      return state.nextID
    }
    await withTaskCancellationHandler {
      await withCheckedContinuation { continuation in
        let now = state.withLock { state -> Bool in
          if state.last > sequence || state.cancelled.remove(id) != nil { return true }
          state.waiters[id] = (sequence, continuation)
          return false
        }
        if now { continuation.resume() }
      }
    } onCancel: {
      let waiter = state.withLock { state -> CheckedContinuation<Void, Never>? in
        if let waiter = state.waiters.removeValue(forKey: id) { return waiter.continuation }
        state.cancelled.insert(id)
        return nil
      }
      waiter?.resume()
    }
    state.withLock { _ = $0.cancelled.remove(id) }
  }
}
