import AssayIdentity
import AssayMessages
import AssayRPCTesting
import AssayServices
import Testing

@testable import AssayRPC

@Suite("Who may call", .timeLimit(.minutes(2)))
struct AuthenticationTests {
  @Test(arguments: TestTransport.allCases)
  func aRoleMayCallWhatNamesIt(_ transport: TestTransport) async throws {
    try await withConformance(transport) { test, responder in
      let error = await failure { () async throws(RPCError) in
        try await test.agent.restricted(ConformanceV1.RestrictedRequest())
      }
      #expect(error?.code == .permissionDenied)
      #expect(responder.handledMethods.isEmpty)
      _ = try await test.boss.restricted(ConformanceV1.RestrictedRequest())
      let unknown = MethodDescriptor("/no.Such/Method", roles: [.agent], idempotent: true, anyPeer: false)
      let missing = await failure { () async throws(RPCError) -> ConformanceV1.HoldResponse in
        try await test.clients[Role.agent].call(unknown, ConformanceV1.HoldRequest())
      }
      #expect(missing?.code == .unimplemented)
    }
  }

  @Test(arguments: TestTransport.allCases)
  func anUnknownKeyIsNotLetIn(_ transport: TestTransport) async throws {
    try await withConformance(transport) { test, responder in
      let stranger = ConformanceServiceClient(try test.makeClient(as: IdentityKey()))
      let error = await failure { () async throws(RPCError) in try await stranger.echo(echo([1])) }
      #expect(error?.code == .unauthenticated)
      #expect(responder.handledMethods.isEmpty)
    }
  }

  @Test(arguments: TestTransport.allCases)
  func aServerWithAnotherKeyIsNotBelieved(_ transport: TestTransport) async throws {
    try await withConformance(transport) { test, responder in
      let key = try #require(test.keys["agent/a"])
      let misled = ConformanceServiceClient(
        try test.makeClient(as: key, expecting: IdentityKeys.some.publicIdentity))
      let error = await failure { () async throws(RPCError) in try await misled.echo(echo([1])) }
      #expect(error?.code == .unauthenticated)
      #expect(error?.reason == "WRONG_SERVER")
      #expect(responder.handledMethods.isEmpty)
    }
  }

  /// What a caller without a proof hears, whatever it tries.
  @Test(arguments: TestTransport.allCases)
  func everyoneUnprovenHearsTheSame(_ transport: TestTransport) async throws {
    try await withConformance(transport) { test, responder in
      let (client, tap) = try test.tapped()
      _ = try await client.echo(echo([1]))
      let real = try #require(try calls(tap).last)
      let wire = try test.wire.makeClient()

      func answer(_ change: (inout RPCV1.RequestEnvelope) -> Void) async throws -> RPCV1.Status? {
        var request = real
        request.counter += 1
        change(&request)
        let bytes = try await wire.exchange(request.serialized(), timeout: .seconds(10))
        let response = try RPCV1.ResponseEnvelope(serialized: bytes)
        #expect(response.mac.isEmpty)
        #expect(response.payload.isEmpty)
        return response.status
      }
      let answers = [
        try await answer { $0.mac[0] ^= 1 },
        try await answer { $0.mac = [] },
        try await answer { $0.sessionId = [UInt8](repeating: 9, count: 16) },
        try await answer {
          $0.sessionId = []; $0.mac = []
        },
        try await answer {
          $0.sessionId = []; $0.method = "/no.Such/Method"
        },
        try await answer {
          $0.sessionId = []; $0.method = "/assay.rpc.v1.ServerService/GetServerInfo"
        },
        try await answer {
          $0.sessionId = []; $0.method = "/assay.rpc.v1.SessionService/Finish"; $0.payload = []
        },
        // The very request, a second time.
        try await answer { $0.counter -= 1 },
      ]
      #expect(Set(answers.map { $0?.code }) == [RPCStatus.unauthenticated.rawValue])
      #expect(Set(answers).count == 1)
      #expect(responder.handledMethods.count == 1)
      let garbage = try RPCV1.ResponseEnvelope(
        serialized: try await wire.exchange([0xff, 0xff, 0xff], timeout: .seconds(10)))
      #expect(garbage.status == answers[0])
    }
  }

