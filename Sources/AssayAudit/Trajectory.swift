public import AssayTrajectory

/// The facts of a whole run, in order, and what is derived from them. Pure: no clock, no files.
public struct Trajectory: Sendable {
  public let run: RecordedRun
  /// By position.
  public let trials: [TrialFacts]

  public init(run: RecordedRun, trials: [TrialFacts]) {
    self.run = run
    self.trials = trials
  }

  /// Reads a record once, page by page.
  public init(reading record: any RunRecord) async throws {
    let run = try await record.run()
    var trials: [TrialFacts] = []
    trials.reserveCapacity(run.trialCount)
    try await record.forEachTrial { trials.append(TrialFacts($0, scoreName: run.scoreName)) }
    self.init(run: run, trials: trials)
  }

  public var baseline: TrialFacts? { trials.first { $0.outcome == .baseline } }

  /// The kept trial with the best score; the baseline while nothing was kept.
  public var best: TrialFacts? {
    var best: TrialFacts?
    for trial in trials where trial.outcome == .kept || trial.outcome == .baseline {
      guard let score = trial.score else { continue }
      if let held = best?.score, !run.isBetter(score, than: held) { continue }
      best = trial
    }
    return best
  }

  /// Trials that say what a recipe did: infrastructure failures, the baseline and what is still running are left out.
  public var realTrials: [TrialFacts] { trials.filter(\.isTrial) }

  /// Rows that the record counts as trials: all but the baseline and what is still running.
  public var countedTrials: [TrialFacts] {
    trials.filter { $0.outcome != .baseline && $0.outcome != .inFlight }
  }

  /// How much better a score is than another; positive is better.
  public func gain(of score: Double, over other: Double) -> Double {
    run.lowerIsBetter ? other - score : score - other
  }

  /// Gain over the baseline in percent of the baseline.
  public func improvementPercent(_ score: Double) -> Double? {
    guard let base = baseline?.score, base != 0 else { return nil }
    return gain(of: score, over: base) / abs(base) * 100
  }

  /// Positions from a trial up to its oldest ancestor, the trial first. Cycles end where they close.
  public func ancestry(of position: Int) -> [Int] {
    var path: [Int] = []
    var seen = Set<Int>()
    var next: Int? = position
    while let current = next, trials.indices.contains(current), seen.insert(current).inserted {
      path.append(current)
      next = trials[current].parent
    }
    return path
  }
}
