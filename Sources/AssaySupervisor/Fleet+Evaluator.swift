import AssayRPC
import AssayServices
import AssayTask
import Foundation
import Logging

extension Fleet {
  /// Runs `body` with the operator's clients of evaluator and lineage: of those that run, or of two started for the purpose. No
  /// runner is started: nothing is trained.
  ///
  /// - Parameter own: the task that the run's own evaluator is started with; nil when the evaluator is somebody else's.
  static func withEvaluator<Result: Sendable>(
    of directory: StateDirectory, _ description: RunDescription, own: ResearchTask?, prepared: URL,
    say: @escaping @Sendable (String) -> Void,
    _ body: @escaping @Sendable (EvaluatorServiceClient, LineageServiceClient) async throws -> Result
  ) async throws -> Result {
    guard let lock = try? directory.lock() else {
      if let running = try RunDescription.load(from: directory), running.evaluator == nil,
        running.taskPath != description.taskPath
      {
        throw SupervisorError(
          .stateConflict,
          "the run's services are up, and read the task from \(running.taskPath): change its rules there, or stop the run first."
        )
      }
      return try await withOperatorClients(of: directory, body)
    }
    defer { withExtendedLifetime(lock) {} }
    guard let own else {
      throw SupervisorError(
        .unavailable,
        "this run's evaluator is somebody else's: start the run with assay run, then say it again.")
    }
    let ready = try await TaskLoading.prepare(own, into: prepared, say: say)
    let fleet = try Fleet(
      directory: directory, description: description, task: RunTask(own), prepared: ready,
      preparedRoot: prepared, slots: 1, proposer: "evolve")
    return try await withThrowingTaskGroup(of: Result?.self) { group in
      for process in try [lineageProcess(of: directory)] + (fleet.ownEvaluator().map { [$0] } ?? []) {
        group.addTask {
          try await process.run(logger: Logger(label: "assay"))
          return nil
        }
      }
      group.addTask { try await withOperatorClients(of: directory, body) }
      defer { group.cancelAll() }
      while let next = try await group.next() {
        if let result = next { return result }
      }
      throw SupervisorError(
        .unavailable, "the services stopped before they answered; see \(directory.logs.path)")
    }
  }

  /// What a person should read when an evaluator need not have a method.
  static func explained(_ error: RPCError, _ what: String) -> SupervisorError {
    error.code == .unimplemented
      ? SupervisorError(.unavailable, "this run's evaluator \(what).") : SupervisorError(error)
  }
}
