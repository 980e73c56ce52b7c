import Synchronization

/// One call in the hands of a handler: it ends once, by the handler, its deadline or a cancellation.
final class RunningCall: Sendable {
  enum Outcome: Sendable {
    case answered([UInt8])
    case failed(RPCError)
  }
  private struct State {
    var outcome: Outcome?
    var waiter: CheckedContinuation<Outcome, Never>?
  }
  let method: MethodDescriptor
  private let state = Mutex(State())

  init(_ method: MethodDescriptor) { self.method = method }

  /// Ends the call; later ends are ignored. Returns whether this was the first.
  @discardableResult
  func end(_ outcome: Outcome) -> Bool {
    let (first, waiter) = state.withLock { state -> (Bool, CheckedContinuation<Outcome, Never>?) in
      guard state.outcome == nil else { return (false, nil) }
      state.outcome = outcome
      defer { state.waiter = nil }
      return (true, state.waiter)
    }
    waiter?.resume(returning: outcome)
    return first
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
