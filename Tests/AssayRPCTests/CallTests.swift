import AssayIdentity
import AssayMessages
import AssayRPC
import AssayRPCTesting
import AssayServices
import Testing

@Suite("Calls over every transport", .timeLimit(.minutes(2)))
struct CallTests {
  @Test(arguments: TestTransport.allCases)
  func carriesTheMessageAndWhatIsBesideIt(_ transport: TestTransport) async throws {
    try await withConformance(transport) { test, _ in
      var request = echo([0, 1, 255])
      var everything = ConformanceV1.Everything()
      everything.text = "grüße 🙂"
      everything.choice = .id(7)
      everything.numbers = [-1, 0, .max]
      request.everything = everything
      let response = try await test.agent.echo(
        request, CallOptions(idempotencyKey: "key 1", metadata: ["test-key": "value"]))
      #expect(response.data == [0, 1, 255])
      #expect(response.everything == everything)
      #expect(response.peer == "agent/a")
      #expect(response.roles == ["agent"])
      #expect(response.idempotencyKey == "key 1")
      #expect(response.metadata == "value")
    }
  }

  @Test(arguments: TestTransport.allCases)
  func carriesEveryStatus(_ transport: TestTransport) async throws {
    try await withConformance(transport) { test, _ in
      for code in 1...16 as ClosedRange<UInt32> {
        let status = RPCStatus(rawValue: code)
        // The client acts on this one itself.
        if status == .unauthenticated { continue }
        let error = await failure { () async throws(RPCError) in
          try await test.agent.fail(fail(status, "text of \(code)", reason: "REASON_\(code)"))
        }
        #expect(error?.code == status)
        #expect(error?.message == "text of \(code)")
        #expect(error?.reason == "REASON_\(code)")
        #expect(error?.metadata == ["detail": "value"])
      }
    }
  }

  @Test func saysNothingOfAnErrorThatIsNotTheWires() async throws {
    try await withConformance(.inProcess) { test, _ in
      let error = await failure { () async throws(RPCError) in
        try await test.agent.fail(fail(.ok, "/secret/path"))
      }
      #expect(error?.code == .unknown)
      #expect(error?.message.contains("secret") == false)
    }
  }

  @Test func anErrorTextThatIsTooLongOrHoldsNULStillArrives() async throws {
    try await withConformance(.inProcess) { test, _ in
      let text = String(repeating: "ü", count: 30_000) + "\0"
      let long = await failure { () async throws(RPCError) in
        try await test.agent.fail(fail(.aborted, text, reason: String(repeating: "Ü", count: 50)))
      }
      #expect(long?.code == .aborted)
      #expect(long?.message.hasPrefix("üü") == true)
      #expect(long?.reason == String(repeating: "Ü", count: 32))
      let broken = await failure { () async throws(RPCError) in
        try await test.agent.fail(fail(.aborted, "a\0b"))
      }
      #expect(broken?.message == "a\u{1A}b")
    }
  }

  @Test(arguments: TestTransport.allCases)
  func manyCallsAtOnceShareOneHandshake(_ transport: TestTransport) async throws {
    try await withConformance(transport) { test, responder in
      let (client, tap) = try test.tapped()
      try await withThrowingTaskGroup(of: [UInt8].self) { group in
        for number in 0..<64 {
          group.addTask { try await client.echo(echo([UInt8(number)])).data }
        }
        var seen: Set<[UInt8]> = []
        for try await data in group { seen.insert(data) }
        #expect(seen.count == 64)
      }
      #expect(try handshakes(tap) == 1)
      #expect(responder.handledMethods.count == 64)
      #expect(Set(try calls(tap).map(\.counter)).count == 64)
    }
  }

  @Test(arguments: TestTransport.allCases)
  func aDeadlineEndsTheCallAndItsHandler(_ transport: TestTransport) async throws {
    try await withConformance(transport) { test, responder in
      // The session is open before the clock starts.
      _ = try await test.agent.echo(echo([0]))
      let error = await failure { () async throws(RPCError) in
        try await test.agent.hold(hold("x"), CallOptions(timeout: .milliseconds(400)))
      }
      #expect(error?.code == .deadlineExceeded)
      try await responder.held("x").cancelled.wait()
      _ = try await test.agent.echo(echo([1]))
    }
  }

  @Test(arguments: TestTransport.allCases)
  func aCancelledCallEndsItsHandler(_ transport: TestTransport) async throws {
    try await withConformance(transport) { test, responder in
      let held = responder.held("x")
      let call = Task { await failure { () async throws(RPCError) in try await test.agent.hold(hold("x")) } }
      try await held.entered.wait()
      call.cancel()
      #expect(await call.value?.code == .cancelled)
      try await held.cancelled.wait()
      _ = try await test.agent.echo(echo([1]))
    }
  }

  @Test func nobodyCancelsAnothersCall() async throws {
    try await withConformance(.inProcess) { test, responder in
      let (client, tap) = try test.tapped()
      let held = responder.held("x")
      let call = Task { try await client.hold(hold("x")) }
      try await held.entered.wait()
      let id = try #require(try calls(tap).last).callId
      var cancel = RPCV1.CancelCallRequest()
      cancel.callId = id
      let method = MethodDescriptor(
        "/assay.rpc.v1.ServerService/CancelCall", roles: [.operator], idempotent: true, anyPeer: false)
      let answer: RPCV1.CancelCallResponse = try await test.clients[Role.operator].call(method, cancel)
      #expect(!answer.cancelled)
      #expect(!held.cancelled.isOpen)
      held.release.open()
      _ = try await call.value
    }
  }

  @Test(arguments: TestTransport.allCases)
  func healthAndServerInfoAreBuiltIn(_ transport: TestTransport) async throws {
    try await withConformance(transport) { test, _ in
      let client = test.clients[Role.agent]
      #expect(try await client.isHealthy())
      #expect(try await client.isHealthy("assay.conformance.v1.ConformanceService"))
      let error = await failure { () async throws(RPCError) in try await client.isHealthy("no.such.Service") }
      #expect(error?.code == .notFound)
      let method = MethodDescriptor(
        "/assay.rpc.v1.ServerService/GetServerInfo", roles: [.agent], idempotent: true, anyPeer: false)
      let info: RPCV1.GetServerInfoResponse = try await client.call(method, RPCV1.GetServerInfoRequest())
      #expect(info.name == "test")
      #expect(info.version == "9.9")
      #expect(info.protocolVersion == 1)
      #expect(info.services == ["assay.conformance.v1.ConformanceService"])
      #expect(info.maxMessageBytes == UInt64(RPCLimits.maximumMessageBytes))
    }
  }

  @Test func aRequestThatBreaksABoundIsRefusedBeforeItsHandler() async throws {
    try await withConformance(.inProcess) { test, responder in
      var request = ConformanceV1.EchoRequest()
      var everything = ConformanceV1.Everything()
      everything.text = String(repeating: "x", count: 257)
      request.everything = everything
      let error = await failure { () async throws(RPCError) in try await test.agent.echo(request) }
      #expect(error?.code == .invalidArgument)
      #expect(error?.reason == "MALFORMED_REQUEST")
      #expect(responder.handledMethods.isEmpty)
    }
  }
}
