/// Why an agent could not propose or go on.
public struct AgentError: Error, Sendable, CustomStringConvertible {
  /// The kind of a failure.
  public struct Code: Sendable, Hashable, RawRepresentable, CustomStringConvertible {
    public let rawValue: String
    public init(rawValue: String) { self.rawValue = rawValue }
    public var description: String { rawValue }

    /// The recipe cannot be read as Python, so nothing in it can be edited.
    public static let unreadableRecipe = Code(rawValue: "unreadable_recipe")
    /// The specialist's partition holds nothing that can be edited.
    public static let nothingToEdit = Code(rawValue: "nothing_to_edit")
    /// Every edit that the proposer can think of has been tried.
    public static let exhausted = Code(rawValue: "exhausted")
    /// This attempt came to no proposal; another is worth making after a pause.
    public static let noProposal = Code(rawValue: "no_proposal")
    /// The agent is being stopped.
    public static let cancelled = Code(rawValue: "cancelled")
    /// A budget of tokens, money or time is used up.
    public static let budgetExhausted = Code(rawValue: "budget_exhausted")
    /// The recipe reader could not be started, or ended badly.
    public static let readerFailed = Code(rawValue: "reader_failed")
    /// The recipe reader took too long or too much memory.
    public static let readerLimit = Code(rawValue: "reader_limit")
    /// The task or the lineage answered with something that makes no sense.
    public static let badState = Code(rawValue: "bad_state")
    /// A service refused the agent; trying again will not help.
    public static let refused = Code(rawValue: "refused")
  }

  public let code: Code
  /// One sentence with the remedy.
  public let message: String
  /// What it was caused by, where there is an underlying error.
  public let cause: (any Error)?

  public init(_ code: Code, _ message: String, cause: (any Error)? = nil) {
    self.code = code
    self.message = message
    self.cause = cause
  }

  public var description: String { "\(code): \(message)" }
}
