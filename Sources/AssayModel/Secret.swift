/// A key for a server. It shows itself nowhere: descriptions, dumps and redacted texts hold a placeholder.
public struct Secret: Sendable, Hashable, CustomStringConvertible, CustomDebugStringConvertible,
  CustomReflectable
{
  public static let placeholder = "[key]"
  /// The key, for the header of a request only.
  public let value: String

  /// Nil for a text without a key in it.
  public init?(_ text: String) {
    let start = text.drop { $0.isWhitespace }
    let end = start.lastIndex { !$0.isWhitespace }
    guard let end else { return nil }
    value = String(start[...end])
  }

  public var description: String { Self.placeholder }
  public var debugDescription: String { Self.placeholder }
  public var customMirror: Mirror { Mirror(reflecting: Self.placeholder) }

  /// The text with every occurrence of the key replaced.
  public func redacting(_ text: String) -> String { text.replacing(value, with: Self.placeholder) }
}
