import AssayTrajectory

/// How far trials passed or missed a gate on a mean over seeds, in standard errors of that mean.
public struct GateFigures: Codable, Sendable, Equatable {
  public struct Margin: Codable, Sendable, Equatable {
    public var id: String
    public var label: String
    public var mean: Double
    /// Standard error of the mean.
    public var error: Double
    /// (mean - limit) / error.
    public var z: Double
    public var score: Double?
  }

  public var limit: Double
  /// `given` or `derived`: between the highest mean that missed and the lowest that passed.
  public var source: String
  public var measured: Int
  /// Median standard error of the mean.
  public var medianError: Double
  public var passed: [Margin]
  /// Passed by less than 1.645 standard errors: a one-sided test at 5 % would not have let them pass.
  public var passedWithinError: Int
  /// Missed trials that took less time than the best one.
  public var missedButFaster: Int
  /// Whether the baseline shows that it passes.
  public var baselineMeasured: Bool

  /// Nil when the record has no gated mean, or no trial passed.
  public init?(_ trajectory: Trajectory, limit given: Double? = nil) {
    var passed: [Margin] = []
    var errors: [Double] = []
    var missed: [TrialFacts] = []
    let measured = trajectory.trials.filter { $0.gate != nil && $0.outcome != .infrastructure }
    var lowestPassed = Double.infinity
    for trial in measured where trial.outcome.isValid {
      lowestPassed = min(lowestPassed, trial.gate?.mean ?? .infinity)
    }
    guard lowestPassed.isFinite else { return nil }
    limit = given ?? lowestPassed
    source = given == nil ? "derived" : "given"
    for trial in measured {
      guard let gate = trial.gate, trial.outcome != .baseline else { continue }
      let error = gate.deviation / gate.seeds.squareRoot()
      errors.append(error)
      if trial.outcome.isValid {
        passed.append(
          Margin(
            id: trial.id, label: trial.label, mean: gate.mean, error: error,
            z: error > 0 ? (gate.mean - limit) / error : 0, score: trial.score))
      } else {
        missed.append(trial)
      }
    }
    self.measured = errors.count
    medianError = Statistics.median(errors) ?? 0
    self.passed = passed
    passedWithinError = passed.count { $0.z < 1.645 }
    let best = trajectory.best
    missedButFaster =
      best.flatMap { $0.totalSeconds ?? $0.trainSeconds }.map { time in
        missed.count { ($0.totalSeconds ?? .infinity) < time }
      } ?? 0
    baselineMeasured = trajectory.baseline?.gate != nil
  }

  private enum CodingKeys: String, CodingKey {
    case limit, source, measured
    case medianError = "median_error"
    case passed
    case passedWithinError = "passed_within_error"
    case missedButFaster = "missed_but_faster"
    case baselineMeasured = "baseline_measured"
  }
}
