extension UnifiedDiff {
  /// Reads a patch. Cheap for a patch over ``maximumBytes``: its bytes are not looked at.
  public init(parsing text: String) throws(PatchError) {
    try Self.checkSize(text.utf8.count)
    try self.init(parsing: Array(text.utf8))
  }

  /// Reads a patch. Cheap for a patch over ``maximumBytes``: its bytes are not looked at.
  public init(parsing bytes: [UInt8]) throws(PatchError) {
    try Self.checkSize(bytes.count)
    guard !bytes.contains(0) else {
      throw PatchError(.binary, "the patch holds a zero byte; send a unified diff of text files")
    }
    var parser = PatchParser(lines: Lines.split(bytes))
    files = try parser.files()
  }

  private static func checkSize(_ count: Int) throws(PatchError) {
    guard count <= maximumBytes else {
      throw PatchError(
        .tooLarge, "the patch has \(count) bytes, the limit is \(maximumBytes); send a smaller change")
    }
  }
}

/// One pass over the lines of a patch.
private struct PatchParser {
  let lines: [ArraySlice<UInt8>]
  var position = 0
  /// The file that is being read, for messages.
  var file: String?

  init(lines: [ArraySlice<UInt8>]) { self.lines = lines }

  private enum Word {
    static let git = Array("diff --git ".utf8)
    static let old = Array("--- ".utf8)
    static let new = Array("+++ ".utf8)
    static let hunk = Array("@@ ".utf8)
    static let signature = Array("-- ".utf8)
  }

  private func malformed(_ message: String, hunk: Int? = nil) -> PatchError {
    PatchError(.malformed, "line \(position + 1) of the patch: " + message, file: file, hunk: hunk)
  }

  private func starts(_ word: [UInt8], at index: Int? = nil) -> Bool {
    let index = index ?? position
    return index < lines.count && lines[index].starts(with: word)
  }

  /// The current line without its line ending.
  private func header(_ index: Int) -> ArraySlice<UInt8> {
    var line = Lines.body(lines[index])
    if line.last == UInt8(ascii: "\r") { line = line.dropLast() }
    return line
  }

  mutating func files() throws(PatchError) -> [UnifiedDiff.File] {
    var files: [UnifiedDiff.File] = []
    var seen: Set<String> = []
    // Text before the first file is a message, as mail and `git show` write it.
    while position < lines.count, !starts(Word.git), !startsPlain() {
      try refuseForeign()
      position += 1
    }
    while position < lines.count {
      file = nil
      if header(position).isEmpty {
        position += 1
        continue
      }
      if header(position).elementsEqual(Word.signature) || header(position).elementsEqual("--".utf8) { break }
      let next: UnifiedDiff.File
      if starts(Word.git) {
        next = try gitFile()
      } else if startsPlain() {
        next = try plainFile(git: nil)
      } else {
        try refuseForeign()
        throw malformed("expected the next file or the end, found \(quoted(header(position)))")
      }
      guard seen.insert(next.path).inserted else {
        throw PatchError(
          .duplicateFile, "the patch names '\(next.path)' twice; put all its hunks under one header",
          file: next.path)
      }
      files.append(next)
    }
    guard !files.isEmpty else {
      throw PatchError(
        .empty,
        "the patch names no file; send a unified diff with '--- a/FILE', '+++ b/FILE' and '@@' lines")
    }
    return files
  }

  private func startsPlain() -> Bool { starts(Word.old) && starts(Word.new, at: position + 1) }

  /// Lines that other kinds of patches begin with.
  private func refuseForeign() throws(PatchError) {
    let line = header(position)
    if line.starts(with: "GIT binary patch".utf8)
      || (line.starts(with: "Binary files ".utf8) && line.reversed().starts(with: "differ".utf8.reversed()))
    {
      throw PatchError(.binary, "binary patches are not taken; change text files only", file: file)
    }
    if line.starts(with: "@@ ".utf8) {
      throw malformed("a hunk without a file; put '--- a/FILE' and '+++ b/FILE' before it")
    }
  }

