import AssayIdentity
import AssayMessages
import AssayRPC
import AssayVerdict
import Foundation
import GRDB

/// Statements that change what earlier ones are worth: audits and revocations. Nothing is taken out of the record: a revoked trial
/// is marked, and so is what descends from it.
extension LineageStore {
  /// Records a statement that the run's evaluator signed; the same statement again is accepted. The run may have ended.
  public func append(statement envelope: [UInt8], run id: String, now: Int64) async throws -> UInt64 {
    try await append { database in
      let run = try Self.run(database, id)
      guard let key = try? PublicIdentity(bytes: run.evaluatorKey),
        let kind = try? StatementKind.verified(envelope: envelope, key: key)
      else {
        throw RPCError(
          .permissionDenied, reason: "STATEMENT_SIGNATURE_INVALID",
          "the statement is not signed by the evaluator that run \(id) was registered with")
      }
      switch kind {
      case AuditStatement.predicateType:
        guard let audit = try? AuditStatement.verified(envelope: envelope, key: key), audit.run == id else {
          throw Self.malformed("this is no audit of run \(id)")
        }
        return try Self.append(database, audit, envelope, now: now)
      case RevocationStatement.predicateType:
        guard let revocation = try? RevocationStatement.verified(envelope: envelope, key: key),
          revocation.runId == id
        else { throw Self.malformed("this is no revocation of a trial of run \(id)") }
        return try Self.append(database, revocation, envelope, by: key, now: now)
      default: throw Self.malformed("a statement of this kind has no place in the record")
      }
    }
  }

  private static func malformed(_ message: String) -> RPCError {
    RPCError(.invalidArgument, reason: "MALFORMED_STATEMENT", message)
  }

  private static func append(
    _ database: Database, _ audit: AuditStatement, _ envelope: [UInt8], now: Int64
  ) throws -> Int64 {
    let digest = VerdictStatement.digest(envelope)
    if let known = try Int64.fetchOne(
      database, sql: "SELECT sequence FROM audit WHERE run_id = ? AND digest = ?",
      arguments: [audit.run, digest])
    {
      return known
    }
    let number =
      1
      + (try UInt32.fetchOne(
        database, sql: "SELECT COUNT(*) FROM audit WHERE run_id = ?", arguments: [audit.run]) ?? 0)
    let sequence = try event(database, run: audit.run, kind: .runAudited, trial: number, now: now)
    try database.execute(
      sql: "INSERT INTO audit (run_id, number, digest, envelope, sequence) VALUES (?, ?, ?, ?, ?)",
      arguments: [audit.run, number, digest, Data(envelope), sequence])
    try log(database, run: audit.run, .runAudited, trial: number, envelope)
    return sequence
  }

  private static func append(
    _ database: Database, _ revocation: LineageV1.Revocation, _ envelope: [UInt8], by key: PublicIdentity,
    now: Int64
  ) throws -> Int64 {
    let (run, trial) = (revocation.runId, revocation.trial)
    if let known = try Row.fetchOne(
      database, sql: "SELECT envelope, sequence FROM revocation WHERE run_id = ? AND number = ?",
      arguments: [run, trial])
    {
      guard known["envelope"] == Data(envelope) else {
        throw RPCError(
          .alreadyExists, reason: "REVOCATION_EXISTS", "trial \(trial) was revoked by another statement")
      }
      return known["sequence"]
    }
    // The statement came as JSON, which has no bounds of its own: what is stored must be readable as a message.
    guard (try? LineageV1.Revocation(serialized: revocation.serialized())) == revocation else {
      throw RPCError(
        .invalidArgument, reason: "REVOCATION_OUT_OF_BOUNDS",
        "a field of the revocation is longer than a message may carry")
    }
    guard
      let verdict = try Row.fetchOne(
        database, sql: "SELECT envelope, label FROM verdict WHERE run_id = ? AND number = ?",
        arguments: [run, trial])
    else {
      throw RPCError(
        .failedPrecondition, reason: "UNKNOWN_TRIAL",
        "trial \(trial) has no verdict on record that could be revoked; append it first")
    }
    guard VerdictStatement.digest([UInt8](verdict["envelope"] as Data)) == revocation.verdictSha256 else {
      throw RPCError(
        .invalidArgument, reason: "VERDICT_MISMATCH",
        "the revocation names another verdict than trial \(trial) has")
    }
    let label = LineageV1.VerdictLabel(rawValue: verdict["label"])
    guard label == .keep || label == .discard else {
      throw RPCError(
        .failedPrecondition, reason: "NOT_REVOCABLE",
        "trial \(trial) is '\(label.word)'; only a keep or a discard has a score to take back")
    }
    if !revocation.rule.isEmpty {
      let audit = try Data.fetchOne(
        database, sql: "SELECT envelope FROM audit WHERE run_id = ? AND digest = ?",
        arguments: [run, revocation.auditSha256])
      guard let audit, let found = try? AuditStatement.verified(envelope: [UInt8](audit), key: key),
        found.revoked.contains(trial)
      else {
        throw RPCError(
          .failedPrecondition, reason: "UNKNOWN_AUDIT",
          "the revocation of trial \(trial) names an audit that is not recorded, or that did not find it")
      }
    }
    let sequence = try event(database, run: run, kind: .trialRevoked, trial: trial, now: now)
    try database.execute(
      sql: """
        INSERT INTO revocation (run_id, number, by_rule, body, envelope, sequence) VALUES (?, ?, ?, ?, ?, ?)
        """,
      arguments: [
        run, trial, !revocation.rule.isEmpty, Data(revocation.serialized()), Data(envelope), sequence,
      ])
    try log(database, run: run, .trialRevoked, trial: trial, envelope)
    try mark(database, run: run, descendantsOf: trial, barred: revocation.rule.isEmpty)
    try restand(database, run: run)
    return sequence
  }

