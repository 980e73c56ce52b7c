import AssayGPU
import AssayMessages
import AssayStore
import Foundation
import GRDB
import Testing

@testable import AssayEvaluator

@Suite("Hosts that are kept for jobs of many GPUs") struct HostReservationsTests {
  private static let one = JobNeeds(gpus: GPUNeed(count: 1))
  private static let two = JobNeeds(gpus: GPUNeed(count: 2))
  private static let four = JobNeeds(gpus: GPUNeed(count: 4))

  private static func request(_ host: String, gpus: Int, held: Int = 0, now: Int64 = 0)
    -> HostReservations.Request
  {
    var offer = RunnerOffer()
    offer.gpus = (0..<gpus).map { number in
      OfferedGPU(
        uuid: "GPU-\(host)\(number)", model: "H100", memoryBytes: 80 << 30, computeCapability: "9.0",
        isPartition: false, outOfService: "")
    }
    return .init(host: RunnerHostID(holder: "r#\(host)/0"), offer: offer, heldGPUs: held, now: now)
  }

  @Test(
    "one host that has the GPUs is kept until such a job starts on any; others go on, and so do jobs without GPUs"
  )
  func keeps() {
    var reservations = HostReservations()
    func starts(_ need: JobNeeds, on request: HostReservations.Request) -> Bool {
      reservations.starts(need, on: request)
    }
    #expect(starts(Self.one, on: Self.request("a", gpus: 4)))
    #expect(!starts(Self.four, on: Self.request("small", gpus: 2)))
    #expect(reservations.kept.isEmpty, "a host that never could is not kept")
    let busy = Self.request("a", gpus: 4, held: 1)
    #expect(!starts(Self.four, on: busy))
    #expect(reservations.kind(on: busy.host) == Self.four)
    #expect(!starts(Self.one, on: busy), "three are free and kept")
    #expect(starts(JobNeeds(), on: busy))
    let other = Self.request("b", gpus: 4, held: 3)
    #expect(!starts(Self.four, on: other))
    #expect(starts(Self.one, on: other), "one host is kept for a kind")
    #expect(!starts(Self.two, on: busy))
    #expect(reservations.kind(on: busy.host) == Self.four, "and a host for one kind")
    #expect(!starts(Self.two, on: other))
    #expect(reservations.kind(on: other.host) == Self.two)
    // It starts elsewhere.
    #expect(starts(Self.four, on: Self.request("c", gpus: 4)))
    #expect(reservations.kept.keys.elementsEqual([Self.two]))
    #expect(starts(Self.one, on: busy))
  }

  @Test("what has no ground any more ends: nobody waits, the GPUs went out of service, or the host is lost")
  func review() {
    let busy = Self.request("a", gpus: 4, held: 1)
    var kept = HostReservations()
    let started = kept.starts(Self.four, on: busy)
    #expect(!started)
    var reservations = kept
    let later = Self.request("a", gpus: 4, held: 1, now: 50)
    reservations.review(later, waiting: [Self.four]) { _ in false }
    #expect(reservations.kept[Self.four]?.asked == 50, "it asks itself: it is not lost")
    reservations.review(later, waiting: [Self.one]) { _ in true }
    #expect(reservations.kept.isEmpty)
    reservations = kept
    reservations.review(Self.request("a", gpus: 3), waiting: [Self.four]) { _ in true }
    #expect(reservations.kept.isEmpty)
    reservations = kept
    reservations.review(Self.request("b", gpus: 4), waiting: [Self.four]) { $0.asked > 0 }
    #expect(reservations.kept.isEmpty)
  }

  /// A runner's host, with a ledger like the real one's.
  private struct Host {
    var name: String
    var request: RunnerOffer
    var devices: [GPUDevice]
    var slots: Int
    var ledger = GPULedger()
    var running: [Int: (job: RunnerV1.Job, need: JobNeeds, ends: Int)] = [:]
    var isAlive = true

    init(_ name: String, gpus: Int, slots: Int) {
      self.name = name
      self.slots = slots
      request = HostReservationsTests.request(name, gpus: gpus).offer
      devices = request.gpus.enumerated().map { index, gpu in
        var device = gpu.device
        device.node = UInt32(index)
        return device
      }
      ledger.see(devices, now: 0)
    }

    func holder(_ slot: Int) -> String { "r#\(name)/\(slot)" }
  }

  /// xorshift64*, so that a failure can be seen again.
  private struct Dice: RandomNumberGenerator {
    var state: UInt64
    mutating func next() -> UInt64 {
      state ^= state >> 12
      state ^= state << 25
      state ^= state >> 27
      return state &* 2_685_821_657_736_338_717
    }
  }

