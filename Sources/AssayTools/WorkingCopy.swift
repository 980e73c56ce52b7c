public import AssayPatch

/// The recipe that a specialist is editing: its own, and nobody else's.
public protocol WorkingCopy: Sendable {
  /// The recipe as it is now.
  ///
  /// - Throws: `ToolError` where the copy holds something that is no recipe.
  func read() async throws(ToolError) -> RecipeTree
  /// Replaces the recipe.
  func write(_ recipe: RecipeTree) async throws(ToolError)
}

/// A working copy in memory: there is no path out of it.
public actor MemoryWorkingCopy: WorkingCopy {
  private var recipe: RecipeTree

  public init(_ recipe: RecipeTree) { self.recipe = recipe }

  public func read() async throws(ToolError) -> RecipeTree { recipe }
  public func write(_ recipe: RecipeTree) async throws(ToolError) { self.recipe = recipe }
}
