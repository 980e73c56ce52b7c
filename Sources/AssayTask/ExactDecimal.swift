/// A decimal number as its author wrote it, with the nearest `Double` beside it.
public struct ExactDecimal: Sendable, Hashable, CustomStringConvertible {
  /// The digits as written, for example `0.002`.
  public let text: String
  public let value: Double

  /// Reads digits with an optional sign and fraction; no exponent, at most 40 characters.
  public init?(_ text: String) {
    guard text.utf8.count <= 40, text.wholeMatch(of: /-?[0-9]+(\.[0-9]+)?/) != nil,
      let value = Double(text), value.isFinite
    else { return nil }
    self.text = text
    self.value = value
  }

  public var description: String { text }
}
