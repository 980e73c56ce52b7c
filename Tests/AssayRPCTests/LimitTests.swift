import AssayIdentity
import AssayMessages
import AssayRPCTesting
import AssayServices
import Testing

@testable import AssayRPC

@Suite("Limits and draining", .timeLimit(.minutes(2)))
struct LimitTests {
  /// A request whose serialized form has exactly `count` bytes.
  private func request(bytes count: Int) -> ConformanceV1.EchoRequest {
    var request = echo([UInt8](repeating: 7, count: count - 16))
    request.data.append(contentsOf: [UInt8](repeating: 7, count: count - request.serialized().count))
    return request
  }

  @Test(arguments: TestTransport.allCases)
  func aRequestMayHaveExactlyTheLimit(_ transport: TestTransport) async throws {
    try await withConformance(transport) { test, responder in
      let limit = RPCLimits.maximumMessageBytes - 8192
      let (client, tap) = try test.tapped()
      var exact = request(bytes: limit - 5)
      exact.answerBytes = 1
      exact.data.append(contentsOf: [UInt8](repeating: 7, count: limit - exact.serialized().count))
      #expect(exact.serialized().count == limit)
      #expect(try await client.echo(exact).data == [0])

      let before = tap.requests.count
      exact.data.append(7)
      let tooLarge = exact
      let error = await failure { () async throws(RPCError) in try await client.echo(tooLarge) }
      #expect(error?.code == .resourceExhausted)
      #expect(tap.requests.count == before, "nothing may be sent")
      #expect(responder.handledMethods.count == 1)
    }
  }

  @Test(arguments: TestTransport.allCases)
  func anAnswerMayHaveExactlyTheLimit(_ transport: TestTransport) async throws {
    try await withConformance(transport) { test, _ in
      let limit = RPCLimits.maximumMessageBytes - 4096
      var answer = ConformanceV1.EchoResponse()
      answer.peer = "agent/a"
      answer.roles = ["agent"]
      answer.data = [UInt8](repeating: 0, count: limit - 64)
      answer.data.append(contentsOf: [UInt8](repeating: 0, count: limit - answer.serialized().count))
      #expect(answer.serialized().count == limit)
      var request = ConformanceV1.EchoRequest()
      request.answerBytes = UInt64(answer.data.count)
      #expect(try await test.agent.echo(request).data.count == answer.data.count)
      request.answerBytes += 1
      let tooLarge = request
      let error = await failure { () async throws(RPCError) in try await test.agent.echo(tooLarge) }
      #expect(error?.code == .resourceExhausted)
      #expect(error?.reason == "MESSAGE_TOO_LARGE")
      // The connection and other calls go on.
      _ = try await test.agent.echo(echo([1]))
    }
  }

  @Test(arguments: TestTransport.allCases)
  func theServerRefusesWhatTheClientShouldNotHaveSent(_ transport: TestTransport) async throws {
    try await withConformance(transport) { test, _ in
      let bytes = [UInt8](repeating: 0, count: RPCLimits.maximumMessageBytes + 1)
      let answer = try await test.wire.makeClient().exchange(bytes, timeout: .seconds(10))
      let response = try RPCV1.ResponseEnvelope(serialized: answer)
      #expect(response.status?.code == RPCStatus.resourceExhausted.rawValue)
    }
  }

  @Test(arguments: TestTransport.allCases)
  func callsOverTheLimitAreRefusedWithAPushback(_ transport: TestTransport) async throws {
    try await withConformance(transport, configuration: .init(name: "test", maximumCalls: 2)) {
      test, responder in
      let held = [responder.held("a"), responder.held("b")]
      async let first = test.agent.hold(hold("a"))
      async let second = test.agent.hold(hold("b"))
      for held in held { try await held.entered.wait() }
      let error = await failure { () async throws(RPCError) in try await test.agent.fail(fail(.aborted)) }
      #expect(error?.code == .resourceExhausted)
      #expect(error?.reason == "OVERLOADED")
      #expect(error?.metadata[RPCLimits.pushbackKey].flatMap { Int($0) } ?? 0 > 0)
      #expect(!responder.handledMethods.contains { $0.hasSuffix("/Fail") })
      #expect(try await test.clients[Role.agent].isHealthy(), "health is answered by a busy server")
      for held in held { held.release.open() }
      _ = try await (first, second)
      _ = try await test.agent.echo(echo([1]))
    }
  }

