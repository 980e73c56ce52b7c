import AssayMessages
import AssayRPC
import Logging

/// Finds the run that an agent which was told none works in.
public struct OpenRun: Sendable {
  private let evaluator: any EvaluatorPort
  private let logger: Logger
  private let pause: @Sendable (Duration) async throws -> Void

  public init(
    evaluator: any EvaluatorPort, logger: Logger,
    pause: @escaping @Sendable (Duration) async throws -> Void = { try await Task.sleep(for: $0) }
  ) {
    self.evaluator = evaluator
    self.logger = logger
    self.pause = pause
  }

  /// Waits until the evaluator has a run that takes trials.
  ///
  /// - Throws: `AgentError` when this agent may not ask, `CancellationError`.
  public func next() async throws -> String {
    let request = EvaluatorV1.GetRunStateRequest.with { $0.waitMs = 20_000 }
    while true {
      do {
        let answer = try await evaluator.getRunState(request, CallOptions(timeout: .seconds(30)))
        if let state = answer.state, !state.runId.isEmpty { return state.runId }
      } catch {
        try Task.checkCancellation()
        switch error.code {
        case .permissionDenied, .unimplemented, .invalidArgument:
          throw AgentError(.refused, "could not ask for an open run: \(error.message)", cause: error)
        default: logger.debug("no open run yet: \(error)")
        }
      }
      try await pause(.seconds(1))
    }
  }
}
