import AssayPatch
import AssayRandom
import Testing

@Suite struct ThreeWayMergeTests {
  private func merged(_ b: String, _ o: String, _ t: String) throws -> String? {
    let result = ThreeWayMerge.merge(
      base: try tree(["f": b]), ours: try tree(["f": o]), theirs: try tree(["f": t]))
    guard case .merged(let whole) = result else { return nil }
    return whole.text("f")
  }

  @Test func joinsSeparateEdits() throws {
    #expect(try merged("a\nb\nc\nd\n", "A\nb\nc\nd\n", "a\nb\nc\nD\n") == "A\nb\nc\nD\n")
    #expect(try merged("a\nb\nc\n", "b\nc\n", "a\nb\nc\nd\n") == "b\nc\nd\n")
    #expect(try merged("a\nb\nc\n", "a\nX\nb\nc\n", "a\nb\nY\nc\n") == "a\nX\nb\nY\nc\n")
    #expect(try merged("a\nb\n", "a\nB\n", "a\nB\n") == "a\nB\n")
  }

  @Test func reportsCollisions() throws {
    let result = ThreeWayMerge.merge(
      base: try tree(["f": "a\nb\nc\n", "g": "x"]), ours: try tree(["f": "a\n1\nc\n"]),
      theirs: try tree(["f": "a\n2\nc\n", "g": "y"]))
    guard case .conflicts(let conflicts) = result else {
      Issue.record("merged")
      return
    }
    #expect(conflicts.map(\.path) == ["f", "g"])
    #expect(conflicts.first?.baseLines == 1..<2)
    #expect(conflicts.last?.message == "one side deletes 'g', the other changes it")
    let both = ThreeWayMerge.merge(
      base: RecipeTree(), ours: try tree(["n": "1"]), theirs: try tree(["n": "2"]))
    guard case .conflicts(let made) = both else {
      Issue.record("merged")
      return
    }
    #expect(made.first?.message == "both sides create 'n' differently")
  }

  @Test func joinsWholeFiles() throws {
    let result = ThreeWayMerge.merge(
      base: try tree(["f": "a", "old": "x"]), ours: try tree(["f": "a", "old": "x", "new": "n"]),
      theirs: try tree(["f": "b"]))
    #expect(result == .merged(try tree(["f": "b", "new": "n"])))
    let clash = ThreeWayMerge.merge(
      base: RecipeTree(), ours: try tree(["a": ""]), theirs: try tree(["a/b": ""]))
    guard case .conflicts = clash else {
      Issue.record("merged into a tree whose file is also a folder")
      return
    }
  }

  @Test(arguments: 0..<200) func identities(seed: Int) throws {
    var random = SeededGenerator(seed: UInt64(seed))
    let text = random.text(lines: 25)
    let b = try RecipeTree(["f": text])
    let x = try RecipeTree(["f": random.edit(text, times: 4), "g": random.text(lines: 3)])
    let y = try RecipeTree(["f": random.edit(text, times: 4)])
    #expect(ThreeWayMerge.merge(base: b, ours: x, theirs: b) == .merged(x))
    #expect(ThreeWayMerge.merge(base: b, ours: b, theirs: x) == .merged(x))
    #expect(ThreeWayMerge.merge(base: b, ours: x, theirs: x) == .merged(x))
    let one = ThreeWayMerge.merge(base: b, ours: x, theirs: y)
    let other = ThreeWayMerge.merge(base: b, ours: y, theirs: x)
    #expect(one == other)
  }

  @Test(arguments: 0..<100) func editsInSeparateHalvesBothArrive(seed: Int) throws {
    var random = SeededGenerator(seed: UInt64(500 + seed))
    let top = (0..<10).map { "top \($0)\n" }.joined()
    let wall = "# one\n# two\n"
    let bottom = (0..<10).map { "bottom \($0)\n" }.joined()
    let newTop = String(decoding: random.edit(bytes(top), times: 3), as: UTF8.self) + "t\n"
    let newBottom = "b\n" + String(decoding: random.edit(bytes(bottom), times: 3), as: UTF8.self)
    let result = try merged(top + wall + bottom, newTop + wall + bottom, top + wall + newBottom)
    #expect(result == newTop + wall + newBottom)
  }
}