  @Test(arguments: TestTransport.allCases)
  func aHundredWaitingCallsStarveNobody(_ transport: TestTransport) async throws {
    try await withConformance(transport) { test, responder in
      try await withThrowingTaskGroup(of: Void.self) { group in
        for number in 0..<100 {
          group.addTask {
            _ = try await test.agent.watch(watch("w\(number)"), CallOptions(timeout: .seconds(60)))
          }
        }
        for number in 0..<100 { try await responder.held("w\(number)").entered.wait() }
        #expect(try await test.boss.echo(echo([1])).data == [1])
        for number in 0..<100 { responder.held("w\(number)").release.open() }
        try await group.waitForAll()
      }
    }
  }

  @Test(arguments: TestTransport.allCases)
  func aDrainLetsRunningCallsEndAndRefusesNewOnes(_ transport: TestTransport) async throws {
    try await withConformance(transport) { test, responder in
      let held = responder.held("x")
      let running = Task { try await test.agent.hold(hold("x")) }
      try await held.entered.wait()
      // An idempotent call that only waits is ended early: it may be repeated.
      let waiting = Task { () -> RPCError? in
        await failure { () async throws(RPCError) in
          try await test.boss.watch(watch("w"), CallOptions(timeout: .seconds(3)))
        }
      }
      try await responder.held("w").entered.wait()
      test.server.beginGracefulShutdown()
      let refused = await failure { () async throws(RPCError) in try await test.agent.fail(fail(.aborted)) }
      #expect(refused?.code == .unavailable)
      #expect(refused?.reason == "DRAINING")
      #expect(try await !test.clients[Role.agent].isHealthy())
      try await responder.held("w").cancelled.wait()
      #expect(!held.cancelled.isOpen)
      held.release.open()
      _ = try await running.value
      #expect(await waiting.value?.code == .unavailable)
    }
  }

  @Test func aDrainEndsWhatDoesNotEndWithinTheGrace() async throws {
    let configuration = RPCServer.Configuration(name: "test", grace: .milliseconds(100))
    try await withConformance(.nngInproc, configuration: configuration) { test, responder in
      let held = responder.held("x")
      let call = Task { await failure { () async throws(RPCError) in try await test.agent.hold(hold("x")) } }
      try await held.entered.wait()
      test.server.beginGracefulShutdown()
      try await held.cancelled.wait()
      #expect(await call.value?.code == .unavailable)
    }
  }
}

extension LimitTests {
  @Test(arguments: TestTransport.allCases)
  func oneCallerCannotTakeEverybodysPlaces(_ transport: TestTransport) async throws {
    let configuration = RPCServer.Configuration(name: "test", maximumCalls: 16, maximumCallsPerCaller: 1)
    try await withConformance(transport, configuration: configuration) { test, responder in
      let held = responder.held("a")
      async let first = test.agent.hold(hold("a"))
      try await held.entered.wait()
      let error = await failure { () async throws(RPCError) in try await test.agent.fail(fail(.aborted)) }
      #expect(error?.reason == "CALLER_LIMIT")
      #expect(error?.metadata[RPCLimits.pushbackKey] != nil)
      #expect(try await test.boss.echo(echo([1])).data == [1], "others are not held up")
      held.release.open()
      _ = try await first
      _ = try await test.agent.echo(echo([1]))
    }
  }

