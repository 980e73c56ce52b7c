import AssayPatch
import AssayRandom
import Testing

@Suite struct UnifiedDiffTests {
  private func code(_ patch: String, on files: [String: String] = ["f": "a\nb\nc\n"]) throws -> PatchError {
    try #require(throws: PatchError.self) {
      _ = try UnifiedDiff(parsing: patch).apply(to: try tree(files))
    }
  }

  private func applied(_ patch: String, to files: [String: String]) throws -> RecipeTree {
    try UnifiedDiff(parsing: patch).apply(to: try tree(files))
  }

  @Test func appliesPlainAndGitForms() throws {
    let after = try tree(["f": "a\nB\nc\n"])
    let hunk = "@@ -1,3 +1,3 @@ def f\n a\n-b\n+B\n c\n"
    for head in [
      "--- f\n+++ f\n", "--- a/f\n+++ b/f\n", "--- f\t2024-01-01\n+++ f\t2024-01-02\n",
      "--- a/f\r\n+++ b/f\r\n",
      "diff --git a/f b/f\nindex 123..456 100644\n--- a/f\n+++ b/f\n", "Words before.\n\n--- a/f\n+++ b/f\n",
    ] {
      #expect(try applied(head + hunk, to: ["f": "a\nb\nc\n"]) == after)
    }
    #expect(try applied("--- f\n+++ f\n" + hunk + "-- \n2.39.0\n", to: ["f": "a\nb\nc\n"]) == after)
  }

  @Test func appliesSeveralFilesWithCreationAndDeletion() throws {
    let patch = """
      diff --git a/gone b/gone
      deleted file mode 100644
      --- a/gone
      +++ /dev/null
      @@ -1 +0,0 @@
      -x
      diff --git a/made/deep b/made/deep
      new file mode 100644
      --- /dev/null
      +++ b/made/deep
      @@ -0,0 +1,2 @@
      +one
      +two
      \\ No newline at end of file
      diff --git a/empty b/empty
      new file mode 100644
      index 0000000..e69de29

      """
    #expect(try applied(patch, to: ["gone": "x\n"]) == tree(["made/deep": "one\ntwo", "empty": ""]))
  }

  @Test func keepsCarriageReturnsAsContent() throws {
    let patch = "--- f\n+++ f\n@@ -1,2 +1,2 @@\n a\r\n-b\r\n+B\r\n"
    #expect(try applied(patch, to: ["f": "a\r\nb\r\n"]) == tree(["f": "a\r\nB\r\n"]))
    #expect(try code(patch, on: ["f": "a\nb\n"]).message.contains("expects 'a\\r\\n', the file has 'a\\n'"))
  }

  @Test func newlineAtEndCounts() throws {
    let patch = "--- f\n+++ f\n@@ -1 +1 @@\n-a\n\\ No newline at end of file\n+a\n"
    #expect(try applied(patch, to: ["f": "a"]) == tree(["f": "a\n"]))
    #expect(try code(patch, on: ["f": "a\n"]).code == .contextMismatch)
    let glue = "--- f\n+++ f\n@@ -1,0 +2 @@\n+b\n"
    #expect(try code(glue, on: ["f": "a"]).message.contains("No newline at end of file"))
    let middle = "--- f\n+++ f\n@@ -1,2 +1,2 @@\n-a\n\\ No newline at end of file\n+a\n b\n"
    #expect(try code(middle).code == .malformed)
  }

  @Test func findsMovedHunk() throws {
    let patch = "--- f\n+++ f\n@@ -1,3 +1,3 @@\n a\n-b\n+B\n c\n"
    #expect(try applied(patch, to: ["f": "x\ny\na\nb\nc\n"]) == tree(["f": "x\ny\na\nB\nc\n"]))
    let far = String(repeating: "x\n", count: UnifiedDiff.maximumOffset + 1)
    #expect(try code(patch, on: ["f": far + "a\nb\nc\n"]).code == .contextMismatch)
  }

  @Test func refusesAmbiguousPlace() throws {
    let patch = "--- f\n+++ f\n@@ -3,1 +3,1 @@\n-a\n+b\n"
    let error = try code(patch, on: ["f": "x\na\nx\na\n"])
    #expect(error.code == .contextMismatch)
    #expect(error.message.contains("fits equally well at lines 2 and 4"))
  }

  @Test func mismatchSaysFileHunkExpectedAndFound() throws {
    let error = try code("--- f\n+++ f\n@@ -1 +1 @@\n-a\n+A\n@@ -2,2 +2,2 @@\n b\n-x\n+y\n")
    #expect(error.code == .contextMismatch)
    #expect(error.file == "f")
    #expect(error.hunk == 2)
    #expect(error.message.contains("at line 3 it expects 'x\\n', the file has 'c\\n'"))
    #expect(error.message.contains("take the diff against the parent's recipe"))
    let end = try code("--- f\n+++ f\n@@ -3,2 +3,1 @@\n c\n-d\n")
    #expect(end.message.contains("the end of the file"))
  }

  @Test(arguments: [
    ("", PatchError.Code.empty), ("just words\n", .empty),
    ("--- f\n+++ f\n", .malformed), ("--- f\n+++ f\n@@ nonsense @@\n", .malformed),
    ("--- f\n+++ f\n@@ -1,3 +1,3 @@\n a\n", .malformed),
    ("--- f\n+++ f\n@@ -1 +1 @@\n-a\n+A\n+B\n", .malformed),
    ("--- f\n+++ f\n@@ -99999999999999999999 +1 @@\n-a\n", .malformed),
    ("--- f\n+++ f\n@@ -0 +1 @@\n-a\n+A\n", .malformed),
    ("--- f\n+++ f\n@@ -1 +1 @@\n-a\n+A\ngarbage\n", .malformed), ("@@ -1 +1 @@\n-a\n+A\n", .malformed),
    ("--- /dev/null\n+++ /dev/null\n@@ -1 +1 @@\n-a\n+A\n", .malformed),
    ("--- ../f\n+++ ../f\n@@ -1 +1 @@\n-a\n+A\n", .badPath),
    ("--- /f\n+++ /f\n@@ -1 +1 @@\n-a\n+A\n", .badPath),
    ("--- a/../../f\n+++ b/../../f\n@@ -1 +1 @@\n-a\n+A\n", .badPath),
    ("--- \"a/f\"\n+++ \"b/f\"\n@@ -1 +1 @@\n-a\n+A\n", .badPath),
    ("diff --git a/../f b/../f\nnew file mode 100644\n", .badPath),
    ("--- f\n+++ g\n@@ -1 +1 @@\n-a\n+A\n", .rename),
    ("diff --git a/f b/g\nsimilarity index 100%\nrename from f\nrename to g\n", .rename),
    ("diff --git a/f b/f\n--- a/g\n+++ b/g\n@@ -1 +1 @@\n-a\n+A\n", .rename),
    ("diff --git a/f b/f\nold mode 100644\nnew mode 100755\n", .modeChange),
    ("diff --git a/g b/g\nnew file mode 100755\n", .modeChange),
    ("diff --git a/g b/g\nnew file mode 120000\n--- /dev/null\n+++ b/g\n@@ -0,0 +1 @@\n+/etc\n", .symlink),
    ("diff --git a/f b/f\nindex 1..2 120000\n--- a/f\n+++ b/f\n@@ -1 +1 @@\n-a\n+A\n", .symlink),
    ("diff --git a/g b/g\nnew file mode 160000\n", .symlink),
    ("diff --git a/f b/f\nindex 1..2 100644\nGIT binary patch\nliteral 3\n", .binary),
    ("diff --git a/f b/f\nindex 1..2 100644\nBinary files a/f and b/f differ\n", .binary),
    ("Binary files a/f and b/f differ\n", .binary), ("--- f\n+++ f\n@@ -1 +1 @@\n-a\n+\u{0}\n", .binary),
    ("--- f\n+++ f\n@@ -1 +1 @@\n-a\n+A\n--- f\n+++ f\n@@ -1 +1 @@\n-A\n+a\n", .duplicateFile),
    ("--- g\n+++ g\n@@ -1 +1 @@\n-a\n+A\n", .missingFile),
    ("--- /dev/null\n+++ b/f\n@@ -0,0 +1 @@\n+A\n", .fileExists),
    ("--- a/f\n+++ /dev/null\n@@ -1 +0,0 @@\n-a\n", .contextMismatch),
    ("--- f\n+++ f\n@@ -9,0 +10 @@\n+A\n", .contextMismatch),
  ])
  func refuses(patch: String, expected: PatchError.Code) throws {
    let error = try code(patch)
    #expect(error.code == expected, "\(error)")
    #expect(error.message.count > 20)
  }

  @Test func refusesHugePatchWithoutReadingIt() throws {
    let huge = [UInt8](repeating: 0x2b, count: 100 << 20)
    let elapsed = try ContinuousClock().measure {
      let error = try #require(throws: PatchError.self) { try UnifiedDiff(parsing: huge) }
      #expect(error.code == .tooLarge)
      #expect(error.message.contains("send a smaller change"))
    }
    #expect(elapsed < .milliseconds(100))
  }

  @Test func worstCasesWithinTheLimitAreBounded() throws {
    let blank = [UInt8](repeating: 0x0a, count: UnifiedDiff.maximumBytes)
    #expect(throws: PatchError.self) { try UnifiedDiff(parsing: blank) }
    let count = 60_000
    let body = String(repeating: " \n", count: count) + "-x\n"
    let patch = try UnifiedDiff(parsing: "--- f\n+++ f\n@@ -1,\(count + 1) +1,\(count) @@\n" + body)
    let recipe = try RecipeTree(["f": [UInt8](repeating: 0x0a, count: count + 400)])
    let elapsed = ContinuousClock().measure {
      #expect(throws: PatchError.self) { try patch.apply(to: recipe) }
    }
    #expect(elapsed < .seconds(20))
  }

  @Test(arguments: 0..<300) func makeThenApplyGivesTheSameTree(seed: Int) throws {
    var random = SeededGenerator(seed: UInt64(seed))
    var before: [String: [UInt8]] = [:]
    var after: [String: [UInt8]] = [:]
    for name in ["f", "d/g", "h"] {
      let text = random.text(lines: Int.random(in: 0...40, using: &random))
      if Int.random(in: 0..<5, using: &random) > 0 { before[name] = text }
      if Int.random(in: 0..<5, using: &random) > 0 {
        after[name] =
          Bool.random(using: &random)
          ? random.edit(text, times: Int.random(in: 0...6, using: &random))
          : random.text(lines: Int.random(in: 0...40, using: &random))
      }
    }
    let a = try RecipeTree(before)
    let b = try RecipeTree(after)
    let diff = try UnifiedDiff.make(from: a, to: b)
    #expect(try diff.apply(to: a) == b)
    #expect(diff.isEmpty == (a == b))
    guard !diff.isEmpty else { return }
    let parsed = try UnifiedDiff(parsing: diff.bytes)
    #expect(try parsed.apply(to: a) == b)
    #expect(parsed.bytes == diff.bytes)
  }

  @Test func largeRewritesStayBounded() throws {
    var random = SeededGenerator(seed: 7)
    let a = try RecipeTree(["f": random.text(lines: 6000)])
    let b = try RecipeTree(["f": random.text(lines: 6000)])
    let elapsed = try ContinuousClock().measure {
      let diff = try UnifiedDiff.make(from: a, to: b)
      #expect(try diff.apply(to: a) == b)
    }
    #expect(elapsed < .seconds(30))
  }

  @Test func diffIsSmall() throws {
    let lines = (0..<200).map { "line \($0)\n" }
    var changed = lines
    changed[100] = "other\n"
    let diff = try UnifiedDiff.make(from: tree(["f": lines.joined()]), to: tree(["f": changed.joined()]))
    #expect(diff.lineCounts == (1, 1))
    #expect(
      diff.text == """
        diff --git a/f b/f
        --- a/f
        +++ b/f
        @@ -98,7 +98,7 @@
         line 97
         line 98
         line 99
        -line 100
        +other
         line 101
         line 102
         line 103

        """)
  }

  @Test(arguments: 0..<200) func mutatedPatchesNeverTrap(seed: Int) throws {
    var random = SeededGenerator(seed: UInt64(1000 + seed))
    let text = random.text(lines: 30)
    let a = try RecipeTree(["f": text])
    let b = try RecipeTree(["f": random.edit(text, times: 5), "g": random.text(lines: 5)])
    let patch = try UnifiedDiff.make(from: a, to: b).bytes
    for _ in 0..<20 {
      var bytes = patch
      for _ in 0..<Int.random(in: 1...6, using: &random) where !bytes.isEmpty {
        let at = Int.random(in: 0..<bytes.count, using: &random)
        switch Int.random(in: 0..<4, using: &random) {
        case 0: bytes[at] = UInt8.random(in: 1...255, using: &random)
        case 1: bytes.remove(at: at)
        case 2: bytes.insert(contentsOf: Array("\n@@ -3,1 +2,0 @@\n".utf8), at: at)
        default: bytes.removeSubrange(at..<min(at + 9, bytes.count))
        }
      }
      do throws(PatchError) {
        let after = try UnifiedDiff(parsing: bytes).apply(to: a)
        // What still applies is a valid tree.
        #expect(after.paths.allSatisfy { (try? RecipePath.validate($0)) != nil })
      } catch {
        #expect(!error.message.isEmpty)
      }
    }
  }
}
