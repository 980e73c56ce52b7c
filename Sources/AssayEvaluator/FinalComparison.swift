import AssayStatistics

/// The best recipe beside the baseline, both on fresh seeds and the sealed split.
///
/// The half-width is that of Welch's 95 % confidence interval for the difference of two means with unequal variances,
/// t(0.975, v) * sqrt(s1²/n1 + s2²/n2), v by Welch and Satterthwaite (NIST/SEMATECH e-Handbook, 7.3.1).
struct FinalComparison: Hashable, Sendable {
  var best: [Double]
  var baseline: [Double]
  var minimize: Bool

  var improvement: Double {
    let difference = Spread.mean(best) - Spread.mean(baseline)
    return minimize ? -difference : difference
  }

  /// Nil when there are too few seeds to tell.
  var halfWidth: Double? {
    guard best.count > 1, baseline.count > 1 else { return nil }
    let a = Spread.variance(best) / Double(best.count)
    let b = Spread.variance(baseline) / Double(baseline.count)
    guard a + b > 0 else { return 0 }
    let degrees =
      (a + b) * (a + b) / (a * a / Double(best.count - 1) + b * b / Double(baseline.count - 1))
    return StudentT.quantile(0.975, degrees: degrees) * (a + b).squareRoot()
  }

  var isBeyondNoise: Bool { halfWidth.map { improvement > 0 && improvement > $0 } ?? false }
}
