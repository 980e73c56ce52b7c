import AssayPatch
import Foundation
import Testing

/// Rules that change after the fact, from the command line: what breaks them is taken back, and the record says so.
@Suite(.tags(.slow), .serialized, .timeLimit(.minutes(5))) struct TaskAuditTests {
  private static let old = "return [x ** k for k in range(DEGREE + 1)]"

  /// The recipe with other features of x. Those of the curve itself are far better than powers, whatever the seed.
  private func recipe(features: String) throws -> RecipeTree {
    let text = try String(contentsOf: ForgeryTests.recipe, encoding: .utf8)
    try #require(text.contains(Self.old))
    return try RecipeTree([
      "recipe.py": Array(
        text.replacing(Self.old, with: "import math\n    return [\(features)]").utf8)
    ])
  }

  private func write(rules: String, to task: String) throws {
    let file = task + "/task.yaml"
    let text = try String(contentsOfFile: file, encoding: .utf8).components(separatedBy: "\nrules:")[0]
    try (text + "\nrules: " + rules + "\n").write(toFile: file, atomically: true, encoding: .utf8)
  }

  @Test("a kept trial that the new rules forbid is revoked: the run goes on from the best that stands")
  func audit() async throws {
    let task = try TaskCopy.make([TaskCopy.steady])
    let run = Run(task: task)
    let proofs = run.state + "-proofs"
    defer { for path in [run.state, task, proofs] { try? FileManager.default.removeItem(atPath: path) } }
    func audit(_ options: String...) async throws -> Program.Ended {
      try await Program.run("assay", ["task", "audit", task, "--state", run.state, "--json"] + options)
    }
    func best() async throws -> Int? { try await run.ask("best").rows.first?["trial"] as? Int }

    let honest = try await ForgeryTests.submit(
      try recipe(features: "1.0, math.sin(4 * x)"), to: run, specialist: "model")
    #expect(honest["label"] as? String == "keep", "\(honest)")
    let clever = try await ForgeryTests.submit(
      try recipe(features: #"1.0, math.sin(4 * x), getattr(math, "cos")(7 * x)"#), to: run,
      specialist: "model")
    #expect(clever["label"] as? String == "keep", "\(clever)")
    #expect(try await best() == 2)
    #expect(
      try await run.ask("trials").rows.map { $0["state"] as? String } == [
        "measured", "confirmed", "confirmed",
      ])
    #expect(try await audit().status == 0, "the rules did not change")

    try write(
      rules: "{version: 1, static: [{id: readable, why: \"be readable\", forbid: [getattr]}]}", to: task)
    // A changed task is another one, until it is audited.
    #expect(try await run.start("--trials", "3").ended().status == 3)
    let dry = try await audit("--dry-run")
    #expect(dry.status == 1, "\(dry.errors)")
    #expect(dry.rows.map { $0["outcome"] as? String } == ["would_be_revoked"])
    #expect(try await best() == 2)
    let found = try await audit()
    #expect(found.status == 1, "\(found.errors)")
    #expect(found.rows.count == 1)
    let finding = try #require(found.rows.first)
    #expect(finding["trial"] as? Int == 2 && finding["label"] as? String == "keep")
    #expect(finding["rule"] as? String == "readable" && finding["rules_version"] as? Int == 1)
    #expect((finding["evidence"] as? String)?.hasPrefix("recipe.py:") == true)
    #expect(finding["outcome"] as? String == "revoked")
    let again = try await audit()
    #expect(again.status == 0 && again.rows.first?["outcome"] as? String == "revoked_before")

    #expect(try await best() == 1)
    let shown = try #require(try await run.ask("show", "2").rows.first)
    #expect(shown["state"] as? String == "revoked" && shown["label"] as? String == "keep")
    let revoked = try #require(shown["revoked"] as? [String: Any])
    #expect(revoked["signature"] as? String == "valid" && revoked["rule"] as? String == "readable")
    #expect(revoked["requested_by"] as? String == "operator")
    #expect(try await run.ask("trials", "--view", "revoked").rows.compactMap { $0["trial"] as? Int } == [2])
    #expect(try await run.ask("trials", "--view", "kept").rows.compactMap { $0["trial"] as? Int } == [1])
    #expect(try await run.ask("status").rows.first?["revoked"] as? Int == 1)
    let text = try await Program.run("assay", ["tree", "--state", run.state])
    #expect(text.output.contains("2 model keep, revoked"), "\(text.output)")

    // The run goes on, by the new rules.
    let barred = try await ForgeryTests.submit(
      try recipe(features: #"1.0, getattr(math, "sin")(4 * x)"#), to: run, specialist: "model")
    #expect(barred["label"] as? String == "illegal", "\(barred)")
    #expect(try await run.ask("show", "3").rows.first?["rule_version"] as? Int == 1)

    // What no rule says, a person may.
    let person = try await Program.run(
      "assay", ["revoke", "1", "--reason", "It was copied.", "--state", run.state, "--json"])
    #expect(person.status == 0, "\(person.errors)")
    #expect(person.rows.first?["incumbent"] as? Int == 0)
    #expect(try await best() == 0)
    #expect(
      try await Program.run("assay", ["revoke", "3", "--reason", "x", "--state", run.state]).status == 3)

    // More than rules is another task.
    let yaml = task + "/task.yaml"
    let whole = try String(contentsOfFile: yaml, encoding: .utf8)
    try whole.replacing("max_bytes: 16384", with: "max_bytes: 16385").write(
      toFile: yaml, atomically: true, encoding: .utf8)
    let other = try await audit()
    #expect(other.status == 3 && other.errors.contains("more than the rules"), "\(other.errors)")

    let exported = try await Program.assay("export", "--proofs", proofs, "--state", run.state, "--json")
    #expect(exported.status == 0, "\(exported.errors)")
    #expect(exported.rows.first?["revoked"] as? [Int] == [1, 2])
    #expect(exported.rows.first?["audits"] as? Int == 1 && exported.rows.first?["cosigned"] as? Bool == true)
    #expect(exported.rows.first?["best"] as? Int == 0)
    let independent = Program.repository.appending(path: "conformance/python/verify_proofs.py").path
    let theirs = try await Program.run(PythonSDKTests.python, [independent, proofs])
    #expect(
      theirs.status == 0 && theirs.output.contains("2 of them revoked, best trial 0"), "\(theirs.output)")
  }
}
