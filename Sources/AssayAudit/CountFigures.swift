import AssayTrajectory

/// How many trials ended how.
public struct CountFigures: Codable, Sendable, Equatable {
  /// Rows of the record, the baseline included.
  public var rows: Int
  /// Rows that the record counts as trials.
  public var trials: Int
  /// Trials without those that failed for no fault of the recipe.
  public var realTrials: Int
  public var infrastructure: Int
  public var kept: Int
  public var valid: Int
  /// Kept of all that the record counts.
  public var keepRate: Double
  /// Kept of the real trials.
  public var realKeepRate: Double
  /// Legal scores of the real trials.
  public var validRate: Double
  public var byLabel: [String: Int]
  public var bySpecialist: [String: [String: Int]]

  public init(_ trajectory: Trajectory) {
    let counted = trajectory.countedTrials
    rows = trajectory.trials.count
    trials = counted.count
    realTrials = counted.count { $0.isTrial }
    infrastructure = counted.count { $0.outcome == .infrastructure }
    kept = counted.count { $0.outcome == .kept }
    valid = counted.count { $0.outcome.isValid }
    keepRate = trials == 0 ? 0 : Double(kept) / Double(trials)
    realKeepRate = realTrials == 0 ? 0 : Double(kept) / Double(realTrials)
    validRate = realTrials == 0 ? 0 : Double(valid) / Double(realTrials)
    byLabel = [:]
    bySpecialist = [:]
    for trial in counted {
      byLabel[trial.label, default: 0] += 1
      bySpecialist[trial.specialist, default: [:]][trial.label, default: 0] += 1
    }
  }

  private enum CodingKeys: String, CodingKey {
    case rows, trials
    case realTrials = "real_trials"
    case infrastructure, kept, valid
    case keepRate = "keep_rate"
    case realKeepRate = "real_keep_rate"
    case validRate = "valid_rate"
    case byLabel = "by_label"
    case bySpecialist = "by_specialist"
  }
}
