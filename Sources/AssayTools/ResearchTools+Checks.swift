import AssayAgent
import AssayPatch

extension ResearchTools {
  func checkSyntax() async throws(ToolError) -> String {
    let recipe = try await copy.read()
    if let problem = try await reading(of: recipe).problem {
      throw ToolError("it does not parse: \(UntrustedText.line(problem, limit: 400))")
    }
    let violations = EditScope.check(
      before: try self.recipe(of: parent), after: recipe, allowed: state.task.scope)
    guard violations.isEmpty else { throw ToolError(Self.text(violations)) }
    return "every file parses, and the edit stays within your partition"
  }

  func reading(of recipe: RecipeTree) async throws(ToolError) -> RecipeReader.Reading {
    let readings: [RecipeReader.Reading]
    do {
      readings = try await reader.read([recipe])
    } catch {
      throw ToolError("the recipe could not be read: \(error.message)")
    }
    guard let reading = readings.first else { throw ToolError("the recipe could not be read; try again") }
    return reading
  }

  static func text(_ violations: [EditScope.Violation]) -> String {
    "the edit leaves your partition: " + violations.prefix(5).map(\.message).joined(separator: "; ")
  }

  func project() async throws(ToolError) -> String {
    let recipe = try await copy.read()
    let caps = state.task.caps
    let before = try self.recipe(of: parent)
    var lines = [
      "recipe: \(recipe.byteCount) bytes" + (caps.recipeBytes > 0 ? " of at most \(caps.recipeBytes)" : "")
        + ", \(recipe.byteCount - before.byteCount) more than trial \(parent)"
    ]
    if caps.artifactBytes > 0 {
      lines.append("cap on the artifact: \(TrialText.number(caps.artifactBytes)) bytes")
    }
    if caps.trainSeconds > 0 { lines.append("cap on training: \(TrialText.number(caps.trainSeconds)) s") }
    if caps.predictSeconds > 0 {
      lines.append("cap on prediction: \(TrialText.number(caps.predictSeconds)) s")
    }
    let trials = state.lineage?.trials ?? []
    let known = trials.first { $0.number == parent }.map { TrialText.usage($0.usage) } ?? []
    lines.append(
      known.isEmpty
        ? "what trial \(parent) used is not at hand"
        : "measured of trial \(parent): " + known.joined(separator: "; "))
    // What edits of the same places did to size and time is the best guess that the record allows.
    let places = Set(EditScope.editedSections(before: before, after: recipe))
    let byNumber = Dictionary(trials.map { ($0.number, $0) }, uniquingKeysWith: { one, _ in one })
    var like: [String] = []
    for trial in trials.reversed() where trial.number != 0 && like.count < 5 {
      guard let after = trial.recipe, let base = trial.number == 0 ? nil : byNumber[trial.parent] else {
        continue
      }
      let baseRecipe = trial.parent == 0 ? state.task.baseline : base.recipe
      guard let baseRecipe, trial.usage.trainSeconds > 0, base.usage.trainSeconds > 0 else { continue }
      guard !places.isDisjoint(with: EditScope.editedSections(before: baseRecipe, after: after)) else {
        continue
      }
      let size = trial.usage.artifactBytes - base.usage.artifactBytes
      let time = trial.usage.trainSeconds - base.usage.trainSeconds
      like.append(
        "trial \(trial.number): artifact \(size >= 0 ? "+" : "")\(TrialText.number(size)) bytes, training "
          + "\(time >= 0 ? "+" : "")\(TrialText.number(time)) s")
    }
    if !like.isEmpty { lines += ["edits of the same places, against their parents:"] + like }
    return lines.joined(separator: "\n")
  }
}
