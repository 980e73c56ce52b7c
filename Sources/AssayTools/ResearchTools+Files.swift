import AssayPatch

extension ResearchTools {
  func listFiles() async throws(ToolError) -> String {
    let recipe = try await copy.read()
    let files = recipe.paths.map { "\($0): \(recipe[$0]?.count ?? 0) bytes" }
    return (["Based on trial \(parent). You may edit \(state.task.scope.summary)."] + files).joined(
      separator: "\n")
  }

  func readFile(_ arguments: ToolArguments) async throws(ToolError) -> String {
    let path = try arguments.requiredText("path", limit: 1000)
    let (first, count) = try Self.window(arguments)
    return TrialText.page(
      try file(path, in: try await copy.read()), path: path, first: first, count: count)
  }

  static func window(_ arguments: ToolArguments) throws(ToolError) -> (first: Int, count: Int) {
    (
      try arguments.number("first_line", in: 1...10_000_000) ?? 1,
      try arguments.number("lines", in: 1...1000) ?? 400
    )
  }

  /// The bytes of a recipe's file; the only names that lead anywhere are those of the recipe.
  func file(_ path: String, in recipe: RecipeTree) throws(ToolError) -> [UInt8] {
    guard let bytes = recipe[path] else {
      throw ToolError(
        "there is no file '\(UntrustedText.line(path, limit: 80))' in the recipe; it has "
          + recipe.paths.joined(separator: ", "))
    }
    return bytes
  }

  func search(_ arguments: ToolArguments) async throws(ToolError) -> String {
    let text = try arguments.requiredText("text", limit: 1000)
    guard !text.isEmpty else { throw ToolError("'text' is empty; send what to find") }
    let only = try arguments.text("path", limit: 1000)
    let ignoresCase = try arguments.flag("ignore_case")
    let recipe = try await copy.read()
    if let only { _ = try file(only, in: recipe) }
    let wanted = ignoresCase ? text.lowercased() : text
    var found: [String] = []
    for path in recipe.paths where only == nil || only == path {
      let lines = String(decoding: recipe[path] ?? [], as: UTF8.self).split(
        separator: "\n", omittingEmptySubsequences: false)
      for (index, line) in lines.enumerated() {
        guard (ignoresCase ? line.lowercased() : String(line)).contains(wanted) else { continue }
        guard found.count < 100 else {
          return found.joined(separator: "\n") + "\n[more than 100 lines; search for something rarer]"
        }
        found.append("\(path):\(index + 1): \(line.prefix(300))")
      }
    }
    return found.isEmpty ? "no line contains it" : found.joined(separator: "\n")
  }

  func editFile(_ arguments: ToolArguments) async throws(ToolError) -> String {
    try checkOpen()
    let path = try arguments.requiredText("path", limit: 1000)
    let old = try arguments.requiredText("old")
    let new = try arguments.requiredText("new")
    let recipe = try await copy.read()
    let bytes = try file(path, in: recipe)
    guard !old.isEmpty else { throw ToolError("'old' is empty; give the text to replace") }
    guard old != new else { throw ToolError("'old' and 'new' are the same; nothing would change") }
    let wanted = Array(old.utf8)
    let places = Self.occurrences(of: wanted, in: bytes)
    guard !places.isEmpty else {
      throw ToolError(
        "'old' does not occur in \(path); read the file and copy the text exactly, white space included, without line numbers"
          + Self.nearest(to: old, in: bytes))
    }
    let all = try arguments.flag("all")
    guard places.count == 1 || all else {
      throw ToolError(
        "'old' occurs \(places.count) times in \(path); give more of the lines around it, or set \"all\": true"
      )
    }
    var edited: [UInt8] = []
    var at = 0
    for place in places {
      edited += bytes[at..<place]
      edited += Array(new.utf8)
      at = place + wanted.count
    }
    edited += bytes[at...]
    let next: RecipeTree
    do {
      next = try recipe.setting(path, to: edited)
    } catch {
      throw ToolError(error.message)
    }
    try await copy.write(next)
    return "replaced \(places.count == 1 ? "one place" : "\(places.count) places") in \(path)"
      + (try Self.outside(from: try self.recipe(of: parent), to: next, state.task.scope))
  }

  /// A warning about edits outside the partition; empty when there is none.
  static func outside(from old: RecipeTree, to new: RecipeTree, _ scope: EditScope) throws(ToolError)
    -> String
  {
    let violations = EditScope.check(before: old, after: new, allowed: scope)
    guard let first = violations.first else { return "" }
    return ". Careful: \(first.message); it cannot be submitted like that"
  }

  /// Where a text begins, without overlaps.
  static func occurrences(of wanted: [UInt8], in bytes: [UInt8]) -> [Int] {
    guard let head = wanted.first, bytes.count >= wanted.count else { return [] }
    var places: [Int] = []
    var index = 0
    while index <= bytes.count - wanted.count {
      if bytes[index] == head, bytes[index..<(index + wanted.count)].elementsEqual(wanted) {
        places.append(index)
        index += wanted.count
      } else {
        index += 1
      }
    }
    return places
  }

  /// The line that comes closest to the first line of a text that was not found.
  private static func nearest(to text: String, in bytes: [UInt8]) -> String {
    func bare(_ line: some StringProtocol) -> String { String(line.filter { !$0.isWhitespace }) }
    guard let wanted = text.split(separator: "\n").first(where: { !bare($0).isEmpty }).map(bare) else {
      return ""
    }
    let lines = String(decoding: bytes, as: UTF8.self).split(
      separator: "\n", omittingEmptySubsequences: false)
    for (index, line) in lines.enumerated() where bare(line) == wanted || bare(line).contains(wanted) {
      return ". Line \(index + 1) is like its first line: \(UntrustedText.line(String(line), limit: 200))"
    }
    return ""
  }

  func diff() async throws(ToolError) -> String {
    "against trial \(parent):\n"
      + TrialText.diff(from: try recipe(of: parent), to: try await copy.read(), lines: 400)
  }
}
