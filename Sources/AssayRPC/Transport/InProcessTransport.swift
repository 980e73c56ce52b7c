import Synchronization

/// Client and server in one process, without sockets: the call layer's tests run on it.
public final class InProcessTransport: ServerTransport {
  struct Exchange: Sendable {
    let request: [UInt8]
    let reply: ServersHold
  }

  /// The serving end's hold on a reply: letting it go without an answer tells the caller.
  final class ServersHold: Sendable {
    private let reply: Reply
    init(_ reply: Reply) { self.reply = reply }
    deinit { reply.resolve(.failure(TransportError(.unknown, "the server stopped before it answered"))) }
    func answer(_ bytes: [UInt8]) { reply.resolve(.success(bytes)) }
  }

  /// Resumed exactly once, by the server, a timeout, a cancellation or the end of the transport.
  final class Reply: Sendable {
    private struct State {
      var continuation: CheckedContinuation<[UInt8], any Error>?
      var result: Result<[UInt8], any Error>?
    }
    private let state = Mutex(State())

    func resolve(_ result: Result<[UInt8], any Error>) {
      let waiter = state.withLock { state -> CheckedContinuation<[UInt8], any Error>? in
        guard state.result == nil else { return nil }
        state.result = result
        defer { state.continuation = nil }
        return state.continuation
      }
      waiter?.resume(with: result)
    }

    func value() async throws -> [UInt8] {
      try await withTaskCancellationHandler {
        try await withCheckedThrowingContinuation { continuation in
          let known = state.withLock { state -> Result<[UInt8], any Error>? in
            if state.result == nil { state.continuation = continuation }
            return state.result
          }
          if let known { continuation.resume(with: known) }
        }
      } onCancel: {
        resolve(.failure(CancellationError()))
      }
    }
  }

  public let concurrency: Int
  private let exchanges: AsyncStream<Exchange>
  private let arrivals: AsyncStream<Exchange>.Continuation

  public init(concurrency: Int = 256) {
    self.concurrency = concurrency
    (exchanges, arrivals) = AsyncStream.makeStream(of: Exchange.self, bufferingPolicy: .bufferingOldest(4096))
  }

  /// A transport for one client; any number may be made.
  public func makeClient() -> any ClientTransport { Client(arrivals: arrivals) }

  public func serve(_ handler: @escaping @Sendable ([UInt8]) async -> [UInt8]) async throws {
    await withDiscardingTaskGroup { group in
      for await exchange in exchanges {
        group.addTask {
          let answer = await handler(exchange.request)
          if !Task.isCancelled { exchange.reply.answer(answer) }
        }
      }
      arrivals.finish()
    }
  }

  public func close() { arrivals.finish() }

  private struct Client: ClientTransport {
    let arrivals: AsyncStream<Exchange>.Continuation

    func exchange(_ request: [UInt8], timeout: Duration) async throws -> [UInt8] {
      let reply = Reply()
      guard case .enqueued = arrivals.yield(Exchange(request: request, reply: ServersHold(reply))) else {
        throw TransportError(.notSent, "the server is closed, or has too many messages waiting")
      }
      return try await withThrowingTaskGroup(of: [UInt8].self) { group in
        group.addTask { try await reply.value() }
        group.addTask {
          try await Task.sleep(for: timeout)
          throw TransportError(.unknown, timedOut: true, "no answer in time")
        }
        defer { group.cancelAll() }
        guard let first = try await group.next() else { throw CancellationError() }
        return first
      }
    }

    func post(_ request: [UInt8]) {
      arrivals.yield(Exchange(request: request, reply: ServersHold(Reply())))
    }

    /// There is nothing to connect.
    var connection: ConnectionState { .ready }

    func connection(after known: ConnectionState, for limit: Duration) async -> ConnectionState { .ready }

    func close() {}
  }
}
