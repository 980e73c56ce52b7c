import AssayIdentity
import Testing

@testable import AssayRPC

@Suite("Places of calls")
struct CallPlacesTests {
  private let a = IdentityKey().publicIdentity
  private let b = IdentityKey().publicIdentity

  /// So that expectations may change it.
  private final class Places {
    private var places: CallPlaces

    init(_ configuration: RPCServer.Configuration) { places = CallPlaces(configuration) }

    var working: Int { places.working }
    var waiting: Int { places.waiting }
    func enter(_ caller: PublicIdentity) throws -> UInt64 { try places.enter(caller, now: .now) }
    func wait(_ number: UInt64) throws -> [UInt64]? { try places.wait(number) }
    func goOn(_ number: UInt64) -> Bool { places.goOn(number) }
    func leave(_ number: UInt64) -> [UInt64] { places.leave(number) }
  }

  private func places(
    calls: Int, perCaller: Int = 100, waiting: Int = 100, waitingPerCaller: Int = 100
  ) -> Places {
    Places(
      .init(
        name: "test", maximumCalls: calls, maximumCallsPerCaller: perCaller, maximumWaiting: waiting,
        maximumWaitingPerCaller: waitingPerCaller))
  }

  @Test func aCallThatWaitsLeavesItsPlaceToAnother() throws {
    let places = places(calls: 1)
    let first = try places.enter(a)
    #expect(throws: RPCError.self) { try places.enter(b) }
    #expect(try places.wait(first) == [])
    #expect(try places.wait(first) == nil, "it has none to give up any more")
    let second = try places.enter(b)
    #expect((places.working, places.waiting) == (1, 1))
    #expect(!places.goOn(first))
    #expect(throws: RPCError.self, "those who come back go first") { try places.enter(b) }
    #expect(places.leave(second) == [first])
    #expect((places.working, places.waiting) == (1, 0))
    #expect(places.leave(first) == [])
    #expect((places.working, places.waiting) == (0, 0))
  }

  @Test func theyComeBackInTurn() throws {
    let places = places(calls: 1, waiting: 200, waitingPerCaller: 200)
    let numbers = try (0..<200).map { _ in
      let number = try places.enter(a)
      _ = try places.wait(number)
      return number
    }
    let holder = try places.enter(b)
    for number in numbers { #expect(!places.goOn(number)) }
    // One of them does not live to see it.
    #expect(places.leave(numbers[1]) == [])
    var order = places.leave(holder)
    while let last = order.last {
      let next = places.leave(last)
      if next.isEmpty { break }
      order += next
    }
    #expect(order == [numbers[0]] + numbers[2...])
    #expect((places.working, places.waiting) == (0, 0))
  }

  @Test func whoHasAllItMayHaveHoldsNobodyUp() throws {
    let places = places(calls: 3, perCaller: 1)
    let first = try places.enter(a)
    _ = try places.wait(first)
    let second = try places.enter(a)
    _ = try places.wait(second)
    #expect(places.goOn(first))
    #expect(!places.goOn(second), "the caller has its one place")
    let other = try places.enter(b)
    _ = try places.wait(other)
    #expect(places.goOn(other))
    #expect(places.leave(first) == [second])
  }

  @Test func waitingHasLimitsOfItsOwn() throws {
    let places = places(calls: 10, waiting: 3, waitingPerCaller: 2)
    let own = try (0..<3).map { _ in try places.enter(a) }
    _ = try places.wait(own[0])
    _ = try places.wait(own[1])
    #expect(throws: RPCError.self) { try places.wait(own[2]) }
    #expect(places.working == 1, "it keeps its place")
    let others = try (0..<2).map { _ in try places.enter(b) }
    _ = try places.wait(others[0])
    #expect(throws: RPCError.self) { try places.wait(others[1]) }
    #expect(places.goOn(own[0]))
    #expect(try places.wait(others[1]) == [])
  }

  @Test func thoseWhoAreRefusedComeBackOneAfterAnother() throws {
    var places = CallPlaces(.init(name: "test", maximumCalls: 10))
    let start = ContinuousClock.now
    for _ in 0..<10 { _ = try places.enter(a, now: start) }
    func pushback(_ now: ContinuousClock.Instant) throws -> Int {
      do throws(RPCError) { _ = try places.enter(b, now: now) } catch {
        return try #require(error.metadata[RPCLimits.pushbackKey].flatMap { Int($0) })
      }
      return 0
    }
    let waits = try (0..<100).map { _ in try pushback(start) }
    #expect(waits.first == 200)
    #expect(waits == waits.sorted())
    #expect((2100...2200).contains(waits[99]), "100 in the time that 10 places serve 100")
    for _ in 0..<1000 { #expect(try pushback(start) <= 10_000) }
    #expect(try pushback(start + .seconds(20)) == 200)
  }
}
