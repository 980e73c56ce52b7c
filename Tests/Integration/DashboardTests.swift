import AssayDashboardTesting
import Foundation
import Glibc
import Testing

/// The dashboard in a real browser, and read by MLflow's own client.
@Suite(.tags(.slow), .serialized, .timeLimit(.minutes(10))) struct DashboardTests {
  private static let markup =
    "<script>document.title='taken'</script><img src=x onerror=\"document.title='taken'\"> helps"

  /// A dashboard that is served, and where.
  private struct Served {
    let program: Running
    let url: String

    static func start(_ state: String, _ options: String...) async throws -> Served {
      let program = try Running("assay", ["dashboard", "--json", "--state", state] + options)
      var url = ""
      let answered = await program.output { text in
        guard let line = text.split(separator: "\n").first,
          let object = try? JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: String]
        else { return false }
        url = object["url"] ?? ""
        return !url.isEmpty
      }
      guard answered else {
        let ended = try await program.ended()
        Issue.record("the dashboard did not start: \(ended.errors)")
        throw CancellationError()
      }
      return Served(program: program, url: url)
    }

    func stop() async throws -> Int32 {
      program.signal(SIGINT)
      return try await program.ended().status
    }
  }

  private func browser(_ kind: String, _ place: String, _ more: String...) async throws -> [String: Any] {
    let script = Program.repository.appending(path: "Tests/Integration/Fixtures/dashboard_browser.py").path
    let ended = try await Program.run(PythonSDKTests.python, [script, kind, place] + more)
    try #require(ended.status == 0, "\(ended.errors)")
    let found = try #require(ended.rows.last)
    #expect(found["problems"] as? [String] == [])
    #expect(found["foreign"] as? [String] == [])
    return found
  }

  /// Status and headers of an answer, by curl's own word.
  private func ask(_ url: String, _ options: String...) async throws -> (status: String, head: String) {
    let ended = try await Program.run(
      "/usr/bin/curl", ["-s", "-m", "20", "-o", "/dev/null", "-D", "-", url] + options)
    let status = ended.output.split(separator: " ").dropFirst().first.map(String.init) ?? ""
    return (status, ended.output.lowercased())
  }

  @Test(
    "a run is watched live in a browser, its words stay words, MLflow reads it, and its report opens from disk"
  )
  func run() async throws {
    let run = Run()
    defer { try? FileManager.default.removeItem(atPath: run.state) }
    let running = try run.start("--trials", "400", "--max-time", "6m")
    #expect(await running.output { $0.split(separator: "\n").count >= 6 })
    // An edit whose words are markup.
    let patch = run.state + ".patch"
    defer { try? FileManager.default.removeItem(atPath: patch) }
    let recipe = try String(
      contentsOf: Program.repository.appending(path: "tasks/tiny-regression/recipe/recipe.py"),
      encoding: .utf8)
    let lines = recipe.split(separator: "\n", omittingEmptySubsequences: false)
    let at = try #require(lines.firstIndex { $0.hasPrefix("DEGREE = ") })
    try
      "--- a/recipe.py\n+++ b/recipe.py\n@@ -\(at + 1),1 +\(at + 1),1 @@\n-\(lines[at])\n+DEGREE = 5  # \(Self.markup)\n"
      .write(toFile: patch, atomically: true, encoding: .utf8)
    let submitted = try await Program.run(
      "assay",
      [
        "submit", "tiny-regression", "--state", run.state, "--json", "--edit", patch, "--specialist", "model",
        "--parent", "0", "--hypothesis", Self.markup,
      ])
    let hostile = try #require(submitted.rows.last?["trial"] as? Int, "\(submitted.errors)")

    let served = try await Served.start(run.state, "--listen", "127.0.0.1:0", "--mlflow")
    let seen = try await browser("live", served.url, "\(hostile)")
    #expect(seen["live"] as? Bool == true)
    #expect((seen["command"] as? String ?? "").contains("assay verify"))
    let taken = try await revoke(in: run, watchedAt: served.url)
    running.signal(SIGINT)
    #expect(try await running.ended().status == 130)

    // Its services are down now: the dashboard starts a lineage for those who read, and leaves the folder to others between.
    let after = try await ask(served.url + "api/runs/0/trials/\(hostile)")
    #expect(after.status == "200")
    try await mlflow(served.url, trials: try await run.trials().count)
    #expect(try await served.stop() == 0)

    let report = run.state + ".html"
    defer { try? FileManager.default.removeItem(atPath: report) }
    let written = try await Program.assay("report", "--html", report, "--state", run.state)
    #expect(written.status == 0, "\(written.errors)")
    let told = try await browser("revoked", report, "\(taken)")
    #expect((told["note"] as? String ?? "").contains("It was copied."))
    let opened = try await browser("report", report, "\(hostile)")
    #expect((opened["command"] as? String ?? "").contains("assay verify"))
  }

  /// Takes a trial's verdict back while a browser shows it: the page learns of it by itself.
  private func revoke(in run: Run, watchedAt url: String) async throws -> Int {
    let trials = try await run.trials()
    func first(_ label: String) -> Int? {
      trials.first { $0["label"] as? String == label }?["trial"] as? Int
    }
    let trial = try #require(first("keep") ?? first("discard"), "\(trials)")
    let script = Program.repository.appending(path: "Tests/Integration/Fixtures/dashboard_browser.py").path
    let watching = try Running(PythonSDKTests.python, [script, "revoked", url, "\(trial)"])
    #expect(await watching.errors { $0.contains("LOOKING") })
    let revoked = try await Program.run(
      "assay", ["revoke", "\(trial)", "--reason", "It was copied. \(Self.markup)", "--state", run.state])
    #expect(revoked.status == 0, "\(revoked.errors)")
    let ended = try await watching.ended()
    try #require(ended.status == 0, "\(ended.errors)")
    let found = try #require(ended.rows.last)
    #expect(found["problems"] as? [String] == [] && found["foreign"] as? [String] == [])
    #expect(found["tag"] as? String == "revoked")
    let note = found["note"] as? String ?? ""
    #expect(note.contains("It was copied. <script>") && note.contains("operator"), "\(note)")
    #expect(note.contains("the run's evaluator, assay-ed25519:"), "\(note)")
    #expect((found["steps"] as? [Int])?.contains(trial) == false, "the curve is of those that stand")
    #expect(found["best"] as? Int != trial)
    #expect(found["listed"] as? [Int] == [trial])
    return trial
  }

  private func mlflow(_ url: String, trials: Int) async throws {
    let script = Program.repository.appending(path: "Tests/Integration/Fixtures/mlflow_client.py").path
    let ended = try await Program.run(PythonSDKTests.python, [script, url])
    try #require(ended.status == 0, "\(ended.errors)")
    let found = try #require(ended.rows.last)
    #expect(found["runs"] as? Int == trials)
    #expect(found["pages"] as? Int == trials)
    let scores = try #require(found["scores"] as? [Double])
    #expect(scores == scores.sorted())
    #expect((found["kept"] as? [String])?.allSatisfy { $0 == "keep" } == true)
    #expect((found["kept"] as? [String])?.isEmpty == false)
    #expect((found["opt"] as? [String])?.allSatisfy { $0 == "opt" } == true)
    // Later hypotheses may quote it.
    #expect(found["liked"] as? Int ?? 0 >= 1)
    #expect((found["metrics"] as? [String: Double])?["cpu_seconds"] ?? 0 > 0)
    #expect((found["seeds"] as? [Int])?.count ?? 0 >= 1)
    #expect((found["artifacts"] as? [String: Bool])?["recipe"] == true)
    #expect((found["artifacts"] as? [String: Bool])?["verdict.dsse.json"] == false)
    #expect(found["files"] as? [String] == ["recipe.py"])
    #expect((found["envelope"] as? String ?? "").contains("application/vnd.in-toto+json"))
    #expect(found["written"] as? Bool == false)
    #expect(found["unknown"] as? String == "RESOURCE_DOES_NOT_EXIST")
    #expect(found["parent"] as? String == (found["best"] as? [String: String])?["parent"])
  }

  @Test(
    "ten thousand trials: everything is shown, little of it is in the document, and who may not read is refused"
  )
  func large() async throws {
    let state = FileManager.default.temporaryDirectory.appending(path: "assay-large-\(UUID().uuidString)")
    defer { try? FileManager.default.removeItem(at: state) }
    _ = try await LargeRecord.make(in: state, trials: 10_000)
    let served = try await Served.start(state.path, "--listen", "127.0.0.1:0")
    let seen = try await browser("large", served.url)
    #expect(seen["trials"] as? Int == 10_000)
    // Times depend on the machine: told, not judged.
    print("dashboard with 10,000 trials: \(seen.filter { $0.key.hasSuffix("_ms") })")

    #expect(try await ask(served.url, "-H", "Host: evil.example").status == "421")
    #expect(try await ask(served.url + "api/runs", "-X", "POST").status == "405")
    #expect(try await ask(served.url + "api/runs", "-H", "Sec-Fetch-Site: cross-site").status == "403")
    #expect(
      try await ask(served.url + "api/2.0/mlflow/experiments/search", "-X", "POST", "-d", "{}").status
        == "405")
    #expect(try await ask(served.url + "api/runs/7/trials").status == "404")
    #expect(try await ask(served.url + "api/runs/0/trials/999999").status == "404")
    let page = try await ask(served.url)
    #expect(page.status == "200")
    for header in [
      "content-security-policy: default-src 'none'; script-src 'sha256-", "frame-ancestors 'none'",
      "x-content-type-options: nosniff", "referrer-policy: no-referrer", "x-frame-options: deny",
    ] { #expect(page.head.contains(header)) }
    #expect(!page.head.contains("unsafe"))
    #expect(try await served.stop() == 0)

    // Not on a loopback address, nobody reads without the token.
    let open = try await Served.start(state.path, "--listen", "0.0.0.0:0", "--mlflow")
    let parts = open.url.split(separator: "#")
    let port = (parts[0].split(separator: ":").last ?? "").filter(\.isNumber)
    let origin = "http://127.0.0.1:\(port)/"
    #expect(try await ask(origin + "api/runs").status == "401")
    #expect(try await ask(origin + "api/events").status == "401")
    #expect(try await ask(origin + "api/2.0/mlflow/runs/get?run_id=1").status == "401")
    #expect(try await ask(origin + "api/runs", "-H", "Authorization: Bearer wrong").status == "401")
    let token = String(try #require(parts.last).dropFirst("token=".count))
    #expect(try await ask(origin + "api/runs", "-H", "Authorization: Bearer \(token)").status == "200")
    let entered = try await browser("token", origin + "#token=\(token)")
    #expect(entered["address"] as? String == origin)
    #expect(entered["cookie_seen_by_scripts"] as? String == "")
    #expect(try await open.stop() == 0)
  }
}
