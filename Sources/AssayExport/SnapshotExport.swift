public import AssayTrajectory
public import Foundation
import GRDB

/// Writes a run as one SQLite file with views whose names and columns stay.
public enum SnapshotExport {
  private static let columns = """
    position INTEGER PRIMARY KEY, id TEXT, parent INTEGER, parent_raw TEXT, specialist TEXT, domain TEXT, label TEXT,
    outcome TEXT, score REAL, score_raw TEXT, delta REAL, delta_raw TEXT, expected_delta REAL, expected_delta_raw TEXT,
    artifact_bytes REAL, train_s REAL, eval_s REAL, total_s REAL, recorded_at TEXT, hypothesis TEXT, notes TEXT,
    line INTEGER, flags TEXT, extra TEXT
    """

  private static func views(lowerIsBetter: Bool) -> String {
    let best = lowerIsBetter ? "MIN" : "MAX"
    let order = lowerIsBetter ? "ASC" : "DESC"
    return """
      CREATE INDEX trials_by_label ON trials (label); CREATE INDEX trials_by_parent ON trials (parent);
      CREATE VIEW kept AS SELECT * FROM trials WHERE outcome = 'kept';
      CREATE VIEW failures AS SELECT * FROM trials WHERE outcome = 'failed';
      CREATE VIEW real_trials AS SELECT * FROM trials WHERE outcome NOT IN ('baseline', 'infrastructure', 'in_flight');
      CREATE VIEW leaderboard AS SELECT * FROM trials WHERE outcome IN ('kept', 'baseline') AND score IS NOT NULL ORDER BY score \(order), position;
      CREATE VIEW best_so_far AS
        SELECT position, id, score, \(best)(score) OVER (ORDER BY position) AS best, node_seconds
        FROM (SELECT *, SUM(COALESCE(total_s, 0)) OVER (ORDER BY position) AS node_seconds FROM trials)
        WHERE outcome IN ('kept', 'baseline') AND score IS NOT NULL;
      CREATE VIEW label_counts AS SELECT label, COUNT(*) AS trials, SUM(total_s) AS node_seconds FROM trials WHERE outcome NOT IN ('baseline', 'in_flight') GROUP BY label;
      CREATE VIEW specialist_counts AS SELECT specialist, COUNT(*) AS trials, SUM(outcome = 'kept') AS kept FROM trials WHERE outcome NOT IN ('baseline', 'in_flight') GROUP BY specialist;
      """
  }

  /// Reads a record that may go on growing, and writes it as it was at one moment: when it changed meanwhile, it is read again.
  public static func write(_ record: any RunRecord, to file: URL) async throws {
    try ExportPlace.file(file)
    let partial = file.appendingPathExtension("partial")
    for attempt in 1...8 {
      try? FileManager.default.removeItem(at: partial)
      let before = try await record.sequence()
      do {
        try await fill(record, partial)
      } catch {
        try? FileManager.default.removeItem(at: partial)
        throw error
      }
      guard try await record.sequence() == before else {
        if attempt < 8 { continue }
        try? FileManager.default.removeItem(at: partial)
        throw ExportError(
          .inputOutput,
          "the run changed each time it was read; export it when fewer trials end, or when it has finished.")
      }
      try FileManager.default.moveItem(at: partial, to: file)
      return
    }
  }

  private static func fill(_ record: any RunRecord, _ file: URL) async throws {
    let run = try await record.run()
    let queue: DatabaseQueue
    do {
      queue = try DatabaseQueue(path: file.path)
    } catch {
      throw ExportError(.inputOutput, "cannot write \(file.path); choose another place.")
    }
    try queue.inDatabase { database in
      try database.execute(sql: "PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF")
      try database.execute(sql: "CREATE TABLE trials (\(columns)) STRICT")
      try database.execute(
        sql: "CREATE TABLE flags (position INTEGER, kind TEXT, line INTEGER, detail TEXT) STRICT")
      try database.execute(sql: "CREATE TABLE run (name TEXT PRIMARY KEY, value TEXT) STRICT")
      for (name, value) in [
        ("name", run.name), ("provenance", run.provenance.rawValue), ("format", run.format),
        ("score_name", run.scoreName), ("lower_is_better", run.lowerIsBetter ? "1" : "0"), ("unit", run.unit),
        ("source_digest", run.sourceDigest ?? ""), ("insights", run.insights),
      ] {
        try database.execute(sql: "INSERT INTO run VALUES (?, ?)", arguments: [name, value])
      }
    }
    var next = 0
    while true {
      let page = try await record.trials(from: next, limit: 500)
      guard let last = page.last else { break }
      try queue.inTransaction { database in
        for trial in page { try insert(trial, database) }
        return .commit
      }
      next = last.position + 1
    }
    try queue.inDatabase { try $0.execute(sql: views(lowerIsBetter: run.lowerIsBetter)) }
    try queue.close()
  }

  private static func insert(_ trial: RecordedTrial, _ database: Database) throws {
    let values = TableColumns.columns.map { column -> (any DatabaseValueConvertible)? in
      switch column.value(trial) {
      case .text(let text): text
      case .number(let number): number
      case .integer(let number): number
      }
    }
    let marks = Array(repeating: "?", count: values.count).joined(separator: ",")
    try database.cachedStatement(sql: "INSERT INTO trials VALUES (\(marks))").execute(
      arguments: StatementArguments(values))
    for flag in trial.flags {
      try database.cachedStatement(sql: "INSERT INTO flags VALUES (?, ?, ?, ?)").execute(
        arguments: [trial.position, flag.kind.rawValue, flag.line, flag.detail])
    }
  }
}
