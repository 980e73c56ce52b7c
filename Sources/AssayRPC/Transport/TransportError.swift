/// Why an exchange brought no answer.
public struct TransportError: Error, Sendable, CustomStringConvertible {
  /// What is known of the request.
  public enum Fate: Sendable {
    /// It never left: trying again is harmless.
    case notSent
    /// It may have been executed.
    case unknown
  }

  public let fate: Fate
  /// Whether the time given was used up.
  public let timedOut: Bool
  public let message: String

  public init(_ fate: Fate, timedOut: Bool = false, _ message: String) {
    self.fate = fate
    self.timedOut = timedOut
    self.message = message
  }

  public var description: String { message }
}
