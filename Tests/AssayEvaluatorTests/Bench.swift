import AssayEvaluator
import AssayIdentity
import AssayPatch
import AssayRPC
import AssaySandbox
import Foundation
import Synchronization

@testable import AssayTask

/// A state folder, a task made for the test, and what its fake scorer does.
final class Bench: Sendable {
  let folder: String
  let key: IdentityKey
  let owned: OwnedTask
  let scorer = ScriptedScorer()

  static let recipe = """
    # --- section: model ---
    WIDTH = 1
    # --- section: opt ---
    LR = 1
    """ + "\n"

  /// The same state folder and key, with the task as its folder has it now.
  init(of other: Bench) throws {
    folder = other.folder
    key = other.key
    owned = OwnedTask(
      task: try ResearchTask.load(directory: folder + "/task"), prepared: other.owned.prepared, scorer: scorer
    )
  }

  init(
    trialSeeds: Int = 1, baselineSeeds: Int = 3, confirmSeeds: Int = 0, gates: String = "", gpus: Int = 0
  ) throws {
    key = IdentityKey()
    folder =
      FileManager.default.temporaryDirectory.appendingPathComponent("assay-evaluator-\(UUID().uuidString)")
      .path
    let task = folder + "/task"
    for name in ["recipe", "harness", "scorer", "data", "knowledge"] {
      try FileManager.default.createDirectory(atPath: "\(task)/\(name)", withIntermediateDirectories: true)
    }
    func write(_ text: String, _ path: String) throws {
      try text.write(toFile: "\(task)/\(path)", atomically: true, encoding: .utf8)
    }
    try write(Self.recipe, "recipe/recipe.py")
    for path in ["harness/train.py", "harness/predict.py", "scorer/score.py", "data/prepare.py"] {
      try write("pass\n", path)
    }
    try write("Notes.\n", "knowledge/notes.md")
    try write(
      """
      assay: 1
      name: bench
      title: Bench
      summary: A task for tests.
      metric: {name: loss, direction: minimize, unit: nats, smallest_effect: "0.01", source: score}
      \(gates)
      recipe: {files: [recipe.py], max_bytes: 400}
      partitions:
        model: {title: Model, edits: [{file: recipe.py, sections: [model]}]}
        opt: {title: Optimiser, edits: [{file: recipe.py, sections: [opt]}]}
      seeds: {per_trial: \(trialSeeds), baseline: \(baselineSeeds), final: 3, confirm: \(confirmSeeds)}
      train:
        command: ["{python}", /harness/train.py, --data, /data, --out, /out, --seed, "{seed}", --seconds, "{budget}"]
        outputs: [{path: artifact.bin, max_bytes: 1000}]
        cpu_seconds: 10
        wall_seconds: 20
        memory_mb: 256
        processes: 16
        disk_mb: 8
        output_kb: 64
      predict:
        command: ["{python}", /harness/predict.py, --artifact, /artifact, --inputs, /inputs, --out, /out]
        outputs: [{path: predictions.bin, max_bytes: 2000}]
        cpu_seconds: 5
        wall_seconds: 10
        memory_mb: 256
        processes: 16
        disk_mb: 8
        output_kb: 64
      score: {command: ["{python}", /scorer/score.py], wall_seconds: 20, memory_mb: 256}
      environment: {variables: {A: "1"}, cores: 1\(gpus == 0 ? "" : ", gpus: {count: \(gpus)}")}
      knowledge: [knowledge/notes.md]
      """, "task.yaml")
    let loaded = try ResearchTask.load(directory: task)
    owned = OwnedTask(
      task: loaded,
      prepared: PreparedTask(
        environment: nil, train: task + "/data", heldout: "/none/heldout", sealed: "/none/sealed",
        dataDigest: ""),
      scorer: scorer)
  }

