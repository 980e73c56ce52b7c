import AssayMessages
import AssayRPC
import AssayRPCTesting
import AssayServices
import Foundation
import Synchronization
import Testing

@testable import AssayEvaluator

@Suite("What runners may and may not do", .timeLimit(.minutes(2)))
struct JobServiceTests {
  @Test("jobs say all and no more than the phase needs; other runners, tokens and digests get nothing")
  func forgery() async throws {
    try await EvaluatorHarness.with(try Bench()) { harness in
      try await harness.open()
      let runner = harness.runner()
      let job = try #require(try await runner.lease())
      #expect(job.phase == "train")
      #expect(
        job.files.map(\.path).sorted() == ["/harness/predict.py", "/harness/train.py", "/recipe/recipe.py"])
      #expect(job.mounts.map(\.path) == ["/data"])
      #expect(job.budget?.cpuMs == 10_000)
      #expect(try await runner.recipe(of: job) == Bench.recipe)

      let thief = harness.otherRunner()
      let artifact = Array("artifact".utf8)
      let recipe = try #require(job.files.first { $0.path == "/recipe/recipe.py" }).digest
      #expect(try await refusal { _ = try await thief.read(job, recipe) }.reason == "LEASE_LOST")
      #expect(try await refusal { _ = try await thief.put(job, artifact) }.reason == "LEASE_LOST")
      #expect(try await refusal { try await thief.complete(job, .init(output: nil)) }.reason == "LEASE_LOST")
      var old = job
      old.fencingToken = 0
      #expect(try await refusal { _ = try await runner.read(old, recipe) }.reason == "LEASE_LOST")
      #expect(
        try await refusal { _ = try await runner.read(job, ScriptedRunner.digest([1])) }.reason
          == "NOT_AN_INPUT")
      #expect(
        try await refusal { _ = try await runner.put(job, artifact, digest: ScriptedRunner.digest([1])) }
          .reason == "BLOB_REFUSED")
      #expect(
        try await refusal { _ = try await runner.put(job, [UInt8](repeating: 0, count: 1001)) }.reason
          == "OUTPUT_TOO_LARGE")
      // An output that nobody uploaded, and one of another size than uploaded.
      var claimed = runner.completion(job, .init(output: artifact))
      #expect(
        try await refusal { _ = try await runner.client.completeJob(claimed) }.reason == "OUTPUT_NOT_UPLOADED"
      )
      _ = try await runner.put(job, artifact)
      claimed.outputs[0].size = 1
      #expect(
        try await refusal { _ = try await runner.client.completeJob(claimed) }.reason == "OUTPUT_NOT_UPLOADED"
      )

      // The honest end, twice, then a different one.
      let honest = runner.completion(job, .init(output: artifact))
      _ = try await runner.client.completeJob(honest)
      _ = try await runner.client.completeJob(honest)
      var other = honest
      other.cpuNs = 1
      #expect(
        try await refusal { _ = try await runner.client.completeJob(other) }.reason == "JOB_ALREADY_COMPLETED"
      )
    }
  }

  @Test("prediction gets artifact and inputs, never the training data, and each group a job of its own")
  func predictJobs() async throws {
    let seen = Mutex<[RunnerV1.Job]>([])
    try await EvaluatorHarness.with(
      try Bench(),
      script: { job, recipe in
        seen.withLock { $0.append(job) }
        return ScriptedRunner.honest(job, recipe)
      }
    ) { harness in
      try await harness.openAccepting()
      let predictions = seen.withLock { $0.filter { $0.phase == "predict" } }
      #expect(predictions.count == 6)
      #expect(Set(predictions.map(\.jobId)).count == 6)
      for job in predictions {
        #expect(job.mounts.isEmpty)
        #expect(job.files.filter { $0.path.hasPrefix("/inputs") }.map(\.path) == ["/inputs/inputs.bin"])
        #expect(job.files.filter { $0.path.hasPrefix("/artifact") }.map(\.path) == ["/artifact/artifact.bin"])
      }
      let seeds = seen.withLock {
        $0.filter { $0.phase == "train" }.compactMap { $0.command.drop { $0 != "--seed" }.dropFirst().first }
      }
      #expect(Set(seeds).count == 3)
      for job in predictions { for seed in seeds { #expect(!job.command.contains(seed)) } }
    }
  }

  @Test(
    "the job of a lost runner goes to another one when its lease ends, and the late answer counts for nothing"
  )
  func lostRunner() async throws {
    let clock = ManualClock()
    try await EvaluatorHarness.with(try Bench(), clock: clock.evaluator) { harness in
      try await harness.open()
      let slots = ["a", "b", "c"].map { harness.runner($0) }
      var leased: [RunnerV1.Job] = []
      for slot in slots { leased.append(try #require(try await slot.lease())) }
      async let waiting = harness.otherRunner().lease(wait: 25_000)
      clock.advance(20_000)
      let taken = try #require(try await waiting)
      let lost = try #require(leased.first { $0.jobId == taken.jobId })
      #expect(taken.fencingToken > lost.fencingToken)
      let index = try #require(leased.firstIndex { $0.jobId == lost.jobId })
      #expect(
        try await refusal { try await slots[index].complete(lost, .init(output: nil, outputState: .missing)) }
          .reason == "LEASE_LOST")
      var beat = RunnerV1.HeartbeatRequest()
      beat.jobId = lost.jobId
      beat.fencingToken = lost.fencingToken
      beat.runner = slots[index].slot
      #expect(try await slots[index].client.heartbeat(beat).cancel)
    }
  }

  @Test("a job that failed on one runner goes to whoever waits as soon as its pause is over")
  func pause() async throws {
    let clock = ManualClock()
    try await EvaluatorHarness.with(try Bench(), clock: clock.evaluator) { harness in
      try await harness.open()
      let slots = ["a", "b", "c"].map { harness.runner($0) }
      var leased: [RunnerV1.Job] = []
      for slot in slots { leased.append(try #require(try await slot.lease())) }
      async let waiting = harness.otherRunner().lease(wait: 25_000)
      try await slots[0].complete(leased[0], .init(outcome: .infrastructure, output: nil, reason: "no disk"))
      clock.advance(600)
      #expect(try await waiting?.jobId == leased[0].jobId)
    }
  }

  @Test("whoever waits for a GPU gets it when the lease of a job ends that nobody wants any more")
  func cancelledGPU() async throws {
    let clock = ManualClock()
    try await EvaluatorHarness.with(try Bench(gpus: 1), clock: clock.evaluator) { harness in
      try await harness.open()
      var gpu = RunnerV1.GPU()
      gpu.uuid = "GPU-a"
      gpu.computeCapability = "9.0"
      let gpus = [gpu]
      let first = try #require(try await harness.runner("a/0").lease(gpus: gpus))
      #expect(first.gpus?.count == 1)
      let fleet = FleetServiceClient(harness.server.clients["operator"])
      let host = try #require(try await fleet.listRunners(.init()).hosts.first)
      #expect(host.gpus.map(\.uuid) == ["GPU-a"] && host.gpusHeld == 1)
      #expect(host.slots.map(\.gpus) == [1])
      #expect(try await harness.runner("a/1").lease(wait: 0, gpus: gpus) == nil)
      async let waiting = harness.runner("a/1").lease(wait: 25_000, gpus: gpus)
      // It has to wait before anything is cancelled, or nothing is shown.
      while harness.evaluator.waitingOffers.count == 0 { await Task.yield() }
      try await harness.evaluator.store.write { database in
        try database.execute(
          sql: "UPDATE jobs SET state = 'cancelled' WHERE job_id = ?", arguments: [first.jobId])
      }
      harness.evaluator.announce()
      // It came on the turn of a job and could not start it.
      let kept = try #require(try await fleet.listRunners(.init()).hosts.first)
      #expect(kept.gpusHeld == 1 && kept.keptFor?.count == 1)
      clock.advance(harness.evaluator.queue.leaseMilliseconds)
      let second = try #require(try await waiting)
      #expect(second.jobId != first.jobId)
    }
  }

  @Test("a failed seed cancels its siblings: their runners learn it at the next heartbeat")
  func cancellation() async throws {
    try await EvaluatorHarness.with(try Bench()) { harness in
      try await harness.open()
      let first = try #require(try await harness.runner("a").lease())
      let second = try #require(try await harness.otherRunner("b").lease())
      var beat = RunnerV1.HeartbeatRequest()
      beat.jobId = second.jobId
      beat.fencingToken = second.fencingToken
      beat.runner = "b"
      #expect(try await !harness.otherRunner("b").client.heartbeat(beat).cancel)
      try await harness.runner("a").complete(first, .init(exitCode: 1, output: nil, outputState: .missing))
      #expect(try await harness.otherRunner("b").client.heartbeat(beat).cancel)
      let state = try await harness.state { $0.phase == .failed }
      #expect(state.queuedJobs == 0)
    }
  }

  private final class Order: Sendable {
    private let served = Mutex<[Int]>([])
    var numbers: [Int] { served.withLock { $0 } }
    func append(_ number: Int) { served.withLock { $0.append(number) } }
  }

  @Test("waiting runners are served in the order in which they came")
  func order() async throws {
    let line = WaitingLine()
    let served = Order()
    let gate = Latch()
    let entered = Latch()
    try await withThrowingTaskGroup(of: Void.self) { group in
      group.addTask {
        try await line.atHead {
          entered.open()
          try await gate.wait()
        }
      }
      try await entered.wait()
      for number in 1...3 {
        group.addTask { try await line.atHead { served.append(number) } }
        while line.count < number { await Task.yield() }
      }
      gate.open()
      try await group.waitForAll()
    }
    #expect(served.numbers == [1, 2, 3])
  }
}
