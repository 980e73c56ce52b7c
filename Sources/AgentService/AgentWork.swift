import ServiceLifecycle
import Synchronization

/// The agent as a part of its process: stops at once when asked to, as it keeps nothing that could be lost.
struct AgentWork: Service {
  /// Whether the work has ended of itself, which is for good, and not because the process was asked to end.
  final class Ending: Sendable {
    private let state = Mutex(false)

    var isOfItself: Bool { state.withLock { $0 } }

    fileprivate func note() { state.withLock { $0 = true } }
  }

  let ending: Ending
  let body: @Sendable () async throws -> Void

  func run() async throws {
    do {
      try await cancelWhenGracefulShutdown { try await body() }
      ending.note()
    } catch is CancellationError {}
  }
}
