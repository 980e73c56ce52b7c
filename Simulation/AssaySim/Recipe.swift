import AssayPatch
import AssayTask
import Foundation

/// The task that simulated runs research, and what its recipes do: the text says it.
enum Recipe {
  static let text = """
    # --- section: model ---
    WIDTH = 1
    # --- section: opt ---
    LR = 1
    """ + "\n"

  /// What a recipe is meant to do.
  enum Fate: String {
    case honest, crash, oversize, illegal, syntax

    /// Verdicts that are right for it. `harness_abort` is right for every recipe whose host failed.
    var labels: Set<String> {
      switch self {
      case .honest: ["keep", "discard"]
      case .crash: ["crash"]
      case .oversize: ["size_blocked"]
      case .illegal: ["illegal"]
      case .syntax: ["preflight_crash"]
      }
    }
  }

  static func value(_ name: String, _ recipe: String) -> String {
    recipe.split(separator: "\n").first { $0.hasPrefix(name + " = ") }.map {
      String($0.dropFirst(name.count + 3))
    }
      ?? ""
  }

  static func fate(_ recipe: String) -> Fate {
    for value in [value("WIDTH", recipe), value("LR", recipe)] {
      for fate in [Fate.crash, .oversize, .illegal] where value.contains(fate.rawValue) { return fate }
      if value.hasPrefix("(") { return .syntax }
    }
    return .honest
  }

  static func score(_ recipe: String) -> String {
    let sum = (Double(value("WIDTH", recipe)) ?? 0) + (Double(value("LR", recipe)) ?? 0)
    return String(format: "%.6f", 2 - sum / 20)
  }

  /// A diff that changes what a specialist owns.
  static func edit(_ specialist: String, to value: String) throws -> [UInt8] {
    let line = specialist == "model" ? "WIDTH = " : "LR = "
    let edited = text.replacingOccurrences(of: line + "1\n", with: line + value + "\n")
    return try UnifiedDiff.make(
      from: RecipeTree(["recipe.py": Array(text.utf8)]), to: RecipeTree(["recipe.py": Array(edited.utf8)])
    ).bytes
  }

  /// Writes the task's folder and reads it.
  static func task(in folder: String) throws -> ResearchTask {
    for name in ["recipe", "harness", "scorer", "data", "knowledge"] {
      try FileManager.default.createDirectory(atPath: "\(folder)/\(name)", withIntermediateDirectories: true)
    }
    var files = ["recipe/recipe.py": text, "knowledge/notes.md": "Notes.\n"]
    for path in ["harness/train.py", "harness/predict.py", "scorer/score.py", "data/prepare.py"] {
      files[path] = "pass\n"
    }
    files["task.yaml"] = """
      assay: 1
      name: simulated
      title: Simulated
      summary: What a recipe does is in its text.
      metric: {name: loss, direction: minimize, unit: nats, smallest_effect: "0.01", source: score}
      recipe: {files: [recipe.py], max_bytes: 400}
      partitions:
        model: {title: Model, edits: [{file: recipe.py, sections: [model]}]}
        opt: {title: Optimiser, edits: [{file: recipe.py, sections: [opt]}]}
      seeds: {per_trial: 1, baseline: 2, final: 1, confirm: 0}
      train:
        command: ["{python}", /harness/train.py, --data, /data, --out, /out, --seed, "{seed}", --seconds, "{budget}"]
        outputs: [{path: artifact.bin, max_bytes: 1000}]
        cpu_seconds: 60
        wall_seconds: 120
        memory_mb: 256
        processes: 16
        disk_mb: 8
        output_kb: 64
      predict:
        command: ["{python}", /harness/predict.py, --artifact, /artifact, --inputs, /inputs, --out, /out]
        outputs: [{path: predictions.bin, max_bytes: 2000}]
        cpu_seconds: 60
        wall_seconds: 120
        memory_mb: 256
        processes: 16
        disk_mb: 8
        output_kb: 64
      score: {command: ["{python}", /scorer/score.py], wall_seconds: 20, memory_mb: 256}
      environment: {variables: {A: "1"}, cores: 1}
      knowledge: [knowledge/notes.md]
      """
    for (path, content) in files {
      try content.write(toFile: "\(folder)/\(path)", atomically: true, encoding: .utf8)
    }
    return try ResearchTask.load(directory: folder)
  }
}
