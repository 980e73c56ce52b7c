import CNNG
import Synchronization

/// How many connections a socket has had.
final class PipeCount: Sendable {
  private let count = Atomic<UInt64>(0)

  var value: UInt64 { count.load(ordering: .acquiring) }

  /// Counts from now on. Whoever calls keeps this alive for as long as the socket is open.
  func watch(_ socket: nng_socket) {
    nng_pipe_notify(
      socket, NNG_PIPE_EV_ADD_POST,
      { _, _, argument in
        guard let argument else { return }
        Unmanaged<PipeCount>.fromOpaque(argument).takeUnretainedValue().count.add(1, ordering: .releasing)
      }, Unmanaged.passUnretained(self).toOpaque())
  }
}
