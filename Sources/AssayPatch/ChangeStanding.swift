/// How a change stands to a recipe that it was not made on.
public enum ChangeStanding: Sendable, Hashable {
  /// The recipe has it already: making it again changes nothing, or every line that it brings stands there.
  case present
  /// It can be made there; this is what comes of it.
  case applies(RecipeTree)
  /// The recipe differs in the same lines.
  case collides

  /// - Parameters:
  ///   - edited: the recipe with the change.
  ///   - base: the recipe that the change was made on.
  ///   - recipe: the one that is asked about.
  public init(of edited: RecipeTree, from base: RecipeTree, in recipe: RecipeTree) {
    switch ThreeWayMerge.merge(base: base, ours: recipe, theirs: edited) {
    case .merged(let merged): self = merged == recipe ? .present : .applies(merged)
    case .conflicts:
      let runs = RecipeChange(from: base, to: edited).runs
      let stands = runs.allSatisfy { run in
        !run.inserted.isEmpty && Self.has(run.inserted, in: Lines.split(recipe[run.path] ?? []))
      }
      self = stands ? .present : .collides
    }
  }

  private static func has(_ lines: [[UInt8]], in text: [ArraySlice<UInt8>]) -> Bool {
    guard lines.count <= text.count else { return false }
    return (0...(text.count - lines.count)).contains { start in
      zip(lines, text[start...]).allSatisfy { $0[...] == $1 }
    }
  }
}
