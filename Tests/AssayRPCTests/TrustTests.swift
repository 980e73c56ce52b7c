import AssayIdentity
import AssayMessages
import AssayRPC
import AssayRPCTesting
import AssayServices
import Testing

@Suite("Changing trust", .timeLimit(.minutes(1)))
struct TrustTests {
  private func trust(_ test: TestServer, _ names: [String: [Role]]) throws -> TrustStore {
    try TrustStore(
      names.map { name, roles in
        TrustStore.Entry(name: name, roles: roles, identity: try #require(test.keys[name]).publicIdentity)
      })
  }

  @Test(arguments: TestTransport.allCases)
  func whoIsLeftOutIsCutOffAtOnce(_ transport: TestTransport) async throws {
    try await withConformance(transport) { test, responder in
      let held = responder.held("x")
      let running = Task {
        await failure { () async throws(RPCError) in
          try await test.agent.hold(hold("x"), CallOptions(timeout: .seconds(20)))
        }
      }
      try await held.entered.wait()
      test.server.replaceTrust(try trust(test, ["the operator": [.operator]]))
      #expect(await running.value?.code == .unauthenticated, "a call that runs is ended")
      try await held.cancelled.wait()
      let next = await failure { () async throws(RPCError) in try await test.agent.echo(echo([1])) }
      #expect(next?.code == .unauthenticated)
      #expect(next?.reason == "NOT_TRUSTED")
      #expect(try await test.boss.echo(echo([1])).data == [1], "others keep their sessions")
      test.server.replaceTrust(try trust(test, ["the operator": [.operator], "agent/a": [.agent]]))
      #expect(try await test.agent.echo(echo([2])).data == [2])
    }
  }

  @Test func changedRolesHoldFromTheNextCall() async throws {
    try await withConformance(.inProcess) { test, _ in
      let request = ConformanceV1.RestrictedRequest()
      _ = try await test.boss.restricted(request)
      test.server.replaceTrust(try trust(test, ["the operator": [.agent], "agent/a": [.agent]]))
      let error = await failure { () async throws(RPCError) in try await test.boss.restricted(request) }
      #expect(error?.code == .permissionDenied)
    }
  }
}
