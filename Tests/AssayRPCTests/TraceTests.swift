import AssayIdentity
import AssayMessages
import AssayRPCTesting
import AssayServices
import Testing

@testable import AssayRPC

@Suite struct TraceTests {
  @Test func readsWhatItWrites() throws {
    let trace = TraceContext.root()
    let text = trace.traceparent
    #expect(text.utf8.count == 55)
    #expect(TraceContext(traceparent: text) == trace)
    let example = try #require(
      TraceContext(traceparent: "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"))
    #expect(example.description == "4bf92f3577b34da6a3ce929d0e0e4736")
    #expect(example.child().trace == example.trace)
    #expect(example.child().span != example.span)
  }

  @Test(arguments: [
    "", "00", "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7",
    "01-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
    "00-00000000000000000000000000000000-00f067aa0ba902b7-01",
    "00-4bf92f3577b34da6a3ce929d0e0e4736-0000000000000000-01",
    "00-4BF92F3577B34DA6A3CE929D0E0E4736-00f067aa0ba902b7-01",
    "00-4bf92f3577b34da6a3ce929d0e0e473-00f067aa0ba902b7-01",
    "00-4bf92f3577b34da6a3ce929d0e0e473é-00f067aa0ba902b7-01",
  ])
  func refusesWhatIsNone(_ text: String) { #expect(TraceContext(traceparent: text) == nil) }

  @Test func whatHasANameHasOneTrace() {
    #expect(TraceContext(deriving: "run/3").trace == TraceContext(deriving: "run/3").trace)
    #expect(TraceContext(deriving: "run/3").trace != TraceContext(deriving: "run/4").trace)
  }

  /// Answers with the trace that it runs in, from a call of its own.
  private struct Relay: ConformanceService {
    let seen: Locked<[TraceContext]>
    let next: Locked<ConformanceServiceClient?>

    func echo(_ request: ConformanceV1.EchoRequest, _ context: CallContext) async throws
      -> ConformanceV1.EchoResponse
    {
      if let current = TraceContext.current { seen.update { $0.append(current) } }
      if let next = next.value, request.data.isEmpty {
        var inner = request
        inner.data = [1]
        return try await next.echo(inner)
      }
      return .init()
    }
    func fail(_ request: ConformanceV1.FailRequest, _ context: CallContext) async throws
      -> ConformanceV1.FailResponse
    {
      .init()
    }
    func hold(_ request: ConformanceV1.HoldRequest, _ context: CallContext) async throws
      -> ConformanceV1.HoldResponse
    {
      .init()
    }
    func watch(_ request: ConformanceV1.WatchRequest, _ context: CallContext) async throws
      -> ConformanceV1.WatchResponse
    { .init() }
    func count(_ request: ConformanceV1.CountRequest, _ cursor: StreamCursor, _ context: CallContext)
      async throws
      -> StreamPage<ConformanceV1.CountResponse>
    { StreamPage(isEnd: true) }
    func restricted(_ request: ConformanceV1.RestrictedRequest, _ context: CallContext) async throws
      -> ConformanceV1.RestrictedResponse
    { .init() }
  }

  @Test(arguments: TestTransport.allCases)
  func aTraceTravelsThroughHandlersIntoTheirCalls(_ transport: TestTransport) async throws {
    let relay = Relay(seen: Locked([]), next: Locked(nil))
    var router = RPCRouter()
    router.register(relay)
    let records = Locked<[CallRecord]>([])
    try await withTestServer(
      router: router, identities: ["agent/a": .agent], transport: transport,
      configuration: .init(name: "test", observe: { record in records.update { $0.append(record) } })
    ) { test in
      let client = ConformanceServiceClient(test.clients["agent/a"])
      relay.next.set(client)
      let trace = TraceContext.root()
      _ = try await TraceContext.$current.withValue(trace) { try await client.echo(echo([])) }
      // One handler inside the other.
      #expect(relay.seen.value.map(\.trace) == [trace.trace, trace.trace])
      #expect(Set(relay.seen.value.map(\.span) + [trace.span]).count == 3, "each call is a span of its own")
      _ = try await client.echo(echo([1]))
      #expect(relay.seen.value.count == 2, "without a trace none is made up")
    }
    #expect(records.value.map { $0.trace?.trace != nil } == [true, true, false])
    #expect(Set(records.value.map(\.peer)) == ["agent/a"])
    #expect(Set(records.value.map(\.status)) == [.ok])
    #expect(records.value.map(\.duration).allSatisfy { $0 > .zero })
    #expect(records.value[0].method == "/assay.conformance.v1.ConformanceService/Echo")
  }

  @Test func clientsTellOfTheirCallsToo() async throws {
    try await withConformance(.inProcess) { test, _ in
      let records = Locked<[CallRecord]>([])
      let client = RPCClient(
        transports: [try test.wire.makeClient()],
        credentials: .init(key: try #require(test.keys["agent/a"]), server: test.identity.publicIdentity),
        observe: { record in records.update { $0.append(record) } })
      _ = try await ConformanceServiceClient(client).echo(echo([1, 2, 3]))
      _ = await failure { () async throws(RPCError) in
        try await ConformanceServiceClient(client).fail(fail(.dataLoss))
      }
      client.close()
      #expect(records.value.map(\.status) == [.ok, .dataLoss])
      #expect(records.value[0].requestBytes > 0 && records.value[0].responseBytes > 0)
      #expect(records.value[1].responseBytes == 0)
    }
  }
}
