import AssayMessages
import AssayRandom
import Foundation
import Synchronization
import Testing

@testable import AssayEvaluator

@Suite("Predicted failures", .timeLimit(.minutes(3)))
struct CheapGateTests {
  private static func noise(_ random: inout SeededGenerator) -> Double {
    let radius = (-2 * log(1 - Double.random(in: 0..<1, using: &random))).squareRoot()
    return radius * cos(2 * .pi * Double.random(in: 0..<1, using: &random))
  }

  private func outlay(size: Double? = nil, train: Double? = nil, predict: Double? = nil) -> Outlay {
    var outlay = Outlay(train: nil, predictions: [], task: bench.owned.task.file, isProbe: false)
    outlay.size = size
    outlay.train = train
    outlay.predict = predict
    return outlay
  }

  private let bench: Bench

  init() throws { bench = try Bench() }

  @Test("the bound by hand, and nothing from fewer than three relations")
  func byHand() throws {
    let relations = [1.0, 1.1, 1.2].map { CostBound.Relation(probe: 1, whole: $0) }
    // logs 0, 0.09531, 0.18232: m = 0.092544, s = 0.091193; t(0.999, 2) = 22.327
    let bound = try #require(CostBound(inProportionTo: 2, relations))
    #expect(abs(bound.expected - 2 * exp(0.092544)) < 1e-4)
    #expect(abs(bound.lower - 2 * exp(0.092544 - 22.327 * 0.091193 * (4.0 / 3).squareRoot())) < 1e-3)
    #expect(CostBound(inProportionTo: 2, Array(relations.dropLast())) == nil)
    #expect(CostBound(beyond: 2, Array(relations.dropLast())) == nil)
    // Beyond the probe: never less than the probe itself.
    let beyond = try #require(CostBound(beyond: 2, relations))
    #expect(abs(beyond.expected - 2.1) < 1e-9)
    #expect(beyond.lower == 2)
    #expect(CostBound(inProportionTo: 0, relations) == nil)
  }

