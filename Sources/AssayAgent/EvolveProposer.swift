import AssayPatch
import AssayRandom

/// Proposes edits by program-level mutation, recombination of earlier edits and repair of failures.
///
/// The same state and seed give the same proposal. It knows the field (its catalog of idioms) and no task.
public struct EvolveProposer: Sendable {
  let reader: RecipeReader
  let seed: UInt64

  public init(reader: RecipeReader, seed: UInt64) {
    self.reader = reader
    self.seed = seed
  }

  /// The next proposal of a specialist. Throws ``AgentError/Code/exhausted`` when nothing new can be thought
  /// of.
  public func propose(_ state: ResearchState) async throws(AgentError) -> RecipeProposal {
    var desk = try await desk(for: state)
    for idea in try await ideas(&desk) {
      try Self.checkCancellation()
      if let proposal = try await accept(idea, desk) { return proposal }
    }
    // The likely ideas are used up: search wider, from other recipes, several rewrites at a time.
    for width in 1...4 {
      for _ in 0..<10 {
        // Long after many trials, and nobody's loss: whoever stops an agent does not wait for it.
        try Self.checkCancellation()
        if let idea = try await mutation(&desk, parts: width), let proposal = try await accept(idea, desk) {
          return proposal
        }
        if let idea = try await leap(&desk), let proposal = try await accept(idea, desk) { return proposal }
      }
    }
    throw AgentError(
      .exhausted,
      "every edit of the partition of '\(state.specialist)' that the proposer knows has been tried")
  }

  private static func checkCancellation() throws(AgentError) {
    if Task.isCancelled { throw AgentError(.cancelled, "the search for an edit was cancelled") }
  }

  /// What one proposal is worked out on.
  struct Desk {
    var state: ResearchState
    var evidence: Evidence
    var generator: SeededGenerator
    var trials: [Int: TrialKnowledge]
    var parent: Int
    var recipe: RecipeTree
    var inspections: [Int: RecipeReader.Inspection]
    /// The specialist's own latest trials.
    var own: [Evidence.Account]

    func recipe(of number: Int) -> RecipeTree? { number == 0 ? state.task.baseline : trials[number]?.recipe }
  }

  /// A recipe worth submitting, before it is checked.
  struct Idea {
    var parent: Int
    var recipe: RecipeTree
    var hypothesis: String
    var expectedGain: Double
    var motive: String
    var notes = ""
  }

  private func desk(for state: ResearchState) async throws(AgentError) -> Desk {
    let trials = state.lineage?.trials ?? []
    var trees = [state.task.baseline]
    var numbers = [0]
    for trial in trials where trial.number != 0 {
      guard let recipe = trial.recipe else { continue }
      trees.append(recipe)
      numbers.append(trial.number)
    }
    let inspected = try await reader.inspect(trees + state.proposed)
    var inspections: [Int: RecipeReader.Inspection] = [:]
    for (number, inspection) in zip(numbers, inspected) { inspections[number] = inspection }
    let byNumber = Dictionary(trials.map { ($0.number, $0) }, uniquingKeysWith: { a, _ in a })
    var parent = state.lineage?.incumbent ?? 0
    if parent != 0, byNumber[parent]?.recipe == nil {
      // The record lags behind: the best kept recipe at hand.
      let metric = state.task.metric
      parent =
        trials.filter { $0.outcome == .keep && $0.recipe != nil && $0.score != nil }.max {
          metric.gain(from: $0.score ?? 0, to: $1.score ?? 0) > 0
        }?.number ?? 0
    }
    let evidence = Evidence(
      task: state.task, lineage: state.lineage, inspections: inspections,
      others: Array(inspected.dropFirst(trees.count)))
    return Desk(
      state: state, evidence: evidence,
      generator: SeededGenerator(seed: seed, state.specialist, "\(state.iteration)"),
      trials: byNumber, parent: parent,
      recipe: byNumber[parent]?.recipe ?? state.task.baseline, inspections: inspections,
      own: Array(evidence.ordered.filter { $0.trial.specialist == state.specialist }.suffix(200)))
  }

