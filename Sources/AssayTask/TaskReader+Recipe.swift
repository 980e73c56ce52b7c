import AssayPatch
import Yams

/// The files that agents edit.
extension TaskReader {
  mutating func readRecipe(_ top: Fields) -> (files: [String], maximumBytes: Int)? {
    guard let node = top["recipe"],
      let fields = mapping(
        node, "recipe",
        [.required("files", "[recipe.py]"), .required("max_bytes", "65536"), .optional("from")])
    else { return nil }
    let limit = integer(fields, "max_bytes", 1...RecipeTree.maximumBytes)
    readRecipeFolders(fields)
    let at = recipeFolders.map { $0 + "/" }.joined(separator: " or ")
    let place = recipeFolders[0] + "/"
    var files: [String] = []
    var tree: [String: [UInt8]] = [:]
    for (file, entry) in strings(fields, "files", atLeastOne: "[recipe.py]") {
      guard check(path: file, entry) else { continue }
      guard !files.contains(file) else {
        error(entry, "the recipe file '\(file)' is listed twice", "list it once")
        continue
      }
      files.append(file)
      guard let bytes = recipeFile(file, recipeFolders, upstream) else {
        let isThere = recipeFolders.contains { folder.contains("\($0)/\(file)") }
        error(
          entry, "\(place)\(file) is \(isThere ? "too large" : "missing")",
          "put the baseline there, relative to \(at), or take it off the list")
        continue
      }
      guard String(validating: bytes, as: UTF8.self) != nil, !bytes.contains(0) else {
        report(place + file, nil, "it is not UTF-8 text", "save it as UTF-8; recipes are text")
        continue
      }
      tree[file] = bytes
      do {
        sections[file] = try Sections(parsing: bytes)
      } catch {
        report(place + file, nil, error.message, "correct the section markers")
      }
    }
    for root in recipeFolders {
      for file in folder.files(below: root) where !files.contains(file) && file != UpstreamLock.fileName {
        report(
          "\(root)/\(file)", nil, "it is not listed under recipe.files",
          "list it there, or move it to harness/ if nobody may edit it")
      }
    }
    do {
      baseline = try RecipeTree(tree)
    } catch {
      self.error(fields["files"], error.message, "change the recipe's files")
    }
    if let limit, baseline.byteCount > limit {
      error(
        fields["max_bytes"], "the recipe has \(baseline.byteCount) bytes, max_bytes is \(limit)",
        "raise max_bytes or shorten the baseline; leave room for edits")
    }
    guard let limit, !files.isEmpty else { return nil }
    return (files, limit)
  }

  /// `from`: where the recipe's files are, when that is not `recipe/` alone.
  private mutating func readRecipeFolders(_ fields: Fields) {
    guard fields["from"] != nil else { return }
    let names = strings(fields, "from", atLeastOne: "[recipe]")
    for (name, node) in names {
      guard check(path: name, node) else { continue }
      if ["harness", "scorer", "data", "knowledge"].contains(String(name.split(separator: "/")[0])) {
        error(node, "'\(shown(name))' is no folder for a recipe", "keep the recipe in a folder of its own")
      } else if name == TaskFile.Upstream.folder, upstream == nil {
        error(node, "the recipe is taken from upstream, and none is named", "add 'upstream: {url: ..., ...}'")
      }
    }
    if !names.isEmpty { recipeFolders = names.map(\.0) }
  }
}
