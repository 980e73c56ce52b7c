import AssayIdentity
import AssayLog
import AssayMessages
import AssayRPC
import AssayVerdict
import Foundation
import GRDB

/// The log of a run: its signed statements in the order in which they were accepted, as a Merkle log.
extension LineageStore {
  /// Appends a statement that the same transaction stores.
  static func log(
    _ database: Database, run: String, _ kind: LineageV1.EventKind, trial: UInt32, _ envelope: [UInt8]
  ) throws {
    var head = try head(database, run)
    try database.execute(
      sql: "INSERT INTO log_entry (run_id, position, kind, trial) VALUES (?, ?, ?, ?)",
      arguments: [run, Int64(head.size), kind.rawValue, trial])
    head.append(envelope)
    try database.execute(
      sql: """
        INSERT INTO log_head (run_id, size, frontier) VALUES (?, ?, ?)
        ON CONFLICT (run_id) DO UPDATE SET size = excluded.size, frontier = excluded.frontier
        """, arguments: [run, Int64(head.size), Data(head.bytes)])
  }

  private static func head(_ database: Database, _ run: String) throws -> MerkleFrontier {
    guard
      let row = try Row.fetchOne(
        database, sql: "SELECT size, frontier FROM log_head WHERE run_id = ?", arguments: [run])
    else { return MerkleFrontier() }
    guard
      let head = MerkleFrontier(
        size: UInt64(row["size"] as Int64), bytes: [UInt8](row["frontier"] as Data))
    else {
      throw RPCError(
        .dataLoss, reason: "LOG_DAMAGED", "the log of run \(run) is damaged; restore the record from a backup"
      )
    }
    return head
  }

  /// Takes up statements of a record that an earlier version wrote, which kept no log.
  static func logEarlierStatements(_ database: Database) throws {
    guard try Bool.fetchOne(database, sql: "SELECT 1 FROM log_entry LIMIT 1") == nil else { return }
    let rows = try Row.fetchCursor(
      database,
      sql: """
        SELECT run_id, number AS trial, envelope, sequence, 3 AS kind FROM verdict
        UNION ALL SELECT run_id, 0, report, sequence, 5 FROM run_end ORDER BY sequence
        """)
    while let row = try rows.next() {
      try log(
        database, run: row["run_id"], LineageV1.EventKind(rawValue: row["kind"]),
        trial: UInt32(row["trial"] as Int64),
        [UInt8](row["envelope"] as Data))
    }
  }

  /// The checkpoint of a run's log, signed by `key`: the newest, or the one that was cosigned last where there is one.
  func checkpoint(_ run: String, newest: Bool, key: IdentityKey) async throws -> SignedNote {
    try await read { database in
      _ = try Self.run(database, run)
      if !newest,
        let bytes = try Data.fetchOne(
          database, sql: "SELECT note FROM log_checkpoint WHERE run_id = ?", arguments: [run]),
        let note = SignedNote(bytes: [UInt8](bytes))
      {
        return note
      }
      return Self.note(run, try Self.head(database, run), key)
    }
  }

  private static func note(_ run: String, _ head: MerkleFrontier, _ key: IdentityKey) -> SignedNote {
    let origin = Checkpoint.origin(ofRun: run)
    var note = SignedNote(text: Checkpoint(origin: origin, size: head.size, root: head.root).text)
    note.sign(as: origin, with: key)
    return note
  }

  /// Keeps the newest checkpoint with the line of the run's evaluator.
  func keep(_ note: SignedNote, of run: String, key: IdentityKey) async throws {
    try await write { database in
      let evaluator = try PublicIdentity(bytes: try Self.run(database, run).evaluatorKey)
      let own = Self.note(run, try Self.head(database, run), key)
      guard note.text == own.text else {
        throw RPCError(
          .failedPrecondition, reason: "STALE_CHECKPOINT",
          "this is not the newest checkpoint of run \(run); read it again")
      }
      guard note.signatures.count == 2,
        note.isSigned(as: Checkpoint.origin(ofRun: run), by: key.publicIdentity),
        note.isCosigned(as: Checkpoint.cosigner, by: evaluator)
      else {
        throw RPCError(
          .permissionDenied, reason: "COSIGNATURE_INVALID",
          "the checkpoint is not cosigned by the evaluator that run \(run) was registered with")
      }
      try database.execute(
        sql: """
          INSERT INTO log_checkpoint (run_id, note) VALUES (?, ?)
          ON CONFLICT (run_id) DO UPDATE SET note = excluded.note
          """, arguments: [run, Data(note.bytes)])
    }
  }

  /// Statements from an index on, as many as fit a message; none beyond the last.
  func statements(_ run: String, from first: UInt64) async throws -> [[UInt8]] {
    try await read { database in
      _ = try Self.run(database, run)
      let rows = try Row.fetchCursor(
        database,
        sql: """
          SELECT CASE e.kind
            WHEN 1 THEN (SELECT envelope FROM policy p WHERE p.run_id = e.run_id)
            WHEN 3 THEN (SELECT envelope FROM verdict v WHERE v.run_id = e.run_id AND v.number = e.trial)
            WHEN 5 THEN (SELECT report FROM run_end r WHERE r.run_id = e.run_id)
            WHEN 6 THEN (SELECT envelope FROM revocation x WHERE x.run_id = e.run_id AND x.number = e.trial)
            WHEN 7 THEN (SELECT envelope FROM audit a WHERE a.run_id = e.run_id AND a.number = e.trial) END AS envelope
          FROM log_entry e WHERE e.run_id = ? AND e.position >= ? ORDER BY e.position LIMIT 500
          """, arguments: [run, Int64(clamping: first)])
      var envelopes: [[UInt8]] = []
      var bytes = 0
      while let row = try rows.next() {
        let envelope = [UInt8](row["envelope"] as Data)
        bytes += envelope.count
        if !envelopes.isEmpty, bytes > 2 << 20 { break }
        envelopes.append(envelope)
      }
      return envelopes
    }
  }
}
