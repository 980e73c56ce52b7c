extension UnifiedDiff {
  /// The changes that lead from one tree to another, with three lines of context. Applying them to `before`
  /// gives `after` again. Refuses files with zero bytes.
  public static func make(from before: RecipeTree, to after: RecipeTree) throws(PatchError) -> UnifiedDiff {
    var files: [File] = []
    for path in Set(before.paths).union(after.paths).sorted(by: RecipePath.precedes) {
      let old = before[path]
      let new = after[path]
      if old == new { continue }
      guard !(old ?? []).contains(0), !(new ?? []).contains(0) else {
        throw PatchError(.binary, "'\(path)' holds zero bytes; recipes are text files", file: path)
      }
      let change: Change = old == nil ? .create : new == nil ? .delete : .modify
      files.append(File(path: path, change: change, hunks: hunks(old ?? [], new ?? [])))
    }
    return UnifiedDiff(files: files)
  }

  private static func hunks(_ before: [UInt8], _ after: [UInt8], context: Int = 3) -> [Hunk] {
    let old = Lines.split(before)
    let new = Lines.split(after)
    let numbers = Lines.number([old, new])
    let partner = LineMatching(numbers[0], numbers[1]).partner
    // The whole edit script, each line with its place on both sides.
    var script: [(line: Line, old: Int, new: Int)] = []
    var j = 0
    for (i, match) in partner.enumerated() {
      if let match {
        while j < match {
          script.append((Line(kind: .insert, bytes: Array(new[j])), i, j))
          j += 1
        }
        script.append((Line(kind: .context, bytes: Array(old[i])), i, j))
        j += 1
      } else {
        script.append((Line(kind: .delete, bytes: Array(old[i])), i, j))
      }
    }
    while j < new.count {
      script.append((Line(kind: .insert, bytes: Array(new[j])), old.count, j))
      j += 1
    }
    var hunks: [Hunk] = []
    var position = 0
    while let first = script[position...].firstIndex(where: { $0.line.kind != .context }) {
      let start = max(first - context, position)
      var last = first
      var scan = first
      while scan < script.count, scan - last <= 2 * context {
        if script[scan].line.kind != .context { last = scan }
        scan += 1
      }
      let end = min(last + context + 1, script.count)
      let lines = script[start..<end].map(\.line)
      var hunk = Hunk(oldStart: script[start].old + 1, newStart: script[start].new + 1, lines: ordered(lines))
      if hunk.oldCount == 0 { hunk.oldStart -= 1 }
      if hunk.newCount == 0 { hunk.newStart -= 1 }
      hunks.append(hunk)
      position = end
    }
    return hunks
  }

  /// Deletions before insertions inside each run of changes, as people read them.
  private static func ordered(_ lines: [Line]) -> [Line] {
    var result: [Line] = []
    var insertions: [Line] = []
    for line in lines {
      switch line.kind {
      case .insert: insertions.append(line)
      case .delete: result.append(line)
      case .context:
        result.append(contentsOf: insertions)
        insertions = []
        result.append(line)
      }
    }
    return result + insertions
  }

  /// The patch as bytes, in git's form with `a/` and `b/`.
  public var bytes: [UInt8] {
    var out: [UInt8] = []
    func write(_ text: String) { out.append(contentsOf: text.utf8) }
    for file in files {
      write("diff --git a/\(file.path) b/\(file.path)\n")
      switch file.change {
      case .create: write("new file mode 100644\n")
      case .delete: write("deleted file mode 100644\n")
      case .modify: break
      }
      if file.hunks.isEmpty { continue }
      write("--- " + (file.change == .create ? "/dev/null" : "a/" + file.path) + "\n")
      write("+++ " + (file.change == .delete ? "/dev/null" : "b/" + file.path) + "\n")
      for hunk in file.hunks {
        write("@@ -\(hunk.oldStart),\(hunk.oldCount) +\(hunk.newStart),\(hunk.newCount) @@\n")
        for line in hunk.lines {
          switch line.kind {
          case .context: write(" ")
          case .delete: write("-")
          case .insert: write("+")
          }
          out.append(contentsOf: line.bytes)
          if line.bytes.last != Lines.newline { write("\n\\ No newline at end of file\n") }
        }
      }
    }
    return out
  }

  /// The patch as text; bytes that are not UTF-8 are shown as replacement characters.
  public var text: String { String(decoding: bytes, as: UTF8.self) }
}
