import AssayMessages
import AssayRPC
import AssayTask
import Foundation
import GRDB

/// A run as it is stored.
struct RunRow: Sendable {
  var id: String
  var taskName: String
  var taskDigest: String
  var seed: UInt64
  var maxTrials: UInt32
  var lineageEnabled: Bool
  var createdAt: Int64
  var secret: RunSecret
  var phase: EvaluatorV1.RunPhase
  var reason: String
  var isClosing: Bool
  var accepted: UInt32
  var decided: UInt32
  var incumbent: UInt32
  var incumbentScore: Double?
  var incumbentSeeds: Int
  /// The trial whose confirmation goes on; 0 for none.
  var challenger: UInt32
  /// How many trials have challenged the incumbent.
  var challenges: Int
  var baselineScore: Double?
  var keepRule: KeepRule?
  var version: UInt64
  var report: EvaluatorV1.FinalReport?
  /// The envelope of its policy; empty for a run that began before there were any.
  var policy: [UInt8]
  /// Digest of its task without the rules; empty for a run of a version that recorded none.
  var frame: String
  /// The rules by which recipes are screened now; nil for the task's, in a run of such a version.
  var rules: TaskFile.Rules?
  /// Digest of the task with the rules of the last audit; empty before there was one.
  var auditedDigest: String

  /// Of the task by whose rules it is judged now.
  var currentDigest: String { auditedDigest.isEmpty ? taskDigest : auditedDigest }

  /// - Throws: `RPCError`, NOT_FOUND / UNKNOWN_RUN.
  static func fetch(_ database: Database, _ id: String) throws -> RunRow {
    guard let run = try find(database, id) else {
      throw RPCError(
        .notFound, reason: "UNKNOWN_RUN",
        "there is no run '\(id.prefix(64))' at this evaluator; open it first")
    }
    return run
  }

  static func find(_ database: Database, _ id: String) throws -> RunRow? {
    guard let row = try Row.fetchOne(database, sql: "SELECT * FROM runs WHERE run_id = ?", arguments: [id])
    else { return nil }
    let rule = try (row["keep_rule"] as String?).map {
      try JSONDecoder().decode(KeepRule.self, from: Data($0.utf8))
    }
    let report = try (row["report"] as Data?).map { try EvaluatorV1.FinalReport(serialized: [UInt8]($0)) }
    let rules = try (row["rules"] as String?).map {
      try JSONDecoder().decode(TaskFile.Rules.self, from: Data($0.utf8))
    }
    return RunRow(
      id: row["run_id"], taskName: row["task_name"], taskDigest: row["task_digest"],
      seed: UInt64(bitPattern: row["seed"] as Int64), maxTrials: UInt32(clamping: row["max_trials"] as Int64),
      lineageEnabled: (row["lineage_enabled"] as Int64) != 0, createdAt: row["created_at_ms"],
      secret: RunSecret(bytes: [UInt8](row["secret"] as Data)),
      phase: EvaluatorV1.RunPhase(rawValue: Int32(clamping: row["phase"] as Int64)), reason: row["reason"],
      isClosing: (row["closing"] as Int64) != 0, accepted: UInt32(clamping: row["accepted"] as Int64),
      decided: UInt32(clamping: row["decided"] as Int64),
      incumbent: UInt32(clamping: row["incumbent"] as Int64),
      incumbentScore: row["incumbent_score"], incumbentSeeds: Int(row["incumbent_seeds"] as Int64),
      challenger: UInt32(clamping: row["challenger"] as Int64), challenges: Int(row["challenges"] as Int64),
      baselineScore: row["baseline_score"], keepRule: rule,
      version: UInt64(clamping: row["version"] as Int64), report: report,
      policy: [UInt8](row["policy"] as Data? ?? Data()), frame: row["frame"], rules: rules,
      auditedDigest: row["audited_digest"])
  }

  /// Writes everything that may change and raises the version.
  func save(_ database: Database) throws {
    let rule = try keepRule.map { String(decoding: try JSONEncoder().encode($0), as: UTF8.self) }
    try database.execute(
      sql: """
        UPDATE runs SET phase = ?, reason = ?, closing = ?, accepted = ?, decided = ?, incumbent = ?, incumbent_score = ?,
          incumbent_seeds = ?, challenger = ?, challenges = ?, baseline_score = ?, keep_rule = ?, report = ?,
          rules = ?, audited_digest = ?, version = version + 1 WHERE run_id = ?
        """,
      arguments: [
        Int64(phase.rawValue), reason, isClosing, accepted, decided, incumbent, incumbentScore,
        incumbentSeeds, challenger, challenges, baselineScore,
        rule, report.map { Data($0.serialized()) }, try rules.map(Self.text(of:)), auditedDigest, id,
      ])
  }

  /// Rules as they are stored: JSON with sorted keys.
  static func text(of rules: TaskFile.Rules) throws -> String {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    return String(decoding: try encoder.encode(rules), as: UTF8.self)
  }

  /// Whether a score looks better than the incumbent's; nil before the baseline is measured.
  func ruling(on score: ScoreRule.Score) -> KeepRule.Ruling? {
    guard let keepRule, let incumbentScore else { return nil }
    return keepRule.rule(
      score: score.mean, trialSeeds: score.seeds.count, incumbent: incumbentScore,
      incumbentSeeds: incumbentSeeds, incumbentTrial: incumbent)
  }

  /// The margin that a trial with this many seeds would need now.
  func margin(trialSeeds: Int) -> Double? {
    keepRule?.margin(
      incumbent: incumbentScore, incumbentSeeds: incumbentSeeds, trialSeeds: trialSeeds)
  }
}
