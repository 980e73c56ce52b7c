public import AssayTrajectory
import Foundation
import GRDB

/// An imported run, read from its archive. Any number of processes may read the same archive.
public final class ImportedRun: RunRecord {
  /// Name of the archive's file inside the run's folder.
  public static let fileName = "archive.sqlite"

  private let queue: DatabaseQueue
  /// What is to be known of the run as a whole.
  public let metadata: RecordedRun

  /// Whether a folder holds an imported run.
  public static func exists(in folder: URL) -> Bool {
    FileManager.default.fileExists(atPath: folder.appending(path: fileName).path)
  }

  /// Opens the archive in a folder.
  public init(folder: URL) throws {
    let path = folder.appending(path: Self.fileName).path
    guard FileManager.default.fileExists(atPath: path) else {
      throw ImportError(
        .notFound, "no imported run in \(folder.path). Import one with `assay import autoresearch DIR`.")
    }
    var configuration = Configuration()
    configuration.readonly = true
    do {
      queue = try DatabaseQueue(path: path, configuration: configuration)
      metadata = try queue.read { database in
        let version = try Int.fetchOne(database, sql: "PRAGMA user_version") ?? 0
        guard version <= ArchiveSchema.version else {
          throw ImportError(
            .malformed, "\(path) was written by a newer Assay. Update Assay; nothing was changed.")
        }
        guard version > 0,
          let text = try String.fetchOne(database, sql: "SELECT value FROM meta WHERE name = 'run'")
        else { throw ImportError(.malformed, "\(path) is not a whole archive. Import the run again.") }
        var run = try JSONDecoder().decode(RecordedRun.self, from: Data(text.utf8))
        run.notices = try Self.flags(
          try Row.fetchAll(database, sql: "SELECT * FROM flag WHERE position IS NULL ORDER BY rowid"))
        return run
      }
    } catch let error as DatabaseError {
      throw ImportError(
        .malformed, "\(path) cannot be read (\(error.message ?? "damaged")). Import the run again.")
    } catch is DecodingError {
      throw ImportError(.malformed, "\(path) is damaged. Import the run again.")
    }
  }

  public func run() async throws -> RecordedRun { metadata }

  public func trials(from position: Int, limit: Int) async throws -> [RecordedTrial] {
    try await queue.read { database in
      let rows = try Row.fetchAll(
        database, sql: "SELECT * FROM trial WHERE position >= ? ORDER BY position LIMIT ?",
        arguments: [position, limit])
      guard let last = rows.last?["position"] as Int? else { return [] }
      let flags = Dictionary(
        grouping: try Row.fetchAll(
          database, sql: "SELECT * FROM flag WHERE position BETWEEN ? AND ? ORDER BY rowid",
          arguments: [position, last]), by: { $0["position"] as Int })
      return try rows.map { row in try Self.trial(row, Self.flags(flags[row["position"]] ?? [])) }
    }
  }

  public func recipe(of position: Int) async throws -> [String: [UInt8]]? {
    try await queue.read { database in
      let rows = try Row.fetchAll(
        database, sql: "SELECT path, content FROM recipe_file WHERE position = ?", arguments: [position])
      guard !rows.isEmpty else { return nil }
      return Dictionary(
        rows.map { ($0["path"] as String, [UInt8]($0["content"] as Data)) },
        uniquingKeysWith: { first, _ in first })
    }
  }

  /// A file of the source beside the results, verbatim.
  public func file(_ name: String) async throws -> [UInt8]? {
    try await queue.read { database in
      try Data.fetchOne(database, sql: "SELECT content FROM file WHERE name = ?", arguments: [name]).map {
        [UInt8]($0)
      }
    }
  }

  /// The lines of the source exactly as they were read, from a line on, at most `limit`.
  public func sourceLines(from line: Int, limit: Int) async throws -> [TSVLine] {
    try await queue.read { database in
      try Row.fetchAll(
        database, sql: "SELECT * FROM source_line WHERE line >= ? ORDER BY line LIMIT ?",
        arguments: [line, limit]
      ).map {
        TSVLine(
          number: $0["line"], span: $0["span"], bytes: [UInt8]($0["raw"] as Data), isEnded: $0["ended"],
          omitted: $0["omitted"])
      }
    }
  }

  /// How often each flag stands in the record.
  public func flagCounts() async throws -> [(kind: FlagKind, count: Int)] {
    try await queue.read { database in
      try Row.fetchAll(database, sql: "SELECT kind, COUNT(*) AS count FROM flag GROUP BY kind ORDER BY kind")
        .map {
          (FlagKind(rawValue: $0["kind"]), $0["count"])
        }
    }
  }

  private static func flags(_ rows: [Row]) throws -> [RecordFlag] {
    rows.map { RecordFlag(FlagKind(rawValue: $0["kind"]), line: $0["line"], $0["detail"]) }
  }

  private static func trial(_ row: Row, _ flags: [RecordFlag]) throws -> RecordedTrial {
    func reading(_ name: String) -> Reading { Reading(raw: row[name + "_raw"], value: row[name]) }
    var trial = RecordedTrial(position: row["position"], id: row["id"])
    trial.parent = ParentClaim(raw: row["parent_raw"], position: row["parent"])
    trial.specialist = row["specialist"]
    trial.domain = row["domain"]
    trial.label = row["label"]
    trial.outcome = TrialOutcome(rawValue: row["outcome"]) ?? .unreadable
    trial.score = reading("score")
    trial.delta = reading("delta")
    trial.expectedDelta = reading("expected")
    trial.artifactBytes = reading("artifact")
    trial.trainSeconds = reading("train")
    trial.evalSeconds = reading("eval")
    trial.totalSeconds = reading("total")
    trial.recordedAt = row["recorded_at"]
    trial.hypothesis = row["hypothesis"]
    trial.notes = row["notes"]
    trial.line = row["line"]
    trial.flags = flags
    if let extra = row["extra"] as String? {
      trial.extra =
        try JSONSerialization.jsonObject(with: Data(extra.utf8)) as? [String: String] ?? [:]
    }
    return trial
  }
}
