/// Why a trial was not run or not recorded; the message says the remedy.
public struct ClaimError: Error, Sendable, CustomStringConvertible {
  /// The kind of a failure, open for new members.
  public struct Code: Hashable, Sendable {
    let name: String
    /// The folder or an argument is not what it should be.
    public static let usage = Code(name: "usage")
    /// The record belongs to something else, or somebody else writes it now.
    public static let stateConflict = Code(name: "state conflict")
    /// Reading or writing failed, or the sandbox did: never the recipe's fault.
    public static let unavailable = Code(name: "unavailable")
  }

  public let code: Code
  public let message: String

  init(_ code: Code, _ message: String) {
    self.code = code
    self.message = message
  }

  public var description: String { message }
}
