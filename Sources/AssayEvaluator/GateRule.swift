import AssayStatistics
import AssayTask

/// Decides whether a recipe meets a gate: not the mean of its seeds has to, but the one-sided confidence bound of that mean,
///
///     bound = mean(x) - t(c, v) * s / sqrt(n),   v = (N - 1) + (n - 1)          (mean + ... for `at_most`)
///     s²    = ((N - 1) * var(b) + (n - 1) * var(x)) / v
///
/// with n values x of the recipe's seeds, and the spread pooled from them and from the baseline's N values b of the same metric: one
/// seed has no spread of its own (one-sided confidence limits of a mean, NIST/SEMATECH e-Handbook of Statistical Methods, 1.3.5.2; the
/// pooled variance, 7.3.1). A recipe whose true mean misses the gate passes with a chance of at most 1 - c. The baseline itself is
/// judged by its own spread. Where nothing tells of spread, one seed of each, the bound is the mean; with c = 0.5, t is 0 and it is too.
struct GateRule: Hashable, Sendable {
  /// In policies; another formula gets another name.
  static let name = "one-sided-t-pooled/v1"

  var gate: TaskFile.Gate
  /// The baseline's values of the gate's metric; none while it is the baseline that is judged.
  var baseline: [Double]

  struct Ruling: Hashable, Sendable {
    var isMet: Bool
    var mean: Double
    /// What has to meet the gate.
    var bound: Double
    var reason: String
  }

  func rule(_ values: [Double]) -> Ruling {
    let mean = Spread.mean(values)
    let ofBaseline = Double(max(0, baseline.count - 1))
    let ofTrial = Double(max(0, values.count - 1))
    var bound = mean
    var spread = "one seed tells nothing of spread"
    if ofBaseline + ofTrial > 0, !gate.asksForMean {
      let variance =
        (ofBaseline * Spread.variance(baseline) + ofTrial * Spread.variance(values)) / (ofBaseline + ofTrial)
      let t = StudentT.quantile(gate.confidence.value, degrees: ofBaseline + ofTrial)
      let halfWidth = t * (variance / Double(values.count)).squareRoot()
      bound = gate.bound == .atLeast ? mean - halfWidth : mean + halfWidth
      spread =
        "standard deviation \(Quantity.decimal(variance.squareRoot())) of \(values.count) seed(s)"
        + (baseline.isEmpty ? "" : " and \(baseline.count) of the baseline")
    }
    let isMet = gate.isMet(by: bound)
    let short = Quantity.decimal(abs(bound - gate.threshold.value))
    let side = gate.bound == .atLeast ? "lower" : "upper"
    let measured =
      gate.asksForMean
      ? "\(gate.metric) is \(Quantity.decimal(mean)) in the mean of \(values.count) seed(s)"
      : "\(gate.metric) is \(Quantity.decimal(mean)) in the mean of \(values.count) seed(s), its \(side) bound "
        + "\(Quantity.decimal(bound)) (\(spread))"
    return Ruling(
      isMet: isMet, mean: mean, bound: bound,
      reason: measured + (isMet ? ", which meets" : ", \(short) away from") + " the gate: \(gate)")
  }
}