  @Test(
    "jobs of many GPUs start in time however many small ones there are, and no host is given more than it has",
    arguments: 1...10)
  func noStarvation(seed: UInt64) async throws {
    let folder = FileManager.default.temporaryDirectory.appending(path: "assay-kept-\(UUID().uuidString)")
      .path
    defer { try? FileManager.default.removeItem(atPath: folder) }
    let store = try Store.open(at: folder + "/q.sqlite", migrations: Schema.migrations)
    try await store.write { try Self.simulate($0, seed: seed) }
    await store.close()
  }

  private static func simulate(_ database: Database, seed: UInt64) throws {
    var dice = Dice(state: seed &* 0x9e37_79b9_7f4a_7c15)
    let queue = JobQueue()
    let longest = 6
    let most = Int.random(in: 2...4, using: &dice)
    var hosts = [Host("big", gpus: most, slots: most + 1)]
    for number in 0..<Int.random(in: 0...2, using: &dice) {
      let gpus = Int.random(in: 1...most, using: &dice)
      hosts.append(Host("h\(number)", gpus: gpus, slots: Int.random(in: 1...gpus + 1, using: &dice)))
    }
    let loses = hosts.count > 1 && seed % 2 == 0
    // Three may wait for one host, each while jobs end that have its GPUs, and then one that has the slot; then a lease and the patience.
    let bound = 3 * (2 * longest + 4) + (loses ? 80 : 0)
    var number: UInt32 = 0
    var waiting: [String: Int] = [:]
    var started = 0
    func insert(_ run: String, _ need: JobNeeds) throws -> String {
      number += 1
      var spec = RunnerV1.Job()
      spec.jobId = "\(run)-\(number)"
      spec.phase = "train"
      spec.gpus = need.gpus?.wire
      try queue.insert(
        database, id: spec.jobId, measurement: MeasurementID(run: run, trial: number, purpose: .trial),
        specialist: "a", key: .train(seed: 0), spec: spec, needs: need)
      return spec.jobId
    }
    for step in 0..<120 {
      let now = Int64(step) * 1000
      if loses, step == 40 { hosts[hosts.count - 1].isAlive = false }
      for host in hosts.indices where hosts[host].isAlive {
        for (slot, (job, _, ends)) in hosts[host].running {
          let holder = hosts[host].holder(slot)
          let goesOn = try queue.heartbeat(
            database, id: job.jobId, token: job.fencingToken, holder: holder, now: now)
          guard ends <= step || !goesOn else { continue }
          if goesOn {
            var report = RunnerV1.CompleteJobRequest()
            report.jobId = job.jobId
            report.fencingToken = job.fencingToken
            report.outcome = .exited
            _ = try queue.complete(database, report, holder: holder, now: now)
          }
          hosts[host].ledger.giveBack(job.jobId)
          hosts[host].running[slot] = nil
        }
      }
      _ = try queue.requeueExpired(database, now: now)
      let queued = try String.fetchAll(database, sql: "SELECT run_id FROM jobs WHERE state = 'queued'")
      for _ in min(5, queued.count(where: { $0 == "small" }))..<5 { _ = try insert("small", one) }
      for _ in min(2, queued.count(where: { $0 == "plain" }))..<2 { _ = try insert("plain", JobNeeds()) }
      if waiting.count < 3, Int.random(in: 0..<3, using: &dice) == 0 {
        let need = JobNeeds(gpus: GPUNeed(count: Int.random(in: 2...most, using: &dice)))
        waiting[try insert("big", need)] = step
      }
      if Int.random(in: 0..<10, using: &dice) == 0 {
        try queue.cancel(
          database,
          MeasurementID(run: "small", trial: UInt32.random(in: 1...number, using: &dice), purpose: .trial))
      }
      let idle = hosts.indices.flatMap { host in
        (0..<hosts[host].slots).filter { hosts[host].isAlive && hosts[host].running[$0] == nil }.map {
          (host, $0)
        }
      }
      for (host, slot) in idle.shuffled(using: &dice) {
        guard
          let job = try queue.lease(
            database, holder: hosts[host].holder(slot), offer: hosts[host].request, now: now)
        else { continue }
        let need = JobNeeds(gpus: job.gpus.map { GPUNeed(count: Int($0.count)) })
        if let gpus = need.gpus {
          guard case .leased = hosts[host].ledger.lease(gpus, to: job.jobId) else {
            Issue.record("\(hosts[host].name) was given \(job.jobId), and has no \(gpus.count) GPUs free")
            return
          }
        }
        if waiting.removeValue(forKey: job.jobId) != nil { started += 1 }
        hosts[host].running[slot] = (job, need, step + Int.random(in: 1...longest, using: &dice))
      }
      for (job, since) in waiting {
        #expect(step - since <= bound, "\(job) waits since step \(since) of \(step)")
        if step - since > bound { return }
      }
    }
    #expect(started > 3)
  }
}
