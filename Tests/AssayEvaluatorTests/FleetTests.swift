import AssayMessages
import AssayRPC
import AssayServices
import AssayStore
import Foundation
import GRDB
import Testing

@testable import AssayEvaluator

@Suite("The fleet of runners")
struct FleetTests {
  let folder = FileManager.default.temporaryDirectory.appending(path: "assay-fleet-\(UUID().uuidString)").path

  private func withStore(_ body: @escaping @Sendable (Database, JobQueue, RunnerRoster) throws -> Void)
    async throws
  {
    let store = try Store.open(at: folder + "/q.sqlite", migrations: Schema.migrations)
    defer { try? FileManager.default.removeItem(atPath: folder) }
    try await store.write { try body($0, JobQueue(), RunnerRoster()) }
    await store.close()
  }

  private static func insert(
    _ queue: JobQueue, _ database: Database, _ id: String, run: String = "r", trial: UInt32 = 1,
    purpose: MeasurementID.Purpose = .trial, specialist: String = "a", needs: JobNeeds = JobNeeds()
  ) throws {
    var spec = RunnerV1.Job()
    spec.jobId = id
    spec.phase = "train"
    try queue.insert(
      database, id: id, measurement: MeasurementID(run: run, trial: trial, purpose: purpose),
      specialist: specialist, key: .train(seed: 0), spec: spec, needs: needs)
  }

  private static func offer(_ labels: String..., memory: UInt64 = 0) -> RunnerOffer {
    var offer = RunnerOffer()
    offer.labels = labels.sorted()
    offer.memoryBytes = memory
    return offer
  }

  private static func ended(_ job: RunnerV1.Job, _ outcome: RunnerV1.JobOutcome)
    -> RunnerV1.CompleteJobRequest
  {
    var request = RunnerV1.CompleteJobRequest()
    request.jobId = job.jobId
    request.fencingToken = job.fencingToken
    request.outcome = outcome
    request.infrastructureReason = outcome == .infrastructure ? "no disk" : ""
    return request
  }

