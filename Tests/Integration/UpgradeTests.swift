import Foundation
import Glibc
import Testing

/// A new version of each service takes over from the old one while a run goes on.
@Suite(.serialized, .tags(.slow), .timeLimit(.minutes(8))) struct UpgradeTests {
  /// What takes a database back to the step of its schema before; to be written anew with each step.
  private static let older = [
    "assay-lineage":
      "CREATE TABLE kept AS SELECT * FROM reading; DROP TABLE reading; PRAGMA user_version = 6",
    "assay-agent": "", "assay-runner": "", "assay-evaluator": "",
  ]

  /// Puts back what the step before had no place for, once the new program has made one.
  private static let restored = "INSERT INTO reading SELECT * FROM kept; DROP TABLE kept"

  @Test(
    "each program is replaced while trials are in flight, the lineage's with a database of the schema before: nothing is lost or doubled"
  )
  func rolling() async throws {
    let run = Run()
    let programs = FileManager.default.temporaryDirectory.appending(
      path: "assay-programs-\(UUID().uuidString)")
    defer { try? FileManager.default.removeItem(at: programs) }
    try FileManager.default.createDirectory(at: programs, withIntermediateDirectories: true)
    for name in try FileManager.default.contentsOfDirectory(atPath: Program.folder.path)
    where name.hasPrefix("assay") && !name.contains(".") {
      try FileManager.default.createSymbolicLink(
        at: programs.appending(path: name), withDestinationURL: Program.folder.appending(path: name))
    }
    let running = try Running(
      "assay", ["run", run.task, "--json", "--state", run.state, "--trials", "16", "--max-time", "6m"],
      environment: ["ASSAY_BIN": programs.path])
    #expect(await running.output { $0.split(separator: "\n").count >= 2 })
    let current = try await version(run)
    for (index, name) in ["assay-lineage", "assay-evaluator", "assay-runner", "assay-agent"].enumerated() {
      #expect(await running.output { $0.split(separator: "\n").count >= 2 + 2 * index })
      let old = run.pids(of: name)
      #expect(!old.isEmpty)
      try replace(programs.appending(path: name), name, run)
      for pid in old { kill(pid, SIGTERM) }
      if name == "assay-lineage" {
        while !FileManager.default.fileExists(atPath: run.state + "/\(name).new") { await Task.yield() }
        while try await version(run) != current { await Task.yield() }
        let restored = try await sqlite(
          "import sqlite3, sys; sqlite3.connect(sys.argv[1]).executescript('\(Self.restored)')", run)
        #expect(restored.status == 0, "\(restored.errors)")
      }
    }
    let ended = try await running.ended()
    #expect(ended.status == 0, "\(ended.errors.suffix(2000))")
    #expect(ended.rows.compactMap { $0["trial"] as? Int }.sorted() == Array(0...16))
    let trials = try await run.trials()
    #expect(trials.compactMap { $0["trial"] as? Int } == Array(0...16))
    #expect(!trials.contains { ["in_flight", "harness_abort"].contains($0["label"] as? String ?? "") })
    for name in Self.older.keys {
      #expect(FileManager.default.fileExists(atPath: run.state + "/\(name).new"), "\(name) was replaced")
    }
    #expect(try await version(run) == current, "the schema was brought up to date")
    let proofs = run.state + "-proofs"
    #expect(try await Program.assay("export", "--proofs", proofs, "--state", run.state).status == 0)
    #expect(try await Program.assay("verify", proofs).status == 0)
  }

  private func version(_ run: Run) async throws -> String {
    try await sqlite(
      "import sqlite3, sys; print(sqlite3.connect(sys.argv[1]).execute('PRAGMA user_version').fetchone()[0])",
      run
    ).output
  }

  private func sqlite(_ program: String, _ run: Run) async throws -> Program.Ended {
    try await Program.run("/usr/bin/python3", ["-c", program, run.state + "/lineage/lineage.sqlite"])
  }

  /// Puts a new program in the place of an old one: it says that it is new, finds what an older one left, and is ours.
  private func replace(_ program: URL, _ name: String, _ run: Run) throws {
    let database = run.state + "/lineage/lineage.sqlite"
    let earlier = Self.older[name] ?? ""
    let script = """
      #!/bin/sh
      if [ ! -e '\(run.state)/\(name).new' ]; then
        [ -z '\(earlier)' ] || /usr/bin/python3 -c 'import sqlite3, sys; sqlite3.connect(sys.argv[1]).executescript(sys.argv[2])' '\(database)' '\(earlier)'
        touch '\(run.state)/\(name).new'
      fi
      exec '\(Program.folder.appending(path: name).path)' "$@"

      """
    let fresh = program.appendingPathExtension("fresh")
    try script.write(to: fresh, atomically: true, encoding: .utf8)
    try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: fresh.path)
    try #require(rename(fresh.path, program.path) == 0)
  }
}
