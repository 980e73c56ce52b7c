/// Why a schema, a message or its JSON cannot be read.
public struct ReflectionError: Error, Sendable, CustomStringConvertible {
  /// For people: what is wrong, where, and what would be right.
  public let message: String

  public init(_ message: String) { self.message = message }

  public var description: String { message }
}
