import AssayRPC
import CNNG

/// Owns one nng listener, which listens from the start.
final class Listener: Sendable {
  private let raw: nng_listener
  /// The port that was given for `tcp://host:0` is filled in.
  let address: String

  /// - Throws: `RPCError` with ALREADY_EXISTS when the address is taken, INVALID_ARGUMENT when it is none,
  ///   FAILED_PRECONDITION when it needs certificates that are not there.
  init(_ socket: Socket, _ address: String, _ tls: TLSCredentials?) throws(RPCError) {
    let isSecure = address.hasPrefix("tls+tcp://")
    let configuration = try TLSCredentials.required(tls, for: address).map { tls throws(RPCError) in
      try TLSConfiguration.server(tls)
    }
    do throws(NNGError) {
      var listener = nng_listener()
      try NNGError.check(nng_listener_create(&listener, socket.raw, address))
      raw = listener
      if let configuration {
        try NNGError.check(
          configuration.withPointer { nng_listener_set_ptr(listener, NNG_OPT_TLS_CONFIG, $0) })
      }
      if address.hasPrefix("ipc://") {
        try NNGError.check(nng_listener_set_int(listener, NNG_OPT_IPC_PERMISSIONS, 0o600))
      } else if address.contains("tcp") {
        nng_listener_set_bool(listener, NNG_OPT_TCP_KEEPALIVE, true)
      }
      let started = nng_listener_start(listener, 0)
      if started != 0 {
        nng_listener_close(listener)
        throw NNGError(code: started)
      }
    } catch {
      guard error == .addressInUse else {
        throw RPCError(
          .invalidArgument, reason: "CANNOT_LISTEN",
          "cannot listen at \(address): \(error.text). Addresses look like ipc:///path, tcp://host:port or tls+tcp://host:port."
        )
      }
      throw Self.taken(address)
    }
    var port: Int32 = 0
    if isSecure || address.hasPrefix("tcp://"), address.hasSuffix(":0"),
      nng_listener_get_int(raw, NNG_OPT_TCP_BOUND_PORT, &port) == 0
    {
      self.address = address.dropLast() + String(port)
    } else {
      self.address = address
    }
  }

  static func taken(_ address: String) -> RPCError {
    RPCError(
      .alreadyExists, reason: "ADDRESS_IN_USE",
      "\(address) is taken by another process; stop it, or listen at another address")
  }

  /// Ends its connections too, and removes an ipc socket's file.
  func close() { nng_listener_close(raw) }
}
