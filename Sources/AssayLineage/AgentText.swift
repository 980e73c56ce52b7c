/// Text from agents and recipes as it may be shown to others: one line, bounded, quoted, and unable to look like a fact.
enum AgentText {
  /// At most `limit` characters with the quotes, without control, format and private characters.
  static func quoted(_ text: String, limit: Int) -> String {
    var clean = ""
    var count = 0
    for scalar in text.unicodeScalars {
      if count >= max(0, limit - 3) {
        clean += "…"
        break
      }
      switch scalar.properties.generalCategory {
      case .control, .lineSeparator, .paragraphSeparator: clean += " "
      case .format, .surrogate, .privateUse, .unassigned: continue
      case .nonspacingMark, .enclosingMark: continue
      default: clean.unicodeScalars.append(scalar == "\"" ? "'" : scalar)
      }
      count += 1
    }
    return "\"\(clean)\""
  }
}