  /// Ideas in the order in which they should be tried.
  private func ideas(_ desk: inout Desk) async throws(AgentError) -> [Idea] {
    var ideas: [Idea] = []
    // The draws are made in any case, so that the later stream does not depend on what was found.
    let rebases = desk.generator.chance(0.9)
    let repairs = desk.generator.chance(0.55)
    let joins = desk.generator.unit()
    let pair = desk.generator.chance(desk.evidence.metric.measuresTime ? 0.4 : 0.15)
    let leaps = desk.generator.chance(0.3)
    // Where single steps have stopped to show beyond the noise, several at once may.
    let isSaturated = desk.evidence.saturation != nil
    let parts = (pair && desk.state.iteration >= 2 ? 2 : 1) + (isSaturated ? 1 : 0)
    ideas += orphaned(desk)
    if rebases { ideas += rebasing(desk) }
    if repairs { ideas += try await repairing(desk) }
    let joined = joining(desk)
    let promising = (joined.first?.expectedGain ?? 0) > 0.6 * desk.evidence.metric.keepMargin
    if joins < (promising ? 0.5 : 0.15) { ideas += joined }
    let stacks = desk.generator.chance(0.3)
    if stacks, let near = nearWin(desk), let recipe = near.trial.recipe {
      // What is good but within the noise may become a keep together with the next edit.
      var higher = desk
      higher.parent = near.trial.number
      higher.recipe = recipe
      if let idea = try await mutation(&higher, parts: 1) { ideas.append(idea) }
    }
    if isSaturated, leaps, let idea = try await leap(&desk) { ideas.append(idea) }
    for count in [parts, 1, 1, 1] {
      if let idea = try await mutation(&desk, parts: count) { ideas.append(idea) }
    }
    return ideas
  }

  /// The best edit of the incumbent that was not enough for a keep, where it came at least half the way.
  private func nearWin(_ desk: Desk) -> Evidence.Account? {
    let metric = desk.evidence.metric
    return desk.evidence.ordered.filter { account in
      account.trial.parent == desk.parent && account.trial.outcome == .discard && account.trial.recipe != nil
        && (account.gain ?? 0) > max(0.5 * metric.keepMargin, 0.5 * metric.scale)
    }.max { ($0.gain ?? 0, $1.trial.number) < ($1.gain ?? 0, $0.trial.number) }
  }

  /// The proposal of an idea, if it is new, valid and within the partition.
  private func accept(_ idea: Idea, _ desk: Desk) async throws(AgentError) -> RecipeProposal? {
    guard let before = desk.recipe(of: idea.parent), idea.recipe != before else { return nil }
    let task = desk.state.task
    guard EditScope.check(before: before, after: idea.recipe, allowed: task.scope).isEmpty else { return nil }
    if task.caps.recipeBytes > 0, idea.recipe.byteCount > task.caps.recipeBytes { return nil }
    guard let inspection = try await reader.inspect([idea.recipe]).first, inspection.ok,
      !desk.evidence.known.contains(inspection.digest)
    else { return nil }
    return RecipeProposal(
      parent: idea.parent, recipe: idea.recipe, hypothesis: String(idea.hypothesis.prefix(1500)),
      expectedDelta: (task.metric.lowerIsBetter ? -1 : 1) * idea.expectedGain,
      motive: String(idea.motive.prefix(120)),
      notes: String(idea.notes.prefix(1500)))
  }
}

/// The tree with rewrites made; nil where they overlap or do not fit.
func rewriting(_ tree: RecipeTree, _ candidates: [Candidate]) -> RecipeTree? {
  var result = tree
  for path in Set(candidates.map(\.path)).sorted() {
    guard var bytes = tree[path] else { return nil }
    let edits = candidates.filter { $0.path == path }.flatMap(\.edits).sorted { $0.start < $1.start }
    for (one, other) in zip(edits, edits.dropFirst()) where one.end > other.start { return nil }
    for edit in edits.reversed() {
      guard edit.start >= 0, edit.start <= edit.end, edit.end <= bytes.count else { return nil }
      bytes.replaceSubrange(edit.start..<edit.end, with: Array(edit.text.utf8))
    }
    guard let next = try? result.setting(path, to: bytes) else { return nil }
    result = next
  }
  return result
}
