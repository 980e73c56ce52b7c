import AssayPatch
import Foundation
import Testing

/// Attacks through the real services and the real sandbox, with every defence and with the static rules switched off, each run
/// beside honest controls; `make redteam`. docs/red-team.md is its table.
@Suite(.serialized, .tags(.slow), .timeLimit(.minutes(15))) struct RedTeamTests {
  /// What only the evaluator may ever see.
  static let canary = "CANARY-7d1f0c52"

  static let rules = """
    rules:
      version: 1
      static:
        - {id: imports, why: "arithmetic is enough", allow_imports: [random, struct, math, time]}
        - id: no-dynamic-code
          why: "what a recipe does has to be readable in its source"
          forbid: [eval, exec, compile, __import__, globals, locals, vars, getattr, setattr, delattr, open, time.sleep]
        - {id: no-output, why: "output is no evidence", forbid: [print]}
        - {id: no-patching, why: "clocks and libraries stay as they are", forbid_patching: true}
        - {id: no-internals, why: "the way around every other rule", forbid_internals: true}
        - {id: no-weights, why: "a recipe trains", max_literals: 4000}

    """

  /// The test task with a specialist who may edit everything, a canary in its held-out data, and rules or none.
  static func task(rules: String, _ changes: [TaskCopy.Change] = []) throws -> String {
    try TaskCopy.make(
      [
        TaskCopy.steady,
        .init("task.yaml", "recipe: {files", rules + "recipe: {files"),
        .init(
          "task.yaml", "partitions:\n",
          "partitions:\n  all: {title: Everything, edits: [{file: recipe.py, whole: true}]}\n"),
        .init(
          "data/prepare.py", "    for name, content in made.items():",
          """
              for name in ("heldout", "sealed"):
                  os.makedirs(os.path.join(arguments.out, name), exist_ok=True)
                  with open(os.path.join(arguments.out, name, "answers.txt"), "w") as file:
                      file.write("\(canary)")
              for name, content in made.items():
          """),
      ] + changes)
  }

  static func recipe(_ attack: Attack, helpers: String = "") throws -> RecipeTree {
    func indented(_ code: String) -> String {
      code.split(separator: "\n", omittingEmptySubsequences: false).map { "    " + $0 }.joined(
        separator: "\n")
    }
    let text = try String(contentsOf: ForgeryTests.recipe, encoding: .utf8)
    let changed =
      switch attack.place {
      case .module: text.replacing("import struct\n", with: "import struct\n\(attack.code)\n")
      case .train:
        text.replacing(
          "def train(examples, seconds, seed):\n",
          with: "def train(examples, seconds, seed):\n\(indented(attack.code))\n")
      case .predict:
        text.replacing(
          "def predict(artifact, xs):\n", with: "def predict(artifact, xs):\n\(indented(attack.code))\n")
      case .answer:
        text.replacing(
          "    return [forward(weights, x) for x in xs]",
          with: "    values = [forward(weights, x) for x in xs]\n    return \(attack.code)")
      }
    let whole = changed.replacing(
      "# --- section: artifact ---\n", with: "# --- section: artifact ---\n\(helpers)")
    return try RecipeTree(["recipe.py": Array(whole.utf8)])
  }

  private static func controls() throws -> [(String, RecipeTree, String)] {
    let text = try String(contentsOf: ForgeryTests.recipe, encoding: .utf8)
    return try [
      ("trains longer", text.replacing("EPOCHS = 15", with: "EPOCHS = 60"), "keep"),
      (
        "uses the clock it was given",
        text.replacing("import struct\n", with: "import struct\nfrom time import perf_counter as now\n")
          .replacing(
            "    for epoch in range(EPOCHS):", with: "    began = now()\n    for epoch in range(EPOCHS):"),
        "discard"
      ),
      (
        "brings a class of its own",
        text.replacing("    return pack(weights)", with: "    return Model(weights).packed()")
          .replacing(
            "# --- section: artifact ---",
            with:
              "class Model:\n    def __init__(self, weights):\n        self._weights = weights\n        self.count = len(weights)\n\n    def packed(self):\n        return pack(self._weights)\n\n\n# --- section: artifact ---"
          ), "discard"
      ),
    ].map { ($0.0, try RecipeTree(["recipe.py": Array($0.1.utf8)]), $0.2) }
  }

  @Test("every attack ends invalid, by the right rule; honest work passes") func everyDefence() async throws {
    let run = Run(task: try Self.task(rules: Self.rules))
    defer { for path in [run.state, run.task] { try? FileManager.default.removeItem(atPath: path) } }
    var table: [String] = []
    for attack in Attack.all {
      let verdict = try await ForgeryTests.submit(try Self.recipe(attack), to: run, specialist: "all")
      let (label, trial) = (verdict["label"] as? String ?? "", verdict["trial"] as? Int ?? 0)
      #expect(label == attack.label, "\(attack.name): \(verdict)")
      let shown = try await run.ask("show", "\(trial)").rows.first ?? [:]
      let rule = shown["rule"] as? String ?? ""
      if label == "illegal" {
        #expect(rule == attack.rule, "\(attack.name): \(shown)")
        #expect(shown["rule_version"] as? Int == 1)
        #expect(!(shown["evidence"] as? String ?? "").isEmpty)
      }
      let without = attack.without.sorted().joined(separator: " or ")
      table.append("| \(attack.name) | \(label) | \(rule) | \(without) |")
    }
    try await check(controls: run)
    try await searchForCanary(run)
    if let path = ProcessInfo.processInfo.environment["ASSAY_REDTEAM_TABLE"] {
      try (table.joined(separator: "\n") + "\n").write(toFile: path, atomically: true, encoding: .utf8)
    }
    try Self.expect(table)
  }

  @Test("with the static rules off, sandbox and probes let no attack gain") func withoutStaticRules()
    async throws
  {
    let run = Run(task: try Self.task(rules: ""))
    defer { for path in [run.state, run.task] { try? FileManager.default.removeItem(atPath: path) } }
    for attack in Attack.all {
      let verdict = try await ForgeryTests.submit(try Self.recipe(attack), to: run, specialist: "all")
      #expect(attack.without.contains(verdict["label"] as? String ?? ""), "\(attack.name): \(verdict)")
      let shown = try await run.ask("show", "\(verdict["trial"] as? Int ?? 0)").rows.first ?? [:]
      let log = shown["log"] as? String ?? ""
      #expect(!log.contains("FOUND") && !log.contains("CONNECTED"), "\(attack.name): \(log.prefix(500))")
      #expect(!log.unicodeScalars.contains { $0.value == 0x1b }, "\(attack.name)")
    }
    try await check(controls: run)
    try await searchForCanary(run)
  }

  /// What the document says is what was seen.
  static func expect(_ table: [String]) throws {
    let document = try String(
      contentsOf: Program.repository.appending(path: "docs/red-team.md"), encoding: .utf8)
    for row in table where !document.contains(row) { Issue.record("docs/red-team.md has no row\n\(row)") }
  }

  private func check(controls run: Run) async throws {
    for (name, recipe, label) in try Self.controls() {
      let verdict = try await ForgeryTests.submit(recipe, to: run, specialist: "all")
      #expect(verdict["label"] as? String == label, "\(name): \(verdict)")
    }
  }

  /// The canary is nowhere but with the evaluator: no record, no log, no export, no message says it.
  private func searchForCanary(_ run: Run) async throws {
    let needle = Data(Self.canary.utf8)
    let files = FileManager.default
    var seen = 0
    for path in try files.subpathsOfDirectory(atPath: run.state) where !path.hasPrefix("evaluator") {
      guard let data = files.contents(atPath: run.state + "/" + path) else { continue }
      seen += 1
      #expect(data.range(of: needle) == nil, "\(path) holds held-out data")
    }
    #expect(seen > 5)
    let proofs = run.state + "-proofs"
    defer { try? files.removeItem(atPath: proofs) }
    #expect(try await run.ask("export", "--proofs", proofs).status == 0)
    for path in try files.contentsOfDirectory(atPath: proofs) {
      #expect(files.contents(atPath: proofs + "/" + path)?.range(of: needle) == nil, "\(path)")
    }
    for question in ["status", "trials", "tree", "best"] {
      let ended = try await run.ask(question)
      #expect(!ended.output.contains(Self.canary) && !ended.errors.contains(Self.canary))
    }
  }
}
