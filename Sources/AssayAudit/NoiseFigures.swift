import AssayTrajectory

/// Kept edits against the noise.
public struct NoiseFigures: Codable, Sendable, Equatable {
  public var estimate: NoiseEstimate
  /// Kept trials that gained no more than the band.
  public var keptWithin: [String]
  public var keptBeyond: [String]
  /// New bests if only gains beyond the band had counted.
  public var promotions: [String]
  /// The best score then; with a plateau that holds the best, the mean of the plateau.
  public var score: Double?
  public var improvementPercent: Double?
  /// Half-width of the improvement in percent, two single measurements apart.
  public var halfWidthPercent: Double?

  public init(_ trajectory: Trajectory, estimate: NoiseEstimate) {
    self.estimate = estimate
    keptWithin = []
    keptBeyond = []
    for trial in trajectory.trials where trial.outcome == .kept {
      guard let delta = trial.delta else { continue }
      let gain = trajectory.run.lowerIsBetter ? -delta : delta
      if gain > estimate.band { keptBeyond.append(trial.id) } else { keptWithin.append(trial.id) }
    }
    promotions = []
    var held = trajectory.baseline?.score
    for trial in trajectory.trials where trial.outcome.isValid {
      guard let score = trial.score, let incumbent = held else { continue }
      if trajectory.gain(of: score, over: incumbent) > estimate.band {
        promotions.append(trial.id)
        held = score
      }
    }
    let best = trajectory.best
    if let mean = estimate.mean, let id = best?.id, estimate.ids.contains(id) {
      score = mean
    } else {
      score = held
    }
    improvementPercent = score.flatMap { trajectory.improvementPercent($0) }
    halfWidthPercent = trajectory.baseline?.score.flatMap { $0 == 0 ? nil : estimate.band / abs($0) * 100 }
  }

  private enum CodingKeys: String, CodingKey {
    case estimate
    case keptWithin = "kept_within"
    case keptBeyond = "kept_beyond"
    case promotions, score
    case improvementPercent = "improvement_percent"
    case halfWidthPercent = "half_width_percent"
  }
}
