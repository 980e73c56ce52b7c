public import AssayPatch

extension RecipeReader {
  /// What reading a recipe as Python, without running it, tells of it.
  public struct Reading: Sendable, Hashable {
    /// File, line and message of the first syntax error; nil for a recipe that parses.
    public var problem: String?
    /// Equal for recipes that differ in comments, layout and docstrings only.
    public var meaning: String
  }

  /// Reads recipes, in the order asked for. Throws where Python or its limits are in the way.
  public func read(_ trees: [RecipeTree]) async throws(AgentError) -> [Reading] {
    try await inspect(trees).map { inspection in
      Reading(
        problem: inspection.ok ? nil : inspection.error ?? "it is no Python that can be read",
        meaning: inspection.digest)
    }
  }
}
