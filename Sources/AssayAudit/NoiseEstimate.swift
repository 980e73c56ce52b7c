import AssayTrajectory

/// How much a score moves when nothing changes.
public struct NoiseEstimate: Codable, Sendable, Equatable {
  /// Difference of two single measurements that chance alone exceeds one time in twenty.
  public var band: Double
  /// Standard deviation of one measurement, where it is known.
  public var deviation: Double?
  /// `given`, `measured by the evaluator`, `repeated code`, `plateau` or `published`.
  public var source: String
  /// In words, with the numbers that it rests on.
  public var basis: String
  /// Measurements that it rests on.
  public var count: Int
  /// Mean score of those measurements, for a plateau.
  public var mean: Double?
  public var highest: Double?
  /// Expected best of as many draws of pure noise around the mean.
  public var expectedBest: Double?
  /// Ids of the trials that it rests on.
  public var ids: [String]

  public init(
    band: Double, deviation: Double? = nil, source: String, basis: String, count: Int, mean: Double? = nil,
    highest: Double? = nil, expectedBest: Double? = nil, ids: [String]
  ) {
    self.band = band
    self.deviation = deviation
    self.source = source
    self.basis = basis
    self.count = count
    self.mean = mean
    self.highest = highest
    self.expectedBest = expectedBest
    self.ids = ids
  }

  private enum CodingKeys: String, CodingKey {
    case band, deviation, source, basis, count, mean, highest
    case expectedBest = "expected_best"
    case ids
  }

  static func band(of deviation: Double) -> Double { 1.96 * 2.0.squareRoot() * deviation }

  /// What the record itself says, best source first; nil when it says nothing.
  public static func derived(from trajectory: Trajectory) -> NoiseEstimate? {
    evaluator(trajectory) ?? repeated(trajectory) ?? plateau(trajectory)
  }

  /// The band that the evaluator measured and judged by.
  private static func evaluator(_ trajectory: Trajectory) -> NoiseEstimate? {
    guard let trial = trajectory.trials.last(where: { ($0.noise ?? 0) > 0 }), let band = trial.noise else {
      return nil
    }
    return NoiseEstimate(
      band: band, deviation: nil, source: "measured by the evaluator",
      basis: "the band that the verdict of trial \(trial.id) names", count: 1, ids: [trial.id])
  }

  /// Trials that executed the same code.
  private static func repeated(_ trajectory: Trajectory) -> NoiseEstimate? {
    var groups: [String: [TrialFacts]] = [:]
    for trial in trajectory.trials where trial.outcome.isValid && trial.score != nil {
      if let code = trial.code { groups[code, default: []].append(trial) }
    }
    var squares = 0.0
    var freedom = 0
    var ids: [String] = []
    for group in groups.values where group.count > 1 {
      let scores = group.compactMap(\.score)
      guard let mean = Statistics.mean(scores) else { continue }
      squares += scores.reduce(0) { $0 + ($1 - mean) * ($1 - mean) }
      freedom += scores.count - 1
      ids += group.map(\.id)
    }
    guard freedom >= 5, squares > 0 else { return nil }
    let deviation = (squares / Double(freedom)).squareRoot()
    return NoiseEstimate(
      band: band(of: deviation), deviation: deviation, source: "repeated code",
      basis: "\(ids.count) trials that executed code of another trial", count: ids.count, ids: ids.sorted())
  }

  /// Trials whose second metric is equal within 0.1 %: as models they are the same, so their scores differ by chance.
  private static func plateau(_ trajectory: Trajectory) -> NoiseEstimate? {
    let trials = trajectory.trials.filter { $0.outcome.isValid && $0.score != nil && $0.secondary != nil }
      .sorted { ($0.secondary ?? 0, $0.position) < ($1.secondary ?? 0, $1.position) }
    var best = 0..<0
    var start = 0
    for end in trials.indices {
      let limit = (trials[end].secondary ?? 0)
      while limit - (trials[start].secondary ?? 0) > 0.001 * abs(limit) { start += 1 }
      if end + 1 - start > best.count { best = start..<(end + 1) }
    }
    guard best.count >= 20 else { return nil }
    let group = Array(trials[best])
    let scores = Statistics.withoutOutliers(group.compactMap(\.score))
    guard let mean = Statistics.mean(scores), let deviation = Statistics.deviation(scores), deviation > 0
    else {
      return nil
    }
    let lower = trajectory.run.lowerIsBetter
    let kept = group.filter { scores.contains($0.score ?? .nan) }
    return NoiseEstimate(
      band: band(of: deviation), deviation: deviation, source: "plateau",
      basis:
        "\(scores.count) trials whose second metric is equal within 0.1 % (\(group.first?.secondary ?? 0) to \(group.last?.secondary ?? 0)), \(group.count - scores.count) outliers left out",
      count: scores.count, mean: mean, highest: lower ? scores.min() : scores.max(),
      expectedBest: mean + (lower ? -1 : 1) * deviation * Statistics.expectedMaximum(of: scores.count),
      ids: kept.sorted { $0.position < $1.position }.map(\.id))
  }
}
