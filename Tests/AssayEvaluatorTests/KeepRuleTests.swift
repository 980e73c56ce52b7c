import AssayMessages
import AssayStatistics
import Testing

@testable import AssayEvaluator
@testable import AssayTask

@Suite("Keeping, scores and reports")
struct KeepRuleTests {
  @Test(
    "Student's t against printed tables",
    arguments: [
      (0.95, 2.0, 2.91999), (0.975, 4.0, 2.77645), (0.95, 1.0, 6.31375), (0.975, 30.0, 2.04227),
      (0.9, 2.0, 1.88562),
      (0.95, 1e6, 1.64485),
    ])
  func quantiles(probability: Double, degrees: Double, expected: Double) {
    #expect(abs(StudentT.quantile(probability, degrees: degrees) - expected) < 1e-4)
  }

  @Test("the margin by hand: t * sd * sqrt(1/3 + 1)")
  func margin() {
    let rule = KeepRule(baseline: [1.0, 1.1, 1.2], smallestEffect: 0.01, minimize: true)
    #expect(abs(rule.deviation - 0.1) < 1e-12)
    #expect(
      abs(rule.margin(incumbentSeeds: 3, trialSeeds: 1) - 2.91999 * 0.1 * (4.0 / 3).squareRoot()) < 1e-4)
    #expect(
      KeepRule(baseline: [1], smallestEffect: 0.25, minimize: true).margin(incumbentSeeds: 1, trialSeeds: 1)
        == 0.25)
    #expect(
      KeepRule(baseline: [1, 1, 1], smallestEffect: 0.25, minimize: true).margin(
        incumbentSeeds: 3, trialSeeds: 1) == 0.25)
  }

  @Test(
    "whatever is kept is better by more than the margin, in either direction; nothing else is",
    arguments: 0..<200)
  func property(seed: Int) {
    var state = UInt64(seed) &* 0x9E37_79B9_7F4A_7C15 | 1
    func random() -> Double {
      state ^= state << 13
      state ^= state >> 7
      state ^= state << 17
      return Double(state >> 11) / Double(1 << 53)
    }
    let rule = KeepRule(
      baseline: (0..<(1 + seed % 5)).map { _ in random() }, smallestEffect: random() / 10,
      minimize: seed.isMultiple(of: 2))
    let incumbent = random()
    let score = random()
    let ruling = rule.rule(
      score: score, trialSeeds: 1 + seed % 3, incumbent: incumbent, incumbentSeeds: 2, incumbentTrial: 4)
    let gain = rule.minimize ? incumbent - score : score - incumbent
    #expect(ruling.isKept == (gain > ruling.margin))
    #expect(ruling.margin >= rule.smallestEffect)
    // More seeds never ask for more.
    #expect(rule.margin(incumbentSeeds: 5, trialSeeds: 5) <= rule.margin(incumbentSeeds: 1, trialSeeds: 1))
    // The same score is never kept, nor is one that is no number.
    #expect(
      !rule.rule(score: incumbent, trialSeeds: 1, incumbent: incumbent, incumbentSeeds: 1, incumbentTrial: 0)
        .isKept)
    for bad in [Double.nan, .infinity, -.infinity] {
      #expect(
        !rule.rule(score: bad, trialSeeds: 1, incumbent: incumbent, incumbentSeeds: 1, incumbentTrial: 0)
          .isKept)
    }
  }

  private func metric(_ source: TaskFile.Metric.Source = .score) throws -> TaskFile.Metric {
    TaskFile.Metric(
      name: "loss", direction: .minimize, unit: "nats", smallestEffect: try #require(ExactDecimal("0.01")),
      source: source)
  }

  @Test(
    "numbers that are none are refused",
    arguments: ["nan", "inf", "-inf", "1e5", "", "0x10", "1e400", "123456789012345", "--1", "1.2.3"])
  func absurd(text: String) throws {
    let rule = ScoreRule(metric: try metric(), gates: [])
    let outcome = rule.outcome(Measured(metrics: [["loss": text]], cpuSeconds: [1], wallSeconds: [1]))
    guard case .failed(let failure) = outcome else {
      Issue.record("\(text) became \(outcome)")
      return
    }
    #expect(failure.wireLabel == .crash)
  }

  @Test("work that is moved from training to prediction is counted by a time metric")
  func movedWork() throws {
    var measured = Measured(metrics: [[:], [:]], cpuSeconds: [10, 12], wallSeconds: [20, 22])
    measured.predictCPUSeconds = [0.8, 0.8]
    measured.predictWallSeconds = [2, 2]
    func score(_ source: TaskFile.Metric.Source, cpu: [Double]?, wall: [Double]?, beside baseline: Measured?)
      throws -> [Double]?
    {
      var trial = Measured(metrics: [[:], [:]], cpuSeconds: [1, 1], wallSeconds: [3, 3])
      trial.predictCPUSeconds = cpu
      trial.predictWallSeconds = wall
      let rule = ScoreRule(metric: try metric(source), gates: [], baseline: baseline)
      guard case .score(let score) = rule.outcome(trial) else { return nil }
      return score.seeds
    }
    // A quarter more than the baseline's 0.8 s and 2 s is free.
    #expect(try score(.trainCPUSeconds, cpu: [5, 1], wall: [9, 9], beside: measured) == [5, 1])
    #expect(try score(.trainWallSeconds, cpu: [5, 1], wall: [4.5, 2], beside: measured) == [5, 3])
    var moved = Measured(metrics: [[:]], cpuSeconds: [1], wallSeconds: [3])
    moved.predictCPUSeconds = [5]
    let timed = ScoreRule(metric: try metric(.trainCPUSeconds), gates: [], baseline: measured)
    guard case .score(let noted) = timed.outcome(moved) else {
      Issue.record("no score")
      return
    }
    #expect(
      noted.note == "; 4 s of its time are prediction beyond a quarter more than the baseline's")
    moved.predictCPUSeconds = [1]
    #expect(timed.outcome(moved) == .score(ScoreRule.Score(seeds: [1])))
    #expect(try score(.trainCPUSeconds, cpu: [0.1, 0.1], wall: nil, beside: measured) == [1, 1])
    #expect(try score(.trainCPUSeconds, cpu: [5, 5], wall: nil, beside: nil) == [1, 1])
    #expect(try score(.trainCPUSeconds, cpu: nil, wall: nil, beside: measured) == [1, 1])
    let fixed = TaskFile.FixedCompute(
      quantity: .trainCPUSeconds, amount: try #require(ExactDecimal("1")),
      tolerancePercent: try #require(ExactDecimal("50")))
    for (prediction, isEqual) in [(1.4, true), (1.6, false)] {
      var trial = Measured(metrics: [["loss": "1"]], cpuSeconds: [1], wallSeconds: [3])
      trial.predictCPUSeconds = [prediction]
      let rule = ScoreRule(metric: try metric(), gates: [], compute: [fixed], baseline: measured)
      guard case .failed(let failure) = rule.outcome(trial) else {
        #expect(isEqual)
        continue
      }
      #expect(!isEqual && failure.rule == ComputeRule.ruleID, "\(failure)")
    }
  }

  @Test("a scorer that leaves the metric out is our failure")
  func missing() throws {
    guard
      case .failed(let failure) = ScoreRule(metric: try metric(), gates: []).outcome(
        Measured(metrics: [[:]], cpuSeconds: [1], wallSeconds: [1]))
    else {
      Issue.record("no failure")
      return
    }
    #expect(failure.wireLabel == .harnessAbort)
  }

  @Test("Welch's interval by hand")
  func final() throws {
    let comparison = FinalComparison(best: [1, 1.1, 1.2], baseline: [2, 2.2, 2.4], minimize: true)
    #expect(abs(comparison.improvement - 1.1) < 1e-12)
    // s1 = 0.1, s2 = 0.2: v = (0.01/3 + 0.04/3)^2 / ((0.01/3)^2/2 + (0.04/3)^2/2) = 2.941; t = 3.2195
    #expect(abs(try #require(comparison.halfWidth) - 3.2195 * (0.05 / 3).squareRoot()) < 2e-3)
    #expect(comparison.isBeyondNoise)
    #expect(!FinalComparison(best: [2, 2.2, 2.4], baseline: [1, 1.1, 1.2], minimize: true).isBeyondNoise)
    #expect(!FinalComparison(best: [1], baseline: [2], minimize: true).isBeyondNoise)
    #expect(
      !FinalComparison(best: [2, 2.01, 1.99], baseline: [2, 2.02, 2.01], minimize: true).isBeyondNoise)
  }

  @Test("seeds and nonces: distinct, different for each trial, purpose and secret, the same after a restart")
  func seeds() {
    let secret = RunSecret()
    let again = RunSecret(bytes: secret.bytes)
    #expect(
      secret.seeds(trial: 3, purpose: "trial", count: 3) == again.seeds(trial: 3, purpose: "trial", count: 3))
    #expect(Set(secret.seeds(trial: 3, purpose: "trial", count: 50)).count == 50)
    #expect(
      secret.seeds(trial: 3, purpose: "trial", count: 3) != secret.seeds(trial: 4, purpose: "trial", count: 3)
    )
    #expect(
      secret.seeds(trial: 3, purpose: "trial", count: 3) != secret.seeds(trial: 3, purpose: "final", count: 3)
    )
    #expect(secret.nonce(trial: 3, purpose: "trial") != RunSecret().nonce(trial: 3, purpose: "trial"))
  }

  @Test("log excerpts hold no control characters and keep both ends")
  func logs() {
    let escape = "\u{1B}"
    #expect(LogExcerpt.clean("a\(escape)[31mb\(escape)[0m\u{0}\u{7}\u{202E}c\r\nd\te") == "abc\nd\te")
    #expect(LogExcerpt.clean("x\(escape)]0;title\u{7}y\(escape)]8;;http://e\(escape)\\z") == "xyz")
    let long = LogExcerpt.clean("begin" + String(repeating: "é", count: 20_000) + "end")
    #expect(long.utf8.count <= LogExcerpt.maximumBytes)
    #expect(long.hasPrefix("begin"))
    #expect(long.hasSuffix("end"))
  }

  @Test func aTimesNoiseShrinksWithTheTime() {
    let times = KeepRule(baseline: [9, 10, 11], smallestEffect: 0.01, minimize: true, isTime: true)
    let start = times.margin(incumbentSeeds: 2, trialSeeds: 2)
    #expect(times.margin(incumbent: 10, incumbentSeeds: 2, trialSeeds: 2) == start)
    #expect(abs(times.margin(incumbent: 5, incumbentSeeds: 2, trialSeeds: 2) - start / 2) < 1e-9)
    let scores = KeepRule(baseline: [9, 10, 11], smallestEffect: 0.01, minimize: true)
    #expect(scores.margin(incumbent: 5, incumbentSeeds: 2, trialSeeds: 2) == start)
  }
}
