import AssayGPU
import AssayMessages
import AssayRPC
import AssayServices
import AssayStore
import Foundation
import GRDB
import Synchronization
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

  private static func gpus(_ prefix: String, _ count: Int, gib: UInt64 = 80) -> [RunnerV1.GPU] {
    (0..<count).map { number in
      var gpu = RunnerV1.GPU()
      gpu.uuid = "GPU-\(prefix)\(number)"
      gpu.model = "H100"
      gpu.memoryBytes = gib << 30
      gpu.computeCapability = "9.0"
      return gpu
    }
  }

  private static func offer(_ gpus: [RunnerV1.GPU]) throws -> RunnerOffer {
    var request = RunnerV1.LeaseJobRequest()
    request.gpus = gpus
    return try RunnerOffer(request)
  }

  @Test(
    "a host is given no more jobs than it has GPUs for, whatever its slots; what was cancelled counts until its lease ends"
  )
  func gpus() async throws {
    try await withStore { database, queue, _ in
      for number in 0..<4 {
        try Self.insert(
          queue, database, "two-\(number)", trial: UInt32(number),
          needs: JobNeeds(gpus: GPUNeed(count: 2, memoryBytes: 79 << 30, computeCapability: "9.0")))
      }
      let four = try Self.offer(Self.gpus("a", 4))
      #expect(try queue.lease(database, holder: "r#plain/0", now: 0) == nil, "no GPU, no such job")
      #expect(
        try queue.lease(database, holder: "r#small/0", offer: Self.offer(Self.gpus("s", 4, gib: 40)), now: 0)
          == nil)
      var broken = Self.gpus("b", 2)
      broken[1].outOfService = "Xid 79"
      #expect(try queue.lease(database, holder: "r#b/0", offer: Self.offer(broken), now: 0) == nil)
      #expect(try queue.lease(database, holder: "r#a/0", offer: four, now: 0)?.jobId == "two-0")
      #expect(try queue.lease(database, holder: "r#a/1", offer: four, now: 0)?.jobId == "two-1")
      #expect(try queue.lease(database, holder: "r#a/2", offer: four, now: 0) == nil, "all four are held")
      try Self.insert(queue, database, "plain")
      #expect(try queue.lease(database, holder: "r#a/2", offer: four, now: 0)?.jobId == "plain")
      #expect(
        try queue.lease(database, holder: "r#c/0", offer: Self.offer(Self.gpus("c", 2)), now: 0)?.jobId
          == "two-2",
        "another host's are its own")
      try queue.cancel(database, MeasurementID(run: "r", trial: 0, purpose: .trial))
      #expect(try queue.lease(database, holder: "r#a/3", offer: four, now: 1) == nil)
      let ended = queue.leaseMilliseconds
      let last = try #require(try queue.lease(database, holder: "r#a/3", offer: four, now: ended))
      #expect(last.jobId == "two-3")
      // Handed back and then cancelled, it holds nothing.
      var handedBack = Self.ended(last, .infrastructure)
      handedBack.handedBack = true
      _ = try queue.complete(database, handedBack, holder: "r#a/3", now: ended)
      try queue.cancel(database, MeasurementID(run: "r", trial: 3, purpose: .trial))
      try Self.insert(queue, database, "two-4", trial: 4, needs: JobNeeds(gpus: GPUNeed(count: 2)))
      #expect(try queue.lease(database, holder: "r#a/3", offer: four, now: ended)?.jobId == "two-4")
    }
  }

  private static func scheduled(_ name: String, perNode: UInt32, total: UInt32, reason: String = "")
    -> RunnerV1.GPU
  {
    var gpu = gpus("", 1)[0]
    gpu.uuid = name
    gpu.outOfService = reason
    gpu.scheduled = RunnerV1.ScheduledGPUs()
    gpu.scheduled?.perNode = perNode
    gpu.scheduled?.total = total
    return gpu
  }

  @Test(
    "a scheduler is given more jobs than it has GPUs for, since it has a queue of its own, and none that no node of its could run"
  )
  func scheduledGPUs() async throws {
    try await withStore { database, queue, roster in
      let host = RunnerHostID(holder: "r#s/0")
      for number in 0..<3 {
        try Self.insert(
          queue, database, "two-\(number)", trial: UInt32(number), needs: JobNeeds(gpus: GPUNeed(count: 2)))
      }
      try Self.insert(queue, database, "nine", trial: 9, needs: JobNeeds(gpus: GPUNeed(count: 9)))
      let offer = try Self.offer([Self.scheduled("gpu:h100", perNode: 2, total: 4)])
      try roster.register(database, host, offer, isolation: "", now: 0)
      for number in 0..<3 {
        #expect(
          try queue.lease(database, holder: "r#s/\(number)", offer: offer, now: 0)?.jobId == "two-\(number)")
      }
      #expect(try queue.lease(database, holder: "r#s/3", offer: offer, now: 0) == nil)
      #expect(try HostReservations.fetch(database).kept.isEmpty)
      let rows = try Row.fetchAll(database, sql: "SELECT * FROM runner_hosts")
      #expect(
        try Evaluator.unmet(database, offers: rows.compactMap(Evaluator.activeOffer)).map(\.gpus?.count) == [
          9
        ])
      #expect(
        rows.map(Evaluator.gpus).first?.map(\.wire) == [Self.scheduled("gpu:h100", perNode: 2, total: 4)])
      let states = try Evaluator.gpus(
        database, of: [host], held: queue.heldGPUs(database, now: 0))
      #expect(states.map(\.count) == [4, 0, 0], "six are asked of four")
      // Not seen yet, or not in order.
      let unseen = try Self.offer([Self.scheduled("gpu:h100", perNode: 16, total: 16, reason: "no driver")])
      #expect(try queue.lease(database, holder: "r#t/0", offer: unseen, now: 0) == nil)
      #expect(throws: RPCError.self) { try Self.offer([Self.scheduled("gpu", perNode: 0, total: 1)]) }
      #expect(throws: RPCError.self) { try Self.offer([Self.scheduled("gpu h100", perNode: 1, total: 1)]) }
    }
  }

  @Test("a restart of the evaluator forgets neither what jobs hold nor what hosts are kept for")
  func restart() async throws {
    let folder = folder
    defer { try? FileManager.default.removeItem(atPath: folder) }
    func open() throws -> Store { try Store.open(at: folder + "/q.sqlite", migrations: Schema.migrations) }
    let two = try Self.offer(Self.gpus("a", 2))
    let one = JobNeeds(gpus: GPUNeed(count: 1))
    let before = try open()
    try await before.write { database in
      let queue = JobQueue()
      try Self.insert(queue, database, "small", trial: 1, needs: one)
      #expect(try queue.lease(database, holder: "r#a/0", offer: two, now: 0)?.jobId == "small")
      try Self.insert(queue, database, "large", trial: 2, needs: JobNeeds(gpus: GPUNeed(count: 2)))
      try Self.insert(queue, database, "next", trial: 3, needs: one)
      #expect(try queue.lease(database, holder: "r#a/1", offer: two, now: 0) == nil)
    }
    await before.close()
    let after = try open()
    try await after.write { database in
      let queue = JobQueue()
      try queue.extendLeases(database, until: 20_000)
      #expect(try queue.heldGPUs(database, now: 1) == [RunnerHostID(holder: "r#a/0"): 1])
      #expect(try queue.lease(database, holder: "r#a/1", offer: two, now: 1) == nil, "kept for the large one")
      _ = try queue.requeueExpired(database, now: 20_000)
      #expect(try queue.lease(database, holder: "r#a/1", offer: two, now: 20_000)?.jobId == "large")
    }
    await after.close()
  }

  private static func open(_ database: Database, _ run: String) throws {
    try database.execute(
      sql: """
        INSERT INTO runs (run_id, task_name, task_digest, seed, max_trials, lineage_enabled, created_at_ms, secret, phase)
        VALUES (?, 't', '', 0, 9, 0, 0, x'', 0)
        """, arguments: [run])
  }

  @Test(
    "a run is measured on the hardware of the host that takes its first job, and nowhere else, also after a restart; other runs may be"
  )
  func hardware() async throws {
    let folder = folder
    defer { try? FileManager.default.removeItem(atPath: folder) }
    func open() throws -> Store { try Store.open(at: folder + "/q.sqlite", migrations: Schema.migrations) }
    @Sendable func host(_ processor: String) -> RunnerOffer {
      var offer = RunnerOffer()
      offer.processor = processor
      return offer
    }
    let before = try open()
    try await before.write { database in
      let queue = JobQueue()
      for run in ["r", "s"] { try Self.open(database, run) }
      for trial in 1...3 as ClosedRange<UInt32> {
        try Self.insert(queue, database, "r-\(trial)", trial: trial, needs: JobNeeds(labels: ["a=b"]))
      }
      func labelled(_ offer: RunnerOffer) -> RunnerOffer {
        var offer = offer
        offer.labels = ["a=b"]
        return offer
      }
      // Of a host that does not tell nothing can be asked.
      #expect(try queue.lease(database, holder: "r#old/0", offer: labelled(host("")), now: 0)?.jobId == "r-1")
      #expect(try JobQueue.hardware(database, run: "r") == nil)
      #expect(try queue.lease(database, holder: "r#a/0", offer: labelled(host("A")), now: 0)?.jobId == "r-2")
      #expect(try JobQueue.hardware(database, run: "r")?.text == "A")
      for other in ["B", ""] {
        #expect(
          try queue.lease(database, holder: "r#b/0", offer: labelled(host(other)), now: 0) == nil,
          "'\(other)'")
      }
      try Self.insert(queue, database, "r-4", trial: 4, needs: JobNeeds(labels: ["a=b"]))
      try Self.insert(queue, database, "s-1", run: "s")
      #expect(try queue.lease(database, holder: "r#b/0", offer: labelled(host("B")), now: 0)?.jobId == "s-1")
    }
    await before.close()
    let after = try open()
    try await after.write { database in
      let queue = JobQueue()
      try queue.extendLeases(database, until: 20_000)
      // What a host held that did not tell is taken back, and goes to the run's own.
      _ = try queue.requeueExpired(database, now: 20_000)
      var b = host("B")
      b.labels = ["a=b"]
      #expect(try queue.lease(database, holder: "r#b/1", offer: b, now: 30_000)?.jobId == "s-1")
      #expect(try queue.lease(database, holder: "r#b/2", offer: b, now: 30_000) == nil)
      let unmet = try Evaluator.unmet(database, offers: [b])
      #expect(unmet.map(\.processor) == ["A"] && unmet.map(\.jobs) == [4])
      var a = host("A")
      a.labels = ["a=b"]
      for slot in 0..<4 {
        #expect(try queue.lease(database, holder: "r#a/\(slot)", offer: a, now: 30_000) != nil)
      }
      #expect(try Evaluator.unmet(database, offers: [b]) == [])
    }
    await after.close()
  }

  @Test(
    "hosts are woken again once a run has its hardware: those that were woken before may be of another kind")
  func settled() async throws {
    let told = Mutex(0)
    let store = try Store.open(at: folder + "/q.sqlite", migrations: Schema.migrations)
    defer { try? FileManager.default.removeItem(atPath: folder) }
    var queue = JobQueue()
    queue.settled = { told.withLock { $0 += 1 } }
    try await store.write { [queue] database in
      try Self.open(database, "r")
      for trial in 1...2 as ClosedRange<UInt32> {
        try Self.insert(queue, database, "r-\(trial)", trial: trial)
      }
    }
    var offer = RunnerOffer()
    offer.processor = "A"
    for (slot, expected) in [(0, 1), (1, 1)] {
      _ = try await store.write { [queue, offer] in
        try queue.lease($0, holder: "r#a/\(slot)", offer: offer, now: 0)
      }
      #expect(told.withLock { $0 } == expected)
    }
    await store.close()
  }

  @Test("a run that uses GPUs is measured on GPUs of one model")
  func hardwareWithGPUs() async throws {
    try await withStore { database, queue, _ in
      try Self.open(database, "r")
      let need = JobNeeds(gpus: GPUNeed(count: 2))
      for trial in 1...3 as ClosedRange<UInt32> {
        try Self.insert(queue, database, "r-\(trial)", trial: trial, needs: need)
      }
      func host(_ prefix: String, _ model: String) throws -> RunnerOffer {
        var offer = try Self.offer(
          Self.gpus(prefix, 2).map {
            var gpu = $0
            gpu.model = model
            return gpu
          })
        offer.processor = "A"
        return offer
      }
      let first = try queue.lease(database, holder: "r#a/0", offer: host("a", "H100"), now: 0)
      #expect(first?.jobId == "r-1" && first?.gpus?.model == nil)
      #expect(try JobQueue.hardware(database, run: "r")?.text == "A, H100")
      #expect(try queue.lease(database, holder: "r#b/0", offer: host("b", "A100"), now: 0) == nil)
      #expect(try HostReservations.fetch(database).kept.isEmpty, "a host of another kind is not kept for it")
      let second = try queue.lease(database, holder: "r#c/0", offer: host("c", "H100"), now: 0)
      #expect(second?.jobId == "r-2")
      try Self.insert(queue, database, "r-4", trial: 4, needs: need)
      var mixed = try host("d", "H100")
      mixed.gpus += try host("e", "A100").gpus
      #expect(try queue.lease(database, holder: "r#d/0", offer: mixed, now: 0)?.jobId == "r-3")
      #expect(try queue.lease(database, holder: "r#d/1", offer: mixed, now: 0) == nil, "the others are A100s")
      // What a scheduler would give.
      try Self.open(database, "s")
      for trial in 1...2 as ClosedRange<UInt32> {
        try Self.insert(queue, database, "s-\(trial)", run: "s", trial: trial, needs: need)
      }
      var large = Self.scheduled("gpu:large", perNode: 8, total: 8)
      (large.model, large.memoryBytes) = ("H200", 140 << 30)
      var cluster = try Self.offer([large, Self.scheduled("gpu:h100", perNode: 2, total: 4)])
      cluster.processor = "A"
      #expect(try queue.lease(database, holder: "r#s/0", offer: cluster, now: 0)?.jobId == "s-1")
      #expect(try queue.lease(database, holder: "r#s/1", offer: cluster, now: 0)?.jobId == "r-4")
      let model = Self.scheduled("gpu:h100", perNode: 2, total: 4).model
      #expect(try JobQueue.hardware(database, run: "s")?.text == "A, \(model)")
    }
  }

  @Test("GPUs that no active host has are an unmet need; those that are only in use are none")
  func unmetGPUs() async throws {
    try await withStore { database, queue, roster in
      let host = RunnerHostID(holder: "r#a/0")
      try Self.insert(queue, database, "one", trial: 1, needs: JobNeeds(gpus: GPUNeed(count: 2)))
      try Self.insert(queue, database, "two", trial: 2, needs: JobNeeds(gpus: GPUNeed(count: 2)))
      func unmet() throws -> [RunnerV1.UnmetNeed] {
        let rows = try Row.fetchAll(database, sql: "SELECT * FROM runner_hosts")
        return try Evaluator.unmet(database, offers: rows.compactMap(Evaluator.activeOffer))
      }
      #expect(try unmet().map(\.gpus?.count) == [2])
      #expect(try unmet().map(\.jobs) == [2])
      var gpus = Self.gpus("a", 2)
      try roster.register(database, host, Self.offer(gpus), isolation: "", now: 0)
      #expect(try unmet().isEmpty)
      #expect(try queue.lease(database, holder: "r#a/0", offer: Self.offer(gpus), now: 0)?.jobId == "one")
      #expect(try unmet().isEmpty, "in use is not lacking")
      func counted(_ hosts: Set<RunnerHostID>) throws -> [Int] {
        let states = try Evaluator.gpus(database, of: hosts, held: queue.heldGPUs(database, now: 0))
        #expect(states.map(\.state) == ["leased", "free", "out_of_service"])
        return states.map(\.count)
      }
      #expect(try counted([host]) == [2, 0, 0])
      #expect(try counted([]) == [0, 0, 0], "not heard of")
      try roster.register(database, host, Self.offer(Self.gpus("a", 4)), isolation: "", now: 0)
      #expect(try counted([host]) == [2, 2, 0])
      gpus[0].outOfService = "Xid 79"
      try roster.register(database, host, Self.offer(gpus), isolation: "", now: 0)
      #expect(try unmet().map(\.gpus?.count) == [2])
      #expect(try counted([host]) == [2, 0, 0], "a lease outlasts what happens to its GPU")
      gpus += Self.gpus("b", 3)
      gpus[2].outOfService = "Xid 79"
      try roster.register(database, host, Self.offer(gpus), isolation: "", now: 0)
      #expect(try counted([host]) == [2, 1, 2])
      try database.execute(sql: "UPDATE runner_hosts SET gpus = NULL")
      #expect(try unmet().count == 1, "a row from before")
    }
  }

  @Test("needs of GPUs are kept as text, and jobs from before have none")
  func gpuNeeds() throws {
    let needs = JobNeeds(labels: ["a=b"], memoryBytes: 5, gpus: GPUNeed(count: 1, computeCapability: "9.0"))
    #expect(JobNeeds(text: needs.text) == needs)
    #expect(JobNeeds(memoryBytes: 5).text == #"{"labels":[],"memoryBytes":5}"#)
    #expect(JobNeeds(text: #"{"labels":[],"memoryBytes":5}"#) == JobNeeds(memoryBytes: 5))
    let twice = Self.gpus("a", 1) + Self.gpus("a", 1)
    #expect(throws: RPCError.self) { try Self.offer(twice) }
    var odd = Self.gpus("a", 1)
    odd[0].computeCapability = "nine"
    #expect(throws: RPCError.self) { try Self.offer(odd) }
    #expect(try Self.offer(Self.gpus("a", 2)) != Self.offer(Self.gpus("b", 2)), "lines are a host's own")
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
