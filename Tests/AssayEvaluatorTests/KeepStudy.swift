import AssayRandom
import AssayStatistics
import Foundation

@testable import AssayEvaluator

/// Simulated runs of the evaluator's rules on normal noise of deviation 1: what is kept with confirmation, without it, and by the
/// naive rule, "better than the best so far".
struct KeepStudy {
  var random: SeededGenerator
  var baselineSeeds: Int
  var confirmSeeds: Int

  struct Result {
    var confirmed = 0
    var unconfirmed = 0
    var naive = 0
  }

  /// - Parameter effect: by how much each trial is better than the baseline, which the score of a trial does not add up.
  mutating func run(trials: Int, effect: Double) -> Result {
    let baseline = (0..<baselineSeeds).map { _ in noise() }
    let rule = KeepRule(baseline: baseline, smallestEffect: 0, minimize: true)
    let confirmation = ConfirmationRule(keepRule: rule)
    var result = Result()
    var incumbent = (score: Spread.mean(baseline), seeds: baselineSeeds, worth: 0.0)
    var unconfirmed = (score: incumbent.score, seeds: incumbent.seeds)
    var naive = incumbent.score
    var challenges = 0
    for _ in 0..<trials {
      let score = noise() - effect
      if score < naive {
        naive = score
        result.naive += 1
      }
      func isKept(over other: (score: Double, seeds: Int)) -> Bool {
        rule.rule(
          score: score, trialSeeds: 1, incumbent: other.score, incumbentSeeds: other.seeds, incumbentTrial: 0
        ).isKept
      }
      if isKept(over: unconfirmed) {
        unconfirmed = (score, 1)
        result.unconfirmed += 1
      }
      guard isKept(over: (incumbent.score, incumbent.seeds)) else { continue }
      challenges += 1
      let own = (0..<confirmSeeds).map { _ in noise() - effect }
      let other = (0..<confirmSeeds).map { _ in noise() - incumbent.worth }
      guard
        confirmation.rule(trial: own, incumbent: other, challenge: challenges, incumbentTrial: 0).isConfirmed
      else { continue }
      result.confirmed += 1
      incumbent = (Spread.mean(own), confirmSeeds, effect)
      challenges = 0
    }
    return result
  }

  /// Standard normal (Box and Muller).
  private mutating func noise() -> Double {
    let radius = (-2 * log(1 - Double.random(in: 0..<1, using: &random))).squareRoot()
    return radius * cos(2 * .pi * Double.random(in: 0..<1, using: &random))
  }
}
