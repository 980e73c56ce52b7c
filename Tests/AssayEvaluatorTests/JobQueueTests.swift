import AssayMessages
import AssayRPC
import AssayStore
import Foundation
import GRDB
import Testing

@testable import AssayEvaluator

@Suite("The job queue")
struct JobQueueTests {
  let folder = FileManager.default.temporaryDirectory.appendingPathComponent(
    "assay-queue-\(UUID().uuidString)"
  ).path
  let queue = JobQueue()

  /// A queue with these jobs, as `specialist`s in order.
  func store(_ specialists: [String]) async throws -> Store {
    let store = try Store.open(at: folder + "/q.sqlite", migrations: Schema.migrations)
    try await store.write { [queue] database in
      for (index, specialist) in specialists.enumerated() {
        var spec = RunnerV1.Job()
        spec.jobId = "job-\(index)"
        spec.phase = "train"
        try queue.insert(
          database, id: spec.jobId,
          measurement: MeasurementID(run: "r", trial: UInt32(index), purpose: .trial),
          specialist: specialist, key: .train(seed: 0), spec: spec)
      }
    }
    return store
  }

  func completion(_ job: RunnerV1.Job, log: String = "") -> RunnerV1.CompleteJobRequest {
    var request = RunnerV1.CompleteJobRequest()
    request.jobId = job.jobId
    request.fencingToken = job.fencingToken
    request.outcome = .exited
    request.log = log
    return request
  }

  @Test("a lease ends by the clock, and the old token is worth nothing after")
  func fencing() async throws {
    let store = try await store(["a"])
    defer { try? FileManager.default.removeItem(atPath: folder) }
    try await store.write { [queue] database in
      let first = try #require(try queue.lease(database, holder: "one", now: 0))
      #expect(first.fencingToken == 1)
      #expect(try queue.lease(database, holder: "two", now: 1) == nil)
      #expect(try queue.heartbeat(database, id: first.jobId, token: 1, holder: "one", now: 10_000))
      #expect(try queue.nextDeadline(database, after: 10_000) == 25_000)
      #expect(try queue.requeueExpired(database, now: 24_999).isEmpty)
      #expect(try queue.lease(database, holder: "two", now: 24_999) == nil)
      #expect(try queue.requeueExpired(database, now: 25_000).isEmpty)
      let second = try #require(try queue.lease(database, holder: "two", now: 25_000))
      #expect(second.fencingToken == 2)
      #expect(try !queue.heartbeat(database, id: first.jobId, token: 1, holder: "one", now: 25_001))
      #expect(throws: RPCError.self) {
        try queue.complete(database, completion(first), holder: "one", now: 25_001)
      }
      // The right token from the wrong runner is no better.
      #expect(throws: RPCError.self) {
        try queue.complete(database, completion(second), holder: "one", now: 25_001)
      }
      #expect(throws: RPCError.self) { try queue.held(database, id: second.jobId, token: 2, holder: "one") }
      _ = try queue.held(database, id: second.jobId, token: 2, holder: "two")
      guard case .ended = try queue.complete(database, completion(second), holder: "two", now: 25_002) else {
        Issue.record("the holder could not complete")
        return
      }
      // The same again is fine, another answer is not.
      guard case .known = try queue.complete(database, completion(second), holder: "two", now: 25_003) else {
        Issue.record("a repeated completion was not recognised")
        return
      }
      #expect(throws: RPCError.self) {
        try queue.complete(database, completion(second, log: "other"), holder: "two", now: 25_004)
      }
    }
  }

  @Test("a slot that asks again gets its own job back, with a new token")
  func reclaim() async throws {
    let store = try await store(["a", "a"])
    defer { try? FileManager.default.removeItem(atPath: folder) }
    try await store.write { [queue] database in
      let first = try #require(try queue.lease(database, holder: "one", now: 0))
      let again = try #require(try queue.lease(database, holder: "one", now: 1, reclaimOnly: true))
      #expect(again.jobId == first.jobId)
      #expect(again.fencingToken == first.fencingToken + 1)
      #expect(try queue.lease(database, holder: "two", now: 1, reclaimOnly: true) == nil)
    }
  }

  @Test("specialists take turns, however much one of them submits")
  func fairness() async throws {
    let store = try await store(["busy", "busy", "busy", "busy", "quiet", "rare"])
    defer { try? FileManager.default.removeItem(atPath: folder) }
    let order = try await store.write { [queue] database in
      try (0..<6).map { try queue.lease(database, holder: "slot-\($0)", now: 0)?.jobId ?? "" }
    }
    #expect(order.prefix(3) == ["job-0", "job-4", "job-5"])
    #expect(Set(order).count == 6)
  }

  @Test("a failing runner is given five tries, with pauses, then the trial is abandoned")
  func infrastructure() async throws {
    let store = try await store(["a"])
    defer { try? FileManager.default.removeItem(atPath: folder) }
    try await store.write { [queue] database in
      var now: Int64 = 0
      for attempt in 1...queue.attempts {
        let job = try #require(try queue.lease(database, holder: "one", now: now))
        var request = completion(job)
        request.outcome = .infrastructure
        request.infrastructureReason = "no disk"
        let result = try queue.complete(database, request, holder: "one", now: now)
        if attempt == queue.attempts {
          guard case .abandoned(let abandoned) = result else {
            Issue.record("not abandoned: \(result)")
            return
          }
          #expect(abandoned.reason.contains("no disk"))
        } else {
          guard case .again = result else {
            Issue.record("not queued again: \(result)")
            return
          }
          guard case .known = try queue.complete(database, request, holder: "one", now: now) else {
            Issue.record("the same failure was counted twice")
            return
          }
          #expect(try queue.lease(database, holder: "one", now: now) == nil)
          now = try #require(try queue.nextDeadline(database, after: now))
        }
      }
      #expect(try queue.lease(database, holder: "one", now: now + 1_000_000) == nil)
    }
  }

  @Test("runners that die with the job count as tries too")
  func deaths() async throws {
    let store = try await store(["a"])
    defer { try? FileManager.default.removeItem(atPath: folder) }
    try await store.write { [queue] database in
      var now: Int64 = 0
      var abandoned: [JobQueue.Abandoned] = []
      for attempt in 1...queue.attempts {
        _ = try #require(try queue.lease(database, holder: "slot-\(attempt)", now: now))
        now += queue.leaseMilliseconds
        abandoned += try queue.requeueExpired(database, now: now)
      }
      #expect(abandoned.count == 1)
    }
  }
}
