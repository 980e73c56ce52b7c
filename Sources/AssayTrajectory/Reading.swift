/// A number of a record: the text as it stands there, and what it is read as.
public struct Reading: Codable, Sendable, Equatable {
  /// Exactly as recorded; empty where the record has nothing.
  public var raw: String
  /// Nil when the text is empty or no finite number can be read from it.
  public var value: Double?

  public static let none = Reading(raw: "", value: nil)

  public init(raw: String, value: Double?) {
    self.raw = raw
    self.value = value
  }

  /// Reads plain decimal notation with an optional exponent; nothing else counts as a number (no `inf`, `nan`, hex).
  public init(_ raw: String) {
    self.raw = raw
    value = Self.number(raw)
  }

  /// The finite number that a text is in plain decimal notation, nil otherwise.
  public static func number(_ text: String) -> Double? {
    guard !text.isEmpty, text.utf8.count <= 64 else { return nil }
    for byte in text.utf8 {
      switch byte {
      case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "."), UInt8(ascii: "-"), UInt8(ascii: "+"),
        UInt8(ascii: "e"), UInt8(ascii: "E"):
        continue
      default: return nil
      }
    }
    guard let value = Double(text), value.isFinite else { return nil }
    return value
  }
}
