public import AssayTrajectory

/// Everything that an imported record says of one trial.
public struct ImportedTrialDetail: Encodable, Sendable {
  public var trial: RecordedTrial
  public let provenance = Provenance.recipeClaimed

  private enum CodingKeys: String, CodingKey { case provenance }

  public init(trial: RecordedTrial) { self.trial = trial }

  /// The keys of the record, and the provenance beside them.
  public func encode(to encoder: any Encoder) throws {
    try trial.encode(to: encoder)
    var detail = encoder.container(keyedBy: CodingKeys.self)
    try detail.encode(provenance, forKey: .provenance)
  }

  public var text: String {
    func clean(_ text: String) -> String { TerminalText.oneLine(text, limit: 4000) }
    var lines = [
      "trial \(trial.position)  \(clean(trial.id))  \(clean(trial.specialist))  \(clean(trial.label))",
      "  \(ImportedView.warning)",
    ]
    let facts = [
      ("outcome", trial.outcome.rawValue),
      ("parent", trial.parent.raw + (trial.parent.position.map { " (place \($0))" } ?? "")),
      ("domain", trial.domain),
      ("score", trial.score.raw), ("delta", trial.delta.raw), ("expected", trial.expectedDelta.raw),
      ("artifact", trial.artifactBytes.raw), ("train s", trial.trainSeconds.raw),
      ("eval s", trial.evalSeconds.raw),
      ("total s", trial.totalSeconds.raw), ("recorded", trial.recordedAt),
      ("line", trial.line.map(String.init) ?? ""),
    ]
    for (name, value) in facts + trial.extra.sorted(by: { $0.key < $1.key }) where !value.isEmpty {
      lines.append("  \(TerminalText.fit(clean(name), 12)) \(clean(value))")
    }
    lines += ["", "hypothesis", "  \(clean(trial.hypothesis))"]
    if !trial.notes.isEmpty { lines += ["", "notes", "  \(clean(trial.notes))"] }
    if !trial.flags.isEmpty { lines += ["", "flags"] }
    for flag in trial.flags {
      lines.append("  \(TerminalText.fit(flag.kind.rawValue, 24)) \(clean(flag.detail))")
    }
    return lines.joined(separator: "\n")
  }
}
