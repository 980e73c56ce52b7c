public import AssayAgent
import AssayPatch

extension ResearchTools {
  /// Fewer letters than that say nothing about why an edit should help.
  static let shortestHypothesis = 20

  func submit(_ arguments: ToolArguments) async throws(ToolError) -> String {
    try checkOpen()
    let proposal = try await proposal(
      hypothesis: try arguments.requiredText("hypothesis", limit: 4000),
      expectedDelta: try arguments.decimal("expected_delta") ?? 0,
      notes: try arguments.text("notes", limit: 4000) ?? "")
    submission = proposal
    return "submitted; this session ends. The verdict is in the lineage when your next session begins."
  }

  /// The working copy as a proposal, if it is one.
  ///
  /// - Throws: `ToolError` for what the evaluator would refuse, and for trials that would teach nothing.
  public func proposal(
    hypothesis: String, expectedDelta: Double, notes: String
  ) async throws(ToolError) -> RecipeProposal {
    let recipe = try await copy.read()
    let before = try self.recipe(of: parent)
    guard hypothesis.count(where: \.isLetter) >= Self.shortestHypothesis else {
      throw ToolError(
        "the hypothesis says too little; tell in a sentence why the edit should improve \(state.task.metric.name)"
      )
    }
    guard recipe != before else {
      throw ToolError("the working copy is the recipe of trial \(parent) without a change; edit it first")
    }
    let violations = EditScope.check(before: before, after: recipe, allowed: state.task.scope)
    guard violations.isEmpty else { throw ToolError(Self.text(violations)) }
    let cap = state.task.caps.recipeBytes
    guard cap == 0 || recipe.byteCount <= cap else {
      throw ToolError(
        "the recipe has \(recipe.byteCount) bytes, \(recipe.byteCount - cap) over its cap of \(cap); shorten it"
      )
    }
    let reading = try await reading(of: recipe)
    if let problem = reading.problem {
      throw ToolError("it does not parse: \(UntrustedText.line(problem, limit: 400))")
    }
    try await checkNew(recipe, reading.meaning)
    return RecipeProposal(
      parent: parent, recipe: recipe, hypothesis: hypothesis, expectedDelta: expectedDelta, motive: motive,
      notes: notes)
  }

  /// Refuses what reads the same as a recipe that was tried.
  private func checkNew(_ recipe: RecipeTree, _ meaning: String) async throws(ToolError) {
    var numbers = [0]
    var trees = [state.task.baseline]
    for trial in state.lineage?.trials ?? [] where trial.number != 0 {
      guard let tree = trial.recipe else { continue }
      numbers.append(trial.number)
      trees.append(tree)
    }
    let own = trees.count
    trees += state.proposed
    guard let readings = try? await reader.read(trees) else { return }
    for (index, reading) in readings.enumerated() where reading.meaning == meaning {
      let which = index < own ? "trial \(numbers[index])" : "an earlier proposal of yours"
      throw ToolError(
        "this is what \(which) ran, apart from comments and layout; its verdict is known, so try something else"
      )
    }
  }
}