  @Test(
    "what is predicted to be the least a trial costs is more than it costs once in a thousand",
    arguments: [3, 5, 12])
  func coverage(count: Int) throws {
    var random = SeededGenerator(seed: UInt64(count))
    var wrong = (proportional: 0, beyond: 0)
    let tries = 6000
    for _ in 0..<tries {
      // A spread above the floor: the floor errs on the safe side.
      func relation() -> CostBound.Relation {
        let probe = Double.random(in: 0.5...2, using: &random)
        return .init(probe: probe, whole: probe * exp(0.4 + 0.1 * Self.noise(&random)))
      }
      func longer() -> CostBound.Relation {
        let probe = Double.random(in: 0.5...2, using: &random)
        return .init(probe: probe, whole: probe + 6 + 0.4 * Self.noise(&random))
      }
      let new = (relation(), longer())
      if try #require(CostBound(inProportionTo: new.0.probe, (0..<count).map { _ in relation() })).lower
        > new.0.whole
      {
        wrong.proportional += 1
      }
      if try #require(CostBound(beyond: new.1.probe, (0..<count).map { _ in longer() })).lower > new.1.whole {
        wrong.beyond += 1
      }
    }
    // 6 of 6,000 are expected; 17 are four standard errors more.
    #expect(wrong.proportional <= 17, "\(wrong)")
    #expect(wrong.beyond <= 17, "\(wrong)")
  }

  @Test("the same change is foreseen to be too large on a parent that is as large, and on no smaller one")
  func sameChange() throws {
    let gate = CheapGate(precedents: [
      .init(trial: 3, change: "c", whole: outlay(size: 1.3), probe: nil, parent: outlay(size: 0.6)),
      .init(trial: 4, change: "d", whole: outlay(size: 0.9), probe: nil, parent: outlay(size: 0.6)),
    ])
    let found = try #require(gate.bySameChange("c", parent: outlay(size: 0.66)))
    #expect(found.refuses)
    #expect(abs(found.expected - 1.43) < 1e-9)
    #expect(abs(found.lower - 1.235) < 1e-9)
    let failure = try #require(CheapGate.failure([found]))
    #expect(failure.wireLabel == .sizeBlocked)
    #expect(
      failure.reason.hasPrefix(
        "predicted: what training leaves would be 143 % of its cap, and at least 123.5 %, 23.5 % over it"))
    #expect(failure.reason.contains("trial 3"))
    #expect(gate.bySameChange("c", parent: outlay(size: 0.59)) == nil)
    #expect(gate.bySameChange("c", parent: outlay()) == nil)
    #expect(gate.bySameChange("d", parent: outlay(size: 0.9)) == nil)
    #expect(gate.bySameChange("", parent: outlay(size: 0.9)) == nil)
    // What was hardly over may be under on another parent.
    let hardly = CheapGate(precedents: [
      .init(trial: 3, change: "c", whole: outlay(size: 1.04), probe: nil, parent: outlay(size: 0.6))
    ])
    #expect(try !#require(hardly.bySameChange("c", parent: outlay(size: 0.6))).refuses)
  }

  @Test("a prediction refuses and never admits: fewer caps are broken by no evidence")
  func refusesOnly() {
    let gate = CheapGate(
      precedents: (0..<8).map { index in
        .init(
          trial: UInt32(index), change: "", whole: outlay(size: 0.5, train: 0.8, predict: 0.4),
          probe: outlay(size: 0.5, train: 0.2, predict: 0.4), parent: nil)
      })
    #expect(CheapGate.failure(gate.byProbe(outlay(size: 0.9, train: 0.3, predict: 0.9))) == nil)
    #expect(CheapGate.failure(gate.byProbe(outlay(size: 1.4)))?.wireLabel == .sizeBlocked)
    #expect(CheapGate.failure(gate.byProbe(outlay(train: 0.8)))?.wireLabel == .trainBudgetOverrun)
    #expect(CheapGate.failure(gate.byProbe(outlay(predict: 1.4)))?.wireLabel == .evalBudgetOverrun)
    // The largest excess speaks.
    #expect(CheapGate.failure(gate.byProbe(outlay(size: 1.4, predict: 1.9)))?.wireLabel == .evalBudgetOverrun)
    #expect(gate.byProbe(outlay()).isEmpty)
    #expect(CheapGate.failure([]) == nil)
  }

  @Test("a probe is made where it is likely to save more than it costs")
  func pays() {
    #expect(ProbeRule.pays(broken: 0, of: 0, probeCPUSeconds: 1, wholeCPUSeconds: 5))
    #expect(!ProbeRule.pays(broken: 0, of: 0, probeCPUSeconds: 2, wholeCPUSeconds: 5))
    #expect(!ProbeRule.pays(broken: 0, of: 20, probeCPUSeconds: 1, wholeCPUSeconds: 5))
    #expect(ProbeRule.pays(broken: 9, of: 20, probeCPUSeconds: 2, wholeCPUSeconds: 5))
    #expect(!ProbeRule.pays(broken: 9, of: 20, probeCPUSeconds: 0, wholeCPUSeconds: 0))
  }

  // MARK: In the evaluator

  /// Leaves 100 bytes for each unit of WIDTH, of the 1,000 that are allowed; predicts slowly where WIDTH is negative. A probe takes a
  /// tenth of the time, and prediction from what it left a twentieth.
  private static let script: @Sendable (RunnerV1.Job, String) -> ScriptedRunner.Behaviour = { job, recipe in
    var behaviour = ScriptedRunner.honest(job, recipe)
    let width = Int(ScriptedRunner.value("WIDTH", recipe))
    guard job.phase != "predict" else {
      behaviour.cpuNanoseconds = (width ?? 0) < 0 ? 9_000_000_000 : 1_000_000_000
      if job.jobId.contains("/probe-predict/") { behaviour.cpuNanoseconds /= 20 }
      return behaviour
    }
    if job.phase == "probe" { behaviour.cpuNanoseconds = 100_000_000 }
    let size = 100 * (width.map(abs) ?? 1)
    behaviour.output = Array(repeating: 7, count: min(size, 1000))
    if size > 1000 {
      behaviour.outputState = .tooLarge
      behaviour.size = UInt64(size)
    }
    return behaviour
  }

  @Test(
    "a trial that its probe shows to be far too large is answered at once; a few are run to see whether that is right",
    arguments: [true, false])
  func probed(enforce: Bool) async throws {
    let bench = try Bench(gates: "probe: {budget_seconds: 1, cpu_seconds: 5, enforce: \(enforce)}")
    let trained = Mutex<Set<UInt32>>([])
    let script: @Sendable (RunnerV1.Job, String) -> ScriptedRunner.Behaviour = { job, recipe in
      if job.phase == "train" { trained.withLock { _ = $0.insert(job.trial) } }
      return Self.script(job, recipe)
    }
    try await EvaluatorHarness.with(bench, script: script) { harness in
      try await harness.openAccepting()
      let fine = try #require(
        try await harness.verdict(try await harness.submit(try Bench.edit(width: "5"))).verdict)
      #expect(fine.label == .keep)
      #expect(fine.usage.map(\.phase) == ["train", "predict", "predict", "probe-train"])
      var predicted: UInt32 = 0
      for width in 30..<36 {
        let trial = try await harness.submit(try Bench.edit(width: "\(width)"))
        let verdict = try #require(try await harness.verdict(trial).verdict)
        #expect(verdict.label == .sizeBlocked)
        if verdict.reason.hasPrefix("predicted: ") {
          predicted += 1
          #expect(verdict.reason.contains("over it (by its probe, and"), "\(verdict.reason)")
          #expect(verdict.usage.map(\.phase) == ["probe-train"])
          #expect(verdict.usage.first?.artifactBytes == UInt64(100 * width))
        } else {
          #expect(verdict.usage.map(\.phase) == ["train", "probe-train"])
        }
        #expect(trained.withLock { $0.contains(trial) } == !verdict.reason.hasPrefix("predicted: "))
      }
      let state = try await harness.state()
      #expect(state.predicted == predicted)
      #expect(state.predictionsChecked == 6 - predicted)
      #expect(state.predictionsWrong == 0)
      #expect(enforce ? predicted > 0 : predicted == 0)
    }
  }

  @Test("the same change on another parent is answered without any runner")
  func foreseen() async throws {
    try await EvaluatorHarness.with(try Bench(), script: Self.script) { harness in
      try await harness.openAccepting()
      let first = try #require(
        try await harness.verdict(try await harness.submit(try Bench.edit(width: "13"))).verdict)
      #expect(first.label == .sizeBlocked)
      #expect(!first.reason.hasPrefix("predicted"))
      var predicted = 0
      for rate in 2..<7 {
        let parent = try await harness.submit(try Bench.edit(lr: "\(rate)"), specialist: "opt")
        _ = try await harness.verdict(parent)
        let edit = Array("--- a/recipe.py\n+++ b/recipe.py\n@@ -2,1 +2,1 @@\n-WIDTH = 1\n+WIDTH = 13\n".utf8)
        let verdict = try #require(
          try await harness.verdict(try await harness.submit(edit, parent: parent)).verdict)
        #expect(verdict.label == .sizeBlocked)
        guard verdict.reason.hasPrefix("predicted: ") else { continue }
        predicted += 1
        #expect(verdict.reason.contains("the same change was over the cap in trial"))
        #expect(verdict.usage.isEmpty)
      }
      #expect(predicted > 0)
    }
  }

  @Test("prediction that is too slow is seen in a probe, on inputs of the baseline's")
  func slowPrediction() async throws {
    let bench = try Bench(gates: "probe: {budget_seconds: 1, cpu_seconds: 5, predict: true}")
    try await EvaluatorHarness.with(bench, script: Self.script) { harness in
      try await harness.openAccepting()
      for width in 2..<8 {
        _ = try await harness.verdict(try await harness.submit(try Bench.edit(width: "\(width)")))
      }
      var labels: [String] = []
      for width in 2..<8 {
        let verdict = try #require(
          try await harness.verdict(try await harness.submit(try Bench.edit(width: "-\(width)"))).verdict)
        #expect(verdict.label == .evalBudgetOverrun, "\(verdict)")
        labels.append(verdict.usage.contains { $0.phase == "train" } ? "run" : "predicted")
      }
      #expect(labels.contains("predicted"), "\(labels)")
    }
  }

  @Test("a probe that fails, or that we lose, stops no trial", arguments: ["crash", "stopped", "lost"])
  func probeFails(how: String) async throws {
    let script: @Sendable (RunnerV1.Job, String) -> ScriptedRunner.Behaviour = { job, recipe in
      var behaviour = Self.script(job, recipe)
      guard job.phase == "probe" else { return behaviour }
      switch how {
      case "crash": behaviour.exitCode = 1
      case "stopped":
        behaviour.outcome = .cpuLimit
        behaviour.output = nil
      default:
        behaviour.outcome = .infrastructure
        behaviour.output = nil
      }
      return behaviour
    }
    let bench = try Bench(gates: "probe: {budget_seconds: 1, cpu_seconds: 5, enforce: false}")
    try await EvaluatorHarness.with(bench, script: script) { harness in
      try await harness.openAccepting()
      let verdict = try await harness.verdict(try await harness.submit(try Bench.edit(width: "5"))).verdict
      #expect(verdict?.label == .keep, "\(String(describing: verdict))")
    }
  }
}
