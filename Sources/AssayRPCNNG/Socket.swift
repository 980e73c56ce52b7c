import CNNG
import Dispatch

/// Owns one nng socket. Unchecked: a handle is a number, and nng locks what is behind it.
final class Socket: @unchecked Sendable {
  let raw: nng_socket
  let pipes = Pipes()

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

  /// Ends every operation on the socket; closing twice is harmless.
  func close() { nng_close(raw) }

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
