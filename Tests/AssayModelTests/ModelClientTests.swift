import AssayModelTesting
import AssayReflection
import Testing

@testable import AssayModel

/// The client against answers that were checked by hand, over real connections.
@Suite(.timeLimit(.minutes(2))) struct ModelClientTests {
  private let request = ModelRequest(
    model: "m", system: ["rules", "you"],
    messages: [
      ModelMessage(.user, [.text("go")]),
      ModelMessage(
        .assistant,
        [.thinking("hm", signature: "sig"), .call(ToolCall(id: "t0", name: "diff", arguments: "{}"))]),
      ModelMessage(.user, [.result(ToolResult(id: "t0", text: "nothing", isError: true))]),
    ],
    tools: [
      ToolDefinition(name: "diff", summary: "Shows it.", schema: ["type": "object", "properties": [:]])
    ],
    maximumOutput: 500, temperature: 0.5)

  private func ask(
    _ api: ModelEndpoint.API, key: String? = "sk-canary-123", streams: Bool = true,
    request: ModelRequest? = nil,
    idle: Duration = .seconds(20),
    _ respond: @escaping @Sendable (ScriptedServer.Request, Int) -> ScriptedServer.Reply
  ) async throws -> (ModelAnswer, [ScriptedServer.Request]) {
    let server = try ScriptedServer(respond)
    defer { server.stop() }
    let asked = request ?? self.request
    return try await ModelClient.with(timeouts: .init(idle: idle, total: .seconds(60))) { client in
      let answer = try await client.answer(
        asked,
        at: ModelEndpoint(
          name: "test", api: api, baseURL: server.address, key: key.flatMap { Secret($0) }, streams: streams))
      return (answer, server.seen)
    }
  }

  private func error(
    _ api: ModelEndpoint.API, idle: Duration = .seconds(20),
    _ respond: @escaping @Sendable (ScriptedServer.Request, Int) -> ScriptedServer.Reply
  ) async -> ModelError? {
    do {
      _ = try await ask(api, idle: idle, respond)
      return nil
    } catch {
      return error as? ModelError
    }
  }

  @Test func theMessagesAPIIsSpokenAsDocumented() async throws {
    let (answer, seen) = try await ask(.anthropic) { _, _ in
      .events(AnthropicScript.stream(text: "done", calls: [("t1", "diff", "")], cacheWrite: 30))
    }
    #expect(answer.calls == [ToolCall(id: "t1", name: "diff", arguments: "{}")])
    #expect(answer.usage == TokenUsage(input: 100, output: 20, cacheWrite: 30))
    let asked = try #require(seen.first)
    #expect(asked.path == "/v1/messages")
    #expect(
      asked.headers["x-api-key"] == "sk-canary-123" && asked.headers["anthropic-version"] == "2023-06-01")
    #expect(asked.body["max_tokens"]?.wholeNumber == 500 && asked.body["temperature"]?.number == 0.5)
    #expect(
      asked.body["system"]?.items?.allSatisfy { $0["cache_control"]?["type"]?.text == "ephemeral" } == true)
    #expect(asked.body["tools"]?.items?.first?["input_schema"]?["type"]?.text == "object")
    let messages = try #require(asked.body["messages"]?.items)
    #expect(messages.compactMap { $0["role"]?.text } == ["user", "assistant", "user"])
    #expect(messages[1]["content"]?.items?.first?["signature"]?.text == "sig")
    let result = messages[2]["content"]?.items?.first
    #expect(result?["tool_use_id"]?.text == "t0" && result?["is_error"]?.flag == true)
    #expect(result?["cache_control"]?["type"]?.text == "ephemeral")
  }

  @Test func thinkingLeavesTheTemperatureOut() async throws {
    var thinking = request
    thinking.thinking = .tokens(2000)
    let (_, seen) = try await ask(.anthropic, request: thinking) { _, _ in
      .events(AnthropicScript.stream(text: "x"))
    }
    #expect(seen[0].body["thinking"]?["budget_tokens"]?.wholeNumber == 2000)
    #expect(seen[0].body["temperature"] == nil)
  }

  @Test func chatCompletionsAreSpokenAsDocumented() async throws {
    let (answer, seen) = try await ask(.openai) { _, _ in
      .events(OpenAIScript.stream(text: "ok", calls: [("c9", "diff", "{\"a\":1}")], cached: 64))
    }
    #expect(answer.calls.first?.parsedArguments == ["a": 1])
    #expect(answer.usage == TokenUsage(input: 36, output: 20, cacheRead: 64))
    let asked = try #require(seen.first)
    #expect(asked.path == "/chat/completions")
    #expect(asked.headers["authorization"] == "Bearer sk-canary-123")
    #expect(asked.body["stream_options"]?["include_usage"]?.flag == true)
    let messages = try #require(asked.body["messages"]?.items)
    #expect(messages.compactMap { $0["role"]?.text } == ["system", "user", "assistant", "tool"])
    #expect(messages[2]["tool_calls"]?.items?.first?["function"]?["name"]?.text == "diff")
    #expect(messages[3]["tool_call_id"]?.text == "t0")
    #expect(asked.body["tools"]?.items?.first?["function"]?["parameters"]?["type"]?.text == "object")
  }

  @Test func answersInOnePieceAreRead() async throws {
    let (one, _) = try await ask(.openai, streams: false) { _, _ in
      .json([
        "model": "o",
        "choices": [
          [
            "finish_reason": "tool_calls",
            "message": [
              "content": .null,
              "tool_calls": [["id": "", "function": ["name": "diff", "arguments": ["x": 1]]]],
            ],
          ]
        ], "usage": ["prompt_tokens": 9, "completion_tokens": 3],
      ])
    }
    #expect(one.calls == [ToolCall(id: "call_0", name: "diff", arguments: "{\"x\":1}")])
    #expect(one.usage == TokenUsage(input: 9, output: 3))
    let (other, _) = try await ask(.anthropic, streams: false) { _, _ in
      .json([
        "model": "a", "stop_reason": "end_turn", "content": [["type": "text", "text": "hi"]],
        "usage": ["input_tokens": 4, "output_tokens": 2],
      ])
    }
    #expect(other.blocks == [.text("hi")] && other.stop == .ended)
  }

  @Test func failuresAreNamed() async throws {
    let wrong = await error(.anthropic) { request, _ in
      // A server that says the key back.
      .json(
        [
          "error": [
            "type": "authentication_error",
            "message": .string("invalid x-api-key: \(request.headers["x-api-key"] ?? "")"),
          ]
        ], status: 401)
    }
    #expect(wrong?.code == .unauthorized && wrong?.isTransient == false)
    #expect(wrong?.message.contains("sk-canary") == false && wrong?.message.contains("[key]") == true)
    let busy = await error(.openai) { _, _ in
      .json(["error": ["message": "slow down"]], status: 429, headers: [("retry-after", "3")])
    }
    #expect(busy?.code == .overloaded && busy?.retryAfter == .seconds(3) && busy?.mayBeCharged == false)
    #expect(
      await error(.anthropic) { _, _ in .json(["error": ["type": "overloaded_error"]], status: 529) }?.code
        == .overloaded)
    #expect(
      await error(.openai) { _, _ in .json(["detail": "no such model"], status: 404) }?.code == .notFound)
    #expect(await error(.openai) { _, _ in .json(["error": "bad"], status: 500) }?.isTransient == true)
    #expect(
      await error(.openai) { _, _ in .json(["error": ["message": "tools not supported"]], status: 400) }?.code
        == .refused)
    #expect(await error(.openai) { _, _ in .init(parts: [Array("<html>".utf8)]) }?.code == .malformed)
    #expect(await error(.anthropic) { _, _ in .json(["hello": 1]) }?.code == .malformed)
    #expect(
      await error(.openai) { _, _ in .init(302, headers: [("location", "http://127.0.0.1:1/")], parts: []) }?
        .code == .refused)
  }

  @Test func aStreamThatBreaksTellsWhatItCost() async throws {
    let cut = AnthropicScript.stream(text: "half a", input: 321, end: false)
    let broken = await error(.anthropic) { _, _ in .events(cut, brokenOff: true) }
    #expect(broken?.code == .brokenOff && broken?.mayBeCharged == true, "\(broken as Any)")
    // The connection ends in order, the answer does not: then all that was said has arrived.
    let short = await error(.anthropic) { _, _ in .events(cut) }
    #expect(short?.code == .brokenOff && short?.usage?.input == 321 && short?.mayBeCharged == true)
    #expect(
      await error(.openai) { _, _ in .events(OpenAIScript.stream(text: "half", end: false)) }?.code
        == .brokenOff)
    let event =
      "event: error\ndata: {\"type\":\"error\",\"error\":{\"type\":\"overloaded_error\",\"message\":\"Overloaded\"}}\n\n"
    let overload = await error(.anthropic) { _, _ in .events(cut + event) }
    #expect(overload?.code == .overloaded && overload?.usage?.input == 321)
    #expect(await error(.openai) { _, _ in .events("data: {\"choices\n\n") }?.code == .malformed)
  }

  @Test func aSilentServerIsNotWaitedForForEver() async throws {
    let silent = await error(.openai, idle: .milliseconds(300)) { _, _ in
      .init(
        headers: [("content-type", "text/event-stream")], parts: [Array(": hello\n\n".utf8)],
        announcesMore: 10, hangs: true)
    }
    #expect(silent?.code == .timedOut)
    let nobody = try ScriptedServer { _, _ in .init(parts: []) }
    nobody.stop()
    let unreachable = try await ModelClient.with { client in
      await #expect(throws: ModelError.self) {
        try await client.answer(
          request, at: ModelEndpoint(name: "x", api: .openai, baseURL: nobody.address, key: nil))
      }
    }
    #expect(unreachable?.code == .unreachable && unreachable?.mayBeCharged == false, "\(unreachable as Any)")
  }

  @Test func equalRequestsHaveEqualBytes() {
    let endpoint = ModelEndpoint(name: "x", api: .anthropic, baseURL: "http://h", key: nil)
    #expect(endpoint.body(of: request) == endpoint.body(of: request))
    var longer = request
    longer.messages.append(ModelMessage(.assistant, [.text("more")]))
    // What comes first stays first, byte for byte, apart from where the cache's mark is.
    #expect(endpoint.body(of: longer).count > endpoint.body(of: request).count)
  }

  @Test func aKeyShowsItselfNowhere() throws {
    let key = try #require(Secret("  sk-secret\n"))
    #expect(key.value == "sk-secret")
    #expect(!"\(key) \(String(reflecting: key)) \(String(describing: [key]))".contains("secret"))
    var dumped = ""
    dump(ModelEndpoint(name: "x", api: .openai, baseURL: "http://h", key: key), to: &dumped)
    #expect(!dumped.contains("sk-secret"))
    #expect(Secret(" \n ") == nil)
  }

  @Test func pricesAreExact() {
    // 3 and 15 dollars a million tokens, a cache that is read for 30 cents.
    let price = TokenPrice(input: 3000, output: 15_000, cacheRead: 300, cacheWrite: 3750)
    #expect(price.cost(of: TokenUsage(input: 1, output: 1, cacheRead: 1, cacheWrite: 1)) == 22_050)
    #expect(price.cost(of: TokenUsage(input: .max, output: .max)) == .max)
  }
}
