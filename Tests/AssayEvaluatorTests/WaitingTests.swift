import AssayIdentity
import AssayRPC
import AssayRPCTesting
import Synchronization
import Testing

@testable import AssayEvaluator

@Suite("Waiting for jobs and verdicts", .timeLimit(.minutes(1)))
struct WaitingTests {
  private final class Woken: Sendable {
    private let numbers = Mutex<[Int]>([])
    var all: [Int] { numbers.withLock { $0 } }
    func append(_ number: Int) { numbers.withLock { $0.append(number) } }
  }

  private func offer(_ labels: [String], memory: UInt64 = 0) -> RunnerOffer {
    var offer = RunnerOffer()
    offer.labels = labels
    offer.memoryBytes = memory
    return offer
  }

  @Test("a job wakes one host that can take it, the one that waits longest")
  func oneForEachJob() async throws {
    let jobs = Signal()
    let offers = WaitingOffers(jobs)
    let woken = Woken()
    let kinds = [["gpu=h100"], ["host=a"], ["gpu=h100", "host=c"], ["gpu=h100", "host=d"]]
    try await withThrowingTaskGroup(of: Void.self) { group in
      for (number, labels) in kinds.enumerated() {
        group.addTask {
          try await offers.wait(offer(labels), past: jobs.generation)
          woken.append(number)
        }
        while offers.count < number + 1 { await Task.yield() }
      }
      offers.wake(for: [])
      offers.wake(for: [(JobNeeds(labels: ["gpu=a100"]), 5)])
      #expect(offers.count == 4)
      offers.wake(for: [(JobNeeds(labels: ["gpu=h100"]), 2)])
      #expect(offers.count == 2)
      try await group.next()
      try await group.next()
      #expect(woken.all.sorted() == [0, 2])
      // One job for anybody, one for a GPU: each wakes one of the two.
      offers.wake(for: [(JobNeeds(), 1), (JobNeeds(labels: ["gpu=h100"]), 1)])
      try await group.waitForAll()
    }
    #expect(woken.all.sorted() == [0, 1, 2, 3])
  }

  @Test("what was raised before a host could wait is not lost, and a cancelled one is gone")
  func neverLost() async throws {
    let jobs = Signal()
    let offers = WaitingOffers(jobs)
    let seen = jobs.generation
    jobs.raise()
    try await offers.wait(offer([]), past: seen)
    let waiting = Task { try await offers.wait(offer([]), past: jobs.generation) }
    while offers.count == 0 { await Task.yield() }
    waiting.cancel()
    await #expect(throws: CancellationError.self) { try await waiting.value }
    #expect(offers.count == 0)
  }

  @Test("who follows one topic is not woken by another")
  func topics() async throws {
    let topics = Topics<String>()
    topics.raise("a")
    try await topics.follow("a") { signal in
      let seen = signal.generation
      topics.raise("b")
      #expect(signal.generation == seen)
      await topics.follow("a") { same in #expect(same === signal) }
      #expect(topics.count == 1)
      topics.raise("a")
      try await signal.wait(past: seen)
    }
    #expect(topics.count == 0)
  }

  @Test("who runs out of patience leaves the line, and what has begun is not broken off")
  func patience() async throws {
    let line = WaitingLine()
    let peer = Peer(name: "agent/a", roles: [.agent], identity: IdentityKey().publicIdentity)
    let context = CallContext(
      method: MethodDescriptor("/a/B", roles: [.agent], idempotent: true, anyPeer: false), peer: peer,
      deadline: .now + .seconds(60))
    let (entered, gate) = (Latch(), Latch())
    async let first = line.atHead(for: context, within: .milliseconds(1)) {
      entered.open()
      try await gate.wait()
      return 1
    }
    try await entered.wait()
    let second = try await line.atHead(for: context, within: .milliseconds(20)) { 2 }
    #expect(second == nil)
    #expect(line.count == 0)
    gate.open()
    #expect(try await first == 1)
    #expect(try await line.atHead(for: context, within: .zero) { 3 } == 3, "it left the line")
  }
}
