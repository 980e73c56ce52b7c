/// What an experiment found. Pure: finished runs in, figures out.
public struct ExperimentReport: Codable, Sendable, Equatable {
  /// One arm over all its finished seeds.
  public struct ArmResult: Codable, Sendable, Equatable {
    public var arm: String
    public var runs: Int
    public var baseline: Estimate?
    /// The best confirmed score, by checkpoint.
    public var best: [UInt32: Estimate]
    /// Improvement of the best over the baseline on the sealed split and fresh seeds, as the final reports say.
    public var sealed: Estimate?
    /// Runs whose best was better than the baseline beyond noise on the sealed split.
    public var sealedWins: Int
    public var labels: [String: Int]
    public var trials: Int
    /// Submissions refused as duplicates, which are no trials; nil where a run was made by a version that did not count them.
    public var duplicates: UInt32?
    public var kept: Estimate?
    public var valid: Estimate?
    public var validAfterFailure: TrialMeasures.Share
    public var citedAndFixed: TrialMeasures.Share
    public var cpuSeconds: Estimate?
    public var wallSeconds: Estimate?

    private enum CodingKeys: String, CodingKey {
      case arm, runs, baseline, best, sealed
      case sealedWins = "sealed_wins"
      case labels, trials, duplicates, kept, valid
      case validAfterFailure = "valid_after_failure"
      case citedAndFixed = "cited_and_fixed"
      case cpuSeconds = "cpu_seconds"
      case wallSeconds = "wall_seconds"
    }
  }

  /// One arm against the first, seed by seed. Positive is in favour of the arm.
  public struct Difference: Codable, Sendable, Equatable {
    public var arm: String
    public var against: String
    /// Of the best score, by checkpoint.
    public var best: [UInt32: Estimate]
    /// Of the improvement on the sealed split.
    public var sealed: Estimate?
    /// Of the shares of valid and kept trials.
    public var valid: Estimate?
    public var kept: Estimate?
  }

  public var name: String
  public var task: String
  public var trials: UInt32
  public var seeds: [UInt64]
  public var minimize: Bool
  public var unit: String
  public var checkpoints: [UInt32]
  /// Runs that are still to be made.
  public var missing: Int
  public var arms: [ArmResult]
  public var differences: [Difference]

  public init(_ file: ExperimentFile, cells: [ExperimentCell]) {
    name = file.name
    task = file.task
    trials = file.trials
    seeds = file.seeds
    checkpoints = file.checkpoints
    minimize = cells.first?.minimize ?? true
    unit = cells.first?.unit ?? ""
    missing = file.order.count - cells.count
    let byArm = Dictionary(grouping: cells, by: \.place.arm)
    arms = file.arms.map { arm in
      let cells = (byArm[arm.name] ?? []).sorted { $0.place.seed < $1.place.seed }
      let measures = cells.map(\.measures)
      let none = TrialMeasures.Share(hits: 0, of: 0)
      return ArmResult(
        arm: arm.name, runs: cells.count, baseline: Estimate(cells.map(\.baseline)),
        best: Dictionary(
          uniqueKeysWithValues: file.checkpoints.compactMap { point in
            Estimate(measures.map { $0.best(after: point) }).map { (point, $0) }
          }),
        sealed: Estimate(cells.compactMap(\.sealedImprovement)),
        sealedWins: cells.count { $0.final?.betterBeyondNoise == true },
        labels: measures.reduce(into: [:]) { sum, next in sum.merge(next.labels, uniquingKeysWith: +) },
        trials: measures.reduce(0) { $0 + $1.count },
        duplicates: cells.allSatisfy { $0.duplicates != nil }
          ? cells.compactMap(\.duplicates).reduce(0, +) : nil,
        kept: Estimate(measures.compactMap(\.kept.value)),
        valid: Estimate(measures.compactMap(\.valid.value)),
        validAfterFailure: measures.map(\.validAfterFailure).reduce(none, +),
        citedAndFixed: measures.map(\.citedAndFixed).reduce(none, +),
        cpuSeconds: Estimate(measures.map(\.cpuSeconds)), wallSeconds: Estimate(cells.map(\.seconds)))
    }
    let minimize = self.minimize
    let first = file.arms[0].name
    let reference = Dictionary(
      (byArm[first] ?? []).map { ($0.place.seed, $0) }, uniquingKeysWith: { one, _ in one })
    differences = file.arms.dropFirst().map { arm in
      let pairs = (byArm[arm.name] ?? []).sorted { $0.place.seed < $1.place.seed }.compactMap { cell in
        reference[cell.place.seed].map { (cell, $0) }
      }
      return Difference(
        arm: arm.name, against: first,
        best: Dictionary(
          uniqueKeysWithValues: file.checkpoints.compactMap { point in
            Estimate(
              pairs.map { cell, other in
                let gain = other.measures.best(after: point) - cell.measures.best(after: point)
                return minimize ? gain : -gain
              }
            ).map { (point, $0) }
          }),
        sealed: Estimate(
          pairs.compactMap { cell, other in
            guard let one = cell.sealedImprovement, let two = other.sealedImprovement else { return nil }
            return one - two
          }),
        valid: Estimate(
          pairs.compactMap { cell, other in
            guard let one = cell.measures.valid.value, let two = other.measures.valid.value else {
              return nil
            }
            return one - two
          }),
        kept: Estimate(
          pairs.compactMap { cell, other in
            guard let one = cell.measures.kept.value, let two = other.measures.kept.value else { return nil }
            return one - two
          }))
    }
  }
}

extension ExperimentCell {
  var measures: TrialMeasures { TrialMeasures(rows: rows, baseline: baseline, minimize: minimize) }

  /// Positive is better; nil without a final report that could compare.
  var sealedImprovement: Double? { final.flatMap { Double($0.improvement) } }
}
