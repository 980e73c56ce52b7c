import AssayMessages
import AssayTask
import AssayVerdict
import Crypto
import Foundation

extension PolicyStatement {
  /// What this evaluator binds itself to for a run of a task.
  init(
    run: String, _ task: ResearchTask, _ secret: RunSecret, arm: EvaluatorV1.Arm? = nil,
    lineage: Bool = true
  ) {
    let metric = task.metric
    let seeds = task.file.seeds
    self.init(
      run: run, task: task.name, taskDigest: task.digest,
      metric: .init(
        name: metric.name, direction: metric.direction.rawValue, unit: metric.unit,
        source: metric.source.rawValue, smallestEffect: "\(metric.smallestEffect)"),
      gates: task.file.gates.map(\.description), rules: task.file.rules.statics.map(\.id),
      rulesVersion: task.file.rules.version,
      seeds: .init(
        perTrial: max(1, seeds.perTrial), baseline: max(1, seeds.baseline), final: max(1, seeds.final),
        confirm: seeds.confirm > 0 ? seeds.confirm : nil,
        commitment: VerdictStatement.digest(secret.bytes)),
      keepRule: KeepRule.name, keepConfidence: Quantity.decimal(KeepRule.confidence),
      confirmationRule: seeds.confirm > 0 ? ConfirmationRule.name : nil,
      confirmationErrorRate: seeds.confirm > 0 ? Quantity.decimal(ConfirmationRule.errorRate) : nil,
      evaluatorVersion: Evaluator.version,
      nonClaims: [
        "That the metric measures what matters.",
        "That the runner's host and clock were honest: the verdict rests on what runners measured.",
        seeds.confirm > 0
          ? "That a kept trial is better by the amount measured, only that it is better: see the final report."
          : "That a kept trial is better by the amount measured: the best of many tries is flattered; see the final report.",
      ])
    if !gates.isEmpty { gateRule = GateRule.name }
    if !task.file.compute.isEmpty {
      fixedCompute = task.file.compute.map(\.description)
      computeRule = ComputeRule.name
    }
    if metric.source != .score || !task.file.compute.isEmpty { timeRule = ScoreRule.name }
    self.arm = arm.map { arm in
      Arm(
        name: arm.name,
        members: Dictionary(
          arm.members.map { ($0.specialist, $0.partitions) }, uniquingKeysWith: { first, _ in first }),
        analysts: arm.analysts, lineage: lineage, knowledge: !arm.knowledgeWithheld)
    }
  }
}
