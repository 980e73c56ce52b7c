import Foundation

/// Two runs, or two arms of one experiment, side by side.
public struct Comparison: Codable, Sendable, Equatable {
  /// A share in both runs, with the difference and the 95 % interval of the difference.
  public struct Share: Codable, Sendable, Equatable {
    public var a: Double
    public var b: Double
    /// a - b.
    public var difference: Double
    /// Half-width by the normal approximation for two independent shares; nil with no trials on a side.
    public var halfWidth: Double?

    init(_ a: (Int, Int), _ b: (Int, Int)) {
      func share(_ pair: (Int, Int)) -> Double { pair.1 == 0 ? 0 : Double(pair.0) / Double(pair.1) }
      self.a = share(a)
      self.b = share(b)
      difference = self.a - self.b
      halfWidth =
        a.1 == 0 || b.1 == 0
        ? nil
        : 1.96 * (self.a * (1 - self.a) / Double(a.1) + self.b * (1 - self.b) / Double(b.1)).squareRoot()
    }

    private enum CodingKeys: String, CodingKey {
      case a, b, difference
      case halfWidth = "half_width"
    }
  }

  /// The best scores at one amount of something.
  public struct Point: Codable, Sendable, Equatable {
    public var at: Double
    public var a: Double?
    public var b: Double?
  }

  public var a: RunAudit
  public var b: RunAudit
  /// Whether the scores mean the same: same name, same direction.
  public var sameScore: Bool
  public var keepRate: Share
  public var validRate: Share
  /// The same specialist's next trial after a failure is valid.
  public var repairRate: Share
  public var bestByTrials: [Point]
  public var bestByNodeSeconds: [Point]

  public init(_ a: RunAudit, _ b: RunAudit) {
    self.a = a
    self.b = b
    sameScore = a.scoreName == b.scoreName && a.lowerIsBetter == b.lowerIsBetter
    keepRate = Share((a.counts.kept, a.counts.realTrials), (b.counts.kept, b.counts.realTrials))
    validRate = Share((a.counts.valid, a.counts.realTrials), (b.counts.valid, b.counts.realTrials))
    repairRate = Share(
      (a.repairs.total.nextValid, a.repairs.total.failures),
      (b.repairs.total.nextValid, b.repairs.total.failures))
    let trials = min(a.counts.trials, b.counts.trials)
    bestByTrials = [25, 50, 100, 150, 200, 300, 500, 1000, trials].filter { $0 <= trials }.sorted()
      .reduce(into: [Int]()) { if $0.last != $1 { $0.append($1) } }
      .map { Point(at: Double($0), a: a.progress.best(after: $0), b: b.progress.best(after: $0)) }
    let seconds = min(a.cost.nodeSeconds, b.cost.nodeSeconds)
    func best(_ audit: RunAudit, _ limit: Double) -> Double? {
      audit.progress.steps.last { $0.nodeSeconds <= limit }?.score
    }
    bestByNodeSeconds =
      seconds <= 0
      ? []
      : [0.1, 0.25, 0.5, 0.75, 1].map {
        Point(at: $0 * seconds, a: best(a, $0 * seconds), b: best(b, $0 * seconds))
      }
  }

  private enum CodingKeys: String, CodingKey {
    case a, b
    case sameScore = "same_score"
    case keepRate = "keep_rate"
    case validRate = "valid_rate"
    case repairRate = "repair_rate"
    case bestByTrials = "best_by_trials"
    case bestByNodeSeconds = "best_by_node_seconds"
  }
}
