import AssayTrajectory

/// How good the specialists' predictions were: trials with a numeric prediction and a legal score.
public struct CalibrationFigures: Codable, Sendable, Equatable {
  public var predictions: Int
  /// Trials that predicted an improvement.
  public var predictedImprovement: Int
  /// Trials that turned out to be an improvement.
  public var improved: Int
  /// The share that turned out to be an improvement.
  public var improvedShare: Double?
  /// The share whose direction was right.
  public var directionRight: Double?
  /// Mean of the absolute difference between predicted and measured change.
  public var meanAbsoluteError: Double?
  /// Mean of predicted minus measured gain: positive is optimism.
  public var optimism: Double?
  public var correlation: Double?

  public init(_ trajectory: Trajectory) {
    let pairs = trajectory.realTrials.compactMap { trial -> (Double, Double)? in
      guard trial.outcome.isValid, let expected = trial.expectedDelta, let delta = trial.delta else {
        return nil
      }
      return (expected, delta)
    }
    let lower = trajectory.run.lowerIsBetter
    func improves(_ delta: Double) -> Bool { lower ? delta < 0 : delta > 0 }
    predictions = pairs.count
    predictedImprovement = pairs.count { improves($0.0) }
    improved = pairs.count { improves($0.1) }
    improvedShare = pairs.isEmpty ? nil : Double(improved) / Double(pairs.count)
    directionRight =
      pairs.isEmpty ? nil : Double(pairs.count { improves($0.0) == improves($0.1) }) / Double(pairs.count)
    meanAbsoluteError = Statistics.mean(pairs.map { abs($0.0 - $0.1) })
    optimism = Statistics.mean(pairs.map { lower ? $0.1 - $0.0 : $0.0 - $0.1 })
    correlation = Statistics.correlation(pairs)
  }

  private enum CodingKeys: String, CodingKey {
    case predictions
    case predictedImprovement = "predicted_improvement"
    case improved
    case improvedShare = "improved_share"
    case directionRight = "direction_right"
    case meanAbsoluteError = "mean_absolute_error"
    case optimism, correlation
  }
}
