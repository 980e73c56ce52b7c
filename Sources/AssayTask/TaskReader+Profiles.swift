import Yams

/// Profiles: the same task at another scale. What a profile says replaces what the rest of the file says, key by key.
extension TaskReader {
  static let profilesKey = "profiles"
  /// In a profile: the other profile that it is laid over.
  static let extendsKey = "extends"

  /// The names of a task file's profiles, in the author's order.
  static func profiles(of root: Node) -> [String] {
    guard case .mapping(let top) = root, let node = top[Node(profilesKey)], case .mapping(let profiles) = node
    else { return [] }
    return profiles.compactMap { $0.key.string }.filter { !YAMLDocument.isSetAside($0) }
  }

  /// The task file of one profile: without `profiles`, and with that profile's keys laid over it.
  ///
  /// Throws `unknown_profile` where there is none of this name, or where one has to be named.
  mutating func resolve(_ root: Node, _ profile: String?) throws(TaskError) -> Node {
    guard case .mapping(let top) = root else { return root }
    let names = Self.profiles(of: root)
    let hint = names.map { "\(folder.directory)@\($0)" }.joined(separator: " or ")
    guard let profile else {
      guard names.isEmpty else {
        throw TaskError(
          .unknownProfile, "the task at '\(folder.directory)' has profiles, and none is named; write \(hint)")
      }
      return root
    }
    guard case .mapping(let profiles)? = top[Node(Self.profilesKey)],
      let own = profiles.first(where: { $0.key.string == profile })
    else {
      throw TaskError(
        .unknownProfile,
        "the task at '\(folder.directory)' has no profile '\(shown(profile))'; "
          + (names.isEmpty ? "it has none: leave '@\(shown(profile))' out" : "write \(hint)"))
    }
    if profile.wholeMatch(of: /[a-z0-9][a-z0-9-]{0,15}/) == nil {
      error(
        own.key, "the profile name '\(shown(profile))' is not usable",
        "use small letters, digits and dashes, at most 16")
    }
    guard case .mapping = own.value else {
      error(
        own.value, "'profiles.\(shown(profile))' is \(kind(own.value)) where a mapping belongs",
        "write the keys that differ, as at the top of the file")
      return root
    }
    var over = own.value
    if let base = own.value[Self.extendsKey] {
      let other = profiles.first { $0.key.string == base.string && $0.key.string != profile }?.value
      if let other, other[Self.extendsKey] == nil {
        over = Self.without(Self.extendsKey, Self.merge(other, own.value))
      } else {
        error(
          base, "'profiles.\(shown(profile)).extends' names no profile that stands for itself",
          "name another profile, one that has no 'extends'")
        over = Self.without(Self.extendsKey, own.value)
      }
    }
    for fixed in ["assay", "name", Self.profilesKey] where own.value[fixed] != nil {
      error(own.value[fixed], "a profile cannot change '\(fixed)'", "remove it from the profile")
    }
    return Self.without(Self.profilesKey, Self.merge(root, over))
  }

  /// Mappings are merged key by key, everything else is replaced.
  private static func merge(_ base: Node, _ over: Node) -> Node {
    guard case .mapping(let old) = base, case .mapping(let new) = over else { return over }
    var pairs: [(key: Node, value: Node)] = []
    for (key, value) in old {
      let next = new.first { $0.key.string == key.string }?.value
      pairs.append((key, next.map { merge(value, $0) } ?? value))
    }
    pairs += new.filter { pair in !old.contains { $0.key.string == pair.key.string } }
    return mapping(old, pairs)
  }

  private static func without(_ name: String, _ node: Node) -> Node {
    guard case .mapping(let all) = node else { return node }
    return mapping(all, all.filter { $0.key.string != name })
  }

  private static func mapping(_ model: Node.Mapping, _ pairs: [(key: Node, value: Node)]) -> Node {
    .mapping(Node.Mapping(pairs.map { ($0.key, $0.value) }, model.tag, model.style, model.mark))
  }
}
