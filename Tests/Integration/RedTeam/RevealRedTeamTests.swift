import AssayPatch
import Foundation
import Testing

/// Attacks on predict, then reveal, through the real services: a variant of the test task reveals each answer once the prediction of it is on
/// record. No static rule is in its way. docs/red-team.md has the table.
@Suite(.serialized, .tags(.slow), .timeLimit(.minutes(5))) struct RevealRedTeamTests {
  private static func task(ahead: Bool = false) throws -> String {
    let path = try TaskCopy.make([
      TaskCopy.steady, TaskCopy.quick,
      .init(
        "task.yaml", "partitions:\n",
        "partitions:\n  all: {title: Everything, edits: [{file: recipe.py, whole: true}]}\n"),
      .init(
        "task.yaml",
        """
          command: ["{python}", /harness/predict.py, --artifact, /artifact, --inputs, /inputs, --out, /out]
          outputs: [{path: predictions.bin, max_bytes: 8192}]
          cpu_seconds: 1
          wall_seconds: 10
        """,
        """
          command: ["{python}", /harness/predict_revealed.py, --artifact, /artifact]
          outputs: [{path: predictions.bin, max_bytes: 8192}]
          protocol: reveal
          reply_seconds: 5
          cpu_seconds: 20
          wall_seconds: 100
        """),
      .init("task.yaml", "/scorer/score.py", "/scorer/reveal.py"),
    ])
    let fixtures = Program.repository.appending(path: "Tests/Integration/Fixtures/reveal")
    for (file, place) in [("predict_revealed.py", "harness"), ("reveal.py", "scorer")] {
      let text = try String(contentsOf: fixtures.appending(path: file), encoding: .utf8)
      try (ahead ? text.replacing("AHEAD = False", with: "AHEAD = True") : text)
        .write(toFile: "\(path)/\(place)/\(file)", atomically: true, encoding: .utf8)
    }
    return path
  }

  private static func submit(_ attack: RevealAttack, to run: Run) async throws -> [String: Any] {
    let body = attack.code.split(separator: "\n").map { "    \($0)" }.joined(separator: "\n")
    let text = try String(contentsOf: ForgeryTests.recipe, encoding: .utf8)
    let whole = text + "\n\n" + RevealAttack.prelude + "\ndef reply(artifact, known, x):\n\(body)\n"
    return try await ForgeryTests.submit(
      try RecipeTree(["recipe.py": Array(whole.utf8)]), to: run, specialist: "all")
  }

  private func remove(_ run: Run) {
    for path in [run.state, run.task] { try? FileManager.default.removeItem(atPath: path) }
  }

  @Test("nothing but what was revealed can be learnt from, and a reply is given once, in time") func attacks()
    async throws
  {
    let run = Run(task: try Self.task())
    defer { remove(run) }
    var table: [String] = []
    // The one that is kept comes last: every attack is compared with the baseline.
    for attack in RevealAttack.all + RevealAttack.controls.reversed() {
      let verdict = try await Self.submit(attack, to: run)
      let shown = try await run.ask("show", "\(verdict["trial"] as? Int ?? 0)").rows.first ?? [:]
      let reason = shown["reason"] as? String ?? ""
      #expect(verdict["label"] as? String == attack.label, "\(attack.name): \(verdict) \(shown)")
      #expect(attack.reason.isEmpty || reason.contains(attack.reason), "\(attack.name): \(reason)")
      table.append("| \(attack.name) | \(verdict["label"] ?? "") | \(attack.reason) |")
    }
    try RedTeamTests.expect(table)
  }

  /// The hunter is one: where later pieces lie open, it finds them and wins.
  @Test func whatLiesOpenIsFound() async throws {
    let run = Run(task: try Self.task(ahead: true))
    defer { remove(run) }
    let verdict = try await Self.submit(.hunt, to: run)
    #expect(verdict["label"] as? String == "keep", "\(verdict)")
  }
}
