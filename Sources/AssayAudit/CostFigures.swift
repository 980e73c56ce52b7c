import AssayTrajectory

/// Where the machines' time went.
public struct CostFigures: Codable, Sendable, Equatable {
  /// Seconds of a node, all counted trials.
  public var nodeSeconds: Double
  public var byLabel: [String: Double]
  /// Node-seconds of kept trials' gains: all node-seconds over the number of kept trials; nil when nothing was kept.
  public var nodeSecondsPerKeep: Double?
  /// Node-seconds for one percent of improvement over the baseline.
  public var nodeSecondsPerPercent: Double?
  /// Trials whose cost the record does not have.
  public var withoutCost: Int

  public init(_ trajectory: Trajectory) {
    nodeSeconds = 0
    byLabel = [:]
    withoutCost = 0
    for trial in trajectory.countedTrials {
      guard let seconds = trial.totalSeconds else {
        withoutCost += 1
        continue
      }
      nodeSeconds += seconds
      byLabel[trial.label, default: 0] += seconds
    }
    let kept = trajectory.trials.count { $0.outcome == .kept }
    nodeSecondsPerKeep = kept == 0 ? nil : nodeSeconds / Double(kept)
    let percent = trajectory.best?.score.flatMap { trajectory.improvementPercent($0) } ?? 0
    nodeSecondsPerPercent = percent > 0 ? nodeSeconds / percent : nil
  }

  private enum CodingKeys: String, CodingKey {
    case nodeSeconds = "node_seconds"
    case byLabel = "by_label"
    case nodeSecondsPerKeep = "node_seconds_per_keep"
    case nodeSecondsPerPercent = "node_seconds_per_percent"
    case withoutCost = "without_cost"
  }
}
