/// Where a run stands.
public struct RunStatus: Codable, Sendable {
  public var run: String
  public var task: String
  /// "running" while its services are up, else "stopped" or "finished".
  public var state: String
  public var trials: UInt32
  public var inFlight: UInt32
  public var best: UInt32
  public var bestScore: String?
  public var baselineScore: String?
  public var metric: String
  public var unit: String
  /// Trials whose verdicts were taken back; the labels count them as they were decided.
  public var revoked: UInt32 = 0
  public var labels: [String: UInt32]
  public var specialists: [Specialist]
  public var final: BestTrial.Final?
  /// What the evaluator says of bounds and pauses; nil while the services are not up.
  public var control: RunControlStatus?

  public struct Specialist: Codable, Sendable {
    public var name: String
    public var trials: UInt32
    public var kept: UInt32
    public var inFlight: UInt32

    private enum CodingKeys: String, CodingKey {
      case name, trials, kept
      case inFlight = "in_flight"
    }
  }

  private enum CodingKeys: String, CodingKey {
    case run, task, state, trials
    case inFlight = "in_flight"
    case best
    case bestScore = "best_score"
    case baselineScore = "baseline_score"
    case metric, unit, revoked, labels, specialists, final, control
  }

  public var text: String {
    var lines = ["\(task)  run \(run)  \(state)"]
    lines.append("  trials    \(trials), \(inFlight) in flight")
    lines.append("  baseline  \(baselineScore ?? "-") \(unit)")
    lines.append("  best      \(bestScore ?? "-") \(unit)\(best == 0 ? "" : " (trial \(best))")")
    if !labels.isEmpty {
      lines.append(
        "  labels    "
          + labels.sorted { ($1.value, $0.key) < ($0.value, $1.key) }.map { "\($0.key) \($0.value)" }.joined(
            separator: ", "))
    }
    if revoked > 0 { lines.append("  revoked   \(revoked)") }
    for item in specialists {
      lines.append(
        "  \(TerminalText.fit(item.name, 9)) \(item.trials) trials, \(item.kept) kept, \(item.inFlight) in flight"
      )
    }
    if let control { lines.append(control.text) }
    if let final { lines.append("  final     \(final.text)") }
    return lines.joined(separator: "\n")
  }
}
