import AssayRandom
import CSimulation

/// The one thread on which everything happens, in an order and at times that follow from a seed.
///
/// Tasks that can go on, and events whose time has come, are taken one by one at random: every order that threads could bring about can
/// occur. Nothing else runs in the process, so that classes of the simulation need no locks.
/// Unchecked: on its one thread alone.
final class Scheduler: @unchecked Sendable {
  /// Which life of which node something belongs to. What belongs to a life that has ended never happens.
  struct Owner: Hashable {
    var node: Int
    var life: Int
    /// The simulation itself.
    static let simulator = Owner(node: -1, life: 0)
  }

  /// Why the simulation stopped.
  enum Stop: Equatable {
    case done
    /// Nothing can happen any more.
    case deadlock
    case outOfTime
  }

  /// The callbacks of C have no context.
  nonisolated(unsafe) static var active: Scheduler?

  /// Nanoseconds since the simulation began.
  private(set) var now: Int64 = 1_000_000_000
  private(set) var steps = 0
  /// Changes with everything that happens, so that two runs of a seed can be compared.
  private(set) var digest: UInt64 = 0xcbf2_9ce4_8422_2325
  private(set) var current = Owner.simulator
  private(set) var random: SeededGenerator
  private var lives: [Int]
  private var pausedUntil: [Int64]
  private var wallErrors: [Int64]
  private var ready: [(job: UnsafeMutableRawPointer, owner: Owner)] = []
  private var events = EventHeap()
  /// When the last work of each queue of libdispatch ends.
  private var queues: [UnsafeRawPointer: Int64] = [:]
  /// Called between steps.
  var afterStep: () -> Void = {}

  init(seed: UInt64, nodes: Int) {
    random = SeededGenerator(seed: seed)
    lives = Array(repeating: 0, count: nodes)
    pausedUntil = Array(repeating: 0, count: nodes)
    wallErrors = Array(repeating: 0, count: nodes)
  }

  // MARK: What others ask

  func below(_ bound: Int64) -> Int64 { bound <= 1 ? 0 : Int64(random.next() % UInt64(bound)) }
  func chance(_ probability: Double) -> Bool { Double(random.next() >> 11) * 0x1p-53 < probability }

  /// Does something after a while, in the name of an owner.
  func after(_ nanoseconds: Int64, as owner: Owner, _ body: @escaping () -> Void) {
    events.push(at: now + max(0, nanoseconds), owner, body)
  }

  /// Does something now in the name of an owner: tasks that it begins are the owner's.
  func run(as owner: Owner, _ body: () -> Void) {
    let before = current
    enter(owner)
    body()
    enter(before)
  }

  func owner(of node: Int) -> Owner { Owner(node: node, life: lives[node]) }
  func isAlive(_ owner: Owner) -> Bool { owner.node < 0 || lives[owner.node] == owner.life }

  /// Ends a life: whatever it was about to do does not happen.
  func end(_ node: Int) {
    lives[node] += 1
    pausedUntil[node] = 0
    ready.removeAll { !isAlive($0.owner) }
  }

  func pause(_ node: Int, for nanoseconds: Int64) {
    pausedUntil[node] = max(pausedUntil[node], now + nanoseconds)
  }
  func resumeAll() { pausedUntil = pausedUntil.map { _ in 0 } }
  func moveWallClock(of node: Int, by nanoseconds: Int64) { wallErrors[node] += nanoseconds }

  /// Notes that something happened.
  func note(_ value: UInt64) { digest = (digest ^ value) &* 0x100_0000_01b3 }

  // MARK: The loop

  /// - Parameter limit: nanoseconds after the beginning.
  func run(limit: Int64, until isDone: () -> Bool) -> Stop {
    while !isDone() {
      guard now < limit else { return .outOfTime }
      guard step() else { return .deadlock }
      afterStep()
    }
    return .done
  }

  private func step() -> Bool {
    steps += 1
    let due = events.first.map { $0 <= now } ?? false
    if !ready.isEmpty, !due || chance(0.5) {
      let index = Int(below(Int64(ready.count)))
      let (job, owner) = ready[index]
      ready[index] = ready[ready.count - 1]
      ready.removeLast()
      guard isAlive(owner) else { return true }
      if let until = pause(of: owner) {
        events.push(at: until, owner) { [unowned self] in ready.append((job, owner)) }
        return true
      }
      advance(to: now + 500 + below(4_000))
      note(UInt64(truncatingIfNeeded: owner.node &* 31 &+ owner.life) ^ UInt64(bitPattern: now))
      run(as: owner) { simulation_run_job(job) }
      return true
    }
    guard let event = events.pop() else { return !ready.isEmpty }
    advance(to: max(now, event.at))
    guard isAlive(event.owner) else { return true }
    if let until = pause(of: event.owner) {
      events.push(at: until, event.owner, event.body)
      return true
    }
    note(0x5bd1 ^ UInt64(truncatingIfNeeded: event.owner.node) ^ UInt64(bitPattern: now))
    run(as: event.owner, event.body)
    return true
  }

  private func pause(of owner: Owner) -> Int64? {
    guard owner.node >= 0, pausedUntil[owner.node] > now else { return nil }
    return pausedUntil[owner.node]
  }

  private func advance(to time: Int64) {
    now = time
    simulation_set_time(time)
  }

  private func enter(_ owner: Owner) {
    current = owner
    simulation_set_wall_error(owner.node < 0 ? 0 : wallErrors[owner.node])
  }

  // MARK: What the runtime and libdispatch tell

  func enqueue(job: UnsafeMutableRawPointer) { ready.append((job, current)) }

  func enqueue(work: UnsafeMutableRawPointer, queue: UnsafeRawPointer, at: Int64) {
    var time = max(at, now)
    if at == 0 {
      // A queue does one thing after the other.
      time = max(now, queues[queue] ?? 0) + 20_000 + below(400_000)
      queues[queue] = time
    }
    events.push(at: time, current) { simulation_perform(work) }
  }
}
