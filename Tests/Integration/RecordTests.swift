import Foundation
import Testing

/// A real run, audited and exported with the programs that people use.
@Suite(.serialized, .tags(.slow), .timeLimit(.minutes(8))) struct RecordTests {
  private func json(_ text: String) throws -> [String: Any] {
    try #require(try JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any])
  }

  private func python(_ script: String, _ arguments: String...) async throws {
    let ended = try await Program.run(PythonSDKTests.python, ["-c", script] + arguments)
    #expect(ended.status == 0, "\(ended.output)\(ended.errors)")
  }

  @Test func aRunIsAuditedAndExported() async throws {
    let run = Run()
    #expect(try await run.start("--trials", "8", "--max-time", "4m").ended().status == 0)
    let trials = try await run.trials()
    #expect(trials.allSatisfy { $0["provenance"] as? String == "signed" })

    let audited = try await Program.assay("audit", run.state, "--json")
    #expect(audited.status == 0, "\(audited.errors)")
    let audit = try json(audited.output)
    #expect(audit["provenance"] as? String == "signed")
    let counts = try #require(audit["counts"] as? [String: Any])
    #expect(counts["trials"] as? Int == 8)
    let labels = trials.compactMap { $0["label"] as? String }.filter { $0 != "baseline" }
    #expect(counts["by_label"] as? [String: Int] == Dictionary(labels.map { ($0, 1) }, uniquingKeysWith: +))
    // The code of every trial is there, so each edit is classified.
    let edits = try #require(audit["edits"] as? [String: Any])
    let total = try #require(edits["total"] as? [String: Int])
    #expect(total.values.reduce(0, +) == counts["real_trials"] as? Int)
    #expect((total["program_level"] ?? 0) + (total["constant_only"] ?? 0) > 0)
    #expect(try await Program.assay("audit", run.state).output.contains("edits by syntax tree"))
    let report = try await Program.assay("report", "--state", run.state).output
    #expect(report.contains("Every verdict was signed") && report.contains("## Edits by syntax tree"))

    let out = run.state + "-out"
    let exported = try await Program.assay(
      "export", "--state", run.state, "--tables", out + "/tables", "--sqlite", out + "/run.sqlite",
      "--tensorboard",
      out + "/logs", "--reference", out + "/board")
    #expect(exported.status == 0, "\(exported.errors)")
    try await python(
      """
      import duckdb, sqlite3, sys
      out, count = sys.argv[1], int(sys.argv[2])
      rows = duckdb.sql(f"SELECT count(*), count(score), min(position), max(position) FROM '{out}/tables/trials.csv'").fetchall()[0]
      assert rows[0] == count and rows[2] == 0 and rows[3] == count - 1, rows
      lines = duckdb.sql(f"SELECT count(*), count(extra.snapshot) FROM '{out}/tables/trials.jsonl'").fetchall()[0]
      assert lines[0] == count and lines[1] > 0, lines
      views = sqlite3.connect(f"{out}/run.sqlite")
      assert views.execute("SELECT count(*) FROM trials").fetchone()[0] == count
      assert views.execute("SELECT value FROM run WHERE name = 'provenance'").fetchone()[0] == "signed"
      """, out, "\(trials.count)")
    #expect(try await Program.assay("export", "--state", run.state, "--tables", out + "/tables").status == 2)

    // What was exported in the reference's form is imported again, and is then a claim.
    let again = run.state + "-again"
    let imported = try await Program.assay(
      "import", "autoresearch", out + "/board", "--name", "again", "--state", again, "--json")
    #expect(imported.status == 0, "\(imported.errors)")
    #expect(try json(imported.output)["rows"] as? Int == trials.count)
    let claimed = try await Program.assay("trials", "--state", again, "--json").rows
    #expect(claimed.map { $0["label"] as? String } == trials.map { $0["label"] as? String })
    #expect(claimed.allSatisfy { $0["provenance"] as? String == "recipe-claimed" })
    #expect(try await Program.assay("show", "1", "--state", again).output.contains("unsigned"))
    let compared = try await Program.assay("compare", run.state, again, "--json")
    #expect(compared.status == 0, "\(compared.errors)")
    let keeps = try #require(try json(compared.output)["keep_rate"] as? [String: Any])
    #expect(keeps["difference"] as? Double == 0)

    // One commit a kept trial, and the last one is the best recipe.
    let repository = run.state + "-git"
    let branch = try await Program.assay(
      "best", "--state", run.state, "--git", repository, "--branch", "found/it")
    #expect(branch.status == 0, "\(branch.errors)")
    #expect(try await Program.assay("best", "--state", run.state, "--out", out + "/best").status == 0)
    let log = try await Program.run(
      "/usr/bin/git", ["-C", repository, "log", "--format=%B", "found/it"])
    let kept = try await run.ask("trials", "--view", "lineage").rows
    #expect(log.output.components(separatedBy: "Provenance: signed").count - 1 == kept.count)
    let recipe = try await Program.run("/usr/bin/git", ["-C", repository, "show", "found/it:recipe.py"])
    #expect(recipe.output == (try String(contentsOfFile: out + "/best/recipe.py", encoding: .utf8)))
    #expect(
      try await Program.assay("best", "--state", run.state, "--git", repository, "--branch", "found/it")
        .status == 2)
  }

  @Test func whatIsWrongIsSaid() async throws {
    #expect(try await Program.assay("import", "autoresearch", "/nowhere").status == 2)
    #expect(try await Program.assay("audit", "/nowhere/at-all").status == 2)
    #expect(try await Program.assay("export").status == 2)
    #expect(try await Program.assay("compare", "one").status == 2)
    #expect(try await Program.assay("report", "--html", "a", "--out", "b").status == 2)
  }
}
