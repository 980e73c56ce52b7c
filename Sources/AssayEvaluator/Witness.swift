import AssayIdentity
import AssayLog
import AssayMessages
import AssayRPC
import AssayServices
import AssayStore
import Foundation
import GRDB
import Logging

/// Vouches for the lineage's log of each run: the evaluator knows every statement it signed, and in which order the lineage
/// took them, so it cosigns exactly the checkpoint that these make. A log that left one out, changed one or put another in
/// has a checkpoint of another root, and never gets the evaluator's line.
struct Witness: Sendable {
  let store: Store
  let lineage: LineageServiceClient
  let key: IdentityKey
  let clock: EvaluatorClock
  let logger: Logger

  /// Remembers a statement that the lineage has taken. Runs whose first one was not seen are not vouched for.
  static func note(_ database: Database, run: String, statement: [UInt8], isFirst: Bool) throws {
    let row = try Row.fetchOne(
      database, sql: "SELECT size, frontier FROM witness WHERE run_id = ?", arguments: [run])
    var log = MerkleFrontier()
    if let row {
      guard
        let known = MerkleFrontier(
          size: UInt64(row["size"] as Int64), bytes: [UInt8](row["frontier"] as Data))
      else { throw EvaluatorError(.damagedState, "what is known of the log of run \(run) is damaged") }
      log = known
    } else if !isFirst {
      return
    }
    log.append(statement)
    try database.execute(
      sql: """
        INSERT INTO witness (run_id, size, frontier) VALUES (?, ?, ?)
        ON CONFLICT (run_id) DO UPDATE SET size = excluded.size, frontier = excluded.frontier
        """, arguments: [run, Int64(log.size), Data(log.bytes)])
  }

  /// Cosigns the logs that have grown.
  func cosign() async throws {
    let grown = try await store.read { database in
      try Row.fetchAll(
        database, sql: "SELECT run_id, size, frontier FROM witness WHERE cosigned < size AND refused = 0"
      ).compactMap { row in
        MerkleFrontier(size: UInt64(row["size"] as Int64), bytes: [UInt8](row["frontier"] as Data)).map {
          (run: row["run_id"] as String, log: $0)
        }
      }
    }
    for (run, log) in grown { try await cosign(run, log) }
  }

  private func cosign(_ run: String, _ log: MerkleFrontier) async throws {
    var request = LineageV1.GetCheckpointRequest()
    request.runId = run
    request.newest = true
    let options = CallOptions(timeout: .seconds(20))
    let expected = Checkpoint(origin: Checkpoint.origin(ofRun: run), size: log.size, root: log.root)
    guard var note = SignedNote(bytes: try await lineage.getCheckpoint(request, options).note),
      note.text == expected.text
    else {
      logger.critical(
        "the lineage's log of run \(run) is not the \(log.size) statements that this evaluator signed; it is not vouched for any more. Compare the record with `assay export` and a backup."
      )
      return try await store.write { database in
        try database.execute(sql: "UPDATE witness SET refused = 1 WHERE run_id = ?", arguments: [run])
      }
    }
    note.cosign(as: Checkpoint.cosigner, at: UInt64(max(0, clock.now() / 1000)), with: key)
    var append = LineageV1.CosignCheckpointRequest()
    append.runId = run
    append.note = note.bytes
    _ = try await lineage.cosignCheckpoint(append, options)
    try await store.write { database in
      try database.execute(
        sql: "UPDATE witness SET cosigned = ? WHERE run_id = ?", arguments: [Int64(log.size), run])
    }
  }
}
