import Synchronization

/// The listener of a server, which may be replaced while it serves.
final class CurrentListener: Sendable {
  private let state: Mutex<Listener>

  init(_ listener: Listener) { state = Mutex(listener) }

  var listener: Listener { state.withLock { $0 } }

  func replace(_ listener: Listener) { state.withLock { $0 = listener } }
}
