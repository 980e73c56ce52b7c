import AssayRPC
import AssayStore
import GRDB
import Logging

/// The database as the services use it: failures become answers that a caller can act on, without paths. The log has them.
extension Evaluator {
  /// Why the state folder could not be used within the last half minute; nil when it could.
  public var trouble: String? {
    store.health.trouble == nil ? nil : "the state folder cannot be used; the log says why"
  }

  func commit<Value: Sendable>(_ body: @escaping @Sendable (Database) throws -> Value) async throws -> Value {
    do {
      return try await store.write(body)
    } catch let error as StoreError {
      throw answer(error)
    }
  }

  func consult<Value: Sendable>(_ body: @escaping @Sendable (Database) throws -> Value) async throws -> Value
  {
    do {
      return try await store.read(body)
    } catch let error as StoreError {
      throw answer(error)
    }
  }

  private func answer(_ error: StoreError) -> RPCError {
    if error.code == .diskFull {
      return RPCError(
        .resourceExhausted, reason: "DISK_FULL",
        "the evaluator's disk is full; free some space on its host and try again. Nothing that was acknowledged is lost."
      )
    }
    return RPCError(
      .unavailable, reason: "STATE_UNAVAILABLE",
      "the evaluator cannot use its state folder; its log says why. Try again later.")
  }
}

extension EvaluatorError: RPCErrorConvertible {
  /// What a caller is told: never a cause.
  public var rpcError: RPCError {
    switch code {
    case .inputOutput:
      RPCError(
        .unavailable, reason: "STATE_UNAVAILABLE",
        "the evaluator could not read or write a file of its state folder; check the disk of its host, then try again"
      )
    default: RPCError(.internal, reason: "EVALUATOR_FAILED", "the evaluator failed; its log says why")
    }
  }
}