  @Test func everyFieldOfARequestIsProven() async throws {
    try await withConformance(.inProcess) { test, responder in
      let changes: [@Sendable (inout RPCV1.RequestEnvelope) -> Void] = [
        { $0.method = "/assay.conformance.v1.ConformanceService/Fail" },
        { $0.callId[3] ^= 1 },
        { $0.attempt += 1 },
        { $0.timeoutMs += 1 },
        { $0.idempotencyKey += "x" },
        { $0.idempotencyKey = "" },
        { $0.metadata[0].value.append(1) },
        { $0.metadata[0].key += "x" },
        { $0.metadata = [] },
        { $0.metadata.append(RPCV1.Metadata()) },
        { $0.payload.append(0) },
        { $0.payload = [] },
        { $0.counter += 100 },
      ]
      for change in changes {
        let (client, _) = try test.tapped { request, next in
          var envelope = try RPCV1.RequestEnvelope(serialized: request)
          if !envelope.sessionId.isEmpty { change(&envelope) }
          return try await next(envelope.serialized())
        }
        let error = await failure { () async throws(RPCError) in
          try await client.echo(echo([1]), CallOptions(idempotencyKey: "k", metadata: ["a": "b"]))
        }
        #expect(error?.code == .unauthenticated)
      }
      #expect(responder.handledMethods.isEmpty)
    }
  }

  @Test func everyFieldOfAnAnswerIsProven() async throws {
    try await withConformance(.inProcess) { test, _ in
      let changes: [@Sendable (inout RPCV1.ResponseEnvelope) -> Void] = [
        { $0.payload[0] ^= 1 },
        { $0.payload = [] },
        { $0.status?.code = 5 },
        { $0.status?.message = "x" },
        { $0.status?.reason = "X" },
        { $0.metadata.append(RPCV1.Metadata()) },
        { $0.callId[0] ^= 1 },
        { $0.counter += 1 },
        { $0.mac = [] },
        { $0.mac[31] ^= 0x80 },
      ]
      for change in changes {
        let (client, _) = try test.tapped { request, next in
          let isCall = try !RPCV1.RequestEnvelope(serialized: request).sessionId.isEmpty
          var envelope = try RPCV1.ResponseEnvelope(serialized: try await next(request))
          if isCall { change(&envelope) }
          return envelope.serialized()
        }
        let error = await failure { () async throws(RPCError) in try await client.echo(echo([1])) }
        #expect(error?.code == .internal)
        #expect(error?.reason == "FORGED_RESPONSE")
      }
    }
  }

  @Test func anAnswerBelongsToOneRequest() async throws {
    try await withConformance(.inProcess) { test, _ in
      // Gives the second call the first one's answer.
      let kept = Kept()
      let (client, _) = try test.tapped { request, next in
        let answer = try await next(request)
        guard try !RPCV1.RequestEnvelope(serialized: request).sessionId.isEmpty else { return answer }
        return kept.first(answer)
      }
      _ = try await client.echo(echo([1]))
      let error = await failure { () async throws(RPCError) in try await client.echo(echo([2])) }
      #expect(error?.reason == "FORGED_RESPONSE")
    }
  }

  @Test(arguments: TestTransport.allCases)
  func aRestartedServerIsMetAgainWithoutANotice(_ transport: TestTransport) async throws {
    let wire = try TestWire(transport)
    let identity = IdentityKey()
    let keys = ["agent/a": IdentityKey()]
    let tap = Kept.Box<TappedTransport?>(nil)
    let client = Kept.Box<ConformanceServiceClient?>(nil)
    for round in 0..<3 {
      let responder = ConformanceResponder()
      var router = RPCRouter()
      router.register(responder)
      try await withTestServer(
        router: router, identities: ["agent/a": .agent], transport: transport, identity: identity, keys: keys,
        wire: wire
      ) { test in
        if client.value == nil {
          let (fresh, transport) = try test.tapped()
          client.value = fresh
          tap.value = transport
        }
        let caller = try #require(client.value)
        #expect(try await caller.echo(echo([UInt8(round)])).data == [UInt8(round)])
        #expect(responder.handledMethods.count == 1)
        #expect(try handshakes(try #require(tap.value)) == round + 1)
      }
    }
  }

