import AssayTrajectory

/// The columns of the CSV and JSON Lines exports, in order. docs/export-format.md has one line for each; they only grow.
public enum TableColumns {
  enum Value {
    case text(String)
    case number(Double?)
    case integer(Int?)

    var csv: String {
      switch self {
      case .text(let text): text
      case .number(let number): number.map { "\($0)" } ?? ""
      case .integer(let number): number.map { "\($0)" } ?? ""
      }
    }

    var json: String {
      switch self {
      case .text(let text): ReferenceText.json(text)
      case .number(let number): number.map { "\($0)" } ?? "null"
      case .integer(let number): number.map { "\($0)" } ?? "null"
      }
    }
  }

  public static let names = columns.map(\.name)

  static let columns: [(name: String, value: @Sendable (RecordedTrial) -> Value)] = [
    ("position", { .integer($0.position) }), ("id", { .text($0.id) }),
    ("parent", { .integer($0.parent.position) }), ("parent_raw", { .text($0.parent.raw) }),
    ("specialist", { .text($0.specialist) }), ("domain", { .text($0.domain) }),
    ("label", { .text($0.label) }),
    ("outcome", { .text($0.outcome.rawValue) }), ("score", { .number($0.score.value) }),
    ("score_raw", { .text($0.score.raw) }), ("delta", { .number($0.delta.value) }),
    ("delta_raw", { .text($0.delta.raw) }), ("expected_delta", { .number($0.expectedDelta.value) }),
    ("expected_delta_raw", { .text($0.expectedDelta.raw) }),
    ("artifact_bytes", { .number($0.artifactBytes.value) }),
    ("train_s", { .number($0.trainSeconds.value) }), ("eval_s", { .number($0.evalSeconds.value) }),
    ("total_s", { .number($0.totalSeconds.value) }), ("recorded_at", { .text($0.recordedAt) }),
    ("hypothesis", { .text($0.hypothesis) }), ("notes", { .text($0.notes) }), ("line", { .integer($0.line) }),
    ("flags", { .text(Array(Set($0.flags.map(\.kind.rawValue))).sorted().joined(separator: " ")) }),
    ("extra", { .text(Self.object($0.extra)) }),
  ]

  /// Columns without a place of their own, as a JSON object.
  static func object(_ extra: [String: String]) -> String {
    "{"
      + extra.sorted { $0.key < $1.key }.map { "\(ReferenceText.json($0)): \(ReferenceText.json($1))" }
      .joined(separator: ", ") + "}"
  }
}
