public import AssayRPC
public import ServiceLifecycle

/// An RPC server as a part of a service process: drains when the process is asked to stop.
public struct RPCServerService: Service {
  private let server: RPCServer

  public init(_ server: RPCServer) { self.server = server }

  public func run() async throws {
    try await withGracefulShutdownHandler {
      try await server.run()
    } onGracefulShutdown: {
      server.beginGracefulShutdown()
    }
  }
}
