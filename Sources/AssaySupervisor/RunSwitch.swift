import AssayMessages
import AssayRPC
import AssayServices
import Foundation

/// Pauses, resumes and stops a run whose services are up.
public struct RunSwitch: Sendable {
  private let directory: StateDirectory

  public init(directory: StateDirectory) { self.directory = directory }

  public func pause(_ specialist: String?) async throws -> RunControlStatus {
    try await set(paused: true, specialist)
  }

  public func resume(_ specialist: String?) async throws -> RunControlStatus {
    try await set(paused: false, specialist)
  }

  public func stop() async throws -> RunControlStatus {
    try await call { evaluator, run in
      var request = EvaluatorV1.CloseRunRequest()
      request.runId = run
      return try await evaluator.closeRun(request, Self.options).state
    }
  }

  /// Nil when the run's services are not up.
  public func status() async throws -> RunControlStatus? {
    guard (try? directory.lock(isReader: true)) == nil else { return nil }
    return try? await call { evaluator, run in
      var request = EvaluatorV1.GetRunStateRequest()
      request.runId = run
      return try await evaluator.getRunState(request, CallOptions(timeout: .seconds(3))).state
    }
  }

  private func set(paused: Bool, _ specialist: String?) async throws -> RunControlStatus {
    try await call { evaluator, run in
      var request = EvaluatorV1.PauseRunRequest()
      request.runId = run
      request.specialist = specialist ?? ""
      request.paused = paused
      return try await evaluator.pauseRun(request, Self.options).state
    }
  }

  private static let options = CallOptions(timeout: .seconds(20), waitForReady: true)

  private func call(
    _ body: (EvaluatorServiceClient, String) async throws -> EvaluatorV1.RunState?
  ) async throws -> RunControlStatus {
    guard let description = try RunDescription.load(from: directory) else {
      throw SupervisorError(
        .usage, "no run was started in \(directory.root.path) yet. Start one with `assay run`.")
    }
    guard (try? directory.lock(isReader: true)) == nil else {
      throw SupervisorError(
        .unavailable,
        "the run in \(directory.root.path) is not up. Start it with `assay run \(description.taskName) --state \(directory.root.path)`, then try again."
      )
    }
    let client = try directory.operatorClient(of: "evaluator")
    defer { client.close() }
    do {
      return RunControlStatus(try await body(EvaluatorServiceClient(client), description.runID) ?? .init())
    } catch let error as RPCError {
      throw SupervisorError(error)
    }
  }
}
