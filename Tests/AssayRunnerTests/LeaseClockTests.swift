import Testing

@testable import AssayRunner

@Suite struct LeaseClockTests {
  let start = ContinuousClock.now
  func clock() -> LeaseClock {
    LeaseClock(leaseMilliseconds: 60_000, heartbeatMilliseconds: 10_000, granted: start)
  }

  @Test func renewsAtItsInterval() {
    #expect(clock().action(now: start) == .renew(at: start + .seconds(10)))
    var renewed = clock()
    renewed.succeeded(sent: start + .seconds(10), leaseMilliseconds: 0)
    #expect(renewed.action(now: start + .seconds(11)) == .renew(at: start + .seconds(20)))
  }

  @Test func stopsBeforeTheLeaseEnds() {
    #expect(clock().action(now: start + .seconds(40)) == .stop)
    #expect(clock().action(now: start + .seconds(39)) == .renew(at: start + .seconds(39)))
    // A renewal counts from when it was sent: the answer may have taken long.
    var renewed = clock()
    renewed.succeeded(sent: start + .seconds(5), leaseMilliseconds: 30_000)
    #expect(renewed.action(now: start + .seconds(25)) == .stop)
    #expect(renewed.action(now: start + .seconds(24)) != .stop)
  }

  @Test func triesMoreOftenAfterAFailure() {
    var failing = clock()
    failing.failed()
    #expect(failing.action(now: start + .seconds(10)) == .renew(at: start + .seconds(12.5)))
    for _ in 0..<100 { failing.failed() }
    // Never past the deadline, however often it failed.
    #expect(failing.action(now: start + .seconds(39.9)) == .renew(at: start + .seconds(40)))
    failing.succeeded(sent: start + .seconds(30), leaseMilliseconds: 0)
    #expect(failing.action(now: start + .seconds(31)) == .renew(at: start + .seconds(40)))
  }

  @Test func stopsWhenRefused() {
    var refused = clock()
    refused.refused()
    #expect(refused.action(now: start) == .stop)
    refused.succeeded(sent: start, leaseMilliseconds: 60_000)
    #expect(refused.action(now: start) == .stop, "a lease that is gone does not come back")
  }
}
