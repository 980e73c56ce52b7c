import AssayTrajectory

/// The best score so far, against trials and against cost.
public struct ProgressFigures: Codable, Sendable, Equatable {
  /// A new best.
  public struct Step: Codable, Sendable, Equatable {
    public var id: String
    public var position: Int
    public var score: Double
    /// Trials that the record had counted when it was recorded, itself included.
    public var trials: Int
    /// Node-seconds spent until then, itself included.
    public var nodeSeconds: Double

    private enum CodingKeys: String, CodingKey {
      case id, position, score, trials
      case nodeSeconds = "node_seconds"
    }
  }

  public var baseline: Double?
  public var best: Step?
  public var improvementPercent: Double?
  /// The baseline first, then every kept trial.
  public var steps: [Step]
  /// Trials after the last new best.
  public var trialsSinceBest: Int

  public init(_ trajectory: Trajectory) {
    var trials = 0
    var seconds = 0.0
    steps = []
    for trial in trajectory.trials where trial.outcome != .inFlight {
      if trial.outcome != .baseline { trials += 1 }
      seconds += trial.totalSeconds ?? 0
      guard trial.outcome == .kept || trial.outcome == .baseline, let score = trial.score else { continue }
      if let held = steps.last?.score, !trajectory.run.isBetter(score, than: held) { continue }
      steps.append(
        Step(id: trial.id, position: trial.position, score: score, trials: trials, nodeSeconds: seconds))
    }
    baseline = trajectory.baseline?.score
    best = steps.last
    improvementPercent = best.flatMap { trajectory.improvementPercent($0.score) }
    trialsSinceBest = trials - (best?.trials ?? 0)
  }

  /// The best score after a number of trials; nil before the baseline.
  public func best(after trials: Int) -> Double? { steps.last { $0.trials <= trials }?.score }

  private enum CodingKeys: String, CodingKey {
    case baseline, best
    case improvementPercent = "improvement_percent"
    case steps
    case trialsSinceBest = "trials_since_best"
  }
}
