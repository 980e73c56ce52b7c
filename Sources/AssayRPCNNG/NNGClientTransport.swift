public import AssayRPC
import CNNG
import Synchronization

/// Exchanges messages with a server at `inproc://`, `ipc://` or `tcp://`. Connects in the background, and again after
/// the connection was lost. The first message makes it connect: a process that goes away before it has anything to say must not
/// leave half a connection behind, over which nng 1.5.2 stops accepting others.
public final class NNGClientTransport: ClientTransport {
  private let socket: Socket
  private let address: String
  private let idle = Mutex<[Exchange]>([])
  private let dialer: nng_dialer
  private let isDialing = Atomic(false)

  /// - Throws: `TransportError` for an address that nng cannot read.
  public init(address: String) throws {
    self.address = address
    do throws(NNGError) {
      socket = try Socket(nng_req0_open)
      // Retries are the call layer's: nng would repeat a request without knowing whether that is harmless.
      try socket.set(NNG_OPT_REQ_RESENDTIME, milliseconds: Int32(NNG_DURATION_INFINITE))
      try socket.set(NNG_OPT_RECVMAXSZ, size: RPCLimits.socketBytes)
      try socket.set(NNG_OPT_RECONNMINT, milliseconds: 20)
      try socket.set(NNG_OPT_RECONNMAXT, milliseconds: 500)
      var dialer = nng_dialer()
      try NNGError.check(nng_dialer_create(&dialer, socket.raw, address))
      self.dialer = dialer
    } catch {
      throw TransportError(
        .notSent, "cannot dial \(address): \(error.text). Addresses look like ipc:///path or tcp://host:port."
      )
    }
  }

  public func exchange(_ request: [UInt8], timeout: Duration) async throws -> [UInt8] {
    guard request.count <= RPCLimits.socketBytes else {
      throw TransportError(
        .notSent, "the message has \(request.count) bytes, a socket takes at most \(RPCLimits.socketBytes)")
    }
    let exchange: Exchange
    let message: Message
    startDialing()
    do throws(NNGError) {
      if let known = idle.withLock({ $0.popLast() }) {
        exchange = known
      } else {
        exchange = try Exchange(socket)
      }
      message = try Message(request)
    } catch {
      throw TransportError(.notSent, "cannot send to \(address): \(error.text)")
    }
    do {
      let answer = try await exchange.call(message, deadline: .now + timeout)
      idle.withLock { $0.append(exchange) }
      return answer
    } catch let failure as Exchange.Failure {
      // The context is dropped with its exchange, so that a late answer goes nowhere.
      let sent = failure.stage == .receive
      if failure.error == .timedOut {
        throw TransportError(
          sent ? .unknown : .notSent, timedOut: true,
          sent ? "no answer in time" : "nobody answers at \(address)")
      }
      throw TransportError(
        sent ? .unknown : .notSent, "the connection to \(address) was lost: \(failure.error.text)")
    }
  }

  private func startDialing() {
    guard isDialing.compareExchange(expected: false, desired: true, ordering: .relaxed).exchanged else {
      return
    }
    // It goes on by itself; whether it got anywhere, the exchange tells.
    nng_dialer_start(dialer, Int32(NNG_FLAG_NONBLOCK))
  }

  public func post(_ request: [UInt8]) {
    startDialing()
    guard let exchange = try? Exchange(socket), let message = try? Message(request) else { return }
    exchange.post(message, deadline: .now + .seconds(5))
  }

  public func close() { socket.close() }
}
