/// A key, trust file or signed envelope that cannot be used; the message says the remedy.
public struct IdentityError: Error, Sendable, CustomStringConvertible {
  /// The kind of a fault, open for new members.
  public struct Code: Hashable, Sendable {
    let name: String
    /// Bytes or text that are no key, trust file or envelope.
    public static let malformed = Code(name: "malformed")
    /// A key file that others can read, or that belongs to somebody else.
    public static let unsafeFile = Code(name: "unsafe file")
    /// Reading or writing failed.
    public static let inputOutput = Code(name: "input/output")
    /// A file that must not be overwritten is there already.
    public static let exists = Code(name: "exists")
    /// A signature that is not the expected key's.
    public static let signatureInvalid = Code(name: "signature invalid")
  }

  public let code: Code
  public let message: String

  public init(_ code: Code, _ message: String) {
    self.code = code
    self.message = message
  }

  public var description: String { message }
}
