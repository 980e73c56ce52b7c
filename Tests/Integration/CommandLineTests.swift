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
}
