import AssayEvaluator
import ServiceLifecycle

/// The evaluator's own work as a part of its process. All of it is in the database: stopping loses nothing.
struct EvaluatorWork: Service {
  let evaluator: Evaluator

  func run() async throws {
    do {
      try await cancelWhenGracefulShutdown { try await evaluator.run() }
    } catch is CancellationError {}
  }
}
