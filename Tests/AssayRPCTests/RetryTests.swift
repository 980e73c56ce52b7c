import AssayIdentity
import AssayMessages
import AssayRPCTesting
import AssayServices
import Testing

@testable import AssayRPC

@Suite("Retries", .timeLimit(.minutes(2)))
struct RetryTests {
  /// Lets calls of a session through, and loses the answers of the first `count` of them.
  private func losing(_ count: Int) -> TappedTransport.Tap {
    let calls = Count()
    return { request, next in
      let answer = try await next(request)
      let envelope = try RPCV1.RequestEnvelope(serialized: request)
      if !envelope.sessionId.isEmpty, calls.next() <= count {
        throw TransportError(.unknown, "the answer was lost")
      }
      return answer
    }
  }

  @Test(arguments: TestTransport.allCases)
  func anIdempotentCallIsRepeatedWithinOneDeadline(_ transport: TestTransport) async throws {
    try await withConformance(transport) { test, responder in
      let (client, tap) = try test.tapped(losing(2))
      let response = try await client.echo(echo([5]), CallOptions(timeout: .seconds(20)))
      #expect(response.data == [5])
      #expect(responder.handledMethods.count == 3)
      let sent = try calls(tap)
      #expect(Set(sent.map(\.callId)).count == 1)
      #expect(sent.map(\.attempt) == [1, 2, 3])
      #expect(Set(sent.map(\.counter)).count == 3)
      #expect(sent.map(\.timeoutMs) == sent.map(\.timeoutMs).sorted(by: >))
      #expect(sent[2].timeoutMs < sent[0].timeoutMs)
      #expect(sent[0].timeoutMs <= 20_000)
    }
  }

  @Test func aCallWithAKeyIsRepeatedUnderThatKey() async throws {
    try await withConformance(.inProcess) { test, responder in
      let (client, tap) = try test.tapped(losing(1))
      let error = await failure { () async throws(RPCError) in
        try await client.fail(fail(.aborted), CallOptions(idempotencyKey: "the key"))
      }
      #expect(error?.code == .aborted)
      #expect(responder.handledMethods.count == 2)
      #expect(try calls(tap).map(\.idempotencyKey) == ["the key", "the key"])
    }
  }

  @Test(arguments: TestTransport.allCases)
  func anyOtherCallIsMadeOnce(_ transport: TestTransport) async throws {
    try await withConformance(transport) { test, responder in
      let (client, tap) = try test.tapped(losing(1))
      let error = await failure { () async throws(RPCError) in try await client.fail(fail(.aborted)) }
      #expect(error?.code == .unavailable)
      #expect(responder.handledMethods.count == 1)
      #expect(try calls(tap).count == 1)
    }
  }

  @Test func fiveAttemptsAtMost() async throws {
    try await withConformance(.inProcess) { test, responder in
      let (client, _) = try test.tapped(losing(100))
      let error = await failure { () async throws(RPCError) in
        try await client.echo(echo([]), CallOptions(timeout: .seconds(60)))
      }
      #expect(error?.code == .unavailable)
      #expect(responder.handledMethods.count == 5)
    }
  }

  @Test func otherCodesAreNotRepeated() async throws {
    try await withConformance(.inProcess) { test, responder in
      for code in [RPCStatus.aborted, .internal, .unknown, .failedPrecondition, .resourceExhausted] {
        _ = await failure { () async throws(RPCError) in
          try await test.agent.fail(fail(code), CallOptions(idempotencyKey: "k"))
        }
      }
      #expect(responder.handledMethods.count == 5)
    }
  }

  @Test func aPushbackIsHonoured() {
    func delay(
      _ metadata: [String: String], attempt: UInt32 = 1, reached: Bool = true, repeatable: Bool = true
    )
      -> Duration?
    {
      RetryPolicy.delay(
        after: attempt, error: RPCError(.unavailable, "", metadata: metadata), reached: reached,
        repeatable: repeatable, waitForReady: false, random: 0.5)
    }
    #expect(delay(["retry-pushback-ms": "1234"]) == .milliseconds(1234))
    #expect(delay(["retry-pushback-ms": "-1"]) == nil)
    #expect(delay([:], reached: true, repeatable: false) == nil)
    #expect(delay([:], reached: false, repeatable: false) != nil)
    #expect(delay([:], attempt: 5) == nil)
    let delays = (1...4).compactMap { delay([:], attempt: $0) }
    #expect(delays == delays.sorted())
    #expect(delays.count == 4)
    #expect(delays[3] <= RetryPolicy.maximumBackoff)
  }

  @Test func aServerThatIsNotThereIsUnavailableAtOnceWhenTimeIsShort() async throws {
    let wire = try TestWire(.nngIPC)
    let client = ConformanceServiceClient(
      RPCClient(
        transport: try wire.makeClient(),
        credentials: .init(key: .init(), server: IdentityKeys.some.publicIdentity)))
    let error = await failure { () async throws(RPCError) in
      try await client.echo(echo([]), CallOptions(timeout: .milliseconds(200)))
    }
    #expect(error?.code == .unavailable)
    #expect(error?.reason == "NOT_CONNECTED")
  }
}
