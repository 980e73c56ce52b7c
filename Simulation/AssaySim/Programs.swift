import AssayEvaluator
import AssayPatch
import AssaySandbox
import AssayTask
import Foundation

/// In place of the sandbox: a recipe takes its time and leaves what its text says.
struct SimulatedLauncher: TrialLauncher {
  let world: World

  var host: SandboxHost? { nil }

  var isolation: IsolationReport {
    IsolationReport(
      namespaces: true, dedicatedUser: true, seccomp: true, memoryLimit: true, processLimit: true,
      cpuAccounting: true, remarks: [])
  }

  func run(_ command: SandboxCommand) async throws(SandboxError) -> SandboxResult {
    let scheduler = world.scheduler
    let nanoseconds = 200_000_000 + scheduler.below(scheduler.chance(0.2) ? 25_000_000_000 : 2_000_000_000)
    // Cancelled, it is killed; whoever cancelled wants no result.
    try? await Task.sleep(for: .nanoseconds(nanoseconds))
    let failed = scheduler.chance(world.faults.sandboxFailure)
    if failed, world.sabotage != .chargeOurFailures {
      throw SandboxError(.infrastructure, "the simulated sandbox failed")
    }
    let folder = command.mounts.first { $0.destination == "/recipe" }?.source ?? ""
    let recipe = (try? String(contentsOfFile: folder + "/recipe.py", encoding: .utf8)) ?? ""
    let fate = Recipe.fate(recipe)
    var result = SandboxResult(
      outcome: .exited(failed || fate == .crash ? 1 : 0), wallNanoseconds: UInt64(nanoseconds),
      cpuNanoseconds: UInt64(nanoseconds), peakMemoryBytes: 1 << 20, outputs: [], log: Array("epoch 1\n".utf8)
    )
    guard result.succeeded, let output = command.outputs.first else {
      result.outputs = command.outputs.map { _ in .missing }
      return result
    }
    let isTraining = output.path == "artifact.bin"
    if isTraining, fate == .oversize {
      result.outputs = [.tooLarge(size: 1155)]
      return result
    }
    let content = isTraining ? "weights of \(recipe)" : fate == .illegal ? "illegal" : Recipe.score(recipe)
    do {
      try Data(content.utf8).write(to: URL(filePath: output.destination))
    } catch {
      throw SandboxError(.infrastructure, "\(error)")
    }
    result.outputs = [.present(size: UInt64(content.utf8.count))]
    return result
  }
}

/// In place of the task's scorer: the score is what the predictions say.
struct SimulatedScorer: TaskScorer {
  let world: World

  private func mayFail() throws {
    if world.scheduler.chance(world.faults.scorerFailure) {
      throw EvaluatorError(.scorerFailed, "the simulated scorer failed")
    }
  }

  func inspect(_ recipe: RecipeTree, rules: TaskFile.Rules) async throws -> Inspection {
    try mayFail()
    let text = String(decoding: recipe["recipe.py"] ?? [], as: UTF8.self)
    if Recipe.fate(text) == .syntax { return .syntaxError("recipe.py:2: '(' was never closed") }
    return .clean(meaning: recipe)
  }

  func inputs(_ request: ScoringRequest) async throws -> [String: [UInt8]] {
    try mayFail()
    return ["a/inputs.bin": Array(request.nonce.utf8)]
  }

  func judge(_ request: ScoringRequest, folder: String) async throws -> Judgement {
    try await Task.sleep(for: .milliseconds(50))
    try mayFail()
    let text = try String(contentsOfFile: folder + "/predictions/a/predictions.bin", encoding: .utf8)
    if text == "illegal" {
      return Judgement(metrics: [:], illegal: .init(rule: "causality", evidence: "position 3 moved"))
    }
    return Judgement(metrics: ["loss": text])
  }
}
