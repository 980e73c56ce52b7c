public import AssayTrajectory

/// `results.tsv` as the reference writes it: quotes only where they are needed, `\n`, the columns of the source.
public struct ReferenceResults: Sendable {
  private let columns: [String]
  private let scoreName: String
  private let isLive: Bool

  public init(_ run: RecordedRun) {
    scoreName = run.scoreName
    isLive = run.format == "assay"
    columns =
      !run.columns.isEmpty
      ? run.columns
      : [
        "exp_id", "timestamp", "specialist", "parent_exp", "baseline_exp", "domain", "hypothesis",
        "expected_delta",
        "status", run.scoreName, "delta_vs_best", "artifact_bytes", "train_s", "eval_s", "total_s",
        "job_name",
        "snapshot_path", "notes",
      ]
  }

  public var header: String { columns.map(Self.quoted).joined(separator: "\t") + "\n" }

  public func row(_ trial: RecordedTrial) -> String {
    columns.map { Self.quoted(cell($0, trial)) }.joined(separator: "\t") + "\n"
  }

  private func cell(_ column: String, _ trial: RecordedTrial) -> String {
    if column == scoreName { return trial.score.raw }
    switch column {
    case "exp_id": return isLive ? ReferenceRow.padded(trial.id) : trial.id
    case "timestamp": return trial.recordedAt
    case "specialist": return isLive && trial.outcome == .baseline ? "baseline" : trial.specialist
    case "parent_exp":
      return isLive && !trial.parent.raw.isEmpty ? ReferenceRow.padded(trial.parent.raw) : trial.parent.raw
    case "domain": return isLive && trial.outcome == .baseline ? "baseline" : trial.domain
    case "hypothesis": return trial.hypothesis
    case "expected_delta": return trial.expectedDelta.raw
    case "status": return trial.label
    case "delta_vs_best": return trial.delta.raw
    case "artifact_bytes": return trial.artifactBytes.raw
    case "train_s": return trial.trainSeconds.raw
    case "eval_s": return trial.evalSeconds.raw
    case "total_s": return trial.totalSeconds.raw
    case "notes": return trial.notes.isEmpty && isLive ? trial.extra["reason"] ?? "" : trial.notes
    default: return trial.extra[column] ?? ""
    }
  }

  static func quoted(_ text: String) -> String {
    let special: Set<UInt8> = [9, 10, 13, UInt8(ascii: "\"")]
    return text.utf8.contains(where: special.contains)
      ? "\"" + text.replacing("\"", with: "\"\"") + "\"" : text
  }
}
