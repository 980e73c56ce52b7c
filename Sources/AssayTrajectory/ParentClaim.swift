/// Which trial a trial says it was edited from.
public struct ParentClaim: Codable, Sendable, Equatable {
  /// As recorded.
  public var raw: String
  /// Position of the trial that the text names; nil when it names none.
  public var position: Int?

  public init(raw: String, position: Int?) {
    self.raw = raw
    self.position = position
  }
}
