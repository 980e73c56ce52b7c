import AssayIdentity
import AssayMessages
import AssayRPCTesting
import AssayServices
import Testing

@testable import AssayRPC

@Suite("Streams", .timeLimit(.minutes(2)))
struct StreamTests {
  private func count(to last: UInt64, bytes: UInt32 = 0, code: UInt32 = 0) -> ConformanceV1.CountRequest {
    var request = ConformanceV1.CountRequest()
    request.last = last
    request.bytes = bytes
    request.code = code
    return request
  }

  @Test(arguments: TestTransport.allCases)
  func everyMessageComesOnceAndInOrder(_ transport: TestTransport) async throws {
    try await withConformance(transport) { test, responder in
      var expected: UInt64 = 1
      for try await element in test.agent.count(count(to: 25_000)) {
        #expect(element.sequence == expected)
        expected += 1
      }
      #expect(expected == 25_001)
      #expect(responder.handledMethods.count == 25, "a thousand a batch")
    }
  }

  @Test(arguments: TestTransport.allCases)
  func goesOnWhereItsCallerSays(_ transport: TestTransport) async throws {
    try await withConformance(transport) { test, _ in
      var seen: [UInt64] = []
      for try await element in test.agent.count(count(to: 10)) where seen.count < 4 {
        seen.append(element.sequence)
      }
      for try await element in test.agent.count(count(to: 10), after: 4) { seen.append(element.sequence) }
      #expect(seen == Array(1...10))
    }
  }

  @Test(arguments: TestTransport.allCases)
  func endsWithItsStatus(_ transport: TestTransport) async throws {
    try await withConformance(transport) { test, _ in
      var last: UInt64 = 0
      do throws(RPCError) {
        var iterator = test.agent.count(count(to: 7, code: RPCStatus.dataLoss.rawValue)).makeAsyncIterator()
        while let element = try await iterator.next() { last = element.sequence }
        Issue.record("the stream should have failed")
      } catch {
        #expect(error.code == .dataLoss)
      }
      #expect(last == 7)
      var none = test.agent.count(count(to: 0)).makeAsyncIterator()
      let element = try await none.next()
      #expect(element == nil)
    }
  }

  @Test(arguments: TestTransport.allCases)
  func aSlowReaderIsWaitedFor(_ transport: TestTransport) async throws {
    try await withConformance(transport) { test, responder in
      var iterator = test.agent.count(count(to: 1_000_000, bytes: 1000)).makeAsyncIterator()
      for _ in 0..<10 { _ = try await iterator.next() }
      #expect(responder.handledMethods.count == 1, "nothing is made that nobody asked for")
    }
  }

  @Test(arguments: TestTransport.allCases)
  func aBatchKeepsItsBounds(_ transport: TestTransport) async throws {
    try await withConformance(transport) { test, _ in
      let request = count(to: 1000, bytes: 1000)
      let some = try await test.agent.count(request, StreamCursor(after: 5, maximumMessages: 3))
      #expect(some.elements.map(\.sequence) == [6, 7, 8])
      let few = try await test.agent.count(request, StreamCursor(maximumBytes: 2500))
      #expect(few.elements.map(\.sequence) == [1, 2])
      #expect(!few.isEnd)
      let one = try await test.agent.count(request, StreamCursor(after: 999, maximumBytes: 1))
      #expect(one.elements.map(\.sequence) == [1000])
      #expect(one.isEnd)
    }
  }

  @Test func aLostAnswerIsAskedForAgain() async throws {
    try await withConformance(.inProcess) { test, _ in
      let lost = Count()
      let (client, _) = try test.tapped { request, exchange in
        let answer = try await exchange(request)
        let envelope = try RPCV1.RequestEnvelope(serialized: request)
        if envelope.method.hasSuffix("/Count"), lost.next() % 2 == 1 {
          throw TransportError(.unknown, "lost on the way")
        }
        return answer
      }
      var seen: [UInt64] = []
      for try await element in client.count(count(to: 5000)) { seen.append(element.sequence) }
      #expect(seen == Array(1...5000))
    }
  }

  @Test func aBatchOutOfOrderIsNotPassedOn() async throws {
    var router = RPCRouter()
    router.registerStream(ConformanceServiceMethods.count) {
      (_: ConformanceV1.CountRequest, _: StreamCursor, _: CallContext) in
      StreamPage([2, 1].map { StreamElement($0, ConformanceV1.CountResponse()) })
    }
    try await withTestServer(router: router, identities: ["agent/a": Role.agent]) { test in
      let client = ConformanceServiceClient(test.clients["agent/a"])
      let error = await failure { () async throws(RPCError) in
        try await client.count(count(to: 2), StreamCursor())
      }
      #expect(error?.code == .internal)
    }
  }

  @Test(arguments: TestTransport.allCases)
  func healthIsWatched(_ transport: TestTransport) async throws {
    try await withConformance(transport) { test, responder in
      let held = responder.held("x")
      let running = Task { try await test.agent.hold(hold("x")) }
      try await held.entered.wait()
      let unknown = await failure { () async throws(RPCError) in
        var iterator = test.clients[Role.agent].watchHealth("none.such").makeAsyncIterator()
        return try await iterator.next()?.sequence
      }
      #expect(unknown?.code == .notFound)
      var states = test.clients[Role.operator].watchHealth().makeAsyncIterator()
      #expect(try await states.next()?.message.state == .serving)
      async let next = states.next()
      test.server.beginGracefulShutdown()
      #expect(try await next?.message.state == .notServing)
      held.release.open()
      _ = try await running.value
    }
  }
}
