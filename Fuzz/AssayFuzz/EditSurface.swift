import AssayPatch

/// Diffs and recipes of agents: an edit never leaves the recipe, and one that is made again is the same.
struct EditSurface: Surface {
  static let name = "edits"
  static let weight = 20

  private let tree: RecipeTree

  init() throws {
    tree = try RecipeTree([
      "recipe.py": Array(
        "# assay: begin model\nwidth = 64\ndepth = 2\n# assay: end model\nprint(width)\n".utf8),
      "sub/data.txt": Array("one\ntwo\nthree".utf8),
    ])
  }

  var seeds: [[UInt8]] {
    [
      Array(
        "--- a/recipe.py\n+++ b/recipe.py\n@@ -1,3 +1,3 @@\n # assay: begin model\n-width = 64\n+width = 96\n depth = 2\n"
          .utf8),
      Array("--- /dev/null\n+++ b/new.py\n@@ -0,0 +1 @@\n+x = 1\n".utf8),
      Array(
        "--- a/sub/data.txt\n+++ /dev/null\n@@ -1,3 +0,0 @@\n-one\n-two\n-three\n\\ No newline at end of file\n"
          .utf8),
      Array("# assay: begin a\nx\n# assay: end a\n# assay: begin b\n# assay: end b\n".utf8),
    ]
  }

  func consume(_ bytes: [UInt8]) throws -> Bool {
    _ = try? Sections(parsing: bytes)
    let text = String(decoding: bytes.prefix(512), as: UTF8.self)
    if (try? RecipePath.validate(text)) != nil {
      guard !text.hasPrefix("/"), !text.split(separator: "/").contains(".."), !text.utf8.contains(0) else {
        throw Finding("the path '\(text)' leaves the recipe")
      }
    }
    guard let diff = try? UnifiedDiff(parsing: bytes), let after = try? diff.apply(to: tree) else {
      return false
    }
    for path in after.paths where (try? RecipePath.validate(path)) == nil {
      throw Finding("an edit made the file '\(path)'")
    }
    guard let made = try? UnifiedDiff.make(from: tree, to: after) else { return true }
    guard after == tree || (try? UnifiedDiff(parsing: made.bytes).apply(to: tree)) == after else {
      throw Finding("the edit, made from its result, gives another result")
    }
    return true
  }
}
