import Foundation
import Glibc
import Testing

/// What the program offers at a prompt: completion, the doctor, a run followed in a terminal.
@Suite(.tags(.slow), .serialized, .timeLimit(.minutes(5))) struct CommandLineTests {
  @Test("the shell takes the completion that the program writes", arguments: ["bash", "zsh", "fish"])
  func completion(shell: String) async throws {
    let script = try await Program.assay("--generate-completion-script", shell)
    #expect(script.status == 0, "\(script.errors)")
    #expect(script.output.contains("dashboard"))
    guard shell == "bash" else { return }
    let file = FileManager.default.temporaryDirectory.appending(path: "assay-completion-\(UUID().uuidString)")
    try script.output.write(to: file, atomically: true, encoding: .utf8)
    defer { try? FileManager.default.removeItem(at: file) }
    let taken = try await Program.run("/bin/bash", ["-c", "source \(file.path) && complete -p assay"])
    #expect(taken.status == 0, "\(taken.errors)")
  }

  @Test("the doctor finds a key that others may read, and says what to do")
  func doctor() async throws {
    let run = Run()
    defer { try? FileManager.default.removeItem(atPath: run.state) }
    #expect(try await run.start("--trials", "1", "--specialists", "opt").ended().status == 0)
    func examine() async throws -> (status: Int32, findings: [[String: Any]]) {
      let ended = try await run.ask("doctor")
      return (ended.status, ended.rows)
    }
    let healthy = try await examine()
    #expect(healthy.findings.count >= 14)
    let failing = healthy.findings.filter { $0["state"] as? String == "fail" }
    #expect(failing.isEmpty, "\(failing)")
    #expect(healthy.status == 0)
    #expect(
      healthy.findings.contains { $0["check"] as? String == "sandbox" && $0["state"] as? String != "fail" })
    chmod(run.state + "/keys/operator.key", 0o644)
    let opened = try await examine()
    #expect(opened.status == 1)
    let keys = try #require(opened.findings.first { $0["check"] as? String == "keys" })
    #expect(keys["state"] as? String == "fail")
    #expect((keys["remedy"] as? String ?? "").contains("chmod 600"))
  }

  @Test("a run is followed: a line a verdict for programs, a screen that fits for people")
  func watch() async throws {
    let run = Run()
    defer { try? FileManager.default.removeItem(atPath: run.state) }
    let running = try run.start("--trials", "8", "--max-time", "3m")
    #expect(await running.output { $0.split(separator: "\n").count >= 2 })
    let watching = try Running("assay", ["watch", "--json", "--state", run.state])
    #expect(try await running.ended().status == 0)
    let watched = try await watching.ended()
    #expect(watched.status == 0, "\(watched.errors)")
    let numbers = watched.rows.compactMap { $0["trial"] as? Int }
    #expect(numbers.first == 0)
    #expect(numbers.sorted() == Array(0...8))

    let listed = try await Program.run("assay", ["watch", "--state", run.state])
    #expect(listed.output.split(separator: "\n").count == 10)
    #expect(!listed.output.contains("\u{1B}"))
    let assay = Program.folder.appending(path: "assay").path
    let shown = try await Program.run(
      "/usr/bin/script",
      ["-qec", "stty cols 60 rows 20; '\(assay)' watch --state '\(run.state)'", "/dev/null"],
      environment: ["TERM": "xterm"])
    #expect(shown.status == 0, "\(shown.output)")
    #expect(shown.output.contains("\u{1B}[?1049h"))
    #expect(shown.output.contains("\u{1B}[?1049l"))
    // Each drawing begins at home.
    let plain = shown.output.replacing(#/\u{1B}\[(H|\?1049l)/#, with: "\n").replacing(
      #/\u{1B}\[[0-9;?]*[A-Za-z]/#, with: "")
    for line in plain.split(whereSeparator: \.isNewline) { #expect(line.count <= 60, "\(line)") }
  }

  @Test("keys are told to programs too, and a report says what keeps it from being written")
  func answers() async throws {
    let folder = FileManager.default.temporaryDirectory.appending(path: "assay-keys-\(UUID().uuidString)")
      .path
    defer { try? FileManager.default.removeItem(atPath: folder) }
    let made = try await Program.assay(
      "keys", "init", "--directory", folder, "--specialists", "opt", "--json")
    #expect(made.rows.contains { $0["name"] as? String == "agent/opt" })
    let before = made.rows.first { $0["name"] as? String == "agent/opt" }?["key"] as? String
    let rotated = try await Program.assay("keys", "rotate", "agent/opt", "--directory", folder, "--json")
    #expect(rotated.rows.first?["name"] as? String == "agent/opt")
    #expect(rotated.rows.first?["key"] as? String != before)
    let revoked = try await Program.assay("keys", "revoke", "agent/opt", "--directory", folder, "--json")
    #expect(revoked.rows.allSatisfy { $0["revoked"] as? String == "agent/opt" })
    #expect(!revoked.rows.isEmpty)

    let source = folder + "/blackboard"
    try FileManager.default.createDirectory(atPath: source, withIntermediateDirectories: true)
    try """
    exp_id\ttimestamp\tspecialist\tparent_exp\tbaseline_exp\tdomain\thypothesis\texpected_delta\tstatus\tval_bpb\tdelta_vs_best\tartifact_bytes\ttrain_s\teval_s\ttotal_s\tjob_name\tsnapshot_path\tnotes
    000\t2026-04-22T00:00:00Z\tbaseline\t\t000\tbaseline\tas it is\t\tbaseline\t1.0810\t\t\t\t\t\t\t\t
    001\t2026-04-22T01:00:00Z\topt\t000\t000\topt\t<b>wider</b>\t-0.001\tkeep\t1.0700\t-0.011\t15990000\t588.5\t500.1\t1300\tapg-opt-001\ts/001_opt\t

    """.write(toFile: source + "/results.tsv", atomically: true, encoding: .utf8)
    let imported = folder + "/imported"
    #expect(
      try await Program.assay("import", "autoresearch", source, "--state", imported).status == 0)
    let report = folder + "/run.html"
    let written = try await Program.assay("report", imported, "--html", report)
    #expect(written.status == 0, "\(written.errors)")
    let page = try String(contentsOfFile: report, encoding: .utf8)
    #expect(page.contains("recipe-claimed"))
    #expect(page.contains("nobody signed this figure"))
    #expect(!page.contains("<b>wider"))
    let nowhere = try await Program.assay("report", imported, "--html", folder + "/not/there.html")
    #expect(nowhere.status == 3)
    #expect(nowhere.errors.contains("make its folder first"))
  }
}