  @Test func anAllowanceFillsWithTime() {
    let limits = RPCServer.Configuration(name: "test", maximumCallsPerCaller: 100, callsPerSecondPerCaller: 5)
    var allowance = CallerAllowance()
    let start = ContinuousClock.now
    for _ in 0..<10 { #expect(allowance.admit(limits, now: start) == nil) }
    let wait = allowance.admit(limits, now: start)
    #expect(wait.map { $0 > .milliseconds(150) && $0 <= .milliseconds(200) } == true)
    #expect(allowance.admit(limits, now: start + .milliseconds(250)) == nil)
    #expect(allowance.admit(limits, now: start + .milliseconds(260)) != nil)
  }

  @Test(arguments: TestTransport.allCases)
  func callsThatOnlyWaitTakeNobodysPlace(_ transport: TestTransport) async throws {
    let configuration = RPCServer.Configuration(name: "test", maximumCalls: 2)
    try await withConformance(transport, configuration: configuration) { test, responder in
      try await withThrowingTaskGroup(of: Void.self) { group in
        let options = CallOptions(timeout: .seconds(60))
        // More than the contexts that a socket begins with.
        for number in 0..<600 {
          group.addTask { _ = try await test.boss.watch(watch("w\(number)"), options) }
          // One after another: each needs one of the two places until it waits.
          try await responder.held("w\(number)").entered.wait()
        }
        #expect(try await test.agent.echo(echo([1])).data == [1])
        // They go on with no more than two at a time, and all of them do.
        let held = [responder.held("a"), responder.held("b")]
        group.addTask { _ = try await test.agent.hold(hold("a"), options) }
        try await held[0].entered.wait()
        for number in 0..<600 { responder.held("w\(number)").release.open() }
        held[0].release.open()
        try await group.waitForAll()
      }
      #expect(try await test.agent.echo(echo([1])).data == [1])
    }
  }

  @Test func onlySoManyCallsMayWait() async throws {
    let configuration = RPCServer.Configuration(name: "test", maximumWaiting: 3, maximumWaitingPerCaller: 2)
    try await withConformance(.nngInproc, configuration: configuration) { test, responder in
      try await withThrowingTaskGroup(of: Void.self) { group in
        for name in ["a", "b"] {
          group.addTask { _ = try await test.agent.watch(watch(name), CallOptions(timeout: .seconds(60))) }
        }
        for name in ["a", "b"] { try await responder.held(name).entered.wait() }
        let own = await failure { () async throws(RPCError) in
          try await test.agent.watch(watch("c"), CallOptions(timeout: .seconds(3)))
        }
        #expect(own?.reason == "CALLER_LIMIT")
        #expect(own?.message.contains("wait here") == true)
        #expect(own?.metadata[RPCLimits.pushbackKey] != nil)
        group.addTask { _ = try await test.boss.watch(watch("d"), CallOptions(timeout: .seconds(60))) }
        try await responder.held("d").entered.wait()
        let all = await failure { () async throws(RPCError) in
          try await test.boss.watch(watch("e"), CallOptions(timeout: .seconds(3)))
        }
        #expect(all?.reason == "TOO_MANY_WAITING")
        #expect(all?.message.contains("--max-waiting") == true)
        #expect(try await test.agent.echo(echo([1])).data == [1], "who does not wait is answered")
        for name in ["a", "b", "d"] { responder.held(name).release.open() }
        try await group.waitForAll()
      }
    }
  }

  /// Its time is up while it waits for a place: it ends, and keeps none.
  @Test func aCallThatEndsOnItsWayBackKeepsNoPlace() async throws {
    let configuration = RPCServer.Configuration(name: "test", maximumCalls: 1)
    try await withConformance(.nngInproc, configuration: configuration) { test, responder in
      let waiting = Task { () -> RPCError? in
        await failure { () async throws(RPCError) in
          try await test.boss.watch(watch("w"), CallOptions(timeout: .milliseconds(600)))
        }
      }
      try await responder.held("w").entered.wait()
      let held = responder.held("h")
      async let running = test.agent.hold(hold("h"))
      try await held.entered.wait()
      responder.held("w").release.open()
      #expect(await waiting.value?.code == .deadlineExceeded)
      held.release.open()
      _ = try await running
      #expect(try await test.boss.echo(echo([1])).data == [1])
    }
  }
}
