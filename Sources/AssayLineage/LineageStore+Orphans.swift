import AssayMessages
import AssayPatch
import Foundation
import GRDB

/// Wins that the best recipe lacks.
///
/// A trial that was kept and is no ancestor of the incumbent is one, unless the incumbent's recipe has its change all the same: making
/// it there, three ways (its parent's recipe, its own, the incumbent's), changes nothing, or every line that it brings stands there.
extension LineageStore {
  /// Kept trials beside the incumbent's lineage; they are few.
  private static let candidates = """
    WITH RECURSIVE
      best (number) AS (SELECT incumbent FROM standing WHERE run_id = :run),
      lineage (number) AS (
        SELECT number FROM best
        UNION SELECT t.parent FROM trial t JOIN lineage l ON t.run_id = :run AND t.number = l.number WHERE t.parent IS NOT NULL)
    SELECT \(columns), t.snapshot_id AS own, p.snapshot_id AS base
    \(verdictsFirst) JOIN trial p ON p.run_id = t.run_id AND p.number = t.parent
    WHERE v.run_id = :run AND v.label = 2 AND v.number > :after AND v.number NOT IN (SELECT number FROM lineage)
      AND NOT EXISTS (SELECT 1 FROM revocation x WHERE x.run_id = v.run_id AND x.number = v.number)
      AND NOT EXISTS (SELECT 1 FROM descent d WHERE d.run_id = v.run_id AND d.number = v.number AND d.barred)
    ORDER BY v.number
    """

  static func orphaned(
    _ database: Database, _ request: LineageV1.ListTrialsRequest, token: PageToken, limit: Int
  ) throws -> (records: [LineageV1.TrialRecord], next: String) {
    let incumbent = try String.fetchOne(
      database,
      sql: """
        SELECT t.snapshot_id FROM standing s JOIN trial t ON t.run_id = s.run_id AND t.number = s.incumbent WHERE s.run_id = ?
        """, arguments: [request.runId])
    guard let incumbent else { return ([], "") }
    let best = try tree(database, incumbent)
    var rows: [Row] = []
    var states: [Int64: LineageV1.OrphanState] = [:]
    let found = try Row.fetchCursor(
      database, sql: candidates, arguments: ["run": request.runId, "after": token.number ?? -1])
    while rows.count <= limit, let row = try found.next() {
      guard let own = row["own"] as String?, let base = row["base"] as String? else { continue }
      switch ChangeStanding(of: try tree(database, own), from: try tree(database, base), in: best) {
      case .present: continue
      case .applies: states[row["number"]] = .applies
      case .collides: states[row["number"]] = .collides
      }
      rows.append(row.copy())
    }
    var (records, next) = try page(rows, limit: limit, brief: request.brief) {
      PageToken(number: $0["number"], rank: nil)
    }
    for index in records.indices {
      records[index].orphan = states[Int64(records[index].trial?.trial ?? 0)] ?? .unspecified
    }
    return (records, next)
  }

  private static func tree(_ database: Database, _ snapshot: String) throws -> RecipeTree {
    var files: [String: [UInt8]] = [:]
    let rows = try Row.fetchAll(
      database,
      sql:
        "SELECT f.path, b.content FROM snapshot_file f JOIN blob b ON b.digest = f.digest WHERE f.snapshot_id = ?",
      arguments: [snapshot])
    for row in rows { files[row["path"]] = [UInt8](row["content"] as Data) }
    return try RecipeTree(files)
  }
}