  private mutating func gitFile() throws(PatchError) -> UnifiedDiff.File {
    let rest = header(position).dropFirst(Word.git.count)
    // "a/P b/P": both halves name the same file, unless it is a rename.
    var named: String?
    if rest.count >= 7, rest.count % 2 == 1 {
      let half = (rest.count - 1) / 2
      let old = rest.prefix(half)
      let new = rest.suffix(half)
      if old.starts(with: "a/".utf8), new.starts(with: "b/".utf8),
        old.dropFirst(2).elementsEqual(new.dropFirst(2)),
        rest[rest.startIndex + half] == UInt8(ascii: " ")
      {
        named = String(decoding: old.dropFirst(2), as: UTF8.self)
      }
    }
    if let named { try RecipePath.validate(named) }
    file = named
    position += 1
    var change: UnifiedDiff.Change = .modify
    var sawMode = false
    while position < lines.count {
      let line = header(position)
      if line.starts(with: "index ".utf8) {
        if let space = line.lastIndex(of: 0x20), space > line.startIndex + 5 {
          try checkMode(line[(space + 1)...])
        }
      } else if line.starts(with: "new file mode ".utf8) {
        try checkMode(line.dropFirst(14))
        change = .create
      } else if line.starts(with: "deleted file mode ".utf8) {
        try checkMode(line.dropFirst(18))
        change = .delete
      } else if line.starts(with: "old mode ".utf8) || line.starts(with: "new mode ".utf8) {
        sawMode = true
      } else if line.starts(with: "similarity index ".utf8) || line.starts(with: "dissimilarity index ".utf8)
        || line.starts(with: "rename ".utf8) || line.starts(with: "copy ".utf8)
      {
        throw PatchError(
          .rename, "renames and copies are not taken; delete the old file and create the new one", file: file)
      } else {
        break
      }
      position += 1
    }
    if sawMode {
      throw PatchError(.modeChange, "changes of file modes are not taken; leave the mode out", file: file)
    }
    if position < lines.count, !starts(Word.git) { try refuseForeign() }
    if startsPlain() { return try plainFile(git: (named, change)) }
    guard let named else {
      throw PatchError(
        .rename, "line \(position) of the patch names two different files; renames are not taken", file: file)
    }
    guard change != .modify else { throw malformed("no '--- a/\(named)' line for '\(named)'") }
    return UnifiedDiff.File(path: named, change: change, hunks: [])
  }

  private func checkMode(_ mode: ArraySlice<UInt8>) throws(PatchError) {
    if mode.elementsEqual("100644".utf8) { return }
    if mode.elementsEqual("120000".utf8) || mode.elementsEqual("160000".utf8) {
      throw PatchError(.symlink, "symbolic links and submodules are not taken; use regular files", file: file)
    }
    throw PatchError(
      .modeChange, "the file mode \(quoted(mode, limit: 12)) is not taken; recipe files are 100644",
      file: file)
  }

  /// A path of a `---` or `+++` line; nil for /dev/null.
  private func name(_ line: ArraySlice<UInt8>) throws(PatchError) -> ArraySlice<UInt8>? {
    var name = line.dropFirst(4)
    if let tab = name.firstIndex(of: UInt8(ascii: "\t")) { name = name[..<tab] }
    if name.elementsEqual("/dev/null".utf8) { return nil }
    return name
  }

  private func validated(_ name: ArraySlice<UInt8>) throws(PatchError) -> String {
    guard let text = String(validating: name, as: UTF8.self) else {
      throw PatchError(.badPath, "the path \(quoted(name)) is not UTF-8; use printable ASCII")
    }
    try RecipePath.validate(text)
    return text
  }

  private mutating func plainFile(
    git: (path: String?, change: UnifiedDiff.Change)?
  ) throws(PatchError) -> UnifiedDiff.File {
    let old = try name(header(position))
    let new = try name(header(position + 1))
    let path: String
    var change = git?.change ?? .modify
    switch (old, new) {
    case (nil, nil):
      throw malformed("both sides are /dev/null")
    case (nil, let new?):
      path = try validated(new.starts(with: "b/".utf8) ? new.dropFirst(2) : new)
      guard change != .delete else { throw malformed("'deleted file mode' for a file that is created") }
      change = .create
    case (let old?, nil):
      path = try validated(old.starts(with: "a/".utf8) ? old.dropFirst(2) : old)
      guard change != .create else { throw malformed("'new file mode' for a file that is deleted") }
      change = .delete
    case (let old?, let new?):
      let strip = old.starts(with: "a/".utf8) && new.starts(with: "b/".utf8)
      path = try validated(strip ? new.dropFirst(2) : new)
      let oldPath = try validated(strip ? old.dropFirst(2) : old)
      guard path == oldPath else {
        throw PatchError(
          .rename,
          "the patch turns '\(oldPath)' into '\(path)'; renames are not taken: name the same file on both lines",
          file: path)
      }
      guard change == .modify else {
        throw malformed("'\(path)' is created or deleted: name /dev/null on one side")
      }
    }
    if let named = git?.path, named != path {
      throw PatchError(
        .rename, "the patch names '\(named)' and '\(path)' for one file; renames are not taken", file: path)
    }
    file = path
    position += 2
    var hunks: [UnifiedDiff.Hunk] = []
    while starts(Word.hunk) {
      hunks.append(try hunk(number: hunks.count + 1))
    }
    guard !hunks.isEmpty else { throw malformed("no '@@' line for '\(path)'") }
    return UnifiedDiff.File(path: path, change: change, hunks: hunks)
  }

