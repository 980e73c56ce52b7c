import AssayPatch
import AssayTask

/// What the evaluator runs of a task: its scorer, with the held-out data, and the inspection of recipes.
public protocol TaskScorer: Sendable {
  /// What stands in a recipe's Python files, by these rules. Nothing of the recipe runs.
  func inspect(_ recipe: RecipeTree, rules: TaskFile.Rules) async throws -> Inspection
  /// Writes the inputs of all groups: content by `group/path`.
  func inputs(_ request: ScoringRequest) async throws -> [String: [UInt8]]
  /// Judges predictions. `folder` holds `inputs/GROUP/...` and `predictions/GROUP/...`.
  func judge(_ request: ScoringRequest, folder: String) async throws -> Judgement
}

/// What reading a recipe shows.
public enum Inspection: Sendable, Hashable {
  /// Nothing is wrong with it. Its files, Python ones in canonical form: recipes that are equal there differ in comments and formatting
  /// alone (docs/lineage.md).
  case clean(meaning: RecipeTree)
  /// It is no Python: `file:line: text`.
  case syntaxError(String)
  /// It breaks a static rule of the task. The evidence is `file:line: what stands there`.
  case broken(rule: String, evidence: String)
}

/// What a scorer is asked about.
public struct ScoringRequest: Sendable, Hashable {
  /// True for the sealed split, which is used once, when a run ends.
  public var isSealed: Bool
  public var nonce: String
}
