public import AssayRPC
import CNNG
import Foundation
import Synchronization

/// Listens at `inproc://`, `ipc://`, `tcp://` or `tls+tcp://`. At most `concurrency` messages can be in the hands of the handler, each in a
/// context of its own; further ones wait in their connections. Contexts are opened as they are needed, and kept.
public final class NNGServerTransport: ServerTransport {
  /// Where it listens; the port that was given for `tcp://host:0` is filled in.
  public let addresses: [String]
  public let concurrency: Int
  private let socket: Socket
  private let listeners: [CurrentListener]

  private struct State {
    var closing = false
    var exchanges: [Exchange] = []
  }
  private let state = Mutex(State())
  /// How many contexts are open, and of how many the message is in the hands of the handler.
  private let opened = Atomic<Int>(0)
  private let busy = Atomic<Int>(0)
  /// An element for each time that the exchanges were about to be used up; ends when nothing is received any more.
  private let shortages: AsyncStream<Void>
  private let shortage: AsyncStream<Void>.Continuation

  /// Listens at once. An ipc socket is made with mode 0600; a stale one, at which nobody answers, is replaced.
  ///
  /// - Parameter tls: needed for `tls+tcp://`.
  /// - Throws: `RPCError` with ALREADY_EXISTS when the address is taken, INVALID_ARGUMENT when it is none,
  ///   FAILED_PRECONDITION when its certificates are missing or cannot be used.
  public init(addresses: [String], tls: TLSCredentials? = nil, concurrency: Int = 16_672) throws(RPCError) {
    self.concurrency = concurrency
    (shortages, shortage) = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))
    for address in addresses { try Self.clearStaleSocket(at: address) }
    do throws(NNGError) {
      socket = try Socket(nng_rep0_open)
      try socket.set(NNG_OPT_RECVMAXSZ, size: RPCLimits.socketBytes)
    } catch {
      throw RPCError(.internal, reason: "CANNOT_LISTEN", "cannot make a socket: \(error.text)")
    }
    listeners = try addresses.map { [socket] address throws(RPCError) in
      try CurrentListener(on: socket, at: address, tls)
    }
    self.addresses = listeners.map(\.address)
  }

  /// The same, at one address.
  public convenience init(address: String, tls: TLSCredentials? = nil, concurrency: Int = 16_672)
    throws(RPCError)
  {
    try self.init(addresses: [address], tls: tls, concurrency: concurrency)
  }

  /// The first of its addresses.
  public var address: String { addresses.first ?? "" }

  /// Uses other certificates, authorities or revocation lists. All connections end; callers connect again, and those who may no
  /// longer do not get in.
  ///
  /// - Throws: FAILED_PRECONDITION when they cannot be used; then nothing has changed.
  public func replaceTLS(_ tls: TLSCredentials) throws(RPCError) {
    let secure = listeners.filter { $0.address.hasPrefix("tls+tcp://") }
    for listener in secure { try listener.use(tls) }
    // Where the port is not free at once, the watch goes on trying.
    for listener in secure { try? listener.renew(on: socket) }
  }

  /// Removes a socket file that a killed process left behind; one at which somebody listens is never touched.
  private static func clearStaleSocket(at address: String) throws(RPCError) {
    guard address.hasPrefix("ipc://") else { return }
    let path = String(address.dropFirst("ipc://".count))
    var status = stat()
    guard lstat(path, &status) == 0 else { return }
    guard status.st_mode & S_IFMT == S_IFSOCK else {
      throw RPCError(
        .alreadyExists, reason: "ADDRESS_IN_USE",
        "\(path) exists and is no socket; remove it, or listen elsewhere")
    }
    let descriptor = Glibc.socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0)
    guard descriptor >= 0 else { return }
    defer { Glibc.close(descriptor) }
    var name = sockaddr_un()
    name.sun_family = sa_family_t(AF_UNIX)
    let bytes = Array(path.utf8)
    guard bytes.count < MemoryLayout.size(ofValue: name.sun_path) else {
      throw RPCError(
        .invalidArgument, reason: "CANNOT_LISTEN",
        "the socket path \(path) is longer than 107 bytes; choose a shorter one")
    }
    withUnsafeMutableBytes(of: &name.sun_path) { $0.copyBytes(from: bytes) }
    let result = withUnsafePointer(to: &name) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
      }
    }
    if result == 0 {
      // Its greeting is awaited: nng 1.5.2 stops accepting when a connection breaks before it was sent.
      var limit = timeval(tv_sec: 0, tv_usec: 500_000)
      setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &limit, socklen_t(MemoryLayout<timeval>.size))
      var greeting = [UInt8](repeating: 0, count: 8)
      _ = recv(descriptor, &greeting, greeting.count, 0)
      throw Listener.taken(address)
    }
    if errno == ECONNREFUSED { unlink(path) }
  }

  public func serve(_ handler: @escaping @Sendable ([UInt8]) async -> [UInt8]) async throws {
    // Closing also removes an ipc socket's file.
    defer { socket.close() }
    try await withThrowingTaskGroup(of: Bool.self) { group in
      for listener in listeners {
        group.addTask { [self] in
          await ListenerWatch(socket: socket).run(listener)
          return false
        }
      }
      group.addTask { [self] in
        try await serveAll(handler)
        return true
      }
      while let isServed = try await group.next(), !isServed {}
      group.cancelAll()
    }
    // nng says that a message is sent once its connection has taken it over, and closing drops what is not written yet.
    try? await Task.sleep(for: Self.linger)
  }

  private func serveAll(_ handler: @escaping @Sendable ([UInt8]) async -> [UInt8]) async throws {
    // Not over TLS, where nng 1.5.2 was seen to lose the end of a connection under it.
    let executor: CallbackExecutor? = addresses.contains { $0.hasPrefix("tls+tcp://") } ? nil : .shared
    try await withThrowingDiscardingTaskGroup { group in
      /// Opens so many more, unless that is over.
      func open(_ count: Int) throws {
        for _ in 0..<count {
          let exchange = try Exchange(socket)
          let closing = state.withLock { state in
            state.exchanges.append(exchange)
            return state.closing
          }
          if closing { return }
          opened.add(1, ordering: .relaxed)
          group.addTask(executorPreference: executor) { [self] in
            // Only when all of them end, or one fails.
            defer { shortage.finish() }
            try await serve(on: exchange, handler)
          }
        }
      }
      try open(min(concurrency, Self.contextsAtFirst))
      for await _ in shortages where isShort {
        // Where none can be had, those that there are have to do.
        try? open(min(contexts, concurrency - contexts))
      }
    }
  }

  static let contextsAtFirst = 288

  /// Contexts that are open.
  var contexts: Int { opened.load(ordering: .relaxed) }

  /// Whether nearly all contexts are in use, and there may be more.
  private var isShort: Bool {
    contexts < concurrency && busy.load(ordering: .relaxed) >= contexts - contexts / 8
  }

  private func handle(_ request: [UInt8], _ handler: @Sendable ([UInt8]) async -> [UInt8]) async -> [UInt8] {
    busy.add(1, ordering: .relaxed)
    defer { busy.subtract(1, ordering: .relaxed) }
    if isShort { shortage.yield() }
    return await handler(request)
  }

  private static let linger: Duration = .milliseconds(50)

  private func serve(on exchange: Exchange, _ handler: @Sendable ([UInt8]) async -> [UInt8]) async throws {
    do {
      var request = try await exchange.receive()
      while true {
        let answer = await handle(request, handler)
        do {
          // Answer, then take the next request, in one suspension.
          request = try await exchange.call(Message(answer), deadline: nil)
        } catch let failure as Exchange.Failure
          where failure.stage == .send && failure.error != .closed && !isClosing
        {
          // The caller went away before its answer; that is its business.
          request = try await exchange.receive()
        }
      }
    } catch let failure as Exchange.Failure where failure.error == .closed || isClosing {
      return
    } catch is CancellationError {
      return
    }
  }

  private var isClosing: Bool { state.withLock { $0.closing } }

  /// Takes no further messages; answers that are on their way still go out, then `serve` returns.
  public func close() {
    let exchanges = state.withLock { state in
      state.closing = true
      return state.exchanges
    }
    shortage.finish()
    for exchange in exchanges { exchange.stopReceiving() }
  }
}
