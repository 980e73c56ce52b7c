import Dispatch

/// Runs blocking file work in order on a queue of its own, away from the threads that tasks share.
final class DiskQueue: Sendable {
  private let queue = DispatchQueue(label: "assay.evaluator.disk")

  func run<Value: Sendable>(_ work: @escaping @Sendable () throws -> Value) async throws -> Value {
    try await withCheckedThrowingContinuation { continuation in
      queue.async { continuation.resume(with: Result { try work() }) }
    }
  }
}
