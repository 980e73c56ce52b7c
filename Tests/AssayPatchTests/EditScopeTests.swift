import AssayPatch
import AssayRandom
import Foundation
import Testing

@Suite struct EditScopeTests {
  private let text = """
    import x
    # --- section: model ---
    a = 1
    # --- section: optimiser ---
    b = 2
    # --- section: schedule ---
    c = 3

    """

  private func check(_ after: String, _ sections: Set<String>, before: String? = nil) throws -> [String] {
    EditScope.check(
      before: try tree(["r.py": before ?? text]), after: try tree(["r.py": after]),
      allowed: EditScope(files: ["r.py": .sections(sections)])
    ).map(\.message)
  }

  private func replacing(_ old: String, _ new: String) -> String {
    var result = text
    if let range = result.range(of: old) { result.replaceSubrange(range, with: new) }
    return result
  }

  @Test func readsSections() throws {
    let sections = try Sections(parsing: bytes(text))
    #expect(sections.names == ["preamble", "model", "optimiser", "schedule"])
    #expect(sections["optimiser"]?.lines == 4..<5)
    #expect(sections["optimiser"]?.markerLine == 3)
    #expect(sections["optimiser"].map { String(decoding: $0.content, as: UTF8.self) } == "b = 2\n")
    #expect(try Sections(parsing: []).names == ["preamble"])
    #expect(try !Sections(parsing: bytes("x = 1")).isDivided)
  }

  @Test(arguments: [
    "  # --- section: a ---", "# --- section: ---", "# --- section: a b ---", "# --- section: a --",
    "#--- section: a ---",
    "# --- section: caf\u{e9} ---", "# --- section: a --- x", "#\t--- section: a ---",
    "# --- section: a ---\u{85}",
  ])
  func refusesMisspeltMarker(line: String) throws {
    let error = try #require(throws: PatchError.self) { try Sections(parsing: bytes("x\n" + line + "\n")) }
    #expect(error.code == .badSections)
    #expect(error.message.contains("line 2"))
    #expect(error.message.contains("write '# --- section: NAME ---'"))
  }

  @Test(arguments: ["a", "preamble"]) func refusesRepeatedName(name: String) throws {
    let text = "# --- section: a ---\n# --- section: \(name) ---\n"
    let error = try #require(throws: PatchError.self) { try Sections(parsing: bytes(text)) }
    #expect(error.message.contains("every section needs its own name"))
  }

