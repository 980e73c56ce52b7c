/// Names as Prometheus allows them: letters, digits and underscores, not beginning with a digit.
enum MetricName {
  /// A metric's name, which may hold colons too.
  static func metric(_ text: String) -> String { clean(text) { $0 == ":" } }

  static func label(_ text: String) -> String { clean(text) { _ in false } }

  private static func clean(_ text: String, _ also: (Character) -> Bool) -> String {
    let cleaned = text.map { character in
      character.isASCII && (character.isLetter || character.isNumber) || also(character) ? character : "_"
    }
    guard let first = cleaned.first else { return "_" }
    return (first.isNumber ? "_" : "") + String(cleaned)
  }
}
