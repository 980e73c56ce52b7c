/// Why an agents file cannot be used: where, what, and the remedy.
public struct AgentsFileError: Error, Sendable, Hashable, CustomStringConvertible {
  public let message: String
  public init(_ message: String) { self.message = message }
  public var description: String { message }
}
