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
    // Formatting and words.
    ("x = f(1,2)\n", "x = f(\n    1,\n    2,\n)\n", .unchanged),
    ("x = 1\ny = 2\n", "x = 1; y = 2\n", .unchanged),
    ("x = 'a'\n", "x = \"a\"\n", .unchanged),
    ("x = 1000\n", "x = 1_000\n", .unchanged),
    ("def f():\n    'one'\n    return 1\n", "def f():\n    'two'\n    return 1\n", .unchanged),
    ("'about'\nx = 1\n", "'about it'\nx = 2\n", .constantOnly),
    // Constants, wherever they stand.
    ("def f(a=1): return a\n", "def f(a=2): return a\n", .constantOnly),
    ("x = [1, 2]\n", "x = [3, 2]\n", .constantOnly),
    ("x = {'a': 1}\n", "x = {'b': 1}\n", .constantOnly),
    ("x = None\n", "x = True\n", .constantOnly),
    ("x = f'{a:.1f}'\n", "x = f'{a:.2f}'\n", .constantOnly),
    ("x = a[1:3]\n", "x = a[1:4]\n", .constantOnly),
    ("x = 1e-3\n", "x = -1e-4\n", .constantOnly),
    ("f(lr=0.1)\n", "f(lr=0.2)\n", .constantOnly),
    // Everything else.
    ("x = [1, 2]\n", "x = [1, 2, 3]\n", .programLevel),
    ("f(lr=0.1)\n", "f(lr=0.1, b=2)\n", .programLevel),
    ("f(lr=0.1)\n", "f(rate=0.1)\n", .programLevel),
    ("x = a + b\n", "x = a - b\n", .programLevel),
    ("x = -a\n", "x = a\n", .programLevel),
    ("x = RATE\n", "x = 0.1\n", .programLevel),
    ("a = 1\nb = 2\n", "b = 2\na = 1\n", .programLevel),
    ("import a\n", "import b\n", .programLevel),
    ("if a < 1: f()\n", "if a <= 1: f()\n", .programLevel),
    ("@one\ndef f(): pass\n", "def f(): pass\n", .programLevel),
    ("def f(): return 1\n", "async def f(): return 1\n", .programLevel),
    ("x: int = 1\n", "x: float = 1\n", .programLevel),
    ("def f():\n    'words'\n", "def f():\n    pass\n", .programLevel),
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
