import AssayPatch
import AssayRandom
import Testing

@Suite struct RecipeChangeTests {
  private func change(_ old: String, _ new: String) throws -> RecipeChange {
    RecipeChange(from: try tree(["r.py": old]), to: try tree(["r.py": new]))
  }

  @Test func theSameEditOnAnotherParentIsTheSameChange() throws {
    let one = try change("A = 1\nLR = 0.1\nB = 2\n", "A = 1\nLR = 0.2\nB = 2\n")
    let other = try change("A = 5\nX = 3\nLR = 0.1\nB = 7\n", "A = 5\nX = 3\nLR = 0.2\nB = 7\n")
    #expect(!one.digest.isEmpty)
    #expect(one.digest == other.digest)
    for different in [
      try change("LR = 0.1\n", "LR = 0.3\n"), try change("LR = 0.1\n", "LR = 0.1\nLR = 0.2\n"),
      try change("LR = 0.2\n", "LR = 0.1\n"), try change("LR = 0.1\nB = 1\n", "LR = 0.2\nB = 2\n"),
      RecipeChange(from: try tree(["q.py": "LR = 0.1\n"]), to: try tree(["q.py": "LR = 0.2\n"])),
    ] { #expect(different.digest != one.digest) }
    #expect(try change("A = 1\n", "A = 1\n").digest.isEmpty)
  }

  @Test func whereItStandsCounts() throws {
    let text =
      "def a():\n    x = 1\n    return x\nclass B:\n    def c(self):\n        x = 1\n        return x\n"
    let inA = try change(text, text.replacing("def a():\n    x = 1", with: "def a():\n    x = 2"))
    let inC = try change(text, text.replacing("        x = 1", with: "        x = 2"))
    #expect(inA.runs.map(\.scope) == [["a"]])
    #expect(inC.runs.map(\.scope) == [["B", "c"]])
    #expect(inA.digest != inC.digest)
    // Lines with the same indentation in functions of other names are other changes.
    #expect(
      try change("def a():\n    x = 1\n", "def a():\n    x = 2\n").digest
        != change("def b():\n    x = 1\n", "def b():\n    x = 2\n").digest)
  }

  /// Whatever the texts are: the change of nothing is nothing, and a change is not its reverse.
  @Test func anyTexts() throws {
    var random = SeededGenerator(seed: 3)
    for _ in 0..<400 {
      let words = ["a\n", "b\n", "def f():\n", "    c\n", "\n", "  d"]
      func text() -> String {
        (0..<Int.random(in: 0...8, using: &random)).map { _ in words.randomElement(using: &random) ?? "" }
          .joined()
      }
      let (old, new) = (text(), text())
      let there = try change(old, new)
      #expect(there.digest.isEmpty == (old == new))
      let deleted = there.runs.flatMap(\.deleted).count
      let inserted = there.runs.flatMap(\.inserted).count
      let back = try change(new, old)
      #expect(back.runs.flatMap(\.deleted).count == inserted)
      #expect(back.runs.flatMap(\.inserted).count == deleted)
      if old != new { #expect(there.digest != back.digest) }
    }
  }

  @Test func standsAppliesOrCollides() throws {
    let base = try tree(["r.py": "A = 1\nB = 1\nC = 1\nD = 1\n"])
    let edited = try tree(["r.py": "A = 2\nB = 1\nC = 1\nD = 1\n"])
    let beside = try tree(["r.py": "A = 1\nB = 1\nC = 1\nD = 9\n"])
    let both = try tree(["r.py": "A = 2\nB = 1\nC = 1\nD = 9\n"])
    let over = try tree(["r.py": "A = 3\nB = 1\nC = 1\nD = 9\n"])
    #expect(ChangeStanding(of: edited, from: base, in: beside) == .applies(both))
    #expect(ChangeStanding(of: edited, from: base, in: both) == .present)
    #expect(ChangeStanding(of: edited, from: base, in: over) == .collides)
    // The lines stand there, in a place that a merge cannot tell.
    let moved = try tree(["r.py": "Z = 0\nA = 2\nQ = 1\n"])
    #expect(ChangeStanding(of: edited, from: base, in: moved) == .present)
    // What only takes away cannot be seen to stand anywhere.
    let without = try tree(["r.py": "B = 1\nC = 1\nD = 1\n"])
    #expect(ChangeStanding(of: without, from: base, in: over) == .collides)
  }
}
