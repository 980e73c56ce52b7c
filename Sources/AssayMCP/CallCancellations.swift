import AssayReflection
import Synchronization

/// The calls that a peer has taken back, and the way to stop the one that runs.
final class CallCancellations: Sendable {
  /// A peer may take back calls that it never made; so many are remembered.
  private static let most = 1000

  private struct State {
    var taken: Set<JSONValue> = []
    var running: (id: JSONValue, stop: AsyncStream<Void>.Continuation)?
  }
  private let state = Mutex(State())

  /// The call begins. Its stream ends when it is taken back; nil where it was already.
  func begin(_ id: JSONValue) -> AsyncStream<Void>? {
    let (stop, stopper) = AsyncStream<Void>.makeStream()
    return state.withLock { state in
      guard state.taken.remove(id) == nil else { return nil }
      state.running = (id, stopper)
      return stop
    }
  }

  func end(_ id: JSONValue) {
    state.withLock { state in
      state.running = nil
      state.taken.remove(id)
    }
  }

  func cancel(_ id: JSONValue) {
    let stop = state.withLock { state -> AsyncStream<Void>.Continuation? in
      if state.running?.id == id { return state.running?.stop }
      if state.taken.count < Self.most { state.taken.insert(id) }
      return nil
    }
    stop?.finish()
  }
}