  @Test(
    "a server that forgets the session twice, and half of a handshake, as one that is restarted again and again does, is asked again"
  )
  func aServerThatForgetsAgain() async throws {
    try await withConformance(.inProcess) { test, responder in
      let (calls, finishes) = (Count(), Count())
      let (client, _) = try test.tapped { request, next in
        var envelope = try RPCV1.RequestEnvelope(serialized: request)
        if !envelope.sessionId.isEmpty, calls.next() <= 2 { envelope.sessionId[0] ^= 1 }
        return try await next(envelope.serialized())
      }
      #expect(try await client.echo(echo([5])).data == [5])
      #expect(responder.handledMethods.count == 1)
      let (other, _) = try test.tapped { request, next in
        var envelope = try RPCV1.RequestEnvelope(serialized: request)
        if envelope.method == BuiltInMethods.finish.name, finishes.next() == 1 {
          var finish = try RPCV1.FinishRequest(serialized: envelope.payload)
          finish.handshakeId[0] ^= 1
          envelope.payload = finish.serialized()
        }
        return try await next(envelope.serialized())
      }
      #expect(try await other.echo(echo([6])).data == [6])
    }
  }

  @Test func aSessionThatIsLostToACallThatMayNotBeRepeatedIsOpenedForTheNext() async throws {
    try await withConformance(.inProcess) { test, responder in
      let count = Count()
      let (client, _) = try test.tapped { request, next in
        var envelope = try RPCV1.RequestEnvelope(serialized: request)
        if !envelope.sessionId.isEmpty, count.next() == 1 { envelope.sessionId[0] ^= 1 }
        return try await next(envelope.serialized())
      }
      let error = await failure { () async throws(RPCError) in try await client.fail(fail(.aborted)) }
      #expect(error?.code == .unauthenticated)
      #expect(responder.handledMethods.isEmpty)
      let next = await failure { () async throws(RPCError) in try await client.fail(fail(.aborted)) }
      #expect(next?.code == .aborted)
    }
  }

  @Test func anotherMajorVersionIsRefused() async throws {
    try await withConformance(.inProcess) { test, _ in
      var request = RPCV1.RequestEnvelope()
      request.protocolVersion = 2
      request.callId = [UInt8](repeating: 1, count: 16)
      let bytes = try await test.wire.makeClient().exchange(request.serialized(), timeout: .seconds(10))
      let response = try RPCV1.ResponseEnvelope(serialized: bytes)
      #expect(response.status?.code == RPCStatus.failedPrecondition.rawValue)
      #expect(response.status?.reason == "PROTOCOL_VERSION_UNSUPPORTED")
    }
  }

  @Test func aHandshakeIsAnsweredOnceAndOnlyToItsSignature() async throws {
    let server = IdentityKey()
    let client = IdentityKey()
    let table = SessionTable(
      identity: server,
      trust: try TrustStore([.init(name: "agent/a", roles: [.agent], identity: client.publicIdentity)]))
    var begin = RPCV1.BeginRequest()
    begin.clientNonce = Handshake.random(32)
    // A point of small order: no honest peer sends it, and it would make the secret known.
    begin.clientEphemeral = [UInt8](repeating: 0, count: 32)
    let offer = try table.begin(begin)
    let handshake = Handshake(
      clientNonce: begin.clientNonce, clientEphemeral: begin.clientEphemeral, handshakeID: offer.handshakeId,
      serverNonce: offer.serverNonce, serverEphemeral: offer.serverEphemeral, serverKey: offer.serverKey)
    var finish = RPCV1.FinishRequest()
    finish.handshakeId = offer.handshakeId
    finish.clientKey = client.publicIdentity.bytes
    finish.clientSignature = client.sign(handshake.clientProof(clientKey: finish.clientKey))
    #expect(throws: RPCError.self) { try table.finish(finish) }
    #expect(throws: RPCError.self) { try table.finish(finish) }
  }
}

/// What a test keeps over calls.
final class Kept: Sendable {
  final class Box<Value: Sendable>: Sendable {
    private let state: Locked<Value>
    init(_ value: Value) { state = Locked(value) }
    var value: Value {
      get { state.value }
      set { state.set(newValue) }
    }
  }
  private let answer = Locked<[UInt8]?>(nil)

  /// The first answer that this was ever given.
  func first(_ bytes: [UInt8]) -> [UInt8] {
    if let known = answer.value { return known }
    answer.set(bytes)
    return bytes
  }
}