  @Test("a job goes only to a host that has what it asks for, past any number of jobs that others wait for")
  func needs() async throws {
    try await withStore { database, queue, _ in
      for number in 0..<600 {
        try Self.insert(queue, database, "gpu-\(number)", needs: JobNeeds(labels: ["gpu=h100"]))
      }
      try Self.insert(queue, database, "big", needs: JobNeeds(memoryBytes: 64 << 30))
      try Self.insert(queue, database, "plain")
      #expect(
        try queue.lease(database, holder: "r#c/0", offer: Self.offer(memory: 1 << 30), now: 0)?.jobId
          == "plain")
      #expect(try queue.lease(database, holder: "r#c/1", offer: Self.offer(memory: 1 << 30), now: 0) == nil)
      #expect(
        try queue.lease(database, holder: "r#b/0", offer: Self.offer("gpu=a100", memory: 64 << 30), now: 0)?
          .jobId == "big")
      #expect(
        try queue.lease(database, holder: "r#g/0", offer: Self.offer("gpu=h100", "host=g"), now: 0)?.jobId
          == "gpu-0")
    }
  }

  @Test("confirmations come first, then the run of higher priority, then runs and specialists in turn")
  func order() async throws {
    try await withStore { database, queue, _ in
      for number in 0..<3 {
        try Self.insert(queue, database, "one-a\(number)", run: "one", specialist: "a")
      }
      try Self.insert(queue, database, "one-b", run: "one", specialist: "b")
      for number in 0..<2 {
        try Self.insert(queue, database, "two-a\(number)", run: "two", specialist: "a")
      }
      try Self.insert(queue, database, "two-confirm", run: "two", purpose: .confirm, specialist: "")
      let order = try (0..<7).map {
        try queue.lease(database, holder: "r#h/\($0)", now: 0)?.jobId ?? ""
      }
      #expect(order == ["two-confirm", "one-a0", "two-a0", "one-b", "two-a1", "one-a1", "one-a2"])
    }
  }

  @Test("a host whose jobs others finish is put in quarantine, one whose jobs fail everywhere is not")
  func quarantine() async throws {
    try await withStore { database, queue, roster in
      let bad = RunnerHostID(holder: "runner/x#bad/0")
      let good = RunnerHostID(holder: "runner/x#good/0")
      for host in [bad, good] {
        try roster.register(database, host, RunnerOffer(), isolation: "", now: 0)
      }
      var now: Int64 = 0
      // Fails on every host: nobody's own fault.
      try Self.insert(queue, database, "cursed")
      for holder in ["runner/x#bad/0", "runner/x#good/0", "runner/x#bad/0"] {
        let job = try #require(try queue.lease(database, holder: holder, now: now))
        _ = try queue.complete(database, Self.ended(job, .infrastructure), holder: holder, now: now)
        now += 60_000
      }
      try database.execute(sql: "UPDATE jobs SET state = 'cancelled'")
      for number in 1...2 {
        #expect(try roster.state(database, bad) == .active)
        try Self.insert(queue, database, "job-\(number)")
        let first = try #require(try queue.lease(database, holder: "runner/x#bad/0", now: now))
        _ = try queue.complete(
          database, Self.ended(first, .infrastructure), holder: "runner/x#bad/0", now: now)
        now += 60_000
        let again = try #require(try queue.lease(database, holder: "runner/x#good/0", now: now))
        #expect(again.jobId == first.jobId)
        _ = try queue.complete(database, Self.ended(again, .exited), holder: "runner/x#good/0", now: now)
        let quarantined = try roster.ended(database, job: again.jobId, on: good, now: now)
        #expect(quarantined.map(\.host) == (number == 2 ? [bad] : []))
      }
      #expect(try roster.state(database, bad) == .quarantined)
      #expect(try roster.state(database, good) == .active)
      // Given back by an operator, it starts afresh.
      #expect(try roster.set(database, bad, .active, reason: "new disk", now: now))
      #expect(
        try Int.fetchOne(
          database, sql: "SELECT COUNT(*) FROM host_failures WHERE host = ?", arguments: [bad.description])
          == 0)
    }
  }

  @Test("a job that is handed back is no failure of anybody's")
  func handedBack() async throws {
    try await withStore { database, queue, roster in
      try Self.insert(queue, database, "job")
      for _ in 0..<(queue.attempts + 3) {
        let job = try #require(try queue.lease(database, holder: "r#h/0", now: 0))
        var request = Self.ended(job, .infrastructure)
        request.handedBack = true
        guard case .again = try queue.complete(database, request, holder: "r#h/0", now: 0) else {
          Issue.record("not queued again")
          return
        }
      }
      #expect(try Int.fetchOne(database, sql: "SELECT failures FROM jobs") == 0)
      #expect(try Int.fetchOne(database, sql: "SELECT COUNT(*) FROM host_failures") == 0)
    }
  }

  @Test("an operator cordons, drains and gives back a host; the run goes on elsewhere")
  func control() async throws {
    try await EvaluatorHarness.with(try Bench()) { harness in
      try await harness.open()
      let fleet = FleetServiceClient(harness.server.clients["operator"])
      func set(_ host: String, _ state: RunnerV1.RunnerState) async throws -> RunnerV1.RunnerHost? {
        var request = RunnerV1.ControlRunnerRequest()
        request.host = host
        request.state = state
        request.reason = "new disk"
        return try await fleet.controlRunner(request, CallOptions(timeout: .seconds(10))).host
      }
      let one = harness.runner("one/0")
      let job = try #require(try await one.lease())
      let listed = try await fleet.listRunners(.init(), CallOptions(timeout: .seconds(10)))
      #expect(listed.hosts.map(\.name) == ["one"])
      #expect(listed.hosts.first?.slots.first?.jobId == job.jobId)

      // Cordoned: what it runs may end, but it gets nothing new, while another host does.
      #expect(try await set("one", .cordoned)?.state == .cordoned)
      var beat = RunnerV1.HeartbeatRequest()
      beat.jobId = job.jobId
      beat.fencingToken = job.fencingToken
      beat.runner = "one/0"
      #expect(try await !one.client.heartbeat(beat).cancel)
      #expect(try await harness.runner("one/1").lease(wait: 200) == nil)
      #expect(try await harness.otherRunner("two/0").lease() != nil)

      // Drained: its job goes to another host, and it is told so.
      #expect(try await set("one", .drained)?.reason == "new disk")
      #expect(try await one.client.heartbeat(beat).cancel)
      var taken: [String] = []
      while let next = try await harness.otherRunner("two/\(taken.count + 1)").lease(wait: 200) {
        taken.append(next.jobId)
      }
      #expect(taken.contains(job.jobId))

      // Whoever waits while it is given back is served at once.
      async let waiting = harness.runner("one/0").lease(wait: 25_000)
      try await harness.otherRunner("two/1").complete(
        try #require(try await harness.otherRunner("two/1").lease()),
        .init(outcome: .infrastructure, output: nil, reason: "no disk"))
      #expect(try await set("one", .active)?.state == .active)
      #expect(try await waiting != nil)

      #expect(try await refusal { _ = try await set("nobody", .cordoned) }.reason == "UNKNOWN_RUNNER")
      #expect(try await refusal { _ = try await set("one", .quarantined) }.reason == "INVALID_RUNNER_STATE")
      #expect(
        try await refusal {
          var request = RunnerV1.LeaseJobRequest()
          request.runner = "one/0"
          request.labels = ["gpu=h100; rm"]
          _ = try await one.client.leaseJob(request, CallOptions(timeout: .seconds(10)))
        }.reason == "INVALID_LABEL")
      // Agents learn nothing of runners, runners do not control each other.
      for name in ["agent/model", "runner/one"] {
        #expect(
          try await refusal {
            _ = try await FleetServiceClient(harness.server.clients[name]).listRunners(.init())
          }.code == .permissionDenied)
      }
    }
  }
}
