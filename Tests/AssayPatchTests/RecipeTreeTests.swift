import AssayPatch
import Testing

@Suite struct RecipeTreeTests {
  @Test(arguments: [
    ("", "is empty"), ("/etc/passwd", "is absolute"), ("../x", "'.' or '..'"), ("a/../b", "'.' or '..'"),
    ("./a", "'.' or '..'"), ("a//b", "empty component"), ("a/", "empty component"),
    ("a\u{0}b", "control character"),
    ("a\nb", "control character"), ("a\\b", "backslash"), ("caf\u{e9}.py", "outside ASCII"),
    ("re\u{441}ipe.py", "outside ASCII"), (" a", "space"), ("a:b", "colon"),
    ("a/b/c/d/e/f/g/h/i", "deeper"), (String(repeating: "a", count: 241), "longer than"),
  ])
  func refusesPath(path: String, why: String) throws {
    let error = try #require(throws: PatchError.self) { try RecipeTree([path: []]) }
    #expect(error.code == .badPath)
    #expect(error.message.contains(why))
    #expect(error.message.contains("relative to the recipe folder"))
  }

  @Test func refusesFileThatIsAlsoFolder() throws {
    let error = try #require(throws: PatchError.self) { try tree(["a": "", "a/b": ""]) }
    #expect(error.code == .badPath)
    #expect(error.message.contains("rename one of them"))
  }

  @Test func listsPathsBytewise() throws {
    #expect(try tree(["b": "", "a/z": "", "a.py": "", "B": ""]).paths == ["B", "a.py", "a/z", "b"])
  }

  @Test func capsSizeAndCount() throws {
    let large = [UInt8](repeating: 0x61, count: RecipeTree.maximumBytes)
    let full = try RecipeTree(["a": large])
    #expect(throws: PatchError.self) { try full.setting("b", to: [1]) }
    let many = Dictionary(uniqueKeysWithValues: (0...RecipeTree.maximumFiles).map { ("f\($0)", [UInt8]()) })
    #expect(throws: PatchError.self) { try RecipeTree(many) }
  }

  /// Expected values by: printf 'a\0%s\n' $(printf hello | sha256sum | cut -c1-64) | sha256sum
  @Test func digestIsTheDocumentedOne() throws {
    #expect(
      RecipeTree().digest == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855")
    #expect(
      try tree(["a": "hello"]).digest == "3213aa9907e559634bb72dd524d04b932c2e8da9d8e0ee99f786c3cb9051342b")
    #expect(try tree(["a": "x", "b": ""]).digest != tree(["a": "", "b": "x"]).digest)
    #expect(SnapshotDigest.isWellFormed(try tree(["a": ""]).digest))
    #expect(!SnapshotDigest.isWellFormed(String(repeating: "G", count: 64)))
  }
}
