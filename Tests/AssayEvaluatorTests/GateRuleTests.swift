import AssayMessages
import AssayRandom
import Foundation
import Testing

@testable import AssayEvaluator
@testable import AssayTask

@Suite("Gates and fixed compute", .timeLimit(.minutes(2)))
struct GateRuleTests {
  private func gate(
    _ threshold: String, _ bound: TaskFile.Gate.Bound = .atLeast, confidence: String = "0.95"
  ) throws -> TaskFile.Gate {
    TaskFile.Gate(
      metric: "accuracy", bound: bound, threshold: try #require(ExactDecimal(threshold)),
      confidence: try #require(ExactDecimal(confidence)))
  }

  private func rule(_ gates: [TaskFile.Gate], compute: [TaskFile.FixedCompute] = []) throws -> ScoreRule {
    ScoreRule(
      metric: TaskFile.Metric(
        name: "loss", direction: .minimize, unit: "nats", smallestEffect: try #require(ExactDecimal("0.01")),
        source: .trainCPUSeconds), gates: gates, compute: compute)
  }

  private func measured(_ accuracies: [String], cpu: [Double]? = nil) -> Measured {
    Measured(
      metrics: accuracies.map { ["accuracy": $0] }, cpuSeconds: cpu ?? accuracies.map { _ in 3 },
      wallSeconds: accuracies.map { _ in 9 })
  }

  @Test("the bound by hand: two seeds with the spread of five of the baseline")
  func byHand() throws {
    // var(b) = 0.000250 (4 degrees), var(x) = 0.0002 (1): s² = 0.00024, t(0.95, 5) = 2.01505
    let baseline = [0.88, 0.89, 0.90, 0.91, 0.92]
    let bound = 0.89 - 2.01505 * (0.00024 / 2).squareRoot()
    let ruling = GateRule(gate: try gate("0.87"), baseline: baseline).rule([0.88, 0.90])
    #expect(abs(ruling.mean - 0.89) < 1e-12)
    #expect(abs(ruling.bound - bound) < 1e-6)
    #expect(!ruling.isMet)
    #expect(ruling.reason.contains("accuracy is 0.89 in the mean of 2 seed(s), its lower bound 0.867926"))
    #expect(ruling.reason.contains("2 seed(s) and 5 of the baseline), 0.002074 away from the gate"))
    #expect(GateRule(gate: try gate("0.8679"), baseline: baseline).rule([0.88, 0.90]).isMet)
  }

  @Test("the mean alone is asked for by a confidence of a half, and one seed of each has no spread")
  func mean() throws {
    let wide = [0.5, 0.7, 0.9]
    #expect(GateRule(gate: try gate("0.70", confidence: "0.5"), baseline: wide).rule([0.6, 0.8]).isMet)
    #expect(!GateRule(gate: try gate("0.70"), baseline: wide).rule([0.6, 0.8]).isMet)
    #expect(GateRule(gate: try gate("0.70"), baseline: [0.5]).rule([0.7]).isMet)
    #expect(GateRule(gate: try gate("0.70"), baseline: []).rule([0.7]).isMet)
    #expect(!GateRule(gate: try gate("0.70"), baseline: []).rule([.nan]).isMet)
  }

  @Test("an upper limit asks for the upper bound")
  func atMost() throws {
    let baseline = [0.88, 0.89, 0.90, 0.91, 0.92]
    #expect(!GateRule(gate: try gate("0.90", .atMost), baseline: baseline).rule([0.88, 0.90]).isMet)
    let ruling = GateRule(gate: try gate("0.92", .atMost), baseline: baseline).rule([0.88, 0.90])
    #expect(ruling.isMet)
    #expect(ruling.bound > ruling.mean)
    #expect(ruling.reason.contains("upper bound"))
  }

  @Test("mirrored values with the mirrored gate get the mirrored ruling")
  func mirrored() throws {
    var random = SeededGenerator(seed: 11)
    for _ in 0..<300 {
      let baseline = (0..<Int.random(in: 0...6, using: &random)).map { _ in
        Double.random(in: -1...1, using: &random)
      }
      let values = (0..<Int.random(in: 1...5, using: &random)).map { _ in
        Double.random(in: -1...1, using: &random)
      }
      let low = GateRule(gate: try gate("0.1"), baseline: baseline).rule(values)
      let high = GateRule(gate: try gate("-0.1", .atMost), baseline: baseline.map { -$0 }).rule(
        values.map { -$0 })
      #expect(low.isMet == high.isMet)
      #expect(abs(low.bound + high.bound) < 1e-9)
      #expect(low.bound <= low.mean)
    }
  }

  @Test(
    "a recipe whose true mean just misses the gate passes about once in twenty, and by its mean every other time"
  )
  func coverage() throws {
    var random = SeededGenerator(seed: 5)
    func noise() -> Double {
      let radius = (-2 * log(1 - Double.random(in: 0..<1, using: &random))).squareRoot()
      return radius * cos(2 * .pi * Double.random(in: 0..<1, using: &random))
    }
    let tries = 8000
    var passed = 0
    var passedByMean = 0
    for _ in 0..<tries {
      let rule = GateRule(gate: try gate("0"), baseline: (0..<5).map { _ in 3 + noise() })
      let ruling = rule.rule([noise(), noise()])
      passed += ruling.isMet ? 1 : 0
      passedByMean += ruling.mean >= 0 ? 1 : 0
    }
    // 0.05 +- 4 standard errors.
    #expect(abs(Double(passed) / Double(tries) - 0.05) < 0.01, "\(passed)")
    #expect(abs(Double(passedByMean) / Double(tries) - 0.5) < 0.03, "\(passedByMean)")
  }

  @Test(
    "a trial is judged by the bound, the final report by the mean, the incumbent beside a challenger not at all"
  )
  func admission() throws {
    var rule = try rule([gate("0.87")])
    rule.baseline = measured(["0.88", "0.89", "0.90", "0.91", "0.92"])
    let near = measured(["0.88", "0.90"])
    guard case .failed(let failure) = rule.outcome(near) else {
      Issue.record("the gate was not missed")
      return
    }
    #expect(failure.wireLabel == .disqualified)
    #expect(failure.rule == "accuracy")
    rule.admission = .final
    #expect(rule.outcome(near) == .score(.init(seeds: [3, 3])))
    let below = measured(["0.86", "0.87"])
    guard case .failed = rule.outcome(below) else {
      Issue.record("the final report accepts a mean below the gate")
      return
    }
    rule.admission = .comparison
    #expect(rule.outcome(below) == .score(.init(seeds: [3, 3])))
  }

  @Test("what is held equal is held on every seed, from both sides")
  func compute() throws {
    let fixed = TaskFile.FixedCompute(
      quantity: .trainCPUSeconds, amount: try #require(ExactDecimal("10")),
      tolerancePercent: try #require(ExactDecimal("5")))
    let rule = try rule([], compute: [fixed])
    #expect(rule.outcome(measured(["1", "1"], cpu: [9.5, 10.5])) == .score(.init(seeds: [9.5, 10.5])))
    let cases: [([Double], String)] = [
      ([10, 9.4], "9.4 on seed 2 of 2; this task holds it at 10, from 9.5 to 10.5: use more"),
      ([10.6, 10], "use less"),
    ]
    for (cpu, words) in cases {
      guard case .failed(let failure) = rule.outcome(measured(["1", "1"], cpu: cpu)) else {
        Issue.record("\(cpu) passed")
        continue
      }
      #expect(failure.wireLabel == .disqualified)
      #expect(failure.rule == "compute")
      #expect(failure.reason.contains(words), "\(failure.reason)")
    }
  }

  @Test("a run whose baseline misses its own gate says so, with the remedy")
  func baseline() async throws {
    // Predictions of 0.9 each: the spread is zero and the mean meets 0.9; with a spread, the bound would not.
    try await EvaluatorHarness.with(
      try Bench(gates: "gates: [{metric: accuracy, at_least: \"0.91\"}]"), script: ScriptedRunner.honest
    ) { harness in
      try await harness.open()
      let state = try await harness.state { $0.phase != .measuringBaseline }
      #expect(state.phase == .failed)
      #expect(
        state.reason.hasPrefix("the baseline itself is disqualified: accuracy is 0.9 "), "\(state.reason)")
      #expect(state.reason.contains("confidence: 0.5"))
    }
  }

  @Test("trials are disqualified by the bound and by the cost, and the policy names both rules")
  func loop() async throws {
    let conditions = """
      gates: [{metric: accuracy, at_least: "0.35", confidence: 0.9}]
      compute: [{fix: train_cpu_seconds, at: "1", tolerance: "10%"}]
      """
    let script: @Sendable (RunnerV1.Job, String) -> ScriptedRunner.Behaviour = { job, recipe in
      var behaviour = ScriptedRunner.honest(job, recipe)
      if job.phase == "train", ScriptedRunner.value("LR", recipe) == "9" {
        behaviour.cpuNanoseconds = 1_200_000_000
      }
      return behaviour
    }
    try await EvaluatorHarness.with(try Bench(gates: conditions), script: script) { harness in
      try await harness.openAccepting()
      let kept = try await harness.verdict(try await harness.submit(try Bench.edit(width: "6")))
      #expect(kept.verdict?.label == .keep, "\(String(describing: kept.verdict))")
      let low = try #require(
        try await harness.verdict(try await harness.submit(try Bench.edit(width: "7"))).verdict)
      #expect(low.label == .disqualified)
      #expect(low.rule == "accuracy")
      let dear = try #require(
        try await harness.verdict(
          try await harness.submit(try Bench.edit(lr: "9"), specialist: "opt")
        ).verdict)
      #expect(dear.label == .disqualified)
      #expect(dear.rule == "compute")
      #expect(dear.reason.contains("train_cpu_seconds is 1.2 on seed 1 of 1"))
    }
  }
}
