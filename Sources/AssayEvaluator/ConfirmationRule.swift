import AssayStatistics

/// Decides whether a trial that looked better than the incumbent is better, on fresh seeds that both were measured with.
///
/// The trial is confirmed when the lower confidence bound of its mean paired gain is above zero, and that mean is not below the
/// smallest effect that matters:
///
///     bound = mean(d) - t(1 - a_m, v) * s / sqrt(k),   a_m = a / (m * (m + 1)),   v = (n - 1) + (k - 1)
///     s²    = ((n - 1) * 2 * (sd * scale)² + (k - 1) * var(d)) / v
///
/// with k gains d on k seeds, and the spread pooled from them and from the baseline's n seeds (`KeepRule`); two recipes that share a
/// seed differ at most as much as two that do not, so that the baseline's part errs on the safe side. The m-th trial that challenges
/// an incumbent is tested at level a_m: these sum to a, however many come (alpha spending by a convergent series, as in
/// Foster and Stine, J. R. Stat. Soc. B 70, 2008). So the chance that one incumbent is ever replaced by recipes that are no better
/// is at most a = 0.05. That a trial was chosen for its luck does not matter: the seeds are fresh.
struct ConfirmationRule: Hashable, Sendable {
  static let errorRate = 0.05
  /// In policies; another formula gets another name.
  static let name = "paired-t-alpha-spending/v1"

  var keepRule: KeepRule

  struct Ruling: Hashable, Sendable {
    var isConfirmed: Bool
    /// Mean gain over the incumbent; positive is better.
    var gain: Double
    /// How far below it the bound lies.
    var halfWidth: Double
    var reason: String
  }

  /// The error rate that the `challenge`-th trial (from 1) against one incumbent may spend.
  static func level(challenge: Int) -> Double {
    let number = Double(max(1, challenge))
    return errorRate / (number * (number + 1))
  }

  /// - Parameters:
  ///   - scores: of the trial and the incumbent, seed by seed; the same number of each, at least one.
  ///   - incumbentTrial: for the reason.
  func rule(trial scores: [Double], incumbent: [Double], challenge: Int, incumbentTrial: UInt32) -> Ruling {
    let gains = zip(scores, incumbent).map { keepRule.improvement($0, over: $1) }
    let gain = Spread.mean(gains)
    let halfWidth = halfWidth(gains, incumbent: Spread.mean(incumbent), challenge: challenge)
    let isConfirmed = gain.isFinite && gain - halfWidth > 0 && gain >= keepRule.smallestEffect
    let measured =
      "on \(gains.count) fresh seeds beside trial \(incumbentTrial) it gained \(Quantity.decimal(gain)), and to be sure, after "
      + "\(challenge) challenge(s) of that trial, takes more than \(Quantity.decimal(max(halfWidth, keepRule.smallestEffect)))"
    return Ruling(
      isConfirmed: isConfirmed, gain: gain, halfWidth: halfWidth,
      reason: (isConfirmed ? "confirmed: " : "withdrawn: ") + measured)
  }

  private func halfWidth(_ gains: [Double], incumbent: Double, challenge: Int) -> Double {
    let ofBaseline = Double(max(0, keepRule.sampleSize - 1))
    let ofGains = Double(gains.count - 1)
    // One baseline seed and one pair tell nothing of noise.
    guard ofBaseline + ofGains > 0 else { return .infinity }
    let deviation = keepRule.deviation(at: incumbent)
    let variance =
      (ofBaseline * 2 * deviation * deviation + ofGains * Spread.variance(gains)) / (ofBaseline + ofGains)
    let t = StudentT.quantile(1 - Self.level(challenge: challenge), degrees: ofBaseline + ofGains)
    return t * (variance / Double(gains.count)).squareRoot()
  }
}
