import CNNG

/// Owns one nng listener, which listens from the start.
final class Listener: Sendable {
  private let raw: nng_listener
  /// The port that was given for `tcp://host:0` is filled in.
  let address: String

  init(_ socket: Socket, _ address: String) throws(NNGError) {
    var listener = nng_listener()
    try NNGError.check(nng_listener_create(&listener, socket.raw, address))
    raw = listener
    if address.hasPrefix("ipc://") {
      try NNGError.check(nng_listener_set_int(listener, NNG_OPT_IPC_PERMISSIONS, 0o600))
    }
    let started = nng_listener_start(listener, 0)
    if started != 0 {
      nng_listener_close(listener)
      throw NNGError(code: started)
    }
    var port: Int32 = 0
    if address.hasPrefix("tcp://"), address.hasSuffix(":0"),
      nng_listener_get_int(listener, NNG_OPT_TCP_BOUND_PORT, &port) == 0
    {
      self.address = address.dropLast() + String(port)
    } else {
      self.address = address
    }
  }

  /// Ends its connections too, and removes an ipc socket's file.
  func close() { nng_listener_close(raw) }
}
