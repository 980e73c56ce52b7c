/// Texts that fit their field on the wire.
enum Bounded {
  /// At most `bytes` of UTF-8, cut between characters.
  static func text(_ text: String, _ bytes: Int) -> String {
    guard text.utf8.count > bytes else { return text }
    var result = ""
    var count = 0
    for scalar in text.unicodeScalars {
      count += UTF8.width(scalar)
      if count > bytes - 3 { break }
      result.unicodeScalars.append(scalar)
    }
    return result + "..."
  }
}
