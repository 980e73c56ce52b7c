import AssayMessages
import Foundation
import GRDB

/// What an operator decides of a run, and what its stop rules have to remember. A row beside the run's own.
struct RunControl: Sendable {
  var run: String
  /// Nil: each partition of the task has its specialist.
  var arm: EvaluatorV1.Arm?
  var bounds: EvaluatorV1.RunBounds?
  var stop: StopRules.Reason?
  /// Trials that ended by our failure, in all and in a row.
  var refunded: UInt32 = 0
  var aborts: UInt32 = 0
  /// When the run last got better, on the evaluator's clock moved by pauses, and after how many charged verdicts.
  var improvedAt: Int64 = 0
  var improvedAfter: UInt32 = 0
  /// Since when the whole run is paused.
  var pausedAt: Int64?
  /// How long it was paused before.
  var pausedFor: Int64 = 0
  var pausedSpecialists: Set<String> = []

  /// So many failures of ours in a row pause a run: something is broken that no trial will repair.
  static let abortsThatPause: UInt32 = 8

  init(run: String, arm: EvaluatorV1.Arm? = nil, bounds: EvaluatorV1.RunBounds? = nil) {
    self.run = run
    self.arm = arm
    self.bounds = bounds
  }

  /// The control of a run; a run that began before there were any has none of it.
  static func fetch(_ database: Database, _ run: String) throws -> RunControl {
    var control = RunControl(run: run)
    guard
      let row = try Row.fetchOne(
        database, sql: "SELECT * FROM run_controls WHERE run_id = ?", arguments: [run])
    else { return control }
    control.arm = try (row["arm"] as Data?).map { try EvaluatorV1.Arm(serialized: [UInt8]($0)) }
    control.bounds = try (row["bounds"] as Data?).map { try EvaluatorV1.RunBounds(serialized: [UInt8]($0)) }
    control.stop = StopRules.Reason(rawValue: row["stop"])
    control.refunded = UInt32(clamping: row["refunded"] as Int64)
    control.aborts = UInt32(clamping: row["aborts"] as Int64)
    control.improvedAt = row["improved_at_ms"]
    control.improvedAfter = UInt32(clamping: row["improved_after"] as Int64)
    control.pausedAt = row["paused_at_ms"]
    control.pausedFor = row["paused_ms"]
    control.pausedSpecialists = try JSONDecoder().decode(
      Set<String>.self, from: Data((row["paused_specialists"] as String).utf8))
    return control
  }

  func save(_ database: Database) throws {
    let paused = String(decoding: try JSONEncoder().encode(pausedSpecialists.sorted()), as: UTF8.self)
    try database.execute(
      sql: """
        INSERT INTO run_controls (run_id, arm, bounds, stop, refunded, aborts, improved_at_ms, improved_after, paused_at_ms,
          paused_ms, paused_specialists)
        VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
        ON CONFLICT (run_id) DO UPDATE SET arm = excluded.arm, bounds = excluded.bounds, stop = excluded.stop,
          refunded = excluded.refunded, aborts = excluded.aborts, improved_at_ms = excluded.improved_at_ms,
          improved_after = excluded.improved_after, paused_at_ms = excluded.paused_at_ms, paused_ms = excluded.paused_ms,
          paused_specialists = excluded.paused_specialists
        """,
      arguments: [
        run, arm.map { Data($0.serialized()) }, bounds.map { Data($0.serialized()) }, stop?.rawValue ?? "",
        refunded, aborts, improvedAt, improvedAfter, pausedAt, pausedFor, paused,
      ])
  }

  /// Whether any run that is not over withholds the task's notes.
  static func knowledgeIsWithheld(_ database: Database) throws -> Bool {
    try Data.fetchAll(
      database,
      sql: "SELECT arm FROM run_controls JOIN runs USING (run_id) WHERE arm IS NOT NULL AND phase < ?",
      arguments: [Int64(EvaluatorV1.RunPhase.finished.rawValue)]
    ).contains { try EvaluatorV1.Arm(serialized: [UInt8]($0)).knowledgeWithheld }
  }

  /// The bound of one specialist.
  func bound(of specialist: String) -> Amount {
    let bounds = bounds?.specialists ?? []
    return Amount(
      (bounds.first { $0.specialist == specialist } ?? bounds.first { $0.specialist.isEmpty })?.bound)
  }

  mutating func pause(_ specialist: String, at now: Int64) {
    if specialist.isEmpty {
      pausedAt = pausedAt ?? now
    } else {
      pausedSpecialists.insert(specialist)
    }
  }

  /// Goes on; the clocks of the stop rules stood meanwhile.
  mutating func resume(_ specialist: String, at now: Int64) {
    guard specialist.isEmpty else {
      pausedSpecialists.remove(specialist)
      return
    }
    guard let since = pausedAt else { return }
    pausedAt = nil
    aborts = 0
    pausedFor += max(0, now - since)
    improvedAt += max(0, now - max(since, improvedAt))
  }
}
