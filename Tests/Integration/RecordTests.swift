import AssayPatch
import Foundation
import Glibc
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
    try await reports(of: run, printed: report)

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
    try await checkouts(
      repository, "found/it", of: run, kept: kept.compactMap { $0["trial"] as? Int }.sorted())
    #expect(
      try await Program.assay("best", "--state", run.state, "--git", repository, "--branch", "found/it")
        .status == 2)
  }

  /// The same report whichever way it is asked for, and no file that is there is replaced.
  private func reports(of run: Run, printed: String) async throws {
    for option in ["--out", "--markdown", "--html"] {
      let file = run.state + option + ".report"
      defer { try? FileManager.default.removeItem(atPath: file) }
      let written = try await Program.assay("report", option, file, "--state", run.state, "--json")
      #expect(written.status == 0, "\(option): \(written.errors)")
      let text = try String(contentsOfFile: file, encoding: .utf8)
      #expect(written.rows.first?["file"] as? String == file)
      #expect(written.rows.first?["bytes"] as? String == "\(text.utf8.count)")
      #expect(option == "--html" ? text.hasPrefix("<!doctype html>") : text == printed, "\(option)")
      #expect(try await Program.assay("report", option, file, "--state", run.state).status == 2)
      #expect(try String(contentsOfFile: file, encoding: .utf8) == text)
      #expect(try await Program.assay("report", option, "/nowhere/at/all", "--state", run.state).status == 3)
    }
    let help = try await Program.assay("report", "--help").output
    for option in ["--html", "--out", "--markdown"] { #expect(help.contains(option)) }
  }

  /// Git itself: the repository is sound, its history is a line, and each commit checks out as exactly what the trial ran.
  private func checkouts(_ repository: String, _ branch: String, of run: Run, kept: [Int]) async throws {
    func git(_ arguments: String...) async throws -> String {
      let ended = try await Program.run("/usr/bin/git", ["-C", repository] + arguments)
      #expect(ended.status == 0, "\(arguments): \(ended.errors)")
      return ended.output
    }
    _ = try await git("fsck", "--strict", "--no-dangling")
    let commits = try await git("rev-list", "--reverse", branch).split(separator: "\n").map(String.init)
    #expect(commits.count == kept.count)
    #expect(try await git("rev-list", "--min-parents=2", branch).isEmpty)
    for (commit, trial) in zip(commits, kept) {
      let place = repository + "-\(trial)"
      defer { try? FileManager.default.removeItem(atPath: place) }
      _ = try await git("worktree", "add", "--detach", place, commit)
      let shown = try #require(try await run.ask("show", "\(trial)").rows.first)
      let snapshot = try #require(shown["snapshot"] as? String)
      var files: [String: [UInt8]] = [:]
      for name in try FileManager.default.subpathsOfDirectory(atPath: place) where name != ".git" {
        if let bytes = FileManager.default.contents(atPath: place + "/" + name) {
          files[name] = [UInt8](bytes)
        }
      }
      // The id of a recipe is the digest of all its bytes.
      #expect(try RecipeTree(files).digest == snapshot, "trial \(trial)")
    }
  }

  /// Ctrl-C in the middle of a gigabyte: a clean end, nothing half-imported, and the same command again is whole.
  @Test func anImportIsStoppedAndBegunAgain() async throws {
    let folder = FileManager.default.temporaryDirectory.appending(path: "assay-gigabyte-\(UUID().uuidString)")
    let source = folder.appending(path: "theirs")
    try FileManager.default.createDirectory(at: source, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    let file = source.appending(path: "results.tsv")
    let header = "exp_id\ttimestamp\tspecialist\tparent_exp\thypothesis\tstatus\tval_bpb\tnotes\n"
    try Data(header.utf8).write(to: file)
    let words = String(repeating: "raise lower the rate of warmup ", count: 20)
    var block = ""
    for number in 0..<2000 {
      block += "\(number)\t2026-04-22T00:00:00Z\topt\t0\t\(words)\tdiscard\t1.08\t\(words)\n"
    }
    let handle = try FileHandle(forWritingTo: file)
    try handle.seekToEnd()
    var size = 0
    while size < 1 << 30 {
      try handle.write(contentsOf: Data(block.utf8))
      size += block.utf8.count
    }
    try handle.close()
    let state = folder.appending(path: "state").path
    let arguments = ["import", "autoresearch", source.path, "--name", "theirs", "--state", state, "--json"]
    let running = try Running("assay", arguments)
    // Until it has written something of its own.
    func written() -> Int {
      let names = (try? FileManager.default.contentsOfDirectory(atPath: state)) ?? []
      return names.compactMap {
        try? FileManager.default.attributesOfItem(atPath: state + "/" + $0)[.size] as? Int
      }.reduce(0, +)
    }
    let limit = ContinuousClock.now + .seconds(90)
    while written() < 1 << 20, ContinuousClock.now < limit { await Task.yield() }
    #expect(!running.isOver)
    running.signal(SIGINT)
    let stopped = try await running.ended()
    #expect(stopped.status == 130 && stopped.errors.contains("nothing was imported"), "\(stopped.errors)")
    #expect(!FileManager.default.fileExists(atPath: state))
    #expect(try await Program.assay("trials", "--state", state).status == 2)
    // As much as a test has time for; and a file of one that was killed without a word is in the way.
    try FileManager.default.createDirectory(atPath: state, withIntermediateDirectories: true)
    try Data("half".utf8).write(to: URL(filePath: state + "/archive.sqlite.partial-1"))
    try (Data(header.utf8) + Data(block.utf8)).write(to: file)
    let again = try await Program.run("assay", arguments)
    #expect(again.status == 0, "\(again.errors)")
    #expect(again.rows.first?["rows"] as? Int == 2000)
    #expect(try FileManager.default.contentsOfDirectory(atPath: state) == ["archive.sqlite"])
    let third = try await Program.run("assay", arguments)
    #expect(third.status == 0 && third.rows.first?["already_imported"] as? Bool == true, "\(third.output)")
  }

  @Test func whatIsWrongIsSaid() async throws {
    #expect(try await Program.assay("import", "autoresearch", "/nowhere").status == 2)
    #expect(try await Program.assay("audit", "/nowhere/at-all").status == 2)
    #expect(try await Program.assay("export").status == 2)
    #expect(try await Program.assay("compare", "one").status == 2)
    #expect(try await Program.assay("report", "--html", "a", "--out", "b").status == 2)
  }
}
