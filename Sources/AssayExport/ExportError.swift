/// Why something was not exported; the message says the remedy.
public struct ExportError: Error, Sendable, CustomStringConvertible {
  /// The kind of a failure, open for new members.
  public struct Code: Hashable, Sendable {
    let name: String
    /// The place to write to is in use.
    public static let placeTaken = Code(name: "place taken")
    /// The run holds nothing of what was asked for.
    public static let nothingToExport = Code(name: "nothing to export")
    /// Writing failed.
    public static let inputOutput = Code(name: "input/output")
  }

  public let code: Code
  public let message: String

  public init(_ code: Code, _ message: String) {
    self.code = code
    self.message = message
  }

  public var description: String { message }
}
