public import AssayRPC
import CNNG
import Dispatch
import Synchronization

/// Exchanges messages with a server at `inproc://`, `ipc://`, `tcp://` or `tls+tcp://`. Connects in the background, and again
/// after the connection was lost. The first message makes it connect: a process that goes away before it has anything to say must
/// not leave half a connection behind, over which nng 1.5.2 stops accepting others.
public final class NNGClientTransport: ClientTransport {
  private struct State {
    var idle: [Exchange] = []
    /// Nil before the first message.
    var dialer: nng_dialer?
    var patience = DialerPatience()
    var isClosed = false
    /// Why the first attempt to connect failed.
    var failure: String?
  }

  private let socket: Socket
  private let address: String
  private let tls: TLSCredentials?
  private let state = Mutex(State())

  /// - Parameter tls: needed for `tls+tcp://`.
  /// - Throws: `TransportError` for an address that nng cannot read, or certificates that cannot be used.
  public init(address: String, tls: TLSCredentials? = nil) throws(TransportError) {
    self.address = address
    do throws(NNGError) {
      socket = try Socket(nng_req0_open)
      // Retries are the call layer's: nng would repeat a request without knowing whether that is harmless.
      try socket.set(NNG_OPT_REQ_RESENDTIME, milliseconds: Int32(NNG_DURATION_INFINITE))
      try socket.set(NNG_OPT_RECVMAXSZ, size: RPCLimits.socketBytes)
      try socket.set(NNG_OPT_RECONNMINT, milliseconds: 20)
      try socket.set(NNG_OPT_RECONNMAXT, milliseconds: 500)
    } catch {
      throw TransportError(.notSent, "cannot make a socket: \(error.text)")
    }
    do throws(RPCError) {
      self.tls = try TLSCredentials.required(tls, for: address)
      if let tls = self.tls { _ = try TLSConfiguration.client(tls, of: address) }
    } catch {
      throw TransportError(.notSent, error.message)
    }
    guard let trial = makeDialer() else {
      throw TransportError(
        .notSent,
        "cannot dial \(address). Addresses look like ipc:///path, tcp://host:port or tls+tcp://host:port.")
    }
    nng_dialer_close(trial)
  }

  /// A dialer that is not started yet; nil for an address that nng cannot read.
  private func makeDialer() -> nng_dialer? {
    guard let dialer = socket.makeDialer(address) else { return nil }
    if let tls {
      guard let configuration = try? TLSConfiguration.client(tls, of: address) else { return nil }
      _ = configuration.withPointer { nng_dialer_set_ptr(dialer, NNG_OPT_TLS_CONFIG, $0) }
    }
    if address.contains("tcp://") { nng_dialer_set_bool(dialer, NNG_OPT_TCP_KEEPALIVE, true) }
    return dialer
  }

  public func exchange(_ request: [UInt8], timeout: Duration) async throws -> [UInt8] {
    guard request.count <= RPCLimits.socketBytes else {
      throw TransportError(
        .notSent, "the message has \(request.count) bytes, a socket takes at most \(RPCLimits.socketBytes)")
    }
    let deadline = ContinuousClock.now + timeout
    try await connect(by: deadline)
    let exchange: Exchange
    let message: Message
    do throws(NNGError) {
      if let known = state.withLock({ $0.idle.popLast() }) {
        exchange = known
      } else {
        exchange = try Exchange(socket)
      }
      message = try Message(request)
    } catch {
      throw TransportError(.notSent, "cannot send to \(address): \(error.text)")
    }
    do {
      let answer = try await exchange.call(message, deadline: deadline)
      if !exchange.isSpent { state.withLock { $0.idle.append(exchange) } }
      return answer
    } catch let failure as Exchange.Failure {
      // The context is dropped with its exchange, so that a late answer goes nowhere.
      let sent = failure.stage == .receive
      if failure.error == .timedOut {
        throw TransportError(
          sent ? .unknown : .notSent, timedOut: true,
          sent ? "no answer in time" : nobody)
      }
      throw TransportError(
        sent ? .unknown : .notSent, "the connection to \(address) was lost: \(failure.error.text)")
    }
  }

  /// Waits for a connection here, not in nng: a dialer that got stuck is replaced meanwhile.
  private func connect(by deadline: ContinuousClock.Instant) async throws {
    var known = connection
    while known != .ready, known != .closed {
      try Task.checkCancellation()
      let left = ContinuousClock.now.duration(to: deadline)
      guard left > .zero else { throw TransportError(.notSent, timedOut: true, nobody) }
      known = await connection(after: known, for: left)
    }
  }

  /// Connects for the first time, and with a new dialer when the one there is gets nowhere.
  private func dial() {
    let isConnected = socket.pipes.isConnected
    let total = socket.pipes.total
    let (old, fresh) = state.withLock { state -> (nng_dialer?, nng_dialer?) in
      guard !state.isClosed else { return (nil, nil) }
      let isSpent = state.patience.isSpent(isConnected: isConnected, total: total, now: .now)
      guard state.dialer == nil || isSpent, let fresh = makeDialer() else { return (nil, nil) }
      defer { state.dialer = fresh }
      return (state.dialer, fresh)
    }
    guard let fresh else { return }
    if let old { nng_dialer_close(old) }
    start(fresh)
  }

  private func start(_ dialer: nng_dialer) {
    socket.pipes.change()
    guard address.hasPrefix("tls+tcp://") else {
      nng_dialer_start(dialer, Int32(NNG_FLAG_NONBLOCK))
      return
    }
    // nng tells why a connection failed only to those who wait for it: TLS has reasons that a caller must know.
    DispatchQueue.global().async { [self] in
      let result = nng_dialer_start(dialer, 0)
      guard result != 0 else { return }
      let failure = NNGError(code: result)
      if failure != .closed { state.withLock { $0.failure = failure.text } }
      socket.pipes.change()
      nng_dialer_start(dialer, Int32(NNG_FLAG_NONBLOCK))
    }
  }

  public var connection: ConnectionState {
    let (isDialing, isClosed, failure) = state.withLock { ($0.dialer != nil, $0.isClosed, $0.failure) }
    if isClosed { return .closed }
    if socket.pipes.isConnected { return .ready }
    return isDialing ? failure.map { .failing($0) } ?? .connecting : .idle
  }

  public func connection(after known: ConnectionState, for limit: Duration) async -> ConnectionState {
    let end = ContinuousClock.now + limit
    while true {
      let seen = socket.pipes.changes.last
      dial()
      let current = connection
      let left = ContinuousClock.now.duration(to: end)
      guard current == known, left > .zero, !Task.isCancelled else { return current }
      await socket.pipes.changes.wait(past: seen, for: min(left, .seconds(1)))
    }
  }

  /// What a caller is told who could not be connected.
  private var nobody: String {
    guard address.hasPrefix("tls+tcp://") else { return "nobody answers at \(address)" }
    let failure = state.withLock { $0.failure }.map { ": \($0)" } ?? ""
    return
      "no connection to \(address)\(failure). If somebody listens there, the certificate of one side is missing, expired, "
      + "revoked, for another host, or by an authority that the other side does not trust (see `assay keys tls`)"
  }

  public func post(_ request: [UInt8]) {
    dial()
    guard let exchange = try? Exchange(socket), let message = try? Message(request) else { return }
    exchange.post(message, deadline: .now + .seconds(5))
  }

  public var executor: (any TaskExecutor)? { address.hasPrefix("tls+tcp://") ? nil : CallbackExecutor.shared }

  public func close() {
    state.withLock { $0.isClosed = true }
    socket.close()
    socket.pipes.change()
  }
}
