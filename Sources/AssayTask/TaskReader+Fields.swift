import Foundation
import Yams

extension TaskReader {
  /// A key that a mapping may or must have.
  struct Key {
    var name: String
    /// What to write where a required key is missing; nil for an optional one.
    var example: String?

    static func required(_ name: String, _ example: String) -> Key { Key(name: name, example: example) }
    static func optional(_ name: String) -> Key { Key(name: name, example: nil) }
  }

  /// The known keys of one mapping, and where it is.
  struct Fields {
    var path: String
    var values: [String: Node]

    subscript(key: String) -> Node? { values[key] }
    func path(_ key: String) -> String { path.isEmpty ? key : path + "." + key }
  }

  /// The entries of a mapping whose keys are names, in the author's order.
  mutating func pairs(_ node: Node, _ path: String) -> [(String, Node)]? {
    guard let mapping = node.mapping else {
      error(
        node, "\(path.isEmpty ? "the task file" : "'\(path)'") is \(kind(node)) where a mapping belongs",
        "write keys and values, 'key: value'")
      return nil
    }
    var result: [(String, Node)] = []
    for (key, value) in mapping {
      guard case .scalar(let scalar) = key else {
        error(key, "a key of '\(path)' is not a word", "write 'key: value'")
        continue
      }
      if YAMLDocument.isSetAside(scalar.string) { continue }
      result.append((scalar.string, value))
    }
    return result
  }

  /// A mapping with these keys and no others.
  mutating func mapping(_ node: Node, _ path: String, _ keys: [Key]) -> Fields? {
    guard let pairs = pairs(node, path) else { return nil }
    var fields = Fields(path: path, values: [:])
    let names = keys.map(\.name)
    for (name, value) in pairs {
      guard names.contains(name) else {
        let near = names.min { Self.distance(name, $0) < Self.distance(name, $1) }
        let hint =
          near.flatMap { Self.distance(name, $0) <= 2 ? "did you mean '\($0)'?" : nil }
          ?? "remove it; the keys here are \(names.joined(separator: ", "))"
        error(value, "the key '\(shown(fields.path(name)))' is unknown", hint)
        continue
      }
      fields.values[name] = value
    }
    for key in keys {
      guard let example = key.example, fields[key.name] == nil else { continue }
      error(node, "the key '\(fields.path(key.name))' is missing", "add '\(key.name): \(example)'")
    }
    return fields
  }

  /// The entries of a list; empty where the key is missing.
  mutating func list(_ fields: Fields, _ key: String) -> [Node] {
    guard let node = fields[key] else { return [] }
    guard let sequence = node.sequence else {
      error(node, "'\(fields.path(key))' is \(kind(node)) where a list belongs", "write \(key): [...]")
      return []
    }
    return Array(sequence)
  }

  /// A list of texts with their nodes.
  mutating func strings(_ fields: Fields, _ key: String, atLeastOne example: String?) -> [(String, Node)] {
    let nodes = list(fields, key)
    if nodes.isEmpty, let example, fields[key]?.sequence != nil {
      error(fields[key], "'\(fields.path(key))' is empty", "write \(key): \(example)")
    }
    var result: [(String, Node)] = []
    for (index, node) in nodes.enumerated() {
      guard let text = text(node, "\(fields.path(key))[\(index)]") else { continue }
      result.append((text, node))
    }
    return result
  }

  /// A text; nil, reported, where it is something else or empty.
  mutating func string(_ fields: Fields, _ key: String) -> String? {
    guard let node = fields[key], let text = text(node, fields.path(key)) else { return nil }
    guard !text.isEmpty else {
      error(node, "'\(fields.path(key))' is empty", "write a text")
      return nil
    }
    return text
  }

  mutating func text(_ node: Node, _ path: String) -> String? {
    guard case .scalar(let scalar) = node, !isPlain(node) || node.tag == Tag(.str) else {
      error(node, "'\(path)' is \(kind(node)) where text belongs", "put it in quotes")
      return nil
    }
    return scalar.string
  }

