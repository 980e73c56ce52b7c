import AssayMessages
import Foundation
import GRDB

/// Which trials were revoked, and what may stand in spite of it. Everything here runs inside a transaction.
enum Standing {
  static func revocation(_ database: Database, run: String, trial: UInt32) throws -> LineageV1.Revocation? {
    try Data.fetchOne(
      database, sql: "SELECT body FROM revocations WHERE run_id = ? AND trial = ?", arguments: [run, trial]
    ).map { try LineageV1.Revocation(serialized: [UInt8]($0)) }
  }

  static func insert(_ database: Database, _ revocation: LineageV1.Revocation) throws {
    try database.execute(
      sql: "INSERT INTO revocations (run_id, trial, body, by_rule) VALUES (?, ?, ?, ?)",
      arguments: [
        revocation.runId, revocation.trial, Data(revocation.serialized()), !revocation.rule.isEmpty,
      ])
  }

  /// The trial that a person revoked and that `trial` is or descends from; nil when there is none. Of what broke a rule the
  /// descendants were screened themselves; of what a person saw nothing shows that they are without it.
  static func barrier(_ database: Database, run: String, trial: UInt32) throws -> UInt32? {
    try UInt32.fetchOne(
      database,
      sql: """
        WITH RECURSIVE up (trial) AS (
          SELECT :trial
          UNION SELECT t.parent FROM up JOIN trials t ON t.run_id = :run AND t.trial = up.trial WHERE t.trial != 0
        )
        SELECT r.trial FROM up JOIN revocations r ON r.run_id = :run AND r.trial = up.trial
        WHERE r.by_rule = 0 ORDER BY r.trial DESC LIMIT 1
        """, arguments: ["run": run, "trial": trial])
  }

  /// The incumbent that stands: of the trials that were kept, each over the one before, the last that is neither revoked nor barred.
  static func incumbent(_ database: Database, run: String, from last: UInt32) throws -> UInt32 {
    var trial = last
    while trial != 0 {
      let isRevoked = try revocation(database, run: run, trial: trial) != nil
      guard try isRevoked || barrier(database, run: run, trial: trial) != nil else { break }
      trial = try TrialRow.find(database, run: run, trial: trial)?.verdict?.incumbent ?? 0
    }
    return trial
  }

  /// How many trials were decided by a confirmation beside `incumbent`: what it has spent of its error rate.
  static func challenges(_ database: Database, run: String, of incumbent: UInt32) throws -> Int {
    try Data.fetchAll(
      database,
      sql: """
        SELECT t.verdict FROM measurements m JOIN trials t ON t.run_id = m.run_id AND t.trial = m.trial
        WHERE m.run_id = ? AND m.purpose = ? AND t.decided = 1 AND t.verdict IS NOT NULL
        """, arguments: [run, MeasurementID.Purpose.confirm.rawValue]
    ).count { try LineageV1.Verdict(serialized: [UInt8]($0)).incumbent == incumbent }
  }

  /// Undecided trials that descend from a trial.
  static func openDescendants(_ database: Database, run: String, of trial: UInt32) throws -> [UInt32] {
    try UInt32.fetchAll(
      database,
      sql: """
        WITH RECURSIVE down (trial) AS (
          SELECT trial FROM trials WHERE run_id = :run AND parent = :trial AND trial != 0
          UNION SELECT t.trial FROM down JOIN trials t ON t.run_id = :run AND t.parent = down.trial AND t.trial != 0
        )
        SELECT t.trial FROM down JOIN trials t ON t.run_id = :run AND t.trial = down.trial WHERE t.decided = 0 ORDER BY t.trial
        """, arguments: ["run": run, "trial": trial])
  }
}
