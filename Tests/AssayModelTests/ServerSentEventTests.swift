import AssayModelTesting
import AssayRandom
import Testing

@testable import AssayModel

@Suite struct ServerSentEventTests {
  private func events(_ text: String, cutBy sizes: () -> Int) throws -> [ServerSentEvent] {
    var parser = ServerSentEventParser()
    var events: [ServerSentEvent] = []
    let bytes = Array(text.utf8)
    var at = 0
    while at < bytes.count {
      let end = min(bytes.count, at + max(1, sizes()))
      events += try parser.take(bytes[at..<end])
      at = end
    }
    return events
  }

  @Test func fieldsAreReadAsTheStandardSays() throws {
    let text =
      "\u{feff}: a comment\nevent: one\ndata: a\ndata:b\ndata:  c\n\ndata\n\nid: 7\nretry: 9\n\nevent: lost\ndata: late"
    #expect(
      try events(text) { 4096 } == [
        ServerSentEvent(type: "one", data: "a\nb\n c"), ServerSentEvent(data: ""),
      ])
  }

  /// Whatever the line endings and wherever the bytes are cut, the same events come out.
  @Test func cutsDoNotMatter() throws {
    var generator = SeededGenerator(seed: 7)
    let letters = Array("abcdé 💡:\u{0}x")
    for _ in 0..<300 {
      var text = ""
      var expected: [ServerSentEvent] = []
      for _ in 0..<Int.random(in: 1...6, using: &generator) {
        let end = ["\n", "\r\n", "\r"].randomElement(using: &generator)!
        let lines = (0..<Int.random(in: 1...3, using: &generator)).map { _ in
          String(
            (0..<Int.random(in: 0...9, using: &generator)).map { _ in
              letters.randomElement(using: &generator)!
            })
        }
        let type = Bool.random(using: &generator) ? "kind" : "message"
        if type != "message" { text += "event: \(type)\(end)" }
        for line in lines { text += "data: \(line)\(end)" }
        // A lone CR before a LF of the next event would join with it.
        text += end == "\r" ? "\r:\r" : end
        expected.append(ServerSentEvent(type: type, data: lines.joined(separator: "\n")))
      }
      #expect(try events(text) { 1 << 20 } == expected)
      #expect(try events(text) { 1 } == expected)
      #expect(try events(text) { Int.random(in: 1...9, using: &generator) } == expected)
    }
  }

  @Test func anEndlessEventIsRefused() {
    var parser = ServerSentEventParser()
    let chunk = Array("data: ".utf8) + [UInt8](repeating: 120, count: 1 << 20)
    #expect(throws: ModelError.self) {
      for _ in 0..<20 { _ = try parser.take(chunk) }
    }
  }

  /// A recorded answer of each API comes out the same for every cut.
  @Test(arguments: [1, 2, 3, 5, 17, 100_000]) func answersDoNotDependOnCuts(_ size: Int) throws {
    let calls = [
      (id: "t1", name: "edit_file", json: #"{"old":"a\n💡","new":"b"}"#), (id: "t2", name: "diff", json: "{}"),
    ]
    var anthropic = AnthropicStream()
    for event in try events(
      AnthropicScript.stream(text: "Grüße", calls: calls, thinking: "hm", cacheRead: 5), cutBy: { size })
    {
      try anthropic.take(event)
    }
    let one = try anthropic.finish()
    #expect(one.stop == .toolUse && one.isCounted)
    #expect(one.blocks.first == .thinking("hm", signature: "sig"))
    #expect(one.blocks.dropFirst().first == .text("Grüße"))
    #expect(one.calls.map(\.arguments) == calls.map(\.json))
    #expect(one.usage == TokenUsage(input: 100, output: 20, cacheRead: 5))
    var openai = OpenAIStream()
    for event in try events(OpenAIScript.stream(text: "Grüße", calls: calls, cached: 40), cutBy: { size }) {
      try openai.take(event)
    }
    let other = try openai.finish()
    #expect(other.calls.map(\.arguments) == calls.map(\.json) && other.calls.map(\.id) == ["t1", "t2"])
    #expect(other.blocks.first == .text("Grüße"))
    #expect(other.usage == TokenUsage(input: 60, output: 20, cacheRead: 40))
  }

  /// Streams with bytes changed, lost and doubled are read or refused; nothing traps, and what is counted is never negative.
  @Test func hostileStreamsAreReadOrRefused() {
    var generator = SeededGenerator(seed: 11)
    let calls = [(id: "t1", name: "edit_file", json: #"{"old":"a","new":"b"}"#)]
    let seeds = [
      Array(AnthropicScript.stream(text: "Grüße", calls: calls, thinking: "hm").utf8),
      Array(OpenAIScript.stream(text: "Grüße", calls: calls, cached: 7).utf8),
    ]
    for round in 0..<4000 {
      var bytes = seeds[round % 2]
      for _ in 0..<Int.random(in: 1...12, using: &generator) {
        let at = Int.random(in: 0..<bytes.count, using: &generator)
        switch Int.random(in: 0...3, using: &generator) {
        case 0: bytes[at] = UInt8.random(in: 0...255, using: &generator)
        case 1: bytes.remove(at: at)
        case 2: bytes.insert(contentsOf: Array("-99999999999999999999".utf8), at: at)
        default: bytes.insert(contentsOf: bytes[at..<min(bytes.count, at + 40)], at: at)
        }
      }
      var parser = ServerSentEventParser()
      var stream: any AnswerStream = round % 2 == 0 ? AnthropicStream() : OpenAIStream()
      do {
        for event in try parser.take(bytes) { try stream.take(event) }
        let answer = try stream.finish()
        #expect(answer.usage.input >= 0 && answer.usage.output >= 0 && answer.usage.cacheRead >= 0)
        for call in answer.calls { _ = call.parsedArguments }
      } catch {
        #expect(!error.message.isEmpty)
      }
    }
  }
}
