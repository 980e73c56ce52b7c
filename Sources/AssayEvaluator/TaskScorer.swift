import AssayPatch

/// What the evaluator runs of a task: its scorer, with the held-out data, and the syntax check of recipes.
public protocol TaskScorer: Sendable {
  /// The error of a recipe's Python files, `file:line: text`; nil when all parse. Nothing of the recipe runs.
  func syntaxError(of recipe: RecipeTree) async throws -> String?
  /// Writes the inputs of all groups: content by `group/path`.
  func inputs(_ request: ScoringRequest) async throws -> [String: [UInt8]]
  /// Judges predictions. `folder` holds `inputs/GROUP/...` and `predictions/GROUP/...`.
  func judge(_ request: ScoringRequest, folder: String) async throws -> Judgement
}

/// What a scorer is asked about.
public struct ScoringRequest: Sendable, Hashable {
  /// True for the sealed split, which is used once, when a run ends.
  public var isSealed: Bool
  public var nonce: String
}
