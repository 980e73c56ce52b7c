import AssayTrajectory

/// What the reference's rendered files need of a trial.
struct ReferenceRow: Sendable {
  var position: Int
  var id: String
  var parent: String
  var specialist: String
  var domain: String
  var status: String
  var score: String
  var value: Double?
  var delta: String
  var hypothesis: String
  var recordedAt: String
  var snapshot: String

  init(_ trial: RecordedTrial, live: Bool) {
    position = trial.position
    id = live ? Self.padded(trial.id) : trial.id
    parent = live && !trial.parent.raw.isEmpty ? Self.padded(trial.parent.raw) : trial.parent.raw
    specialist = trial.outcome == .baseline ? "baseline" : trial.specialist
    domain = trial.outcome == .baseline ? "baseline" : trial.domain
    status = trial.label
    score = trial.score.raw
    value = trial.score.value
    delta = trial.delta.raw
    hypothesis = trial.hypothesis
    recordedAt = trial.recordedAt
    snapshot =
      trial.extra["snapshot_path"] ?? (live && status == "keep" ? "snapshots/\(id)_\(trial.domain)" : "")
  }

  /// The reference's ids have three digits or more.
  static func padded(_ id: String) -> String {
    String(repeating: "0", count: max(0, 3 - id.count)) + id
  }
}
