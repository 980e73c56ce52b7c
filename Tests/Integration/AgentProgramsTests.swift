import AssayModelTesting
import AssayReflection
import Foundation
import Glibc
import Synchronization
import Testing

/// Specialists that are models and programs, in whole runs, against servers and clients that others wrote.
@Suite(.tags(.slow), .serialized, .timeLimit(.minutes(6))) struct AgentProgramsTests {
  static let environment = Program.repository.appending(path: ".build/model-servers")
  private static let fixtures = Program.repository.appending(path: "Tests/Integration/Fixtures/agents").path
  private static let canary = "sk-canary-51c2e"

  private func file(_ text: String, _ name: String = "agents.yaml") throws -> String {
    let folder = FileManager.default.temporaryDirectory.appending(path: "assay-agents-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    try text.write(to: folder.appending(path: name), atomically: true, encoding: .utf8)
    try Self.canary.write(to: folder.appending(path: "server.key"), atomically: true, encoding: .utf8)
    return folder.appending(path: name).path
  }

  /// What a specialist's sessions left: the index, and all transcripts as one text.
  private func sessions(_ run: Run, _ specialist: String) throws -> (index: [[String: Any]], text: String) {
    let folder = URL(filePath: run.state).appending(path: "agents/\(specialist)/transcripts")
    let lines = try String(contentsOf: folder.appending(path: "sessions.jsonl"), encoding: .utf8).split(
      separator: "\n")
    let index = lines.compactMap {
      (try? JSONSerialization.jsonObject(with: Data($0.utf8))) as? [String: Any]
    }
    let names = try FileManager.default.contentsOfDirectory(atPath: folder.path + "/sha256")
    let text = try names.map {
      try String(contentsOf: folder.appending(path: "sha256/\($0)"), encoding: .utf8)
    }
    return (index, text.joined())
  }

  @Test("a shell script as specialist has a trial kept; the official MCP client calls every tool")
  func programs() async throws {
    try #require(
      FileManager.default.isExecutableFile(atPath: Self.environment.path + "/bin/python"),
      "run tools/model-servers.sh first; make test does")
    let run = Run()
    defer { try? FileManager.default.removeItem(atPath: run.state) }
    let script = try file(
      """
      assay_agents: 1
      specialists:
        opt:
          proposer: command
          command: [/bin/sh, \(Self.fixtures)/more_momentum.sh]
          mounts: [\(Self.fixtures)]
      """)
    let kept = try await run.start(
      "--trials", "1", "--specialists", "opt", "--agents", script, "--max-time", "3m"
    ).ended()
    #expect(kept.status == 0, "\(kept.errors)")
    let trial = try #require(try await run.trials().last)
    #expect(trial["label"] as? String == "keep" && trial["specialist"] as? String == "opt", "\(trial)")
    let shown = try #require(try await run.ask("show", "1").rows.first)
    #expect("\(shown)".contains("keeps going where single batches disagree"))

    let second = Run()
    defer { try? FileManager.default.removeItem(atPath: second.state) }
    let client = try file(
      """
      assay_agents: 1
      specialists:
        model:
          proposer: command
          command: [\(Self.environment.path)/bin/python, \(Self.fixtures)/mcp_client.py]
          mounts: [\(Self.fixtures), \(Self.environment.path)]
      """)
    let ended = try await second.start(
      "--trials", "1", "--specialists", "model", "--agents", client, "--max-time", "4m"
    ).ended()
    #expect(ended.status == 0, "\(ended.errors)")
    let (index, text) = try sessions(second, "model")
    #expect(index.first?["outcome"] as? String == "submitted", "\(index) \(text.suffix(3000))")
    let result = try #require(text.range(of: "RESULT "), "\(text.suffix(3000))")
    let log = text[result.upperBound...].replacing("\\\"", with: "\"")
    for tool in [
      "list_files", "read_file", "search", "edit_file", "diff", "check_syntax", "project", "list_trials",
      "show_trial",
      "read_snapshot", "rebase", "recombine", "smoke_run", "submit",
    ] {
      #expect(log.contains("\"\(tool)\": {\"error\": \(tool == "recombine" ? "true" : "false")"), "\(tool)")
    }
    #expect(log.contains("\"outside\": {\"error\": true}"))
    #expect(log.contains("not scored and no trial: it exited with status 0"), "\(log.suffix(3000))")
    // What was tried is no trial.
    #expect(try await second.trials().compactMap { $0["trial"] as? Int } == [0, 1])
    #expect(try await second.trials().last?["label"] as? String == "keep")
  }

  @Test("a session with a server from a package: tools, submission, verdict, cost")
  func litellm() async throws {
    let port = Int.random(in: 20_000..<30_000)
    let configuration = try file(
      #"""
      model_list:
        - model_name: researcher
          litellm_params:
            model: openai/researcher
            api_key: none
            mock_response: "Momentum first."
            mock_tool_calls:
              - {id: call_1, type: function, function: {name: edit_file, arguments: '{"path": "recipe.py", "old": "MOMENTUM = 0.0", "new": "MOMENTUM = 0.9"}'}}
              - {id: call_2, type: function, function: {name: submit, arguments: '{"hypothesis": "Momentum keeps going where single batches disagree about the way."}'}}
        - {model_name: talker, litellm_params: {model: openai/talker, api_key: none, mock_response: "Let us think about it."}}
        - {model_name: busy, litellm_params: {model: openai/busy, api_key: none, mock_response: litellm.RateLimitError}}
      general_settings: {master_key: \#(Self.canary)}
      """#, "litellm.yaml")
    let server = try Running(
      Self.environment.path + "/bin/litellm",
      ["--config", configuration, "--port", "\(port)", "--host", "127.0.0.1"],
      environment: ["LITELLM_LOCAL_MODEL_COST_MAP": "True", "LITELLM_TELEMETRY": "False", "NO_DOCS": "True"])
    defer { server.signal(SIGKILL) }
    try await answering(port)
    let agents = try file(
      """
      assay_agents: 1
      defaults: {proposer: llm, api: openai, base_url: "http://127.0.0.1:\(port)/v1", key_file: server.key, stream: false}
      specialists:
        opt: {model: busy, fallbacks: [{model: researcher}], max_output_tokens: 500}
        model: {model: talker}
        data: {model: talker, api: anthropic, base_url: "http://127.0.0.1:\(port)", stream: true}
      prices:
        researcher: {input: 2, output: 8}
      """)
    let run = Run()
    defer { try? FileManager.default.removeItem(atPath: run.state) }
    let ended = try await run.start("--trials", "1", "--agents", agents, "--max-time", "4m").ended()
    #expect(ended.status == 0, "\(ended.errors)")
    let trial = try #require(try await run.trials().last)
    #expect(trial["label"] as? String == "keep" && trial["specialist"] as? String == "opt", "\(trial)")

    let (index, text) = try sessions(run, "opt")
    #expect(index.first?["outcome"] as? String == "submitted", "\(index)")
    #expect(text.contains("litellm.RateLimitError"), "the busy model was asked first")
    let usage = try #require(index.first?["usage"] as? [String: Any])
    let (input, output) = (try #require(usage["input"] as? Int), try #require(usage["output"] as? Int))
    #expect(input > 0 && output > 0)
    // Two dollars a million tokens in, eight out; requests that were refused cost nothing.
    #expect(index.first?["nanodollars"] as? Int == input * 2000 + output * 8000)
    // Models that use no tool: handled, on record, and the run goes on. The second speaks the other API, streamed.
    for specialist in ["model", "data"] {
      let (talk, said) = try sessions(run, specialist)
      let outcome = try #require(talk.first?["outcome"] as? String)
      #expect(outcome.contains("used no tool"), "\(specialist) \(talk)")
      #expect(said.contains("Let us think about it."))
    }
    // The key is in no log, transcript or state file.
    let names = try FileManager.default.subpathsOfDirectory(atPath: run.state)
    for name in names {
      guard let bytes = FileManager.default.contents(atPath: run.state + "/" + name) else { continue }
      #expect(bytes.range(of: Data(Self.canary.utf8)) == nil, "the key is in \(name)")
    }
  }

  /// kill -9 in the middle of an answer and in the middle of a trial: each proposal is a trial once, and the sessions that ended
  /// account for exactly what the server counted.
  @Test func killedInTheMiddleOfASession() async throws {
    let asked = Mutex(0)
    let server = try ScriptedServer { request, number in
      asked.withLock { $0 = number + 1 }
      let turns = request.body["messages"]?.items?.count ?? 0
      // The first answer never ends.
      if number == 0 {
        let begun = AnthropicScript.stream(text: "Let me", input: 900, end: false)
        return .init(
          headers: [("content-type", "text/event-stream")], parts: [Array(begun.utf8)], announcesMore: 9,
          hangs: true)
      }
      let edit = #"{"path": "recipe.py", "old": "EPOCHS = 15", "new": "EPOCHS = \#(15 + number)"}"#
      let reason = #"{"hypothesis": "More passes over the examples, number \#(number), fit them better."}"#
      return .events(
        AnthropicScript.stream(
          calls: turns == 1
            ? [("e", "rebase", #"{"trial": 0}"#), ("f", "edit_file", edit)] : [("s", "submit", reason)],
          input: 1000, output: 50))
    }
    defer { server.stop() }
    let agents = try file(
      """
      assay_agents: 1
      specialists: {opt: {proposer: llm, model: scripted, base_url: "\(server.address)", key_file: server.key}}
      prices: {scripted: {input: 2, output: 8}}
      """)
    let run = Run()
    defer { try? FileManager.default.removeItem(atPath: run.state) }
    let running = try run.start(
      "--trials", "3", "--specialists", "opt", "--agents", agents, "--max-time", "4m")
    let limit = ContinuousClock.now + .seconds(120)
    while asked.withLock({ $0 }) == 0, ContinuousClock.now < limit { await Task.yield() }
    kill(try #require(run.pids(of: "assay-agent").first), SIGKILL)
    // A trial is under way or decided when the first verdict beside the baseline's is told.
    #expect(await running.output { $0.split(separator: "\n").count >= 2 })
    if let pid = run.pids(of: "assay-agent").first { kill(pid, SIGKILL) }
    let ended = try await running.ended()
    #expect(ended.status == 0, "\(ended.errors)")
    let trials = try await run.trials()
    #expect(trials.compactMap { $0["trial"] as? Int } == [0, 1, 2, 3])
    let (index, _) = try sessions(run, "opt")
    let outcomes = index.compactMap { $0["outcome"] as? String }
    #expect(outcomes.contains("killed") && outcomes.count(where: { $0 == "submitted" }) >= 3, "\(outcomes)")
    for session in index where session["outcome"] as? String == "submitted" {
      let usage = session["usage"] as? [String: Any]
      #expect(usage?["input"] as? Int == 2000 && usage?["output"] as? Int == 100)
    }
    // No edit is there twice, and no key was used for two trials.
    #expect(Set(trials.compactMap { $0["hypothesis"] as? String }).count == 4)
    try await ledger(of: run, asked: asked.withLock { $0 })
    // What was tried twice is told on the page, too.
    let page = run.state + ".html"
    defer { try? FileManager.default.removeItem(atPath: page) }
    let written = try await Program.assay("report", "--html", page, "--state", run.state)
    #expect(written.status == 0, "\(written.errors)")
    let html = try String(contentsOfFile: page, encoding: .utf8)
    #expect(html.contains(#""model":"scripted""#) && html.contains(#""purpose":"propose""#))
  }

  /// The ledger beside what the server saw: every answer that came whole is settled at what was counted, every request whose
  /// process was killed is charged at what was reserved, and `assay costs` adds up to exactly that.
  private func ledger(of run: Run, asked: Int) async throws {
    let script = """
      import json, sqlite3, sys
      rows = sqlite3.connect(sys.argv[1]).execute("SELECT state, amount FROM model_spend").fetchall()
      for state, amount in rows: print(json.dumps({"state": state, **json.loads(amount)}))
      """
    let costs = try #require(try await run.ask("costs").rows.last)
    let read = try await Program.run(
      "/usr/bin/python3", ["-c", script, run.state + "/evaluator/evaluator.sqlite"])
    try #require(read.status == 0, "\(read.errors)")
    let settled = read.rows.filter { $0["state"] as? String == "settled" }
    let lost = read.rows.filter { $0["state"] as? String == "lost" }
    #expect(settled.count + lost.count == read.rows.count && lost.count >= 1, "\(read.rows)")
    #expect(settled.allSatisfy { $0["tokens"] as? Int == 1050 && $0["nanodollars"] as? Int == 2_400_000 })
    // At most the two requests that were reserved when their process was killed never left it.
    #expect(read.rows.count >= asked && read.rows.count <= asked + 2)
    func sum(_ key: String) -> Int { read.rows.compactMap { $0[key] as? Int }.reduce(0, +) }
    // What was lost stands under the model that was asked, what was settled under the one that the server says answered.
    let models = try #require(costs["models"] as? [[String: Any]])
    func all(_ keys: String...) -> Int {
      models.reduce(0) { sum, model in keys.reduce(sum) { $0 + (model[$1] as? Int ?? 0) } }
    }
    #expect(all("requests") == read.rows.count && all("unsettled") == lost.count, "\(models)")
    #expect(
      all("input_tokens", "output_tokens", "cache_read_tokens", "cache_write_tokens") == sum("tokens"),
      "\(models)")
    let total = try #require(costs["total"] as? [String: Any])
    #expect(total["tokens"] as? Int == sum("tokens"), "\(total)")
    let dollars = try #require(total["dollars"] as? Double)
    #expect(abs(dollars - Double(sum("nanodollars")) / 1e9) < 1e-9)
    #expect(total["trials"] as? Int == 3)
  }

  /// Waits until a server answers.
  private func answering(_ port: Int) async throws {
    let limit = ContinuousClock.now + .seconds(120)
    while ContinuousClock.now < limit {
      let asked = try await Program.run(
        "/usr/bin/python3",
        [
          "-c",
          "import sys, time, urllib.request\nfor _ in range(40):\n  try: sys.exit(0 if urllib.request.urlopen('http://127.0.0.1:\(port)/health/liveliness', timeout=2).status == 200 else 1)\n  except OSError: time.sleep(0.5)\nsys.exit(1)",
        ])
      if asked.status == 0 { return }
    }
    Issue.record("the server did not start")
  }

  @Test func promptsAreShownWithoutAKey() async throws {
    let shown = try await Program.assay(
      "run", "tiny-regression", "--dry-run", "--specialists", "opt", "--json")
    #expect(shown.status == 0, "\(shown.errors)")
    let prompt = try #require(shown.rows.first)
    #expect((prompt["system"] as? String)?.contains("Score: mse") == true)
    #expect((prompt["system"] as? String)?.contains("192 public examples") == true)
    #expect((prompt["message"] as? String)?.contains("Session 1 of opt") == true)
  }

  @Test func promptsOfAnArmAreShown() async throws {
    let shown = try await Program.assay(
      "run", "tiny-regression", "--dry-run", "--crew", "generics:2", "--analysts", "meta", "--no-knowledge",
      "--json")
    #expect(shown.status == 0, "\(shown.errors)")
    #expect(shown.rows.compactMap { $0["specialist"] as? String } == ["gen-a", "gen-b", "meta"])
    let systems = shown.rows.compactMap { $0["system"] as? String }
    #expect(!systems.contains { $0.contains("192 public examples") }, "the notes are withheld")
    #expect(
      systems.first?.contains("recipe.py") == true && systems.last?.contains("the analyst 'meta'") == true)
    #expect((shown.rows.last?["message"] as? String)?.contains("The record after 0 verdicts") == true)
  }

  @Test func badAgentsFilesAreRefusedBeforeAnythingStarts() async throws {
    let run = Run()
    let wrong = try file("assay_agents: 1\nspecialists: {opt: {proposer: llm}}\n")
    let ended = try await run.start("--agents", wrong).ended()
    #expect(ended.status == 2 && ended.errors.contains("names no model"), "\(ended.errors)")
    #expect(try await run.start("--agents", "/nonexistent").ended().status == 2)
    #expect(try await run.start("--proposer", "llm").ended().status == 2)
    #expect(!FileManager.default.fileExists(atPath: run.state))
  }
}
