import Synchronization

/// One call in the hands of a handler: it ends once, by the handler, its deadline or a cancellation.
final class RunningCall: Sendable {
  enum Outcome: Sendable {
    case answered([UInt8])
    case failed(RPCError)
  }
  /// What all attempts of a call have in common.
  struct Key: Hashable {
    let session: [UInt8]
    let call: [UInt8]
  }
  private struct State {
    var outcome: Outcome?
    var waiter: CheckedContinuation<Outcome, Never>?
    var hasTurn = false
    var turn: CheckedContinuation<Void, Never>?
  }
  let method: MethodDescriptor
  let key: Key
  let attempt: UInt32
  /// By which the server knows it; set once, when it is admitted.
  let number = Atomic<UInt64>(0)
  private let state = Mutex(State())

  init(_ method: MethodDescriptor, _ key: Key, attempt: UInt32) {
    self.method = method
    self.key = key
    self.attempt = attempt
  }

  /// Ends the call; later ends are ignored. Returns whether this was the first.
  @discardableResult
  func end(_ outcome: Outcome) -> Bool {
    let ended = state.withLock { state -> State? in
      guard state.outcome == nil else { return nil }
      state.outcome = outcome
      defer { (state.waiter, state.turn) = (nil, nil) }
      return state
    }
    ended?.turn?.resume()
    ended?.waiter?.resume(returning: outcome)
    return ended != nil
  }

  /// Returns when it is this call's turn to have a place again, or when it has ended.
  func turn() async {
    await withCheckedContinuation { continuation in
      let isNow = state.withLock { state -> Bool in
        if state.hasTurn || state.outcome != nil {
          state.hasTurn = false
          return true
        }
        state.turn = continuation
        return false
      }
      if isNow { continuation.resume() }
    }
  }

  /// Says that it has a place.
  func takeTurn() {
    let turn = state.withLock { state -> CheckedContinuation<Void, Never>? in
      guard let turn = state.turn else {
        state.hasTurn = true
        return nil
      }
      state.turn = nil
      return turn
    }
    turn?.resume()
  }

  func outcome() async -> Outcome {
    await withCheckedContinuation { continuation in
      let known = state.withLock { state -> Outcome? in
        if state.outcome == nil { state.waiter = continuation }
        return state.outcome
      }
      if let known { continuation.resume(returning: known) }
    }
  }
}
