import AssayPatch
public import Foundation

/// A proposal that is about to be submitted, or was: what an agent that was killed says again, word for word.
public struct PendingSubmission: Sendable, Hashable, Codable {
  /// The submission's idempotency key.
  public var key: String
  public var iteration: Int
  public var parent: Int
  /// The unified diff.
  public var edit: Data
  public var files: [String: Data]
  public var hypothesis: String
  public var expectedDelta: Double
  public var notes: String
  public var motive: String

  init(key: String, iteration: Int, _ proposal: RecipeProposal, edit: [UInt8]) {
    self.key = key
    self.iteration = iteration
    parent = proposal.parent
    self.edit = Data(edit)
    files = Dictionary(
      uniqueKeysWithValues: proposal.recipe.paths.map { ($0, Data(proposal.recipe[$0] ?? [])) })
    hypothesis = proposal.hypothesis
    expectedDelta = proposal.expectedDelta
    notes = proposal.notes
    motive = proposal.motive
  }

  /// The proposal; nil where the files make no recipe.
  var proposal: RecipeProposal? {
    guard let recipe = try? RecipeTree(files.mapValues { [UInt8]($0) }) else { return nil }
    return RecipeProposal(
      parent: parent, recipe: recipe, hypothesis: hypothesis, expectedDelta: expectedDelta, motive: motive,
      notes: notes)
  }
}

/// Remembers the submission that is under way, beyond the process's end.
public protocol SubmissionJournal: Sendable {
  /// The submission of an earlier process whose fate is not known; nil where there is none.
  func pending() -> PendingSubmission?
  /// Durable when it returns. Called before anything is sent.
  func record(_ submission: PendingSubmission) throws(AgentError)
  /// Its trial is known, or it was refused.
  func clear()
}
