/// Why something was not imported; nothing was changed, and the message says the remedy.
public struct ImportError: Error, Sendable, CustomStringConvertible {
  /// The kind of a failure, open for new members.
  public struct Code: Hashable, Sendable {
    let name: String
    /// The folder or file is not there, or not what it should be.
    public static let notFound = Code(name: "not found")
    /// The file is not in the format.
    public static let malformed = Code(name: "malformed")
    /// The name is taken by a record with other contents.
    public static let nameTaken = Code(name: "name taken")
    /// The source changed while it was read.
    public static let sourceChanged = Code(name: "source changed")
    /// Reading or writing failed.
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
