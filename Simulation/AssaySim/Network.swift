import AssayRPC
import Synchronization

/// What lies between the nodes: messages come late, twice, in another order, or never.
/// Unchecked: on the simulation's one thread alone.
final class Network: @unchecked Sendable {
  /// How bad it is, from a seed's draw; calm at the end.
  struct Weather {
    var drop = 0.0
    var duplicate = 0.0
    /// Chance of a message that takes up to `longDelay`.
    var late = 0.0
    var longDelay: Int64 = 0
    static let calm = Weather()
  }

  private struct Server {
    var owner: Scheduler.Owner
    var handler: @Sendable ([UInt8]) async -> [UInt8]
  }

  private let scheduler: Scheduler
  var weather = Weather.calm
  private var servers: [Int: Server] = [:]
  /// Pairs of nodes that cannot reach each other, and until when.
  private var cuts: [Set<Int>: Int64] = [:]

  init(_ scheduler: Scheduler) { self.scheduler = scheduler }

  func serve(
    _ node: Int, as owner: Scheduler.Owner, _ handler: @escaping @Sendable ([UInt8]) async -> [UInt8]
  ) {
    servers[node] = Server(owner: owner, handler: handler)
  }

  func cut(_ one: Int, _ other: Int, for nanoseconds: Int64) {
    cuts[[one, other]] = scheduler.now + nanoseconds
  }
  func heal() {
    cuts = [:]
    weather = .calm
  }

  private func isCut(_ one: Int, _ other: Int) -> Bool { (cuts[[one, other]] ?? 0) > scheduler.now }

  private func delay() -> Int64 {
    50_000 + scheduler.below(1_000_000)
      + (scheduler.chance(weather.late) ? scheduler.below(weather.longDelay) : 0)
  }

  /// Carries a request to a node and its answer back.
  func send(_ bytes: [UInt8], to node: Int, _ reply: SimulatedReply?) {
    let sender = scheduler.current
    for _ in 0..<(scheduler.chance(weather.duplicate) ? 2 : 1) {
      guard !scheduler.chance(weather.drop) else { continue }
      scheduler.after(delay(), as: .simulator) { [self] in arrive(bytes, at: node, from: sender, reply) }
    }
  }

  private func arrive(
    _ bytes: [UInt8], at node: Int, from sender: Scheduler.Owner, _ reply: SimulatedReply?
  ) {
    guard !isCut(sender.node, node) else { return }
    guard let server = servers[node], scheduler.isAlive(server.owner) else {
      // Nobody listens: the host says so.
      answer(.failure(TransportError(.notSent, "connection refused")), from: node, to: sender, reply)
      return
    }
    // As the server's: a server that stands still takes it when it goes on.
    scheduler.after(0, as: server.owner) { [self] in
      Task {
        let answered = await server.handler(bytes)
        answer(.success(answered), from: node, to: sender, reply)
      }
    }
  }

  private func answer(
    _ result: Result<[UInt8], any Error>, from node: Int, to receiver: Scheduler.Owner,
    _ reply: SimulatedReply?
  ) {
    guard let reply, !scheduler.chance(weather.drop) else { return }
    scheduler.after(delay(), as: receiver) { [self] in
      if !isCut(node, receiver.node) { reply.resolve(result) }
    }
  }
}

/// The first answer, an error, or the end of the caller's patience.
final class SimulatedReply: Sendable {
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

/// One node's way to another.
struct SimulatedClientTransport: ClientTransport {
  let network: Network
  let node: Int

  func exchange(_ request: [UInt8], timeout: Duration) async throws -> [UInt8] {
    let reply = SimulatedReply()
    network.send(request, to: node, reply)
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

  func post(_ request: [UInt8]) { network.send(request, to: node, nil) }
  var connection: ConnectionState { .ready }
  func connection(after known: ConnectionState, for limit: Duration) async -> ConnectionState { .ready }
  func close() {}
}

/// A node's server, until the node's life ends.
struct SimulatedServerTransport: ServerTransport {
  let network: Network
  let scheduler: Scheduler
  let node: Int
  var concurrency: Int { 256 }

  func serve(_ handler: @escaping @Sendable ([UInt8]) async -> [UInt8]) async throws {
    network.serve(node, as: scheduler.owner(of: node), handler)
    try await Task.sleep(for: .seconds(1_000_000))
  }
  func close() {}
}
