import AssayTrajectory

/// Whether kept edits are in the best recipe, by the parents that the record names.
public struct AncestryFigures: Codable, Sendable, Equatable {
  /// From the best trial up to its oldest ancestor.
  public var bestLineage: [String]
  /// Kept trials that are no ancestors of the best: their gain is in the curve, and not in the recipe.
  public var orphanedWins: [String]
  /// Kept trials that were edited from something else than the best of their time.
  public var notFromBest: [String]

  public init(_ trajectory: Trajectory) {
    let path = trajectory.best.map { trajectory.ancestry(of: $0.position) } ?? []
    let inside = Set(path)
    bestLineage = path.map { trajectory.trials[$0].id }
    orphanedWins = []
    notFromBest = []
    var held: TrialFacts?
    for trial in trajectory.trials where trial.outcome == .kept || trial.outcome == .baseline {
      if trial.outcome == .kept {
        if !inside.contains(trial.position) { orphanedWins.append(trial.id) }
        if let held, trial.parent != held.position { notFromBest.append(trial.id) }
      }
      guard let score = trial.score else { continue }
      if let best = held?.score, !trajectory.run.isBetter(score, than: best) { continue }
      held = trial
    }
  }

  private enum CodingKeys: String, CodingKey {
    case bestLineage = "best_lineage"
    case orphanedWins = "orphaned_wins"
    case notFromBest = "not_from_best"
  }
}