  /// A bundled task, prepared and scored for real.
  ///
  /// - Parameter smallestEffect: in place of the task's own, so that no trial is kept by the luck of its seed.
  init(bundled name: String, smallestEffect: String, sandbox: Sandbox) async throws {
    key = IdentityKey()
    folder =
      FileManager.default.temporaryDirectory.appendingPathComponent("assay-evaluator-\(UUID().uuidString)")
      .path
    let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent()
    let copy = URL(filePath: folder).appending(path: "task")
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    try FileManager.default.copyItem(at: root.appending(path: "tasks/\(name)"), to: copy)
    let file = copy.appending(path: "task.yaml")
    let text = try String(contentsOf: file, encoding: .utf8)
    try text.replacing(/smallest_effect: "[^"]*"/, with: "smallest_effect: \"\(smallestEffect)\"")
      .write(to: file, atomically: true, encoding: .utf8)
    let task = try ResearchTask.load(directory: copy.path)
    let prepared = try await TaskPreparation(task: task, cache: folder + "/prepared").prepare()
    owned = OwnedTask(
      task: task, prepared: prepared,
      scorer: SandboxedScorer(
        sandbox: sandbox, task: task, prepared: prepared, scratch: folder + "/state/scratch"))
  }

  deinit { try? FileManager.default.removeItem(atPath: folder) }

  func configuration(clock: EvaluatorClock = .system) -> Evaluator.Configuration {
    var configuration = Evaluator.Configuration(stateFolder: folder + "/state", tasks: [owned], key: key)
    configuration.clock = clock
    return configuration
  }

  /// Writes rules into the task's file: `forbid` are widths.
  func forbid(_ widths: [String], version: Int) throws {
    let file = folder + "/task/task.yaml"
    let text = try String(contentsOfFile: file, encoding: .utf8)
    let rest = text.components(separatedBy: "\nrules:")[0]
    let names = widths.map { "width_\($0)" }.joined(separator: ", ")
    try
      (rest + """

        rules:
          version: \(version)
          static: [{id: narrow, why: "wide models are too slow", forbid: [\(names)]}]

        """).write(toFile: file, atomically: true, encoding: .utf8)
  }

  /// A diff that sets the values of the recipe.
  static func edit(width: String? = nil, lr: String? = nil, append: String = "") throws -> [UInt8] {
    var text = recipe
    if let width { text = text.replacingOccurrences(of: "WIDTH = 1", with: "WIDTH = \(width)") }
    if let lr { text = text.replacingOccurrences(of: "LR = 1", with: "LR = \(lr)") }
    return try UnifiedDiff.make(
      from: RecipeTree(["recipe.py": Array(recipe.utf8)]),
      to: RecipeTree(["recipe.py": Array((text + append).utf8)])
    ).bytes
  }
}

/// A scorer without a sandbox: the score is what the predictions say, which the scripted runner decides.
final class ScriptedScorer: TaskScorer {
  /// What only the evaluator may know.
  static let canary = "HELD-OUT-ANSWER-4711"
  struct State: Sendable {
    var failInputs = 0
    var failInspections = 0
    var sealedRequests = 0
    var inspections = 0
  }
  let state = Mutex(State())

  func inspect(_ recipe: RecipeTree, rules: TaskFile.Rules) async throws -> Inspection {
    let fails = state.withLock { state in
      guard state.failInspections > 0 else { return false }
      state.failInspections -= 1
      return true
    }
    if fails { throw EvaluatorError(.scorerFailed, "the inspection failed") }
    let text = recipe.text("recipe.py") ?? ""
    state.withLock { $0.inspections += 1 }
    if text.contains("WIDTH = (") { return .syntaxError("recipe.py:2: '(' was never closed") }
    if text.contains("WIDTH = eval") { return .broken(rule: "no-eval", evidence: "recipe.py:2: eval") }
    for rule in rules.statics {
      // `width_3` forbids WIDTH = 3.
      guard case .forbid(let names) = rule.check,
        let name = names.first(where: { text.contains("WIDTH = \($0.dropFirst(6))\n") })
      else { continue }
      return .broken(rule: rule.id, evidence: "recipe.py:2: \(name)")
    }
    let lines = text.split(separator: "\n").filter { !$0.hasPrefix("#") }.map {
      $0.replacing(/\ +# .*/, with: "")
    }
    return .clean(
      meaning: try recipe.setting("recipe.py", to: Array((lines.joined(separator: "\n") + "\n").utf8)))
  }

  func inputs(_ request: ScoringRequest) async throws -> [String: [UInt8]] {
    let fails = state.withLock { state in
      if request.isSealed { state.sealedRequests += 1 }
      if state.failInputs > 0 {
        state.failInputs -= 1
        return true
      }
      return false
    }
    if fails {
      throw EvaluatorError(
        .scorerFailed, "the scorer failed", cause: EvaluatorError(.scorerFailed, Self.canary))
    }
    return ["a/inputs.bin": Array("a\(request.nonce)".utf8), "b/inputs.bin": Array("b\(request.nonce)".utf8)]
  }

  func judge(_ request: ScoringRequest, folder: String) async throws -> Judgement {
    let text = try String(contentsOfFile: folder + "/predictions/a/predictions.bin", encoding: .utf8)
    switch text {
    case "malformed": return Judgement(metrics: [:], malformed: "group a: a prediction is not finite")
    case "illegal":
      return Judgement(metrics: [:], illegal: .init(rule: "causality", evidence: "position 3 moved"))
    case "canary":
      throw EvaluatorError(
        .scorerFailed, "the scorer failed", cause: EvaluatorError(.scorerFailed, Self.canary))
    default: return Judgement(metrics: ["loss": text, "accuracy": text])
    }
  }
}
