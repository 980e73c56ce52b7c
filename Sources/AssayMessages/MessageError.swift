/// Bytes from outside that are not the message they claim to be.
public struct MessageError: Error, Hashable, Sendable, CustomStringConvertible {
  /// The kind of a fault, open for new members.
  public struct Code: Hashable, Sendable {
    public let name: String
    /// Lengths do not add up, messages nest too deep, or unpacking would take too much memory.
    public static let malformed = Code(name: "malformed")
    /// A string is not UTF-8, or holds a NUL.
    public static let invalidText = Code(name: "invalid text")
    /// A field is longer, or repeated more often, than its bound.
    public static let outOfBounds = Code(name: "out of bounds")
    /// An enum field holds a number that its type does not declare.
    public static let unknownEnumValue = Code(name: "unknown enum value")
  }

  public let code: Code
  public let message: String

  public init(_ code: Code, _ message: String) {
    self.code = code
    self.message = message
  }

  public var description: String { "\(code.name): \(message)" }
}
