import Yams

extension TaskReader {
  private static let checks = [
    "allow_imports", "forbid", "forbid_patching", "forbid_internals", "max_literals",
  ]

  mutating func readRules(_ top: Fields) -> TaskFile.Rules {
    guard let node = top["rules"],
      let fields = mapping(node, "rules", [.required("version", "1"), .optional("static")])
    else { return .none }
    var rules = TaskFile.Rules(version: integer(fields, "version", 1...1_000_000) ?? 1, statics: [])
    for (index, node) in list(fields, "static").enumerated() {
      guard let rule = readStaticRule(node, "rules.static[\(index)]") else { continue }
      if rules.statics.contains(where: { $0.id == rule.id }) {
        error(node, "the rule '\(rule.id)' is there twice", "give each rule an id of its own")
      }
      rules.statics.append(rule)
    }
    if rules.statics.count > 64 {
      error(fields["static"], "there are \(rules.statics.count) static rules", "write at most 64")
    }
    return rules
  }

  private mutating func readStaticRule(_ node: Node, _ path: String) -> TaskFile.StaticRule? {
    guard
      let fields = mapping(
        node, path,
        [.required("id", "no-network"), .required("why", "\"a recipe needs no network\"")]
          + Self.checks.map { .optional($0) })
    else { return nil }
    let id = string(fields, "id")
    if let id, id.wholeMatch(of: /[a-z0-9][a-z0-9-]{0,62}/) == nil {
      error(fields["id"], "the rule id '\(shown(id))' is not usable", "use small letters, digits and dashes")
    }
    let why = string(fields, "why")
    if let why, why.utf8.count > 1000 {
      error(fields["why"], "'\(path).why' is longer than 1000 bytes", "say it in a sentence")
    }
    let given = Self.checks.filter { fields[$0] != nil }
    guard given.count == 1, let key = given.first else {
      error(
        node, "'\(path)' has \(given.count) checks", "write one of \(Self.checks.joined(separator: ", "))")
      return nil
    }
    guard let check = readCheck(fields, key), let id, let why else { return nil }
    return .init(id: id, why: why, check: check)
  }

  private mutating func readCheck(_ fields: Fields, _ key: String) -> TaskFile.StaticRule.Check? {
    switch key {
    case "allow_imports", "forbid":
      let names = strings(fields, key, atLeastOne: key == "forbid" ? "[eval, exec]" : "[math, numpy]")
      for (name, node) in names where name.wholeMatch(of: /[A-Za-z_]\w*(\.[A-Za-z_]\w*)*/) == nil {
        error(node, "'\(shown(name))' is no Python name", "write it like 'os' or 'os.system'")
      }
      guard !names.isEmpty else { return nil }
      return key == "forbid" ? .forbid(names.map(\.0)) : .allowImports(names.map(\.0))
    case "max_literals":
      return integer(fields, key, 1...100_000_000).map { .maximumLiterals($0) }
    default:
      guard let node = fields[key], node.string == "true", isPlain(node) else {
        error(fields[key], "'\(fields.path(key))' is not true", "write \(key): true, or leave the rule out")
        return nil
      }
      return key == "forbid_patching" ? .forbidPatching : .forbidInternals
    }
  }
}
