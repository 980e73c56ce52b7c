import AssayTask
import CSimulation
import Foundation
import Glibc

/// Many seeds, each in a process of its own: what one leaves behind, crashes included, touches no other.
struct Campaign {
  struct Result: Codable {
    var seed: UInt64
    var steps: Int
    var seconds: Double
    var kills: Int
    var trials: Int
    var aborted: Int
    /// Equal for equal runs.
    var digest: String
    var violations: [String]
  }

  /// One child has this long, in seconds.
  private static let patience: UInt32 = 120

  /// What children need; C calls them without a context.
  nonisolated(unsafe) private static var active: Campaign?

  let sabotage: Sabotage?
  let isTracing: Bool
  let json: Bool
  private let folder: String
  private let task: ResearchTask

  init(sabotage: Sabotage?, isTracing: Bool, json: Bool) throws {
    self.sabotage = sabotage
    self.isTracing = isTracing
    self.json = json
    // In memory where there is such a place: what is durable is the simulation's to say.
    let base = access("/dev/shm", W_OK) == 0 ? "/dev/shm" : FileManager.default.temporaryDirectory.path
    folder = "\(base)/assay-sim-\(getpid())"
    task = try Recipe.task(in: folder + "/task")
  }

  func remove() { try? FileManager.default.removeItem(atPath: folder) }

  /// - Returns: whether anything was found.
  func run(_ seeds: Range<UInt64>, jobs: Int, until end: Date?) -> Bool {
    Self.active = self
    let began = Date()
    var next = seeds.lowerBound
    var running: [Int32: UInt64] = [:]
    var totals = (done: 0, steps: 0, seconds: 0.0, kills: 0, trials: 0, aborted: 0, found: 0)
    while true {
      while running.count < jobs, next < seeds.upperBound, end.map({ Date() < $0 }) ?? true,
        sabotage == nil || totals.found == 0
      {
        fflush(nil)
        let child = simulation_fork({ Campaign.active?.child($0) ?? 3 }, next)
        guard child > 0 else { break }
        running[child] = next
        next += 1
      }
      guard !running.isEmpty else { break }
      var status: Int32 = 0
      let ended = waitpid(-1, &status, 0)
      guard let seed = running.removeValue(forKey: ended) else { continue }
      let result = result(of: seed, status)
      totals.done += 1
      totals.steps += result.steps
      totals.seconds += result.seconds
      totals.kills += result.kills
      totals.trials += result.trials
      totals.aborted += result.aborted
      if !result.violations.isEmpty { totals.found += 1 }
      report(result)
      if !json, totals.done % 1000 == 0 { print("\(totals.done) seeds, \(totals.found) with findings") }
    }
    let elapsed = Date().timeIntervalSince(began)
    if !json {
      print(
        "\(totals.done) seeds in \(String(format: "%.1f", elapsed)) s: \(totals.steps) steps, \(Int(totals.seconds / 3600)) simulated hours, "
          + "\(totals.kills) kills, \(totals.trials) trials, \(totals.aborted) ended by our failure and charged to nobody, "
          + "\(totals.found) seeds with findings")
    }
    return totals.found > 0
  }

  private func report(_ result: Result) {
    if json {
      let encoder = JSONEncoder()
      encoder.outputFormatting = .sortedKeys
      if let line = try? encoder.encode(result) { print(String(decoding: line, as: UTF8.self)) }
      return
    }
    for violation in result.violations {
      let again =
        "assay-sim --seed \(result.seed) --trace" + (sabotage.map { " --break \($0.rawValue)" } ?? "")
      print("seed \(result.seed): \(violation)\n  again: \(again)")
    }
  }

  private func result(of seed: UInt64, _ status: Int32) -> Result {
    let path = "\(folder)/\(seed).json"
    defer {
      unlink(path)
      try? FileManager.default.removeItem(atPath: "\(folder)/\(seed)")
    }
    if let data = FileManager.default.contents(atPath: path),
      let result = try? JSONDecoder().decode(Result.self, from: data)
    {
      return result
    }
    let why =
      status & 0x7f == SIGALRM ? "it did not end within \(Self.patience) s" : "it crashed (status \(status))"
    return Result(
      seed: seed, steps: 0, seconds: 0, kills: 0, trials: 0, aborted: 0, digest: "", violations: [why])
  }

  // MARK: In a child

  private func child(_ seed: UInt64) -> Int32 {
    alarm(Self.patience)
    do {
      guard simulation_disk_install() else { return 3 }
      let result = try simulate(seed)
      try JSONEncoder().encode(result).write(to: URL(filePath: "\(folder)/\(seed).json"))
      fflush(nil)
      return 0
    } catch {
      print("seed \(seed): \(error)")
      return 3
    }
  }

  private func simulate(_ seed: UInt64) throws -> Result {
    let callbacks = simulation_callbacks(
      job: { Scheduler.active?.enqueue(job: $0) },
      work: { Scheduler.active?.enqueue(work: $1, queue: $0, at: $2) },
      disk: { World.active?.diskOperation(String(cString: $0), $1) ?? 0 })
    guard simulation_begin(callbacks, seed) else {
      throw SimulationError(
        text: "this Swift runtime has no hook for tasks; the simulator cannot run with it")
    }
    simulation_disk_set_lying(sabotage == .acknowledgeBeforeCommit)
    let world = try World(
      seed: seed, task: task, folder: "\(folder)/\(seed)", sabotage: sabotage, trace: isTracing)
    World.active = world
    world.simulate()
    return Result(
      seed: seed, steps: world.scheduler.steps, seconds: Double(world.scheduler.now) / 1e9,
      kills: world.kills,
      trials: world.truth.acknowledged.count, aborted: world.truth.abortedTrials,
      digest: String(world.scheduler.digest, radix: 16), violations: world.truth.violations)
  }
}

struct SimulationError: Error, CustomStringConvertible {
  var text: String
  var description: String { text }
}
