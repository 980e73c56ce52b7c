import AssayReflection
public import AssayTools
import NIOCore
import NIOPosix

/// Serves tools to MCP clients that connect to a Unix socket. `assay mcp` joins such a socket with standard input and output.
public struct MCPServer: Sendable {
  private let tools: any ToolProvider
  private let instructions: String
  private let version: String

  public init(tools: any ToolProvider, instructions: String, version: String = "0.1.0") {
    self.tools = tools
    self.instructions = instructions
    self.version = version
  }

  /// Listens at a path while `body` runs, and serves whoever connects. Ends with `body`.
  public func whileListening<Result: Sendable>(
    at path: String, _ body: @escaping @Sendable () async throws -> Result
  ) async throws -> Result {
    let bootstrap = ServerBootstrap(group: .singletonMultiThreadedEventLoopGroup)
      // Whoever ends its input still gets its answers.
      .childChannelOption(.allowRemoteHalfClosure, value: true)
    let server = try await bootstrap.bind(unixDomainSocketPath: path, cleanupExistingSocketFile: true) {
      channel in
      channel.eventLoop.makeCompletedFuture {
        try NIOAsyncChannel<ByteBuffer, ByteBuffer>(wrappingChannelSynchronously: channel)
      }
    }
    return try await withThrowingTaskGroup(of: Result?.self) { group in
      group.addTask {
        try await server.executeThenClose { connections in
          try await withThrowingDiscardingTaskGroup { peers in
            for try await connection in connections {
              // A peer that goes away in the middle of a word is its own affair.
              peers.addTask { try? await serve(connection) }
            }
          }
        }
        return nil
      }
      group.addTask { try await body() }
      defer { group.cancelAll() }
      while let ended = try await group.next() {
        if let result = ended { return result }
      }
      throw CancellationError()
    }
  }

  private struct Call: Sendable {
    var id: JSONValue
    var name: String
    var arguments: JSONValue
  }

  private func serve(_ connection: NIOAsyncChannel<ByteBuffer, ByteBuffer>) async throws {
    let cancellations = CallCancellations()
    try await connection.executeThenClose { inbound, outbound in
      let (calls, queue) = AsyncStream<Call>.makeStream()
      try await withThrowingTaskGroup(of: Void.self) { group in
        // One call after another: tools change one working copy.
        group.addTask {
          for await call in calls {
            guard let outcome = await run(call, cancellations) else { continue }
            try await outbound.write(Self.line(MCPMessages.answer(call.id, outcome)))
          }
        }
        defer { group.cancelAll() }
        var messages = MCPMessages(
          tools: tools.definitions.map { tool in
            ["name": .string(tool.name), "description": .string(tool.summary), "inputSchema": tool.schema]
          }, instructions: instructions, version: version)
        var pending: [UInt8] = []
        for try await buffer in inbound {
          for byte in buffer.readableBytesView {
            guard byte == 0x0a else {
              guard pending.count < MCPMessages.maximumMessage else {
                let text = "a message has at most \(MCPMessages.maximumMessage >> 20) MiB"
                try await outbound.write(Self.line(MCPMessages.failure(.null, -32600, text)))
                return
              }
              pending.append(byte)
              continue
            }
            defer { pending.removeAll(keepingCapacity: true) }
            guard pending.contains(where: { $0 > 0x20 }) else { continue }
            for action in messages.take(pending) {
              switch action {
              case .reply(let reply): try await outbound.write(Self.line(reply))
              case .call(let id, let name, let arguments):
                queue.yield(Call(id: id, name: name, arguments: arguments))
              case .cancel(let id): cancellations.cancel(id)
              }
            }
          }
        }
        queue.finish()
        // What was asked before the end is still answered.
        try await group.waitForAll()
      }
    }
  }

  /// The outcome of a call; nil for one that was taken back.
  private func run(_ call: Call, _ cancellations: CallCancellations) async -> ToolOutcome? {
    guard let stop = cancellations.begin(call.id) else { return nil }
    defer { cancellations.end(call.id) }
    return await withTaskGroup(of: ToolOutcome?.self) { group in
      group.addTask { await tools.call(call.name, call.arguments) }
      group.addTask {
        for await _ in stop {}
        return nil
      }
      let first = await group.next() ?? nil
      group.cancelAll()
      return first
    }
  }

  private static func line(_ message: JSONValue) -> ByteBuffer {
    ByteBuffer(string: message.canonicalText + "\n")
  }
}
