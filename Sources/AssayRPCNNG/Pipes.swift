import AssayRPC
import CNNG
import Synchronization

/// The connections that a socket has had and has.
final class Pipes: Sendable {
  private let added = Atomic<UInt64>(0)
  private let removed = Atomic<UInt64>(0)
  /// Moves on with each connection and with each that ends.
  let changes = EventFeed(last: 0)

  /// How many there were so far.
  var total: UInt64 { added.load(ordering: .acquiring) }

  /// Whether there is one now.
  var isConnected: Bool { removed.load(ordering: .acquiring) < added.load(ordering: .acquiring) }

  /// Counts from now on. Whoever calls keeps this alive for as long as the socket is open.
  func watch(_ socket: nng_socket) {
    // Of these two each connection has both; one that is refused while it is added has no NNG_PIPE_EV_ADD_POST.
    for event in [NNG_PIPE_EV_ADD_PRE, NNG_PIPE_EV_REM_POST] {
      nng_pipe_notify(
        socket, event,
        { _, event, argument in
          guard let argument else { return }
          Unmanaged<Pipes>.fromOpaque(argument).takeUnretainedValue().note(event)
        }, Unmanaged.passUnretained(self).toOpaque())
    }
  }

  private func note(_ event: nng_pipe_ev) {
    if event == NNG_PIPE_EV_ADD_PRE {
      added.add(1, ordering: .releasing)
    } else {
      removed.add(1, ordering: .releasing)
    }
    change()
  }

  func change() { changes.advance(to: changes.last + 1) }
}
