/// What a tool answered.
public struct ToolOutcome: Sendable, Hashable {
  /// The most characters of an answer.
  public static let maximumCharacters = 16_000

  public var text: String
  public var isError: Bool

  public init(_ text: String, isError: Bool = false) {
    self.isError = isError
    guard text.count > Self.maximumCharacters else {
      self.text = text
      return
    }
    let kept = Self.maximumCharacters - 200
    let cut = text.prefix(kept)
    self.text =
      cut + "\n[cut after \(kept) characters of \(text.count); ask for less, or for a later part of it]"
  }
}
