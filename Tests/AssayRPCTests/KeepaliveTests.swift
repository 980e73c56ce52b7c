import AssayIdentity
import AssayMessages
import AssayRPCTesting
import AssayServices
import Testing

@testable import AssayRPC

/// Peers that are connected and say nothing.
@Suite("Keepalive", .timeLimit(.minutes(2))) struct KeepaliveTests {
  private func client(_ test: TestServer, _ tap: @escaping TappedTransport.Tap) throws -> (
    RPCClient, TappedTransport
  ) {
    let transport = TappedTransport(try test.wire.makeClient(), tap: tap)
    let client = RPCClient(
      transports: [transport],
      credentials: ClientCredentials(
        key: try #require(test.keys["agent/a"]), server: test.identity.publicIdentity),
      keepalive: .init(interval: .milliseconds(50), timeout: .milliseconds(200)))
    return (client, transport)
  }

  @Test(arguments: TestTransport.allCases)
  func aPeerThatAcceptsAndNeverAnswersIsFoundOut(_ transport: TestTransport) async throws {
    try await withConformance(transport) { test, _ in
      // Handshakes are answered; then nothing is, as if the process were stopped.
      let (client, _) = try client(test) { request, next in
        if !(try RPCV1.RequestEnvelope(serialized: request).sessionId.isEmpty) {
          throw TransportError(.unknown, timedOut: true, "no answer in time")
        }
        return try await next(request)
      }
      defer { client.close() }
      let error = await failure { () async throws(RPCError) in
        try await ConformanceServiceClient(client).fail(fail(.aborted), CallOptions(timeout: .seconds(1)))
      }
      #expect(error?.code == .deadlineExceeded)
    }
  }

  @Test("a ping that finds no connection says nothing of a call that was never sent: that is made again")
  func pingsWithoutAConnection() async throws {
    try await withConformance(.inProcess) { test, responder in
      let (pings, calls) = (Locked(0), Locked(0))
      let second = responder.held("second ping").release
      let (client, _) = try client(test) { request, next in
        switch try RPCV1.RequestEnvelope(serialized: request).method {
        case BuiltInMethods.checkHealth.name:
          pings.update { $0 += 1 }
          if pings.value == 2 { second.open() }
        case let method where method.hasSuffix("/Fail"):
          calls.update { $0 += 1 }
          if calls.value > 1 { return try await next(request) }
          try await second.wait()
        default: return try await next(request)
        }
        throw TransportError(.notSent, "nobody answers")
      }
      defer { client.close() }
      let error = await failure { () async throws(RPCError) in
        try await ConformanceServiceClient(client).fail(fail(.aborted), CallOptions(timeout: .seconds(60)))
      }
      #expect(error?.code == .aborted)
      #expect(calls.value == 2)
    }
  }

  @Test(arguments: TestTransport.allCases)
  func aCallThatWaitsLongEndsWhenPingsAreNotAnswered(_ transport: TestTransport) async throws {
    try await withConformance(transport) { test, responder in
      let isStopped = Locked(false)
      let (client, tap) = try client(test) { request, next in
        let method = try RPCV1.RequestEnvelope(serialized: request).method
        if isStopped.value, method == BuiltInMethods.checkHealth.name {
          throw TransportError(.unknown, timedOut: true, "no answer in time")
        }
        return try await next(request)
      }
      defer { client.close() }
      let began = ContinuousClock.now
      let error: RPCError? = try await withThrowingTaskGroup(of: RPCError?.self) { group in
        group.addTask {
          await failure { () async throws(RPCError) in
            try await ConformanceServiceClient(client).hold(hold("x"), CallOptions(timeout: .seconds(60)))
          }
        }
        try await responder.held("x").entered.wait()
        // Pings that are answered end nothing.
        while try calls(tap).filter({ $0.method == BuiltInMethods.checkHealth.name }).count < 3 {
          await Task.yield()
        }
        isStopped.set(true)
        return try await group.next() ?? nil
      }
      #expect(error?.code == .unavailable)
      #expect(error?.message.contains("answers nothing any more") == true, "\(error?.message ?? "")")
      #expect(began.duration(to: .now) < .seconds(30))
      responder.held("x").release.open()
    }
  }

  @Test func shortCallsArePingedNever() async throws {
    try await withConformance(.inProcess) { test, responder in
      let (client, tap) = try client(test) { try await $1($0) }
      defer { client.close() }
      _ = try await ConformanceServiceClient(client).echo(echo([1]), CallOptions(timeout: .milliseconds(100)))
      #expect(try calls(tap).count == 1)
    }
  }

  @Test(arguments: TestTransport.allCases)
  func aCallerCanWaitForTheConnection(_ transport: TestTransport) async throws {
    try await withConformance(transport) { test, _ in
      let client = try test.makeClient(as: try #require(test.keys["agent/a"]))
      #expect(await client.connect(within: .seconds(20)) == .ready)
      #expect(client.connection == .ready)
      client.close()
    }
    let nobody = RPCClient(
      transport: try TestWire(.nngIPC).makeClient(),
      credentials: .init(key: .init(), server: IdentityKeys.some.publicIdentity))
    #expect(await nobody.connect(within: .milliseconds(100)) == .connecting)
  }
}
