import AssayRandom
import Foundation
import Testing

@testable import AssayEvaluator

@Suite("What confirms a trial")
struct ConfirmationRuleTests {
  /// A baseline of deviation 1 that was measured over 5 seeds.
  static let keepRule: KeepRule = {
    var rule = KeepRule(baseline: [0, 0, 0, 0, 0], smallestEffect: 0, minimize: true)
    rule.deviation = 1
    return rule
  }()

  @Test func levelsOfAllChallengesSumToTheErrorRate() {
    let sum = (1...100_000).reduce(0) { $0 + ConfirmationRule.level(challenge: $1) }
    #expect(sum < ConfirmationRule.errorRate)
    #expect(sum > 0.999 * ConfirmationRule.errorRate)
  }

  /// By hand: gains 3, 2, 4 over a deviation of 1 with 4 degrees: s² = (4 * 2 + 2 * 1) / 6, t(0.975, 6) = 2.4469.
  @Test func theBoundIsThatOfAPooledPairedTest() {
    let ruling = ConfirmationRule(keepRule: Self.keepRule).rule(
      trial: [7, 8, 6], incumbent: [10, 10, 10], challenge: 1, incumbentTrial: 4)
    #expect(abs(ruling.gain - 3) < 1e-12)
    #expect(abs(ruling.halfWidth - 2.446912 * (10.0 / 6 / 3).squareRoot()) < 1e-5)
    #expect(ruling.isConfirmed)
    #expect(ruling.reason.hasPrefix("confirmed: on 3 fresh seeds beside trial 4 it gained 3"))
  }

  @Test func aLaterChallengeTakesMore() {
    let rule = ConfirmationRule(keepRule: Self.keepRule)
    let widths = [1, 2, 10, 100].map {
      rule.rule(trial: [1, 2, 3], incumbent: [4, 5, 6], challenge: $0, incumbentTrial: 0).halfWidth
    }
    #expect(widths == widths.sorted() && Set(widths).count == 4)
  }

  @Test func whatIsSmallerThanMattersIsNotKept() {
    var keepRule = Self.keepRule
    keepRule.deviation = 0
    keepRule.smallestEffect = 0.5
    let rule = ConfirmationRule(keepRule: keepRule)
    #expect(!rule.rule(trial: [1, 1], incumbent: [1.4, 1.4], challenge: 1, incumbentTrial: 0).isConfirmed)
    #expect(rule.rule(trial: [1, 1], incumbent: [1.5, 1.5], challenge: 1, incumbentTrial: 0).isConfirmed)
  }

  @Test func withoutAnyMeasureOfNoiseNothingIsConfirmed() {
    let rule = ConfirmationRule(keepRule: KeepRule(baseline: [1], smallestEffect: 0, minimize: true))
    #expect(!rule.rule(trial: [0], incumbent: [1], challenge: 1, incumbentTrial: 0).isConfirmed)
  }

  @Test func sidesAlternateAndAreTakenApartAgain() {
    #expect(
      (0..<8).map { Confirmation.side(of: $0) == .trial } == [
        true, false, false, true, true, false, false, true,
      ])
    let both = Measured(
      metrics: (0..<6).map { ["m": "\($0)"] }, cpuSeconds: [0, 1, 2, 3, 4, 5],
      wallSeconds: [0, 1, 2, 3, 4, 5])
    #expect(Confirmation.positions([7, 8, 9]) == [7, 7, 8, 8, 9, 9])
    #expect(Confirmation.measured(.trial, of: both).cpuSeconds == [0, 3, 4])
    #expect(Confirmation.measured(.incumbent, of: both).metrics == [["m": "1"], ["m": "2"], ["m": "5"]])
  }

  /// 300 simulated runs of 400 trials that change nothing, noise of deviation 1: how many keep any trial at all.
  @Test func recipesThatAreNoBetterAreHardlyEverKept() {
    var study = KeepStudy(random: SeededGenerator(seed: 7), baselineSeeds: 5, confirmSeeds: 5)
    var confirmed = 0
    var naive = 0
    let runs = 300
    for _ in 0..<runs {
      let result = study.run(trials: 400, effect: 0)
      confirmed += result.confirmed > 0 ? 1 : 0
      naive += result.naive > 0 ? 1 : 0
    }
    #expect(Double(confirmed) / Double(runs) <= 0.05, "\(confirmed) of \(runs)")
    #expect(naive == runs, "better than the best alone keeps luck: \(naive) of \(runs)")
  }

  /// Detection of edits that are better by one, two and three deviations: 0.07, 0.38 and 0.72 (docs/statistics.md).
  @Test func realGainsAreFound() {
    var study = KeepStudy(random: SeededGenerator(seed: 8), baselineSeeds: 5, confirmSeeds: 5)
    let rates = [1.0, 2, 3].map { effect in
      Double((0..<2000).reduce(0) { count, _ in count + study.run(trials: 1, effect: effect).confirmed })
        / 2000
    }
    #expect(rates == rates.sorted())
    #expect(rates[2] > 0.5, "\(rates)")
  }
}
