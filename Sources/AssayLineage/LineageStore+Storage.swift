import AssayRPC
import AssayStore
import GRDB
import Metrics

/// The record's disk, and what is said of it.
extension LineageStore {
  /// Why the record could not be used within the last half minute; nil when it could.
  public var trouble: String? {
    store.health.trouble == nil ? nil : "the record cannot be used; the log says why"
  }

  /// Tells of each failure to use the record as it happens.
  public func observeFailures(_ observer: @escaping @Sendable (String) -> Void) {
    store.health.observe { reason in
      Counter(label: "assay_state_failures").increment()
      observer(reason)
    }
  }

  /// Reads the record; a failure of its disk is an answer that a caller can act on.
  func read<Value: Sendable>(_ body: @escaping @Sendable (Database) throws -> Value) async throws -> Value {
    do { return try await store.read(body) } catch let error as StoreError { throw Self.answer(error) }
  }

  /// Changes the record, likewise.
  func write<Value: Sendable>(_ body: @escaping @Sendable (Database) throws -> Value) async throws -> Value {
    do { return try await store.write(body) } catch let error as StoreError { throw Self.answer(error) }
  }

  private static func answer(_ error: StoreError) -> RPCError {
    error.code == .diskFull
      ? RPCError(
        .resourceExhausted, reason: "DISK_FULL",
        "the lineage's disk is full; free some space on its host and try again. Nothing that was acknowledged is lost."
      )
      : RPCError(
        .unavailable, reason: "STATE_UNAVAILABLE",
        "the lineage cannot use its record; its log says why. Try again later.")
  }
}
