import AssayStatistics
import AssayTask

/// Decides whether a trial replaces the incumbent.
///
/// The improvement must exceed the margin
///
///     margin = max(smallest effect, t(0.95, n - 1) * sd * scale * sqrt(1 / n_incumbent + 1 / n_trial))
///
/// where sd is the sample standard deviation of the baseline's n seeds and t(0.95, n - 1) the one-sided 95 % quantile of
/// Student's t: the margin of a two-sample test with one pooled standard deviation, here that of the baseline (NIST/SEMATECH
/// e-Handbook of Statistical Methods, 7.3.1). One seed tells nothing of noise: then the smallest effect decides alone.
/// The scale is 1, but for measured times incumbent / baseline: what disturbs a clock disturbs a long time more than a short
/// one (a constant coefficient of variation).
/// Where a task confirms, this decides only who challenges the incumbent (`ConfirmationRule`). Where it does not, a kept trial is the
/// best of many tries; what it is really worth, the re-score on fresh seeds says.
struct KeepRule: Codable, Hashable, Sendable {
  /// Standard deviation of one seed's score.
  var deviation: Double
  /// Seeds that the deviation was measured over.
  var sampleSize: Int
  var smallestEffect: Double
  var minimize: Bool
  /// Mean of the baseline, when noise grows in proportion to the score.
  var proportionalTo: Double?

  static let confidence = 0.95
  /// In policies; another formula gets another name.
  static let name = "two-sample-t-baseline-sd/v1"

  init(baseline: [Double], smallestEffect: Double, minimize: Bool, isTime: Bool = false) {
    deviation = Spread.deviation(baseline)
    sampleSize = baseline.count
    self.smallestEffect = smallestEffect
    self.minimize = minimize
    let mean = baseline.reduce(0, +) / Double(max(1, baseline.count))
    proportionalTo = isTime && mean > 0 ? mean : nil
  }

  /// - Parameter incumbent: score of the incumbent; nil for the baseline's.
  func margin(incumbent: Double? = nil, incumbentSeeds: Int, trialSeeds: Int) -> Double {
    guard sampleSize > 1, deviation > 0, incumbentSeeds > 0, trialSeeds > 0 else { return smallestEffect }
    let t = StudentT.quantile(Self.confidence, degrees: Double(sampleSize - 1))
    return max(
      smallestEffect,
      t * deviation(at: incumbent) * (1 / Double(incumbentSeeds) + 1 / Double(trialSeeds)).squareRoot())
  }

  /// The deviation of one seed's score at an incumbent's score; nil for the baseline's.
  func deviation(at incumbent: Double?) -> Double {
    guard let incumbent, let proportionalTo, incumbent > 0 else { return deviation }
    return deviation * incumbent / proportionalTo
  }

  /// How much better `score` is than `other`; negative when it is worse.
  func improvement(_ score: Double, over other: Double) -> Double { minimize ? other - score : score - other }

  struct Ruling: Hashable, Sendable {
    var isKept: Bool
    var margin: Double
    var reason: String
  }

  func rule(score: Double, trialSeeds: Int, incumbent: Double, incumbentSeeds: Int, incumbentTrial: UInt32)
    -> Ruling
  {
    let margin = margin(incumbent: incumbent, incumbentSeeds: incumbentSeeds, trialSeeds: trialSeeds)
    let gain = improvement(score, over: incumbent)
    let other = "trial \(incumbentTrial) (\(Quantity.decimal(incumbent)))"
    if gain.isFinite, gain > margin {
      return Ruling(
        isKept: true, margin: margin,
        reason:
          "better than \(other) by \(Quantity.decimal(gain)), more than the margin of \(Quantity.decimal(margin))"
      )
    }
    let reason =
      gain > 0
      ? "better than \(other) by \(Quantity.decimal(gain)), within the margin of \(Quantity.decimal(margin)) that noise alone can give"
      : "not better than \(other): worse by \(Quantity.decimal(-gain)); a keep needs to be better by more than \(Quantity.decimal(margin))"
    return Ruling(isKept: false, margin: margin, reason: reason)
  }
}
