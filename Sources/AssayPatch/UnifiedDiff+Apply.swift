extension UnifiedDiff {
  /// The tree after the patch. All or nothing; every context and deleted line must match byte by byte.
  ///
  /// A hunk whose lines moved is looked for up to ``maximumOffset`` lines away; the nearest place wins, two
  /// places equally near are refused.
  public func apply(to tree: RecipeTree) throws(PatchError) -> RecipeTree {
    var result = tree
    for file in files {
      let before = tree[file.path]
      switch file.change {
      case .create:
        guard before == nil else {
          throw PatchError(
            .fileExists, "the patch creates '\(file.path)', which exists; send a change of the existing file",
            file: file.path)
        }
        result = try result.setting(file.path, to: try Self.apply(file, to: []))
      case .modify:
        guard let before else { throw Self.missing(file.path, tree) }
        result = try result.setting(file.path, to: try Self.apply(file, to: before))
      case .delete:
        guard let before else { throw Self.missing(file.path, tree) }
        guard try Self.apply(file, to: before).isEmpty else {
          throw PatchError(
            .contextMismatch,
            "the patch deletes '\(file.path)' but not all of its lines; take the diff against the parent's recipe",
            file: file.path)
        }
        result = result.removing(file.path)
      }
    }
    return result
  }

  private static func missing(_ path: String, _ tree: RecipeTree) -> PatchError {
    let known = tree.paths.prefix(8).map { "'\($0)'" }.joined(separator: ", ")
    return PatchError(
      .missingFile, "the patch changes '\(path)', which the recipe lacks; its files are \(known)", file: path)
  }

  private static func apply(_ file: File, to bytes: [UInt8]) throws(PatchError) -> [UInt8] {
    let lines = Lines.split(bytes)
    var output: [ArraySlice<UInt8>] = []
    var cursor = 0
    var shift = 0
    for (index, hunk) in file.hunks.enumerated() {
      let number = index + 1
      let old = hunk.lines.filter { $0.kind != .insert }.map { $0.bytes[...] }
      let stated = old.isEmpty ? hunk.oldStart : hunk.oldStart - 1
      let start: Int
      if old.isEmpty {
        start = stated + shift
        guard start >= cursor, start <= lines.count else {
          throw PatchError(
            .contextMismatch,
            "hunk \(number) of '\(file.path)' inserts after line \(hunk.oldStart), but the file has "
              + "\(lines.count) lines or an earlier hunk is past it; take the diff against the parent's recipe",
            file: file.path, hunk: number)
        }
      } else {
        start = try place(old, in: lines, from: cursor, near: stated + shift, file.path, number)
        shift = start - stated
      }
      output.append(contentsOf: lines[cursor..<start])
      output.append(contentsOf: hunk.lines.filter { $0.kind != .delete }.map { $0.bytes[...] })
      cursor = start + old.count
    }
    output.append(contentsOf: lines[cursor...])
    guard Lines.areWhole(output) else {
      throw PatchError(
        .contextMismatch,
        "the patch to '\(file.path)' puts lines after one without a newline; mind "
          + "'\\ No newline at end of file' and take the diff against the parent's recipe", file: file.path)
    }
    return Lines.join(output)
  }

  private static func place(
    _ old: [ArraySlice<UInt8>], in lines: [ArraySlice<UInt8>], from cursor: Int, near wanted: Int,
    _ path: String, _ number: Int
  ) throws(PatchError) -> Int {
    func fits(_ start: Int) -> Bool {
      guard start >= cursor, start + old.count <= lines.count else { return false }
      return lines[start..<start + old.count].elementsEqual(old)
    }
    if fits(wanted) { return wanted }
    // The search compares numbers, not lines, so that long hunks of equal lines stay cheap at every offset.
    let low = min(max(cursor, wanted - maximumOffset), lines.count)
    let high = max(low, min(lines.count, wanted + maximumOffset + old.count))
    let numbers = Lines.number([Array(lines[low..<high]), old])
    func fitsNearby(_ start: Int) -> Bool {
      guard start >= low, start + old.count <= high else { return false }
      return numbers[0][(start - low)..<(start - low + old.count)].elementsEqual(numbers[1])
    }
    for distance in 1...maximumOffset {
      switch (fitsNearby(wanted - distance), fitsNearby(wanted + distance)) {
      case (true, false): return wanted - distance
      case (false, true): return wanted + distance
      case (true, true):
        throw PatchError(
          .contextMismatch,
          "hunk \(number) of '\(path)' is not at line \(wanted + 1) and fits equally well at lines "
            + "\(wanted - distance + 1) and \(wanted + distance + 1); give it the right line number",
          file: path, hunk: number)
      case (false, false): continue
      }
    }
    // The first line that differs at the stated place is what a person wants to see.
    var line = max(wanted, 0)
    var expected: ArraySlice<UInt8> = old.first ?? []
    for (offset, candidate) in old.enumerated() {
      let at = wanted + offset
      guard at >= 0, at < lines.count, lines[at] == candidate else {
        line = max(at, 0)
        expected = candidate
        break
      }
    }
    let found = line < lines.count ? quoted(lines[line]) : "the end of the file"
    throw PatchError(
      .contextMismatch,
      "hunk \(number) of '\(path)' does not apply: at line \(line + 1) it expects \(quoted(expected)), "
        + "the file has \(found); take the diff against the parent's recipe", file: path, hunk: number)
  }
}
