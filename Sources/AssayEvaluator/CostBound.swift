import AssayStatistics
import Foundation

/// What a run of a recipe is nearly certain to cost at least, from what a probe of it cost and how the two were related in earlier trials.
///
/// The bound is the lower end of a one-sided prediction interval for one new observation,
///
///     m - t(c, n - 1) * s * sqrt(1 + 1 / n)
///
/// with m and s the mean and the standard deviation of n earlier relations (Hahn and Meeker, Statistical Intervals, section 4.7): of the
/// logarithm of whole / probe for what grows in proportion (sizes, the time of prediction), of whole - probe for training time, where a
/// recipe that keeps to its budget takes so much longer than its probe. The spread has a floor of 3 % of the whole, since a few
/// earlier trials may agree by chance. Fewer than three relations bound nothing.
struct CostBound: Hashable, Sendable {
  /// How certain it is that the whole costs at least the bound.
  static let confidence = 0.999
  static let fewest = 3
  static let floor = 0.03

  /// What a probe cost, and what the whole of the same recipe cost after it.
  struct Relation: Hashable, Sendable {
    var probe: Double
    var whole: Double
  }

  var expected: Double
  var lower: Double

  /// For a cost in proportion to the probe's; nil where too little is known.
  init?(inProportionTo probe: Double, _ relations: [Relation]) {
    let logs = relations.filter { $0.probe > 0 && $0.whole > 0 }.map { log($0.whole / $0.probe) }
    guard probe > 0, logs.count >= Self.fewest else { return nil }
    let mean = Spread.mean(logs)
    expected = probe * exp(mean)
    lower = probe * exp(mean - Self.halfWidth(max(Spread.deviation(logs), Self.floor), logs.count))
  }

  /// For a cost that exceeds the probe's by about the same amount; nil where too little is known.
  init?(beyond probe: Double, _ relations: [Relation]) {
    guard probe > 0, relations.count >= Self.fewest else { return nil }
    let differences = relations.map { $0.whole - $0.probe }
    let mean = Spread.mean(differences)
    let floor = Self.floor * Spread.mean(relations.map(\.whole))
    expected = probe + mean
    // The whole is never less than the probe: it does at least the same.
    lower = max(
      probe, probe + mean - Self.halfWidth(max(Spread.deviation(differences), floor), differences.count))
  }

  private static func halfWidth(_ deviation: Double, _ count: Int) -> Double {
    StudentT.quantile(confidence, degrees: Double(count - 1)) * deviation
      * (1 + 1 / Double(count)).squareRoot()
  }
}
