/// Why a tool did nothing. Told to whoever called it, with the remedy; never the end of a session.
public struct ToolError: Error, Sendable, Hashable, CustomStringConvertible {
  public let message: String
  public init(_ message: String) { self.message = message }
  public var description: String { message }
}
