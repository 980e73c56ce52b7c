import AssayStore
import Dispatch
import Foundation

/// Runs blocking file work in order on a queue of its own, away from the threads that tasks share.
final class DiskQueue: Sendable {
  private let queue = DispatchQueue(label: "assay.evaluator.disk")
  private let health: StateHealth

  init(_ health: StateHealth) { self.health = health }

  /// - Throws: what `work` throws; a failure of the disk as `EvaluatorError`, and `health` is told of it.
  func run<Value: Sendable>(_ work: @escaping @Sendable () throws -> Value) async throws -> Value {
    try await withCheckedThrowingContinuation { continuation in
      queue.async { [health] in
        continuation.resume(
          with: Result { try work() }.mapError { error in
            let error = EvaluatorError.translate(error)
            if let failure = error as? EvaluatorError, failure.code == .inputOutput {
              health.note("\(failure)")
            }
            return error
          })
      }
    }
  }
}

extension EvaluatorError {
  /// What Foundation says of a file as one of ours; other errors pass as they are.
  static func translate(_ error: any Error) -> any Error {
    guard let failure = error as? CocoaError else { return error }
    return EvaluatorError(
      .inputOutput, "a file of the state folder cannot be used; check the disk of this host", cause: failure)
  }
}
