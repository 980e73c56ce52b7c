/// The reference's ways with text: lengths count Unicode scalars, as Python's do.
enum ReferenceText {
  static func prefix(_ text: String, _ count: Int) -> String {
    var scalars = String.UnicodeScalarView()
    scalars.append(contentsOf: text.unicodeScalars.prefix(count))
    return String(scalars)
  }

  /// At most `limit` scalars; a longer text ends in three dots.
  static func shortened(_ text: String, _ limit: Int) -> String {
    text.unicodeScalars.count > limit ? prefix(text, limit - 3) + "..." : text
  }

  /// The same, with no white space in front of the dots.
  static func shortenedTight(_ text: String, _ limit: Int) -> String {
    guard text.unicodeScalars.count > limit else { return text }
    var scalars = prefix(text, limit - 3).unicodeScalars
    while let last = scalars.last, last.properties.isWhitespace { scalars.removeLast() }
    return String(scalars) + "..."
  }

  /// Runs of white space as one space, none at the ends.
  static func collapsed(_ text: String) -> String {
    text.split(whereSeparator: \.isWhitespace).joined(separator: " ")
  }

  /// A cell of a Markdown table.
  static func cell(_ text: String, _ limit: Int, tight: Bool = false) -> String {
    let plain = text.replacing("|", with: "\u{2223}").replacing("\n", with: " ")
    return tight ? shortenedTight(plain, limit) : shortened(plain, limit)
  }

  /// A JSON string as Python writes it when it need not be ASCII.
  static func json(_ text: String) -> String {
    var result = "\""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "\"": result += "\\\""
      case "\\": result += "\\\\"
      case "\n": result += "\\n"
      case "\r": result += "\\r"
      case "\t": result += "\\t"
      case "\u{8}": result += "\\b"
      case "\u{C}": result += "\\f"
      case _ where scalar.value < 0x20:
        let hex = String(scalar.value, radix: 16)
        result += "\\u" + String(repeating: "0", count: 4 - hex.count) + hex
      default: result.unicodeScalars.append(scalar)
      }
    }
    return result + "\""
  }
}
