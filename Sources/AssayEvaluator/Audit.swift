import AssayMessages
import AssayPatch
import AssayRPC
import AssayTask
import AssayVerdict
import Foundation
import GRDB

/// The screening of a run's trials by the rules that its task has now. What was screened is stored, so that an audit that was
/// stopped goes on where it was.
struct Audit: Sendable {
  let run: RunRow
  let owned: OwnedTask
  /// The task with the new rules.
  let task: ResearchTask
  /// Names these rules and the program that screens by them.
  private let key: String

  var rules: TaskFile.Rules { task.file.rules }

  /// - Throws: `RPCError` when more than the rules changed, or their version did not rise.
  init(run: RunRow, owned: OwnedTask, task: ResearchTask) throws {
    self.run = run
    self.owned = owned
    self.task = task
    key = VerdictStatement.digest(
      Array((try RunRow.text(of: task.file.rules) + InspectionProgram.text).utf8))
    guard task.digest == run.currentDigest || !run.frame.isEmpty else {
      throw RPCError(
        .failedPrecondition, reason: "TASK_CHANGED",
        "run '\(run.id)' began in a version of Assay that cannot tell a change of rules from other changes of the task; it can be audited only with the task as it was"
      )
    }
    guard task.digest == run.currentDigest || task.frameDigest == run.frame else {
      throw RPCError(
        .failedPrecondition, reason: "TASK_CHANGED",
        "more than the rules of task '\(task.name)' has changed since run '\(run.id)' began; put everything but 'rules' in task.yaml back as it was"
      )
    }
    let earlier = run.rules ?? owned.task.file.rules
    guard rules == earlier || rules.version > earlier.version else {
      throw RPCError(
        .failedPrecondition, reason: "RULES_VERSION",
        "the rules of task '\(task.name)' changed, but their version is still \(rules.version); raise rules.version above \(earlier.version)"
      )
    }
  }

  /// How far the screening is.
  struct Progress: Sendable {
    var total: Int
    /// Recipes that are not screened yet, at most a few.
    var open: [RecipeTree]
    var openCount: Int
  }

  func progress(_ database: Database) throws -> Progress {
    let total =
      try Int.fetchOne(
        database, sql: "SELECT COUNT(*) FROM trials WHERE run_id = ? AND snapshot_id != ''",
        arguments: [run.id]) ?? 0
    let open = try String.fetchAll(
      database,
      sql: """
        SELECT DISTINCT t.snapshot_id FROM trials t WHERE t.run_id = ? AND t.snapshot_id != ''
          AND NOT EXISTS (SELECT 1 FROM screenings s WHERE s.rules = ? AND s.snapshot_id = t.snapshot_id)
        """, arguments: [run.id, key])
    let recipes = try open.prefix(16).map { id in
      guard let recipe = try TrialRow.snapshot(database, run: run.id, id) else {
        throw EvaluatorError(.damagedState, "a recipe of run \(run.id) is not in the state folder")
      }
      return recipe
    }
    return Progress(total: total, open: recipes, openCount: open.count)
  }

  /// Keeps what the screening of a recipe gave. What is no Python was never legal: such trials have no score to lose.
  func store(_ database: Database, _ snapshot: String, _ inspection: Inspection) throws {
    var (rule, evidence) = ("", "")
    if case .broken(let id, let what) = inspection { (rule, evidence) = (id, Bounded.text(what, 1900)) }
    try database.execute(
      sql:
        "INSERT INTO screenings (rules, snapshot_id, rule, evidence) VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING",
      arguments: [key, snapshot, rule, evidence])
  }

  /// A trial that breaks a rule, and is in flight or was legal.
  struct Breach: Sendable {
    var trial: UInt32
    var rule: String
    var evidence: String
    /// Nil while it is in flight.
    var label: LineageV1.VerdictLabel?
    var envelope: [UInt8]
    var isRevoked: Bool

    func failure(_ rules: TaskFile.Rules) -> TrialFailure {
      TrialFailure(breaking: rule, of: rules, at: evidence)
    }
  }

  /// - Throws: `RPCError`, FAILED_PRECONDITION / BASELINE_ILLEGAL: rules that the task's own recipe breaks are no rules.
  func breaches(_ database: Database) throws -> [Breach] {
    let rows = try Row.fetchAll(
      database,
      sql: """
        SELECT t.trial, t.decided, t.verdict, t.envelope, s.rule, s.evidence,
          EXISTS (SELECT 1 FROM revocations r WHERE r.run_id = t.run_id AND r.trial = t.trial) AS revoked
        FROM trials t JOIN screenings s ON s.rules = ? AND s.snapshot_id = t.snapshot_id
        WHERE t.run_id = ? AND s.rule != '' ORDER BY t.trial
        """, arguments: [key, run.id])
    return try rows.compactMap { row in
      let trial = row["trial"] as UInt32
      let rule = row["rule"] as String
      guard trial != 0 else {
        throw RPCError(
          .failedPrecondition, reason: "BASELINE_ILLEGAL",
          "the baseline itself breaks the rule '\(rule)' at \(row["evidence"] as String); correct the rule. Nothing was changed."
        )
      }
      let label = try (row["verdict"] as Data?).map {
        try LineageV1.Verdict(serialized: [UInt8]($0)).label
      }
      guard label == nil || label == .keep || label == .discard else { return nil }
      return Breach(
        trial: trial, rule: rule, evidence: row["evidence"], label: label,
        envelope: [UInt8](row["envelope"] as Data? ?? Data()), isRevoked: row["revoked"])
    }
  }

  // MARK: Answers

  func response(_ progress: Progress) -> EvaluatorV1.AuditRunResponse {
    var response = EvaluatorV1.AuditRunResponse()
    response.total = UInt32(clamping: progress.total)
    response.screened = UInt32(clamping: progress.total - min(progress.total, progress.openCount))
    response.rulesVersion = UInt32(clamping: rules.version)
    response.taskDigest = task.digest
    response.incumbent = run.incumbent
    return response
  }

  func found(_ database: Database, _ progress: Progress) throws -> EvaluatorV1.AuditRunResponse {
    var response = response(progress)
    response.complete = true
    response.findings = try breaches(database).prefix(4096).map { breach in
      var finding = EvaluatorV1.AuditFinding()
      finding.trial = breach.trial
      finding.rule = breach.rule
      finding.evidence = breach.evidence
      finding.label = breach.label ?? .unspecified
      finding.revokedBefore = breach.isRevoked
      return finding
    }
    return response
  }
}
