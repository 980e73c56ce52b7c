import AssayMessages
import AssayRPC
import Foundation
import GRDB

/// A smoke run as it is stored. Every function belongs into a transaction of the caller's.
struct SmokeRunRow: Sendable {
  /// What a caller calls it.
  struct Name: Sendable, Hashable {
    var run: String
    /// Follows from the proven name of the caller.
    var specialist: String
    var key: String
    /// Digest of what was asked, to know the same call from another under its key.
    var body: String
  }

  var seconds: UInt32
  /// Nil while it is not over.
  var answer: EvaluatorV1.SmokeRunResponse?

  /// - Throws: `RPCError`, FAILED_PRECONDITION / IDEMPOTENCY_KEY_REUSED, when the key stands for another request.
  static func find(_ database: Database, _ name: Name) throws -> SmokeRunRow? {
    guard
      let row = try Row.fetchOne(
        database,
        sql: "SELECT body, seconds, answer FROM smoke_runs WHERE run_id = ? AND specialist = ? AND name = ?",
        arguments: [name.run, name.specialist, name.key])
    else { return nil }
    guard row["body"] as String == name.body else {
      throw RPCError(
        .failedPrecondition, reason: "IDEMPOTENCY_KEY_REUSED",
        "this key stands for another smoke run; give each a key of its own")
    }
    return SmokeRunRow(
      seconds: UInt32(clamping: row["seconds"] as Int64),
      answer: try (row["answer"] as Data?).map { try EvaluatorV1.SmokeRunResponse(serialized: [UInt8]($0)) })
  }

  /// - Parameter trials: how many trials the specialist has now.
  static func insert(_ database: Database, _ name: Name, seconds: UInt32, trials: Int64, _ amount: Amount)
    throws -> UInt32
  {
    try database.execute(
      sql: """
        INSERT INTO smoke_runs (run_id, specialist, name, body, seconds, trials, amount) VALUES (?, ?, ?, ?, ?, ?, ?)
        """,
      arguments: [
        name.run, name.specialist, name.key, name.body, Int64(seconds), trials,
        try JSONEncoder().encode(amount),
      ])
    return UInt32(clamping: database.lastInsertedRowID)
  }

  /// How many the specialist made since it had so many trials.
  static func count(_ database: Database, _ name: Name, sinceTrial trials: Int64) throws -> Int64 {
    try Int64.fetchOne(
      database, sql: "SELECT COUNT(*) FROM smoke_runs WHERE run_id = ? AND specialist = ? AND trials = ?",
      arguments: [name.run, name.specialist, trials]) ?? 0
  }

  static func isOpen(_ database: Database, _ name: Name) throws -> Bool {
    try Bool.fetchOne(
      database,
      sql:
        "SELECT EXISTS (SELECT 1 FROM smoke_runs WHERE run_id = ? AND specialist = ? AND answer IS NULL)",
      arguments: [name.run, name.specialist]) ?? false
  }

  /// The numbers of those that are not over.
  static func open(_ database: Database, run: String) throws -> [UInt32] {
    try Int64.fetchAll(
      database, sql: "SELECT number FROM smoke_runs WHERE run_id = ? AND answer IS NULL", arguments: [run]
    ).map { UInt32(clamping: $0) }
  }

  /// Stores the answer of one that is not over.
  ///
  /// - Returns: whose it is, and what was set aside for it; nil when it was over.
  static func end(
    _ database: Database, run: String, number: UInt32, _ answer: EvaluatorV1.SmokeRunResponse
  ) throws -> (specialist: String, amount: Amount)? {
    guard
      let row = try Row.fetchOne(
        database,
        sql:
          "SELECT specialist, amount FROM smoke_runs WHERE run_id = ? AND number = ? AND answer IS NULL",
        arguments: [run, Int64(number)])
    else { return nil }
    try database.execute(
      sql: "UPDATE smoke_runs SET answer = ? WHERE number = ?",
      arguments: [Data(answer.serialized()), Int64(number)])
    return (row["specialist"], try JSONDecoder().decode(Amount.self, from: row["amount"] as Data))
  }
}
