/// The run's incumbent beside its baseline.
public struct BestTrial: Encodable, Sendable {
  /// The re-score on fresh seeds and unseen data that ends a run.
  public struct Final: Codable, Sendable {
    public var bestMean: String
    public var baselineMean: String
    public var improvement: String
    public var halfWidth: String
    public var betterBeyondNoise: Bool
    public var split: String
    /// The trial that it is about; 0 for the baseline.
    public var best: UInt32
    /// False when that trial was revoked since, or descends from one that a person revoked.
    public var stands: Bool

    private enum CodingKeys: String, CodingKey {
      case bestMean = "best_mean"
      case baselineMean = "baseline_mean"
      case improvement
      case halfWidth = "half_width"
      case betterBeyondNoise = "better_beyond_noise"
      case split, best, stands
    }

    var text: String {
      "re-scored on fresh seeds, \(split) data: best \(bestMean), baseline \(baselineMean), "
        + "improvement \(improvement)\(halfWidth.isEmpty ? "" : " ± \(halfWidth) (95 %)"): "
        + (betterBeyondNoise ? "better beyond noise" : "within the noise")
        + (stands ? "" : ". Trial \(best), which this is about, was revoked since")
    }
  }

  public var row: TrialRow
  public var baselineScore: String
  public var unit: String
  /// From the baseline to the best.
  public var lineage: [TrialRow]
  public var final: Final?

  private enum CodingKeys: String, CodingKey {
    case baselineScore = "baseline_score"
    case unit, lineage, final
  }

  /// The keys of the trial's row, and those of the comparison beside them.
  public func encode(to encoder: any Encoder) throws {
    try row.encode(to: encoder)
    var best = encoder.container(keyedBy: CodingKeys.self)
    try best.encode(baselineScore, forKey: .baselineScore)
    try best.encode(unit, forKey: .unit)
    try best.encode(lineage, forKey: .lineage)
    try best.encode(final, forKey: .final)
  }

  public var text: String {
    let cost =
      "\(TrialTable.seconds(row.cpuSeconds)) CPU s, at most \(row.memoryBytes / 1_000_000) MB of memory"
    var lines = [
      "best so far: trial \(row.trial), \(row.score ?? "-") \(unit) (baseline \(baselineScore)); measuring it took \(cost)"
    ]
    for step in lineage {
      lines.append(
        "  \(TerminalText.fit(String(step.trial), 5)) \(TerminalText.fit(step.specialist.isEmpty ? "baseline" : step.specialist, 10)) \(TerminalText.fit(step.score ?? "-", 12)) \(TerminalText.oneLine(step.hypothesis, limit: 100))"
      )
    }
    if let final { lines.append(final.text) }
    return lines.joined(separator: "\n")
  }
}
