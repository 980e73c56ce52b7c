import AssayTrajectory

/// The best at the compute that the run began with.
public struct ComputeFigures: Codable, Sendable, Equatable {
  /// Training seconds that the run began with: the median of legal trials before anything was kept.
  public var reference: Double
  public var referenceIDs: [String]
  /// Training seconds of the best trial.
  public var best: Double
  /// best / reference.
  public var ratio: Double
  /// The best trial that trained no longer than 1.1 times the reference.
  public var equalID: String?
  public var equalScore: Double?
  public var equalImprovementPercent: Double?
  /// Kept trials with the ratio of their training time to the reference.
  public var keptRatios: [String: Double]

  /// Nil where training time is the score itself, or is not recorded.
  public init?(_ trajectory: Trajectory) {
    guard trajectory.run.scoreName != "train_s", let best = trajectory.best, best.outcome == .kept,
      let seconds = best.trainSeconds
    else { return nil }
    let firstKeep = trajectory.trials.firstIndex { $0.outcome == .kept } ?? trajectory.trials.count
    var early = trajectory.trials[..<firstKeep].filter { $0.outcome.isValid && $0.trainSeconds != nil }
    if let base = trajectory.baseline, base.trainSeconds != nil { early.insert(base, at: 0) }
    // A run whose first trial was kept at once has nothing before it: its own time is where it began.
    if early.isEmpty, firstKeep < trajectory.trials.count { early = [trajectory.trials[firstKeep]] }
    guard let reference = Statistics.median(early.compactMap(\.trainSeconds)), reference > 0 else {
      return nil
    }
    self.reference = reference
    referenceIDs = early.map(\.id)
    self.best = seconds
    ratio = seconds / reference
    var equal: TrialFacts?
    for trial in trajectory.trials where trial.outcome.isValid {
      guard let score = trial.score, let time = trial.trainSeconds, time <= 1.1 * reference else { continue }
      if let held = equal?.score, !trajectory.run.isBetter(score, than: held) { continue }
      equal = trial
    }
    equalID = equal?.id
    equalScore = equal?.score
    equalImprovementPercent = equal?.score.flatMap { trajectory.improvementPercent($0) }
    keptRatios = Dictionary(
      trajectory.trials.filter { $0.outcome == .kept }.compactMap { trial in
        trial.trainSeconds.map { (trial.id, $0 / reference) }
      }, uniquingKeysWith: { first, _ in first })
  }

  private enum CodingKeys: String, CodingKey {
    case reference
    case referenceIDs = "reference_ids"
    case best, ratio
    case equalID = "equal_id"
    case equalScore = "equal_score"
    case equalImprovementPercent = "equal_improvement_percent"
    case keptRatios = "kept_ratios"
  }
}
