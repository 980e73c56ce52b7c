import AssayMessages
import AssayPatch
import Foundation
import GRDB

/// A trial as it is stored.
struct TrialRow: Sendable {
  var record: LineageV1.Trial
  var specialist: String
  var isDecided: Bool
  var verdict: LineageV1.Verdict?
  var envelope: [UInt8]
  var log: String

  static func find(_ database: Database, run: String, trial: UInt32) throws -> TrialRow? {
    guard
      let row = try Row.fetchOne(
        database, sql: "SELECT * FROM trials WHERE run_id = ? AND trial = ?", arguments: [run, trial])
    else { return nil }
    return TrialRow(
      record: try LineageV1.Trial(serialized: [UInt8](row["record"] as Data)), specialist: row["specialist"],
      isDecided: (row["decided"] as Int64) != 0,
      verdict: try (row["verdict"] as Data?).map { try LineageV1.Verdict(serialized: [UInt8]($0)) },
      envelope: (row["envelope"] as Data?).map { [UInt8]($0) } ?? [], log: row["log"])
  }

  static func insert(_ database: Database, _ record: LineageV1.Trial) throws {
    try database.execute(
      sql:
        "INSERT INTO trials (run_id, trial, specialist, record, parent, snapshot_id) VALUES (?, ?, ?, ?, ?, ?)",
      arguments: [
        record.runId, record.trial, record.proposal?.specialist ?? "", Data(record.serialized()),
        record.proposal?.parent ?? 0,
        record.snapshotId,
      ])
  }

  static func decide(
    _ database: Database, _ verdict: LineageV1.Verdict, envelope: [UInt8], log: String
  ) throws {
    try database.execute(
      sql:
        "UPDATE trials SET decided = 1, verdict = ?, envelope = ?, log = ? WHERE run_id = ? AND trial = ? AND decided = 0",
      arguments: [Data(verdict.serialized()), Data(envelope), log, verdict.runId, verdict.trial])
  }

  // MARK: Snapshots

  static func insertSnapshot(_ database: Database, run: String, _ tree: RecipeTree) throws {
    try database.execute(
      sql: "INSERT INTO snapshots (run_id, snapshot_id, content) VALUES (?, ?, ?) ON CONFLICT DO NOTHING",
      arguments: [run, tree.digest, Data(tree.wire.serialized())])
  }

  static func snapshot(_ database: Database, run: String, _ id: String) throws -> RecipeTree? {
    guard
      let content = try Data.fetchOne(
        database, sql: "SELECT content FROM snapshots WHERE run_id = ? AND snapshot_id = ?",
        arguments: [run, id])
    else { return nil }
    return try RecipeTree(LineageV1.Snapshot(serialized: [UInt8](content)))
  }
}
