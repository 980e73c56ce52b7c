import ServiceLifecycle

/// The agent as a part of its process: stops at once when asked to, as it keeps nothing that could be lost.
struct AgentWork: Service {
  let body: @Sendable () async throws -> Void

  func run() async throws {
    do {
      try await cancelWhenGracefulShutdown { try await body() }
    } catch is CancellationError {}
  }
}