  // MARK: What follows from it

  private static func mark(_ database: Database, run: String, descendantsOf trial: UInt32, barred: Bool)
    throws
  {
    try database.execute(
      sql: """
        WITH RECURSIVE walk (number) AS (
          SELECT number FROM trial WHERE run_id = :run AND parent = :trial
          UNION SELECT t.number FROM trial t JOIN walk w ON t.run_id = :run AND t.parent = w.number
        )
        INSERT INTO descent (run_id, number, ancestor, barred) SELECT :run, number, :trial, :barred FROM walk WHERE true
        ON CONFLICT (run_id, number) DO UPDATE SET barred = max(barred, excluded.barred)
        """, arguments: ["run": run, "trial": trial, "barred": barred])
  }

  /// Marks a new trial when its parent is revoked or marked.
  static func inheritDescent(_ database: Database, run: String, trial: UInt32, parent: UInt32) throws {
    try database.execute(
      sql: """
        INSERT INTO descent (run_id, number, ancestor, barred)
        SELECT :run, :trial, COALESCE(x.number, d.ancestor), max(COALESCE(1 - x.by_rule, 0), COALESCE(d.barred, 0))
        FROM (SELECT 1) LEFT JOIN revocation x ON x.run_id = :run AND x.number = :parent
          LEFT JOIN descent d ON d.run_id = :run AND d.number = :parent
        WHERE x.number IS NOT NULL OR d.number IS NOT NULL
        """, arguments: ["run": run, "trial": trial, "parent": parent])
  }

  /// Whether a trial descends from one that a person revoked: it cannot be the incumbent.
  static func isBarred(_ database: Database, run: String, trial: UInt32) throws -> Bool {
    try Bool.fetchOne(
      database, sql: "SELECT barred FROM descent WHERE run_id = ? AND number = ?", arguments: [run, trial])
      ?? false
  }

  /// The incumbent is the trial kept last that stands, or else the baseline.
  private static func restand(_ database: Database, run: String) throws {
    guard
      let best = try Row.fetchOne(
        database,
        sql: """
          SELECT v.number, v.rank, v.body FROM verdict v
          WHERE v.run_id = :run AND v.label IN (1, 2)
            AND NOT EXISTS (SELECT 1 FROM revocation x WHERE x.run_id = v.run_id AND x.number = v.number)
            AND NOT EXISTS (SELECT 1 FROM descent d WHERE d.run_id = v.run_id AND d.number = v.number AND d.barred)
          ORDER BY v.sequence DESC LIMIT 1
          """, arguments: ["run": run])
    else { return }
    let verdict = try LineageV1.Verdict(serialized: [UInt8](best["body"] as Data))
    try database.execute(
      sql: "UPDATE standing SET incumbent = ?, incumbent_rank = ?, incumbent_score = ? WHERE run_id = ?",
      arguments: [best["number"] as UInt32, best["rank"] as Double?, verdict.score, run])
  }
}