  private mutating func hunk(number: Int) throws(PatchError) -> UnifiedDiff.Hunk {
    guard let range = HunkHeader(header(position)) else {
      throw malformed(
        "\(quoted(header(position))) is not a hunk header; write '@@ -LINE,COUNT +LINE,COUNT @@'",
        hunk: number)
    }
    position += 1
    var old = 0
    var new = 0
    var body: [UnifiedDiff.Line] = []
    func wrongCount() -> PatchError {
      malformed(
        "hunk \(number) of '\(file ?? "")' promises \(range.oldCount) old and \(range.newCount) new lines "
          + "and has \(old) and \(new); correct the counts in its '@@' line", hunk: number)
    }
    while old < range.oldCount || new < range.newCount {
      guard position < lines.count, let first = lines[position].first else { throw wrongCount() }
      var kind: UnifiedDiff.Line.Kind
      var content = Array(lines[position].dropFirst())
      switch first {
      case UInt8(ascii: " "): kind = .context
      case UInt8(ascii: "-"): kind = .delete
      case UInt8(ascii: "+"): kind = .insert
      case UInt8(ascii: "\n"), UInt8(ascii: "\r"):
        // A blank context line whose leading space an editor took away.
        guard header(position).isEmpty else { throw wrongCount() }
        kind = .context
        content = Array(lines[position])
      default: throw wrongCount()
      }
      if content.last != Lines.newline { content.append(Lines.newline) }
      if kind != .insert { old += 1 }
      if kind != .delete { new += 1 }
      guard old <= range.oldCount, new <= range.newCount else { throw wrongCount() }
      position += 1
      if position < lines.count, lines[position].first == UInt8(ascii: "\\") {
        content.removeLast()
        guard !content.isEmpty else { throw malformed("an empty line cannot lack its newline", hunk: number) }
        guard kind == .insert || old == range.oldCount, kind == .delete || new == range.newCount else {
          throw malformed("'\\ No newline at end of file' is not at the end of the file", hunk: number)
        }
        position += 1
      }
      body.append(UnifiedDiff.Line(kind: kind, bytes: content))
    }
    if position < lines.count, let first = lines[position].first, !startsPlain(),
      !header(position).elementsEqual(Word.signature), !header(position).elementsEqual("--".utf8),
      first == UInt8(ascii: " ") || first == UInt8(ascii: "+") || first == UInt8(ascii: "-")
        || first == UInt8(ascii: "\\")
    {
      throw malformed(
        "hunk \(number) of '\(file ?? "")' has more lines than its '@@' line promises "
          + "(\(range.oldCount) old, \(range.newCount) new); correct the counts", hunk: number)
    }
    return UnifiedDiff.Hunk(oldStart: range.oldStart, newStart: range.newStart, lines: body)
  }
}

/// The numbers of `@@ -a,b +c,d @@`.
private struct HunkHeader {
  var oldStart = 0
  var oldCount = 1
  var newStart = 0
  var newCount = 1

  init?(_ line: ArraySlice<UInt8>) {
    var rest = line
    func take(_ text: String) -> Bool {
      guard rest.starts(with: text.utf8) else { return false }
      rest = rest.dropFirst(text.utf8.count)
      return true
    }
    func number() -> Int? {
      var value = 0
      var digits = 0
      while let byte = rest.first, (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) {
        value = value * 10 + Int(byte - UInt8(ascii: "0"))
        digits += 1
        guard digits <= 8 else { return nil }
        rest = rest.dropFirst()
      }
      return digits == 0 ? nil : value
    }
    guard take("@@ -"), let oldStart = number() else { return nil }
    self.oldStart = oldStart
    if take(",") {
      guard let count = number() else { return nil }
      oldCount = count
    }
    guard take(" +"), let newStart = number() else { return nil }
    self.newStart = newStart
    if take(",") {
      guard let count = number() else { return nil }
      newCount = count
    }
    guard take(" @@"), oldStart > 0 || oldCount == 0, newStart > 0 || newCount == 0 else { return nil }
  }
}