  /// A whole number in a range.
  mutating func integer(_ fields: Fields, _ key: String, _ range: ClosedRange<Int>) -> Int? {
    guard let node = fields[key] else { return nil }
    let path = fields.path(key)
    guard isPlain(node), let text = node.string, text.wholeMatch(of: /[+-]?[0-9]+/) != nil else {
      error(
        node, "'\(path)' is \(kind(node)) where a whole number belongs",
        "write digits without quotes, \(key): 3")
      return nil
    }
    guard let value = Int(text), range.contains(value) else {
      let remedy =
        text.hasPrefix("-") || Int(text) == 0
        ? "write a number greater than zero"
        : "write a number from \(range.lowerBound) to \(range.upperBound)"
      error(node, "'\(path)' is \(shown(text))", remedy)
      return nil
    }
    return value
  }

  /// A number of seconds greater than zero, at most a week.
  mutating func seconds(_ fields: Fields, _ key: String) -> Double? {
    guard let node = fields[key] else { return nil }
    let path = fields.path(key)
    guard isPlain(node), let text = node.string, let exact = ExactDecimal(text) else {
      error(
        node, "'\(path)' is \(kind(node)) where a number of seconds belongs",
        "write digits without quotes, \(key): 10")
      return nil
    }
    guard exact.value > 0 else {
      error(node, "'\(path)' is \(shown(text))", "write a number greater than zero")
      return nil
    }
    guard exact.value <= 604_800 else {
      error(node, "'\(path)' is more than a week", "write a number of seconds up to 604800")
      return nil
    }
    return exact.value
  }

  /// An exact decimal, in quotes or not.
  mutating func decimal(_ fields: Fields, _ key: String) -> ExactDecimal? {
    guard let node = fields[key] else { return nil }
    guard let text = node.string, let value = ExactDecimal(text) else {
      error(
        node, "'\(fields.path(key))' is no decimal number",
        "write it as \"0.01\": digits and a point, no exponent")
      return nil
    }
    return value
  }

  /// One of a few words.
  mutating func choice<T: RawRepresentable & CaseIterable>(_ fields: Fields, _ key: String) -> T?
  where T.RawValue == String {
    guard let text = string(fields, key) else { return nil }
    guard let value = T(rawValue: text) else {
      error(
        fields[key], "'\(fields.path(key))' is '\(shown(text))'",
        "write one of " + T.allCases.map(\.rawValue).joined(separator: ", "))
      return nil
    }
    return value
  }

  func isPlain(_ node: Node) -> Bool {
    guard case .scalar(let scalar) = node else { return false }
    return scalar.style == .plain || scalar.style == .any
  }

  /// What a node is, in words.
  func kind(_ node: Node) -> String {
    switch node {
    case .mapping: "a mapping"
    case .sequence: "a list"
    case .alias: "an alias"
    case .scalar where !isPlain(node): "a text in quotes"
    case .scalar(let scalar):
      switch node.tag {
      case Tag(.null): "nothing"
      case Tag(.bool), Tag(.int), Tag(.float), Tag(.timestamp): "the value \(shown(scalar.string))"
      default: "the text '\(shown(scalar.string))'"
      }
    }
  }

  /// The number of letters to insert, remove or replace between two words.
  private static func distance(_ left: String, _ right: String) -> Int {
    let a = Array(left.utf8.prefix(64))
    let b = Array(right.utf8.prefix(64))
    var row = Array(0...b.count)
    for (i, x) in a.enumerated() {
      var diagonal = row[0]
      row[0] = i + 1
      for (j, y) in b.enumerated() {
        let next = min(row[j] + 1, row[j + 1] + 1, diagonal + (x == y ? 0 : 1))
        diagonal = row[j + 1]
        row[j + 1] = next
      }
    }
    return row[b.count]
  }
}
