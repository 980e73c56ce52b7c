import Foundation

/// A filter of MLflow's run search: comparisons that all hold, such as
/// `metrics.score < 0.5 and params.specialist = 'opt' and tags.hypothesis LIKE '%warm-up%'`.
struct MLflowFilter: Sendable {
  private struct Comparison: Sendable {
    var field: MLflowField
    var sign: String
    var values: [String]
  }
  private var comparisons: [Comparison] = []

  /// - Throws: `MLflowRefusal` for what is no filter.
  init(_ text: String) throws(MLflowRefusal) {
    var words = try Self.words(text)[...]
    while !words.isEmpty {
      if !comparisons.isEmpty {
        guard words.removeFirst().isWord("and"), !words.isEmpty else { throw Self.malformed(text) }
      }
      let field = try MLflowField(words.removeFirst().text)
      guard var sign = words.popFirst()?.text.uppercased() else { throw Self.malformed(text) }
      var values: [String] = []
      if sign == "IS" {
        if words.first?.isWord("not") == true {
          words.removeFirst()
          sign = "IS NOT"
        }
        guard words.popFirst()?.isWord("null") == true else { throw Self.malformed(text) }
      } else if sign == "IN" || sign == "NOT" {
        if sign == "NOT" {
          guard words.popFirst()?.isWord("in") == true else { throw Self.malformed(text) }
          sign = "NOT IN"
        }
        guard words.popFirst()?.text == "(" else { throw Self.malformed(text) }
        while let word = words.popFirst(), word.text != ")" || word.isQuoted {
          if word.text != "," || word.isQuoted { values.append(word.text) }
        }
      } else {
        guard ["=", "==", "!=", "<", "<=", ">", ">=", "LIKE", "ILIKE"].contains(sign),
          let value = words.popFirst()
        else { throw Self.malformed(text) }
        values = [value.text]
      }
      comparisons.append(Comparison(field: field, sign: sign, values: values))
    }
  }

  private static func malformed(_ text: String) -> MLflowRefusal {
    MLflowRefusal("INVALID_PARAMETER_VALUE", "the filter cannot be read: \(text.prefix(200))")
  }

  private struct Word {
    var text: String
    var isQuoted: Bool
    func isWord(_ other: String) -> Bool { !isQuoted && text.lowercased() == other }
  }

  private static func words(_ text: String) throws(MLflowRefusal) -> [Word] {
    guard text.utf8.count <= 8192 else { throw malformed(text) }
    var words: [Word] = []
    var rest = text[...]
    while let first = rest.first {
      if first.isWhitespace {
        rest.removeFirst()
      } else if first == "'" || first == "\"" {
        rest.removeFirst()
        guard let end = rest.firstIndex(of: first) else { throw malformed(text) }
        words.append(Word(text: String(rest[..<end]), isQuoted: true))
        rest = rest[rest.index(after: end)...]
      } else if "(),".contains(first) {
        words.append(Word(text: String(rest.removeFirst()), isQuoted: false))
      } else if "<>=!".contains(first) {
        let sign = rest.prefix { "<>=!".contains($0) }
        words.append(Word(text: String(sign), isQuoted: false))
        rest = rest.dropFirst(sign.count)
      } else {
        // A key may be quoted in part: tags.`mlflow.parentRunId`.
        var word = ""
        while let next = rest.first, !next.isWhitespace, !"(),<>=!'".contains(next) {
          if next == "`" || next == "\"" {
            rest.removeFirst()
            guard let end = rest.firstIndex(of: next) else { throw malformed(text) }
            word += rest[..<end]
            rest = rest[rest.index(after: end)...]
          } else {
            word.append(rest.removeFirst())
          }
        }
        words.append(Word(text: word, isQuoted: false))
      }
    }
    return words
  }

  func admits(_ run: MLflowWire.Run) -> Bool { comparisons.allSatisfy { Self.holds($0, of: run) } }

  private static func holds(_ comparison: Comparison, of run: MLflowWire.Run) -> Bool {
    let (text, number) = (comparison.field.text(of: run), comparison.field.number(of: run))
    switch comparison.sign {
    case "IS": return text == nil
    case "IS NOT": return text != nil
    case "IN": return text.map(comparison.values.contains) ?? false
    case "NOT IN": return text.map { !comparison.values.contains($0) } ?? false
    default: break
    }
    guard let wanted = comparison.values.first else { return false }
    if comparison.sign == "LIKE" || comparison.sign == "ILIKE" {
      return text.map { matches($0, wanted, ignoringCase: comparison.sign == "ILIKE") } ?? false
    }
    if comparison.field.isNumeric {
      guard let number, let wanted = Double(wanted) else { return false }
      return switch comparison.sign {
      case "=", "==": number == wanted
      case "!=": number != wanted
      case "<": number < wanted
      case "<=": number <= wanted
      case ">": number > wanted
      default: number >= wanted
      }
    }
    guard let text else { return false }
    return comparison.sign == "!=" ? text != wanted : ["=", "=="].contains(comparison.sign) && text == wanted
  }