  @Test func allowsOwnSections() throws {
    #expect(try check(text, []).isEmpty)
    #expect(try check(replacing("a = 1\n", "a = 2\nz = 3\n"), ["model"]).isEmpty)
    #expect(try check(replacing("a = 1\n", ""), ["model"]).isEmpty)
    #expect(
      try check(
        replacing("b = 2", "b").replacingOccurrences(of: "c = 3", with: "c"), ["optimiser", "schedule"]
      ).isEmpty)
    #expect(try check(replacing("import x\n", ""), ["preamble"]).isEmpty)
  }

  @Test func refusesOtherSections() throws {
    let messages = try check(replacing("a = 1", "a = 2"), ["optimiser", "schedule"])
    #expect(
      messages == [
        "section 'model' of 'r.py' is not yours to edit; you may edit sections 'optimiser', 'schedule' of 'r.py'"
      ])
    #expect(try check("evil\n" + text, ["model"]).count == 1)
    #expect(try check(text + "evil\n", ["model"]).count == 1)
  }

  @Test func linesAtABoundaryBelongWhereTheyEndUp() throws {
    // The same inserted line, before or after the marker: a diff may show either; the sections do not.
    #expect(
      try check(replacing("# --- section: optimiser", "new\n# --- section: optimiser"), ["model"]).isEmpty)
    #expect(
      try check(replacing("# --- section: optimiser", "new\n# --- section: optimiser"), ["optimiser"]).count
        == 1)
    #expect(try check(replacing("b = 2", "new\nb = 2"), ["optimiser"]).isEmpty)
    #expect(try check(replacing("b = 2", "new\nb = 2"), ["model"]).count == 1)
    // Moving a line across a marker edits both sections.
    let moved = replacing("a = 1\n# --- section: optimiser ---\n", "# --- section: optimiser ---\na = 1\n")
    #expect(try check(moved, ["model"]).count == 1)
    #expect(try check(moved, ["model", "optimiser"]).isEmpty)
  }

  @Test func markersStay() throws {
    let all: Set<String> = ["preamble", "model", "optimiser", "schedule"]
    let changes = [
      replacing("# --- section: optimiser ---\n", ""),
      replacing("b = 2\n", "b = 2\n# --- section: extra ---\n"),
      replacing("b = 2\n", "b = 2\n# --- section: model ---\n"),
      replacing("section: optimiser", "section: optimizer"),
      replacing("# --- section: optimiser ---\n", "# --- section: optimiser ---\r\n"),
      replacing("model", "TEMP").replacingOccurrences(of: "schedule", with: "model").replacingOccurrences(
        of: "TEMP", with: "schedule"),
    ]
    for after in changes {
      let messages = try check(after, all)
      #expect(messages.count == 1)
      #expect(messages.first?.contains("section marker") == true)
      let whole = EditScope.check(
        before: try tree(["r.py": text]), after: try tree(["r.py": after]),
        allowed: EditScope(files: ["r.py": .whole]))
      #expect(whole.count == 1)
    }
  }

  @Test func lastMarkerWithoutNewline() throws {
    let before = "x\n# --- section: tail ---"
    #expect(try check(before + "\ny = 1\n", ["tail"], before: before).isEmpty)
    #expect(try check(before + "\n", ["tail"], before: before).isEmpty)
    #expect(try check(before + "\n", ["preamble"], before: before).count == 1)
  }

  @Test func filesOutsideTheScope() throws {
    let scope = EditScope(files: ["r.py": .sections(["model"]), "w.py": .whole])
    let before = try tree(["r.py": text, "w.py": "1", "o.py": "2"])
    func messages(_ files: [String: String]) throws -> [String] {
      EditScope.check(before: before, after: try tree(files), allowed: scope).map(\.message)
    }
    #expect(try messages(["r.py": text, "w.py": "other", "o.py": "2"]).isEmpty)
    #expect(
      try messages(["r.py": text, "w.py": "1", "o.py": "3"]).first?.contains("'o.py' is not yours to edit")
        == true)
    #expect(try messages(["r.py": text, "w.py": "1"]).first?.contains("not yours to delete") == true)
    #expect(try messages(["r.py": text, "o.py": "2"]).first?.contains("may not be deleted") == true)
    #expect(
      try messages(["r.py": text, "w.py": "1", "o.py": "2", "n.py": ""]).first
        == "'n.py' is not yours to create; you may edit section 'model' of 'r.py'; all of 'w.py'")
    #expect(try messages(["w.py": "1", "o.py": "2"]).first?.contains("may not be deleted") == true)
  }

  @Test func listsEditedSections() throws {
    let after = replacing("a = 1", "a").replacingOccurrences(of: "c = 3", with: "c")
    let edited = EditScope.editedSections(
      before: try tree(["r.py": text]), after: try tree(["r.py": after, "n": ""]))
    #expect(
      edited == [
        .init(path: "n", section: nil), .init(path: "r.py", section: "model"),
        .init(path: "r.py", section: "schedule"),
      ])
  }

  /// Whatever the edit is, the check agrees with rebuilding the file from its sections.
  @Test(arguments: 0..<200) func cannotBeGamed(seed: Int) throws {
    var random = SeededGenerator(seed: UInt64(seed))
    let after = String(decoding: random.edit(bytes(text), times: 2), as: UTF8.self)
    let violations = try check(after, ["model"])
    let start = "import x\n# --- section: model ---\n"
    let end = "# --- section: optimiser ---\nb = 2\n# --- section: schedule ---\nc = 3\n"
    let inside =
      after.hasPrefix(start) && after.hasSuffix("\n" + end) && after.count >= start.count + end.count
    #expect(violations.isEmpty == inside, "\(after)")
  }
}
