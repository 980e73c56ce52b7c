import AssayRPC
import Synchronization

/// The listener of a server, which may be replaced while it serves.
final class CurrentListener: Sendable {
  private struct State {
    var listener: Listener
    var tls: TLSCredentials?
  }
  private let state: Mutex<State>
  let address: String

  init(on socket: Socket, at address: String, _ tls: TLSCredentials?) throws(RPCError) {
    let listener = try Listener(socket, address, tls)
    self.address = listener.address
    state = Mutex(State(listener: listener, tls: tls))
  }

  var tls: TLSCredentials? { state.withLock { $0.tls } }

  /// Closes the listener, and with it all connections, and listens anew.
  func renew(on socket: Socket) throws(RPCError) {
    let (listener, tls) = state.withLock { ($0.listener, $0.tls) }
    listener.close()
    let fresh = try Listener(socket, address, tls)
    state.withLock { $0.listener = fresh }
  }

  /// Asks for and believes other certificates from the next `renew` on.
  func use(_ tls: TLSCredentials) throws(RPCError) {
    _ = try TLSConfiguration.server(tls)
    state.withLock { $0.tls = tls }
  }
}