  /// SQL's LIKE: `%` for any text, `_` for one character.
  static func matches(_ text: String, _ pattern: String, ignoringCase: Bool) -> Bool {
    let (text, pattern) =
      ignoringCase
      ? (Array(text.lowercased()), Array(pattern.lowercased())) : (Array(text), Array(pattern))
    // The last percent sign and what it stood for: enough, since an earlier one never has to take more.
    var (t, p, star, mark) = (0, 0, -1, 0)
    while t < text.count {
      if p < pattern.count, pattern[p] == "%" {
        (star, mark) = (p, t)
        p += 1
      } else if p < pattern.count, pattern[p] == "_" || pattern[p] == text[t] {
        t += 1
        p += 1
      } else if star >= 0 {
        mark += 1
        (t, p) = (mark, star + 1)
      } else {
        return false
      }
    }
    return pattern[p...].allSatisfy { $0 == "%" }
  }
}

/// A field that a search names: `metrics.score`, `params.specialist`, `tags.hypothesis`, `status`.
struct MLflowField: Sendable {
  private enum Kind: Sendable { case metric, param, tag, attribute }
  private let kind: Kind
  private let name: String

  init(_ text: String) throws(MLflowRefusal) {
    let parts = text.split(separator: ".", maxSplits: 1).map(String.init)
    let quotes = CharacterSet(charactersIn: "`\"")
    name = (parts.last ?? "").trimmingCharacters(in: quotes)
    switch parts.count == 2 ? parts[0].lowercased() : "attributes" {
    case "metrics", "metric": kind = .metric
    case "params", "param", "parameters", "parameter": kind = .param
    case "tags", "tag": kind = .tag
    case "attributes", "attribute", "attr", "run": kind = .attribute
    default:
      throw MLflowRefusal("INVALID_PARAMETER_VALUE", "'\(text.prefix(80))' is no field of a run")
    }
  }

  var isNumeric: Bool {
    kind == .metric || kind == .attribute && ["start_time", "end_time"].contains(name)
  }

  func number(of run: MLflowWire.Run) -> Double? {
    switch kind {
    case .metric: run.data.metrics.first { $0.key == name }?.value
    case .attribute where name == "start_time": Double(run.info.startTime)
    case .attribute where name == "end_time": run.info.endTime.map(Double.init)
    default: nil
    }
  }

  func text(of run: MLflowWire.Run) -> String? {
    switch kind {
    case .metric: number(of: run).map { String($0) }
    case .param: run.data.params.first { $0.key == name }?.value
    case .tag: run.data.tags.first { $0.key == name }?.value
    case .attribute:
      switch name {
      case "status": run.info.status
      case "run_id", "run_uuid": run.info.runId
      case "run_name": run.info.runName
      case "user_id": run.info.userId
      case "artifact_uri": run.info.artifactUri
      default: number(of: run).map { String($0) }
      }
    }
  }
}

/// In which order a search wants its runs: `metrics.score ASC`. What lacks the field comes last.
struct MLflowOrder: Sendable {
  private var keys: [(field: MLflowField, descends: Bool)] = []

  init(_ clauses: [String]) throws(MLflowRefusal) {
    for clause in clauses.prefix(8) {
      let words = clause.split(separator: " ")
      let descends = words.last?.lowercased() == "desc"
      let hasDirection = descends || words.last?.lowercased() == "asc"
      keys.append((try MLflowField(words.dropLast(hasDirection ? 1 : 0).joined(separator: " ")), descends))
    }
  }

  func sorted(_ runs: [MLflowWire.Run]) -> [MLflowWire.Run] {
    runs.sorted { one, other in
      for (field, descends) in keys {
        if field.isNumeric {
          switch (field.number(of: one), field.number(of: other)) {
          case (let a?, let b?) where a != b: return (a < b) != descends
          case (_?, nil): return true
          case (nil, _?): return false
          default: continue
          }
        }
        switch (field.text(of: one), field.text(of: other)) {
        case (let a?, let b?) where a != b: return (a < b) != descends
        case (_?, nil): return true
        case (nil, _?): return false
        default: continue
        }
      }
      // As MLflow does: the newest first.
      return (one.info.startTime, other.info.runId) > (other.info.startTime, one.info.runId)
    }
  }
}
