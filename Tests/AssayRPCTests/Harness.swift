import AssayIdentity
import AssayMessages
import AssayRPC
import AssayRPCTesting
import AssayServices
import Synchronization
import Testing

/// A conformance server with an agent and an operator, over one of the transports.
func withConformance(
  _ transport: TestTransport, configuration: RPCServer.Configuration = .init(name: "test", version: "9.9"),
  _ body: @Sendable (TestServer, ConformanceResponder) async throws -> Void
) async throws {
  let responder = ConformanceResponder()
  var router = RPCRouter()
  router.register(responder)
  try await withTestServer(
    router: router, identities: ["agent/a": .agent, "the operator": .operator], transport: transport,
    configuration: configuration
  ) { test in try await body(test, responder) }
}

extension TestServer {
  var agent: ConformanceServiceClient { ConformanceServiceClient(clients[Role.agent]) }
  var boss: ConformanceServiceClient { ConformanceServiceClient(clients[Role.operator]) }

  /// A client of the agent over a transport that the test looks into.
  func tapped(_ tap: TappedTransport.Tap? = nil) throws -> (ConformanceServiceClient, TappedTransport) {
    let transport = TappedTransport(try wire.makeClient(), tap: tap)
    let key = try #require(keys["agent/a"])
    return (ConformanceServiceClient(try makeClient(as: key, over: transport)), transport)
  }
}

func echo(_ data: [UInt8]) -> ConformanceV1.EchoRequest {
  var request = ConformanceV1.EchoRequest()
  request.data = data
  return request
}

func hold(_ name: String) -> ConformanceV1.HoldRequest {
  var request = ConformanceV1.HoldRequest()
  request.name = name
  return request
}

func watch(_ name: String) -> ConformanceV1.WatchRequest {
  var request = ConformanceV1.WatchRequest()
  request.name = name
  return request
}

func fail(_ code: RPCStatus, _ message: String = "", reason: String = "") -> ConformanceV1.FailRequest {
  var request = ConformanceV1.FailRequest()
  request.code = code.rawValue
  request.message = message
  request.reason = reason
  return request
}

/// The error that `call` ends with.
func failure<Value: Sendable>(_ call: () async throws(RPCError) -> Value) async -> RPCError? {
  do throws(RPCError) {
    _ = try await call()
    return nil
  } catch {
    return error
  }
}

/// The envelopes of a tap's requests that are calls of a session.
func calls(_ transport: TappedTransport) throws -> [RPCV1.RequestEnvelope] {
  try transport.requests.map { try RPCV1.RequestEnvelope(serialized: $0) }.filter { !$0.sessionId.isEmpty }
}

/// How many handshakes a tap has seen begin.
func handshakes(_ transport: TappedTransport) throws -> Int {
  try transport.requests.filter { try RPCV1.RequestEnvelope(serialized: $0).method.hasSuffix("/Begin") }.count
}

/// Counts over tasks.
final class Count: Sendable {
  private let value = Mutex(0)
  func next() -> Int {
    value.withLock { value in
      value += 1
      return value
    }
  }
}
