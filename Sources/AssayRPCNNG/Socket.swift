import CNNG
import Dispatch
import Synchronization

/// Owns one nng socket. Unchecked: a handle is a number, and nng locks what is behind it.
final class Socket: @unchecked Sendable {
  let raw: nng_socket
  let pipes = Pipes()
  /// How many threads are inside a call of nng on a context of this socket, and whether it is to be closed.
  private let users = Atomic<UInt64>(0)
  private static let closing: UInt64 = 1 << 63

  init(_ open: (UnsafeMutablePointer<nng_socket>) -> Int32) throws(NNGError) {
    var raw = nng_socket()
    try NNGError.check(open(&raw))
    self.raw = raw
    pipes.watch(raw)
  }

  deinit {
    // Closing waits for callbacks to end, and the last reference may go away inside one of them.
    DispatchQueue.global().async { [raw, pipes] in
      nng_close(raw)
      withExtendedLifetime(pipes) {}
    }
  }

  /// Makes calls of nng that concern a context of this socket.
  ///
  /// nng 1.5.2 destroys a context after it has let go of its socket: closing the socket at that moment frees memory that is in use.
  /// So closing waits until nobody is in here.
  ///
  /// - Returns: false, without calling `body`, for a socket that is closed or about to be.
  func use(_ body: () -> Void) -> Bool {
    let isOpen = users.add(1, ordering: .acquiringAndReleasing).oldValue & Self.closing == 0
    if isOpen { body() }
    if users.subtract(1, ordering: .acquiringAndReleasing).newValue == Self.closing {
      // Perhaps on a thread of nng's, which must not wait for itself.
      DispatchQueue.global().async { [self] in nng_close(raw) }
    }
    return isOpen
  }

  /// Ends every operation on the socket; closing twice is harmless.
  func close() {
    if users.bitwiseOr(Self.closing, ordering: .acquiringAndReleasing).newValue == Self.closing {
      nng_close(raw)
    }
  }

  func set(_ option: String, milliseconds: Int32) throws(NNGError) {
    try NNGError.check(nng_socket_set_ms(raw, option, milliseconds))
  }

  func set(_ option: String, size: Int) throws(NNGError) {
    try NNGError.check(nng_socket_set_size(raw, option, size))
  }

  /// A dialer that is not started yet; nil for an address that nng cannot read.
  func makeDialer(_ address: String) -> nng_dialer? {
    var dialer = nng_dialer()
    return nng_dialer_create(&dialer, raw, address) == 0 ? dialer : nil
  }
}
