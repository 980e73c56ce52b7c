import AssayAgent
import AssayPatch

extension ResearchTools {
  private func lineage() throws(ToolError) -> LineageKnowledge {
    guard let lineage = state.lineage else { throw ToolError("this run has no lineage") }
    return lineage
  }

  private func trial(_ arguments: ToolArguments) throws(ToolError) -> TrialKnowledge {
    let number = try arguments.requiredNumber("trial", in: 0...1_000_000_000)
    guard let trial = try lineage().trials.first(where: { $0.number == number }) else {
      throw ToolError("there is no trial \(number); list_trials shows which there are")
    }
    return trial
  }

  func listTrials(_ arguments: ToolArguments) async throws(ToolError) -> String {
    let lineage = try lineage()
    let word = try arguments.requiredText("view", limit: 100)
    guard let selection = TrialSelection(rawValue: word) else {
      let names = TrialSelection.allCases.map(\.rawValue).joined(separator: ", ")
      throw ToolError("there is no view '\(UntrustedText.line(word, limit: 40))'; there are \(names)")
    }
    let root = try arguments.number("trial", in: 0...1_000_000_000)
    guard selection != .subtree || root != nil else {
      throw ToolError("'trial' is missing: the root of the subtree")
    }
    let limit = try arguments.number("limit", in: 1...100) ?? 20
    let lines: [String]
    let rest: String
    if let views {
      let (trials, more) = try await views.trials(
        selection, specialist: state.specialist, root: root ?? 0, limit: limit)
      lines = trials.map { TrialText.line($0, incumbent: lineage.incumbent) }
      rest = more ? "\n[there are more]" : ""
    } else {
      let trials = selection.trials(
        of: lineage, specialist: state.specialist, metric: state.task.metric, root: root ?? 0)
      lines = trials.prefix(limit).map { TrialText.line($0, incumbent: lineage.incumbent) }
      rest = trials.count > limit ? "\n[\(trials.count - limit) more]" : ""
    }
    guard !lines.isEmpty else { return "none" + rest }
    return "Facts are the evaluator's; what is in quotes are agents' words.\n" + lines.joined(separator: "\n")
      + rest
  }

  func showTrial(_ arguments: ToolArguments) async throws(ToolError) -> String {
    let trial: TrialKnowledge
    if let views {
      let number = try arguments.requiredNumber("trial", in: 0...1_000_000_000)
      var answer = try await views.trial(number)
      answer.recipe = try? self.recipe(of: number)
      trial = answer
    } else {
      trial = try self.trial(arguments)
    }
    var lines = [TrialText.line(trial, incumbent: try lineage().incumbent, limit: 300)]
    if !trial.reason.isEmpty { lines.append("reason: \(UntrustedText.line(trial.reason, limit: 2000))") }
    lines += TrialText.usage(trial.usage)
    if !trial.hypothesis.isEmpty {
      lines.append("hypothesis (an agent's words): \(UntrustedText.quoted(trial.hypothesis, limit: 4000))")
    }
    if trial.number != 0, let recipe = trial.recipe, let base = try? self.recipe(of: trial.parent) {
      lines.append(
        "its edit of trial \(trial.parent):\n" + TrialText.diff(from: base, to: recipe, lines: 160))
    }
    if !trial.log.isEmpty {
      lines.append(UntrustedText.block(trial.log, of: "the recipe's output", limit: 5000))
    }
    return lines.joined(separator: "\n")
  }

  /// The recipe of a trial that a session looks into: asked for once, so that the lineage knows of it.
  private func fetchedRecipe(of number: Int) async throws(ToolError) -> RecipeTree {
    let recipe = try self.recipe(of: number)
    if let views, number != 0, !fetched.contains(number) {
      try await views.fetch(recipe)
      fetched.insert(number)
    }
    return recipe
  }

  func readSnapshot(_ arguments: ToolArguments) async throws(ToolError) -> String {
    let number = try arguments.requiredNumber("trial", in: 0...1_000_000_000)
    let path = try arguments.requiredText("path", limit: 1000)
    let (first, count) = try Self.window(arguments)
    return "trial \(number): "
      + TrialText.page(
        try file(path, in: try await fetchedRecipe(of: number)), path: path, first: first, count: count)
  }

  func rebase(_ arguments: ToolArguments) async throws(ToolError) -> String {
    try checkOpen()
    let number = try arguments.requiredNumber("trial", in: 0...1_000_000_000)
    let target = try await fetchedRecipe(of: number)
    let before = try recipe(of: parent)
    let current = try await copy.read()
    if try arguments.flag("discard") || current == before {
      try await copy.write(target)
      parent = number
      return "the working copy is the recipe of trial \(number)"
    }
    switch ThreeWayMerge.merge(base: before, ours: target, theirs: current) {
    case .merged(let merged):
      try await copy.write(merged)
      parent = number
      return "the working copy is based on trial \(number), with your edits"
    case .conflicts(let conflicts):
      throw ToolError(
        "your edits collide with trial \(number), nothing was changed: \(Self.text(conflicts)). Set \"discard\": true to begin "
          + "from it without them.")
    }
  }

  func recombine(_ arguments: ToolArguments) async throws(ToolError) -> String {
    try checkOpen()
    let other = try trial(arguments)
    guard other.number != 0 else { throw ToolError("the baseline has no edit; use rebase to go back to it") }
    let base = try recipe(of: other.parent)
    let theirs = try await fetchedRecipe(of: other.number)
    let current = try await copy.read()
    switch ThreeWayMerge.merge(base: base, ours: current, theirs: theirs) {
    case .merged(let merged):
      guard merged != current else {
        return "the edit of trial \(other.number) is in the working copy already"
      }
      try await copy.write(merged)
      return "the edit of trial \(other.number) is in the working copy"
        + (try Self.outside(from: try recipe(of: parent), to: merged, state.task.scope))
    case .conflicts(let conflicts):
      throw ToolError(
        "the edit of trial \(other.number) collides with your working copy, nothing was changed: \(Self.text(conflicts)). "
          + "Make the edit by hand: show_trial shows it.")
    }
  }

  private static func text(_ conflicts: [ThreeWayMerge.Conflict]) -> String {
    conflicts.prefix(5).map(\.message).joined(separator: "; ")
  }
}
