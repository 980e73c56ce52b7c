import AssayMessages
import AssayRPC
import Foundation
import Testing

@testable import AssayEvaluator

@Suite("Clocks that are set", .timeLimit(.minutes(2)))
struct ClockTests {
  private static let hour: Int64 = 3_600_000

  private func wall(_ milliseconds: UInt64) -> EvaluatorV1.RunBounds {
    var bounds = EvaluatorV1.RunBounds()
    bounds.wallMs = milliseconds
    return bounds
  }

  @Test(
    "a lease lasts as long as it is renewed and ends when it is not, whatever becomes of the machine's clock")
  func leases() async throws {
    let clock = ManualClock(boot: "one")
    try await EvaluatorHarness.with(try Bench(), clock: clock.evaluator) { harness in
      try await harness.open()
      let slots = ["a", "b", "c"].map { harness.runner($0) }
      var leased: [RunnerV1.Job] = []
      for slot in slots { leased.append(try #require(try await slot.lease())) }
      for hours in [3, -9, 4] as [Int64] {
        clock.setWall(by: hours * Self.hour)
        clock.advance(10_000)
        for (slot, job) in zip(slots, leased) {
          var beat = RunnerV1.HeartbeatRequest()
          (beat.jobId, beat.fencingToken, beat.runner) = (job.jobId, job.fencingToken, slot.slot)
          #expect(try await !slot.client.heartbeat(beat).cancel)
        }
      }
      clock.setWall(by: -5 * Self.hour)
      async let waiting = harness.otherRunner().lease(wait: 25_000)
      clock.advance(16_000)
      #expect(try await waiting != nil, "the job of a lost runner is leased to nobody")
    }
  }

  @Test("the time of a run is what passed: over restarts, and while the clock is set forward and back")
  func deadlines() async throws {
    let clock = ManualClock(boot: "one")
    let bench = try Bench()
    try await EvaluatorHarness.with(bench, clock: clock.evaluator, script: ScriptedRunner.honest) { harness in
      try await harness.openAccepting(bounds: wall(60_000))
      let due = try await harness.state().deadlineMs
      clock.setWall(by: 3 * Self.hour)
      _ = try await harness.submit(try Bench.edit(width: "2"))
      let state = try await harness.state()
      #expect(state.phase == .accepting && state.stop.isEmpty)
      #expect(state.deadlineMs == due + 3 * Self.hour, "whoever reads it has the machine's clock")
    }
    for hours in [0, 2, -4] as [Int64] {
      clock.setWall(by: hours * Self.hour)
      clock.advance(10_000)
      try await EvaluatorHarness.with(bench, clock: clock.evaluator, script: ScriptedRunner.honest) {
        harness in
        let state = try await harness.state()
        #expect(state.phase == .accepting && state.stop.isEmpty, "set by \(hours) hours")
      }
    }
    try await EvaluatorHarness.with(bench, clock: clock.evaluator, script: ScriptedRunner.honest) { harness in
      clock.advance(31_000)
      let ended = try await harness.state { $0.phase != .accepting }
      #expect(ended.stop == "deadline")
    }
  }

  @Test("the next evaluator goes on no earlier than the one before")
  func beginnings() {
    let known = ClockRow(boot: "one", uptime: 1_000_000, now: 50_000_000)
    func beginning(_ row: ClockRow?, latest: Int64 = 0, wall: Int64) -> ClockRow.Beginning {
      let machine = ManualClock(boot: "one")
      machine.advance(5000)
      machine.setWall(by: wall - 1_005_000)
      return ClockRow.beginning(after: row, latest: latest, machine.evaluator)
    }
    #expect(beginning(nil, wall: 7) == .init(now: 7))
    #expect(beginning(nil, latest: 9, wall: 7) == .init(now: 9))
    // Five seconds have passed.
    #expect(beginning(known, wall: 50_005_000) == .init(now: 50_005_000))
    #expect(beginning(known, wall: 50_005_400) == .init(now: 50_005_400), "a clock drifts")
    #expect(beginning(known, wall: 3) == .init(now: 50_005_000), "no time is taken back")
    #expect(beginning(known, wall: 60_005_000) == .init(now: 60_005_000, moved: 10_000_000))
    // After a restart of the machine nobody knows how long it was away.
    var other = known
    other.boot = "two"
    #expect(beginning(other, wall: 60_005_000) == .init(now: 60_005_000))
    #expect(beginning(other, latest: 51_000_000, wall: 3) == .init(now: 51_000_000))
  }
}
