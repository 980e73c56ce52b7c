import AssayIdentity
import AssayRPCTesting
import AssayServices
import Testing

@testable import AssayRPC

@Suite struct LoadBalancerTests {
  let now = ContinuousClock.now

  @Test func fewestRunningThenInTurn() {
    var balancer = LoadBalancer(count: 3)
    let first = (0..<3).map { _ in balancer.begin(now: now) }
    #expect(Set(first) == [0, 1, 2])
    balancer.end(first[1], isDown: false, now: now)
    #expect(balancer.begin(now: now) == first[1])
    // Nothing runs: in turn.
    var idle = LoadBalancer(count: 3)
    var seen: [Int] = []
    for _ in 0..<6 {
      let place = idle.begin(now: now)
      idle.end(place, isDown: false, now: now)
      seen.append(place)
    }
    #expect(seen == [0, 1, 2, 0, 1, 2])
  }

  @Test func whatFailsIsLeftAloneLongerEachTime() {
    var balancer = LoadBalancer(count: 2)
    #expect(balancer.begin(now: now) == 0)
    balancer.end(0, isDown: true, now: now)
    for _ in 0..<5 { #expect(balancer.begin(now: now) == 1) }
    #expect(balancer.begin(now: now + .milliseconds(500)) == 0, "its pause is over")
    balancer.end(0, isDown: true, now: now)
    #expect(balancer.begin(now: now + .milliseconds(999)) == 1)
    #expect(balancer.begin(now: now + .milliseconds(1000)) == 0)
    balancer.end(0, isDown: false, now: now)
    balancer.end(0, isDown: true, now: now)
    #expect(balancer.begin(now: now + .milliseconds(500)) == 0, "a success forgets the failures")
  }

  @Test func whereAllFailTheFirstToComeBackIsTried() {
    var balancer = LoadBalancer(count: 2)
    for place in [balancer.begin(now: now), balancer.begin(now: now)] {
      balancer.end(place, isDown: true, now: now + .milliseconds(place == 0 ? 100 : 0))
    }
    #expect(balancer.begin(now: now + .milliseconds(1)) == 1)
  }

  @Test(
    "two servers of one key share the calls, and one that goes away is not missed",
    arguments: TestTransport.allCases)
  func sharedCalls(_ transport: TestTransport) async throws {
    let identity = IdentityKey()
    let caller = IdentityKey()
    let responders = [ConformanceResponder(), ConformanceResponder()]
    @Sendable func serving(_ index: Int, _ body: @Sendable @escaping (TestServer) async throws -> Void)
      async throws
    {
      var router = RPCRouter()
      router.register(responders[index])
      try await withTestServer(
        router: router, identities: ["agent/a": .agent], transport: transport, identity: identity,
        keys: ["agent/a": caller]
      ) { try await body($0) }
    }
    try await serving(0) { first in
      let client = Locked<RPCClient?>(nil)
      try await serving(1) { second in
        let both = RPCClient(
          transports: [try first.wire.makeClient(), try second.wire.makeClient()],
          credentials: ClientCredentials(key: caller, server: identity.publicIdentity))
        client.set(both)
        for number in 0..<20 { _ = try await ConformanceServiceClient(both).echo(echo([UInt8(number)])) }
        #expect(responders.map(\.handledMethods.count) == [10, 10])
        #expect(both.connection == .ready)
      }
      // The second is gone.
      let both = try #require(client.value)
      for number in 0..<20 {
        let answer = try await ConformanceServiceClient(both).echo(
          echo([UInt8(number)]), CallOptions(timeout: .seconds(30)))
        #expect(answer.data == [UInt8(number)])
      }
      #expect(responders[0].handledMethods.count == 30)
      both.close()
    }
  }
}
