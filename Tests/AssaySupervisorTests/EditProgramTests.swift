import AssayAudit
import Testing

@testable import AssaySupervisor

@Suite struct EditProgramTests {
  private func kind(_ before: String, _ after: String, file: String = "train.py") async -> EditKind? {
    await EditProgram.kinds(of: [.init(before: [file: before], after: [file: after])])?.first
  }

  @Test(arguments: [
    ("RATE = 0.1\n", "RATE = 0.2\n", EditKind.constantOnly),
    ("RATE = 0.1\n", "RATE = -0.2\n", .constantOnly),
    ("name = 'adam'\n", "name = 'muon'\n", .constantOnly),
    ("RATE = 0.1\n", "RATE = 0.1  # the same\n\n", .unchanged),
    ("RATE = 0.1\n", "RATE = 0.1 * 2\n", .programLevel),
    ("f(x)\n", "g(x)\n", .programLevel),
    ("for i in range(3): f(i)\n", "for i in range(4): f(i)\n", .constantOnly),
    ("x = 1\n", "x = (\n", .unknown),
  ]) func editsByTheirTrees(_ before: String, _ after: String, _ expected: EditKind) async {
    #expect(await kind(before, after) == expected)
  }

  @Test func otherFilesByTheirNumbers() async {
    #expect(await kind("rate: 0.1", "rate: 0.25", file: "config.yaml") == .constantOnly)
    #expect(await kind("rate: 0.1", "decay: 0.1", file: "config.yaml") == .programLevel)
    let pair = EditProgram.Pair(before: ["a.py": "x"], after: ["a.py": "x", "b.py": "y"])
    #expect(await EditProgram.kinds(of: [pair]) == [.programLevel])
  }

  /// What breaks the parser costs its own answer, or the whole request's; it never costs the audit.
  @Test func hostileSourceIsUnknown() async {
    let deep = String(repeating: "(", count: 200_000)
    let answer = await EditProgram.kinds(of: [
      .init(before: ["a.py": "x = 1"], after: ["a.py": deep]),
      .init(before: ["a.py": "x = 1"], after: ["a.py": "x = 2"]),
    ])
    #expect(answer == [.unknown, .constantOnly] || answer == nil)
    #expect(await kind("x = 1", "import os; os.system('exit 1')") == .programLevel)
  }
}
