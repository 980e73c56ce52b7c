import AssayAgent
import AssayModel
import AssayModelTesting
import AssayReflection
import Testing

@testable import AssayProposers

/// Sessions with scripted models over real connections: what goes right, and everything that goes wrong.
@Suite(.timeLimit(.minutes(2))) struct LLMProposerTests {
  typealias Call = (id: String, name: String, json: String)
  static let edit: Call = ("t1", "edit_file", #"{"path":"recipe.py","old":"LR = 0.1","new":"LR = 0.05"}"#)
  static let submit: Call = (
    "t2", "submit",
    #"{"hypothesis":"A smaller rate overshoots less often near the end.","expected_delta":-0.05}"#
  )

  private func failure(
    _ bench: ProposerBench, _ models: [ModelChoice], limits: ModelSessions.Limits = .init()
  ) async -> AgentError? {
    do {
      _ = try await bench.propose(models, limits: limits)
      return nil
    } catch {
      return error as? AgentError
    }
  }

  @Test(arguments: [ModelEndpoint.API.anthropic, .openai]) func aSessionProposesAndIsPaidFor(
    _ api: ModelEndpoint.API
  ) async throws {
    let bench = ProposerBench()
    defer { bench.remove() }
    let server = try ScriptedServer { _, number in
      let calls: [Call] =
        number == 0 ? [("t0", "list_trials", #"{"view":"recent"}"#), Self.edit] : [Self.submit]
      return .events(
        api == .anthropic
          ? AnthropicScript.stream(
            text: "Let me see.", calls: calls, thinking: "hm", input: 500, output: 40, cacheRead: 10)
          : OpenAIScript.stream(text: "Let me see.", calls: calls, prompt: 510, cached: 10, output: 40))
    }
    defer { server.stop() }
    let proposal = try await bench.propose([bench.choice(server, api)])
    #expect(proposal.recipe.text("recipe.py")?.contains("LR = 0.05") == true && proposal.motive == "llm")
    // The account, to the token: two requests of 500 + 10 cached in and 40 out.
    let account = bench.account.state.withLock { $0 }
    #expect(account.reserved.isEmpty && account.refunded.isEmpty && account.settled.count == 2)
    #expect(
      account.settled.map(\.usage).reduce(TokenUsage(), +)
        == TokenUsage(input: 1000, output: 80, cacheRead: 20))
    // 1000 at 3 dollars a million, 80 at 15, 20 at 30 cents.
    #expect(account.settled.compactMap(\.nanodollars).reduce(0, +) == 4_206_000)
    #expect(account.settled.allSatisfy { !$0.isEstimate && $0.request.hasPrefix("r/opt/0/") })
    // The transcript, by its content, without the key.
    let entry = try #require(try bench.index().first)
    #expect(entry["outcome"]?.text == "submitted" && entry["nanodollars"]?.wholeNumber == 4_206_000)
    #expect(entry["transcript"]?.text?.hasPrefix("sha256:") == true)
    let written = try bench.everything()
    #expect(written.contains("list_trials") && written.contains("Small rates help."))
    #expect(!written.contains(ProposerBench.key))
    // The second request is the first with more at its end, so that the server's cache finds it.
    let seen = server.seen
    #expect(seen.count == 2)
    #expect(
      seen[0].body["system"] == seen[1].body["system"] && seen[0].body["tools"] == seen[1].body["tools"])
  }

  @Test func whatAModelDoesWrongIsToldAndTheSessionGoesOn() async throws {
    let bench = ProposerBench()
    defer { bench.remove() }
    let server = try ScriptedServer { _, number in
      switch number {
      case 0: .events(AnthropicScript.stream(calls: [("a", "edit_file", #"{"path": "recipe.py", "old"#)]))
      case 1:
        .events(
          AnthropicScript.stream(calls: [
            ("b", "make_coffee", "{}"), ("c", "submit", #"{"hypothesis":"test"}"#),
          ]))
      case 2: .events(AnthropicScript.stream(calls: [("d", "read_file", #"{"path":"/root/.ssh/id"}"#)]))
      case 3:
        .events(
          AnthropicScript.stream(calls: [
            (
              "e", "submit",
              #"{"hypothesis":"In another's name it may be easier to win.","specialist":"arch"}"#
            )
          ]))
      case 4: .events(AnthropicScript.stream(text: "I could edit the rate."))
      default: .events(AnthropicScript.stream(calls: [Self.edit, Self.submit]))
      }
    }
    defer { server.stop() }
    let proposal = try await bench.propose([bench.choice(server)])
    #expect(proposal.parent == 0)
    let said =
      server.seen.last?.body["messages"]?.items?.compactMap { $0["content"]?.items?.first?["content"]?.text }
      ?? []
    #expect(
      said.contains { $0.contains("not a JSON object") }
        && said.contains { $0.contains("no tool 'make_coffee'") })
    #expect(
      said.contains { $0.contains("it has recipe.py") }
        && said.contains { $0.contains("come from your session") })
    let written = try bench.everything()
    #expect(written.contains("says too little") && written.contains("You used no tool") == false)
    #expect(server.seen.last?.body.canonicalText.contains("You used no tool") == true)
  }

  @Test func aModelWithoutToolsEndsTheSession() async throws {
    let bench = ProposerBench()
    defer { bench.remove() }
    let talks = try ScriptedServer { _, _ in
      .events(AnthropicScript.stream(text: "I think we should try harder."))
    }
    defer { talks.stop() }
    #expect(await failure(bench, [bench.choice(talks)])?.code == .noProposal)
    #expect(talks.seen.count == 3)
    let refuses = try ScriptedServer { _, _ in
      .json(["error": ["message": "this model does not support tools"]], status: 400)
    }
    defer { refuses.stop() }
    let error = await failure(bench, [bench.choice(refuses)])
    #expect(error?.code == .noProposal && error?.message.contains("does not support tools") == true)
    #expect(refuses.seen.count == 1, "the same again would not help")
    #expect(bench.account.state.withLock { $0.refunded.count } == 1)
  }

  @Test func anEndlessLoopEnds() async throws {
    let bench = ProposerBench()
    defer { bench.remove() }
    let same = try ScriptedServer { _, _ in .events(AnthropicScript.stream(calls: [("x", "diff", "{}")])) }
    defer { same.stop() }
    #expect(await failure(bench, [bench.choice(same)])?.message.contains("same call") == true)
    let other = try ScriptedServer { _, number in
      .events(AnthropicScript.stream(calls: [("x\(number)", "search", #"{"text":"\#(number)"}"#)]))
    }
    defer { other.stop() }
    #expect(
      await failure(bench, [bench.choice(other)], limits: .init(turns: 8))?.message.contains("8 turns")
        == true)
    #expect(other.seen.count == 8)
    #expect(other.seen.last?.body.canonicalText.contains("Submit what you have") == true)
    // Both are costed and on record.
    #expect(bench.account.state.withLock { $0.settled.count } == same.seen.count + 8)
    #expect(try bench.index().count == 2)
  }

  @Test func overloadIsWaitedForAsTheServerAsks() async throws {
    let bench = ProposerBench()
    defer { bench.remove() }
    let server = try ScriptedServer { _, number in
      switch number {
      case 0:
        .json(
          ["error": ["type": "rate_limit_error", "message": "slow"]], status: 429,
          headers: [("retry-after", "11")])
      case 1: .json(["error": ["type": "overloaded_error"]], status: 529)
      default: .events(AnthropicScript.stream(calls: [Self.edit, Self.submit]))
      }
    }
    defer { server.stop() }
    let pauses = Locked<[Duration]>([])
    _ = try await bench.propose([bench.choice(server)], pauses: pauses)
    #expect(pauses.value.first == .seconds(11) && pauses.value.count == 2)
    let account = bench.account.state.withLock { $0 }
    #expect(account.refunded.count == 2 && account.settled.count == 1 && account.reserved.isEmpty)
  }

  @Test func aBrokenAnswerIsChargedAndAskedForAgain() async throws {
    let bench = ProposerBench()
    defer { bench.remove() }
    let server = try ScriptedServer { _, number in
      number == 0
        ? .events(AnthropicScript.stream(text: "half", input: 700, end: false))
        : .events(AnthropicScript.stream(calls: [Self.edit, Self.submit], input: 700, output: 30))
    }
    defer { server.stop() }
    _ = try await bench.propose([bench.choice(server)])
    let settled = bench.account.state.withLock { $0.settled }
    #expect(settled.map(\.isEstimate) == [true, false])
    // What the server said is charged as said, what it did not say as reserved.
    #expect(settled[0].usage == TokenUsage(input: 700, output: 1000))
    #expect(settled[1].usage == TokenUsage(input: 700, output: 30))
  }

  @Test func theNextModelIsAskedWhereOneFails() async throws {
    let bench = ProposerBench()
    defer { bench.remove() }
    let wrong = try ScriptedServer { request, _ in
      .json(
        [
          "error": [
            "type": "authentication_error",
            "message": .string("bad key \(request.headers["x-api-key"] ?? "")"),
          ]
        ], status: 401)
    }
    let good = try ScriptedServer { _, _ in .events(OpenAIScript.stream(calls: [Self.edit, Self.submit])) }
    defer {
      wrong.stop()
      good.stop()
    }
    _ = try await bench.propose([bench.choice(wrong), bench.choice(good, .openai, model: "other")])
    #expect(good.seen.first?.body["model"]?.text == "other")
    #expect(bench.account.state.withLock { $0.settled.map(\.model) } == ["model-o"])
    let error = await failure(bench, [bench.choice(wrong)])
    #expect(error?.code == .noProposal && error?.message.contains(ProposerBench.key) == false)
    #expect(try !bench.everything().contains(ProposerBench.key))
  }

  @Test func withoutMoneyNothingIsAsked() async throws {
    let bench = ProposerBench()
    defer { bench.remove() }
    bench.account.state.withLock { $0.left = 100 }
    let server = try ScriptedServer { _, _ in
      .events(AnthropicScript.stream(calls: [Self.edit, Self.submit]))
    }
    defer { server.stop() }
    #expect(await failure(bench, [bench.choice(server)])?.code == .budgetExhausted)
    #expect(server.seen.isEmpty)
  }

  @Test func whatIsReservedIsNotLessThanWhatIsUsed() async throws {
    let bench = ProposerBench()
    defer { bench.remove() }
    let server = try ScriptedServer { _, _ in
      .events(AnthropicScript.stream(calls: [Self.edit, Self.submit]))
    }
    defer { server.stop() }
    bench.account.state.withLock { $0.left = 1_000_000 }
    _ = try await bench.propose([bench.choice(server)])
    let bytes = server.seen[0].body.canonicalText.utf8.count
    bench.account.state.withLock { $0.left = bytes + 1000 - 1 }
    #expect(await failure(bench, [bench.choice(server)])?.code == .budgetExhausted)
  }

  /// A session that was killed leaves a transcript up to its last word.
  @Test func leftoversAreFiled() async throws {
    let bench = ProposerBench()
    defer { bench.remove() }
    let store = try SessionStore(folder: bench.folder, secrets: [])
    let transcript = try store.begin("r/opt/0/abc", ["system": "x"])
    try transcript.add("answer", ["text": "half"])
    try store.fileLeftovers()
    let entry = try #require(try bench.index().first)
    #expect(entry["outcome"]?.text == "killed" && entry["session"]?.text == "r/opt/0/abc")
    try store.fileLeftovers()
    #expect(try bench.index().count == 1)
  }
}
