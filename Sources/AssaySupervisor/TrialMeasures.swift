/// What a run's trials amount to. Pure; `rows` are its trials but the baseline.
public struct TrialMeasures: Sendable {
  /// Failures of the recipe, in the order of the verdict's labels; our own are none.
  public static let failures: Set<String> = [
    "preflight_crash", "crash", "size_blocked", "train_budget_overrun", "eval_budget_overrun", "disqualified",
    "illegal",
  ]

  private let rows: [TrialRow]
  private let minimize: Bool
  private let baseline: Double

  public init(rows: [TrialRow], baseline: Double, minimize: Bool) {
    self.rows = rows.filter {
      $0.label != "harness_abort" && $0.label != "in_flight" && $0.label != "baseline"
    }
    .sorted { $0.trial < $1.trial }
    self.baseline = baseline
    self.minimize = minimize
  }

  /// Trials whose end was not our failure.
  public var count: Int { rows.count }
  public var labels: [String: Int] { rows.reduce(into: [:]) { $0[$1.label, default: 0] += 1 } }
  public var cpuSeconds: Double { rows.reduce(0) { $0 + $1.cpuSeconds } }

  /// The best confirmed score after so many trials; the baseline's where none was kept.
  public func best(after trials: UInt32) -> Double {
    rows.prefix(Int(trials)).filter { $0.label == "keep" }.compactMap { $0.score.flatMap(Double.init) }
      .reduce(baseline) { minimize ? min($0, $1) : max($0, $1) }
  }

  /// A share, as it is counted: nil of nothing.
  public struct Share: Codable, Sendable, Equatable {
    public var hits: Int
    public var of: Int
    public var value: Double? { of == 0 ? nil : Double(hits) / Double(of) }

    static func + (one: Share, other: Share) -> Share {
      Share(hits: one.hits + other.hits, of: one.of + other.of)
    }
  }

  public var kept: Share { Share(hits: rows.count { $0.label == "keep" }, of: rows.count) }
  public var valid: Share {
    Share(hits: rows.count { !Self.failures.contains($0.label) }, of: rows.count)
  }

  /// Failures after which the next trial of the same specialist was valid; a failure that was its last counts nowhere.
  public var validAfterFailure: Share {
    var share = Share(hits: 0, of: 0)
    for (index, row) in rows.enumerated() where Self.failures.contains(row.label) {
      guard let next = rows[(index + 1)...].first(where: { $0.specialist == row.specialist }) else {
        continue
      }
      share.of += 1
      if !Self.failures.contains(next.label) { share.hits += 1 }
    }
    return share
  }

  /// Failures that a later valid trial names, or edits.
  public var citedAndFixed: Share {
    var share = Share(hits: 0, of: 0)
    for (index, row) in rows.enumerated() where Self.failures.contains(row.label) {
      share.of += 1
      let isFixed = rows[(index + 1)...].contains { later in
        !Self.failures.contains(later.label)
          && (later.parent == row.trial || Self.cited(later.hypothesis).contains(row.trial))
      }
      if isFixed { share.hits += 1 }
    }
    return share
  }

  /// The trials that a text names as `trial 17` or `trials 17 and 18`.
  static func cited(_ text: String) -> Set<UInt32> {
    var found: Set<UInt32> = []
    for match in text.matches(of: /[Tt]rials? (\d{1,9})(?: and (\d{1,9}))?/) {
      if let number = UInt32(match.1) { found.insert(number) }
      if let second = match.2, let number = UInt32(second) { found.insert(number) }
    }
    return found
  }
}
