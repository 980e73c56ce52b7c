extension TaskFile {
  /// What a recipe may not do, as versioned data: a trial that breaks a rule is illegal, whatever its score.
  public struct Rules: Sendable, Hashable, Codable {
    /// Rises with every change of the rules; a verdict names it.
    public var version: Int
    /// Checked on the recipe's syntax trees, before anything runs.
    public var statics: [StaticRule]

    public static let none = Rules(version: 0, statics: [])
  }

  /// A rule on what a recipe's Python says.
  public struct StaticRule: Sendable, Hashable, Codable {
    public enum Check: Sendable, Hashable, Codable {
      /// Only these modules, and what is inside them, may be imported.
      case allowImports([String])
      /// None of these names may be used, nor what is inside them: `eval`, `os.system`, `subprocess`. A name counts as what it
      /// was imported as.
      case forbid([String])
      /// Nothing that was imported may be changed: `time.time = fake`.
      case forbidPatching
      /// Nothing that Python or a module keeps to itself may be used: `x.__globals__`, `random._os`.
      case forbidInternals
      /// So many bytes of literals and names at most: weights and answers that were found elsewhere are no code.
      case maximumLiterals(Int)
    }
    /// Letters, digits and dashes; names the rule in verdicts.
    public var id: String
    /// For agents: what the rule is for.
    public var why: String
    public var check: Check
  }
}
