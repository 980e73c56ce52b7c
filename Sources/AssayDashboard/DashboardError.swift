/// Why a page cannot be made or served; the message says the remedy.
public struct DashboardError: Error, Sendable, CustomStringConvertible {
  public let message: String

  init(_ message: String) { self.message = message }

  public var description: String { message }
}
