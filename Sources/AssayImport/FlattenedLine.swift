import AssayTrajectory

/// Recovers the cells of a line in which spaces took the place of tabs.
///
/// Everything but hypothesis and notes is known to hold no spaces. The hypothesis ends at its closing quote, or, unquoted,
/// before a status word with a delta in front of it. What is recovered has to make sense as a row; otherwise there is nothing.
enum FlattenedLine {
  static func cells(_ cells: [TSVCell], _ schema: AutoresearchSchema) -> [String]? {
    guard let last = cells.last, cells.count < schema.columns.count else { return nil }
    var found = cells.dropLast().map { RecordedText($0.text).text }
    var rest = RecordedText(last.raw).text[...]
    while found.count < schema.hypothesis {
      guard let space = rest.firstIndex(of: " ") else { return nil }
      found.append(String(rest[..<space]))
      rest = rest[rest.index(after: space)...]
    }
    let total = schema.columns.count
    if found.count == schema.hypothesis {
      guard total - schema.hypothesis >= 2 else { return nil }
      if rest.first == "\"" {
        guard let (text, after) = quoted(rest) else { return nil }
        found.append(text)
        return finish(found, after, schema)
      }
      return unquoted(found, rest, schema)
    }
    return finish(found, rest, schema)
  }

  /// The quoted text that `rest` begins with, and what follows it and a space.
  private static func quoted(_ rest: Substring) -> (String, Substring)? {
    var text = ""
    var index = rest.index(after: rest.startIndex)
    while index < rest.endIndex {
      let next = rest.index(after: index)
      if rest[index] == "\"" {
        guard next < rest.endIndex else { return nil }
        if rest[next] == "\"" {
          text.append("\"")
          index = rest.index(after: next)
          continue
        }
        guard rest[next] == " " else { return nil }
        return (text, rest[rest.index(after: next)...])
      }
      text.append(rest[index])
      index = next
    }
    return nil
  }

  private static func unquoted(_ found: [String], _ rest: Substring, _ schema: AutoresearchSchema)
    -> [String]?
  {
    let tokens = rest.split(separator: " ", omittingEmptySubsequences: false)
    // The column in front of the status is the expected delta, which is one token.
    let between = schema.status - schema.hypothesis - 1
    guard between >= 0 else { return nil }
    for place in tokens.indices.reversed() where place > between && isLabel(String(tokens[place])) {
      let words = tokens[..<(place - between)]
      let row = found + [words.joined(separator: " ")]
      let after = tokens[(place - between)...].joined(separator: " ")
      if let recovered = finish(row, after[...], schema) { return recovered }
    }
    return nil
  }

  private static func finish(_ found: [String], _ rest: Substring, _ schema: AutoresearchSchema) -> [String]?
  {
    let missing = schema.columns.count - found.count
    guard missing > 0 else { return nil }
    let cells =
      found
      + rest.split(separator: " ", maxSplits: missing - 1, omittingEmptySubsequences: false).map(String.init)
    guard cells.count == schema.columns.count, isLabel(cells[schema.status]) else { return nil }
    for place in found.count..<cells.count where schema.isNumeric(place) {
      if !cells[place].isEmpty, Reading.number(cells[place]) == nil { return nil }
    }
    return cells
  }

  private static func isLabel(_ text: String) -> Bool {
    guard let outcome = TrialOutcome(label: text) else { return false }
    return outcome != .inFlight && outcome != .revoked
  }
}
