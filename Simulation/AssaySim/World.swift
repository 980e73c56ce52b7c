import AssayEvaluator
import AssayIdentity
import AssayLineage
import AssayMessages
import AssayRPC
import AssayRunner
import AssayServices
import AssayTask
import CSimulation
import Foundation
import Logging

/// A whole fleet: one evaluator, one lineage, two runners, two agents and an operator, each with lives, a folder and a clock.
/// Unchecked: on the simulation's one thread alone.
final class World: @unchecked Sendable {
  enum Place: Int, CaseIterable {
    case evaluator, lineage, runnerOne, runnerTwo, model, opt, user

    var name: String {
      switch self {
      case .evaluator: "evaluator"
      case .lineage: "lineage"
      case .runnerOne: "runner/one"
      case .runnerTwo: "runner/two"
      case .model: "agent/model"
      case .opt: "agent/opt"
      case .user: "operator"
      }
    }
    var role: Role {
      switch self {
      case .evaluator, .lineage: .evaluator
      case .runnerOne, .runnerTwo: .runner
      case .model, .opt: .agent
      case .user: .operator
      }
    }
    /// Whose faults the seeds draw; the operator only watches.
    static let faulty: [Place] = [.evaluator, .lineage, .runnerOne, .runnerTwo, .model, .opt]
  }

  /// The callbacks of C have no context.
  nonisolated(unsafe) static var active: World?

  static let run = "run-1"
  static let second: Int64 = 1_000_000_000

  let scheduler: Scheduler
  let network: Network
  let truth = Truth()
  let faults: Faults
  let sabotage: Sabotage?
  let maximumTrials: UInt32
  private let root: String
  private let task: ResearchTask
  private let keys: [Place: IdentityKey]
  private let trust: TrustStore
  private var isUp: Set<Place> = []
  private var troubleUntil: [Place: Int64] = [:]
  private var dying: Place?
  private var isFinished = false
  private(set) var kills = 0
  let isTracing: Bool
  private var contexts: [String: (holder: String, token: UInt64, context: CallContext)] = [:]

  init(
    seed: UInt64, task: ResearchTask, folder: String, sabotage: Sabotage?,
    trace: Bool
  ) throws {
    scheduler = Scheduler(seed: seed, nodes: Place.allCases.count)
    network = Network(scheduler)
    self.task = task
    // Their bytes too are the seed's: how long a signature is as text decides how many pages are written.
    let keys = Dictionary(uniqueKeysWithValues: Place.allCases.map { ($0, IdentityKey()) })
    self.keys = keys
    self.sabotage = sabotage
    isTracing = trace
    root = folder
    trust = try TrustStore(
      Place.allCases.compactMap { place in
        keys[place].map {
          TrustStore.Entry(name: place.name, roles: [place.role], identity: $0.publicIdentity)
        }
      })
    faults = Faults(scheduler, until: (10 + scheduler.below(60)) * Self.second)
    maximumTrials = UInt32(1 + scheduler.below(4))
    for place in [Place.model, .opt] {
      truth.waiting[place.name] = (0..<(1 + scheduler.below(2))).compactMap { number in
        submission(place, Int(number))
      }
    }
  }

  private func submission(_ place: Place, _ number: Int) -> Truth.Submission? {
    let specialist = String(place.name.split(separator: "/")[1])
    let unique = 100 * (place.rawValue + 1) + number
    let fate: Recipe.Fate =
      scheduler.chance(0.7)
      ? .honest : [.crash, .oversize, .illegal, .syntax][Int(scheduler.below(4))]
    let value =
      switch fate {
      case .honest: "\(1 + scheduler.below(5)).\(unique)"
      case .syntax: "(\(unique)"
      default: "'\(fate.rawValue) \(unique)'"
      }
    return (try? Recipe.edit(specialist, to: value)).map {
      Truth.Submission(key: "\(specialist)-\(number)", specialist: specialist, edit: $0, fate: fate)
    }
  }

  // MARK: The run

  /// Simulates until the run is over and looked at.
  func simulate() {
    Scheduler.active = scheduler
    scheduler.afterStep = { [unowned self] in
      if let dying { kill(dying, "its disk") }
      dying = nil
    }
    network.weather = faults.weather
    for place in Place.allCases { start(place) }
    plan()
    // Hours of simulated time are minutes of waiting for leases and retries; a run that needs more is stuck.
    let stop = scheduler.run(limit: 4 * 3600 * Self.second) { isFinished || !truth.violations.isEmpty }
    switch stop {
    case .done: break
    case .deadlock: truth.violation("nothing can happen any more, and the run is not over")
    case .outOfTime: truth.violation("the run is not over after four hours, three of them without any fault")
    }
  }

  func finished() { isFinished = true }

  func trace(_ text: @autoclosure () -> String) {
    guard isTracing else { return }
    print("\(String(format: "%12.6f", Double(scheduler.now) / 1e9)) \(text())")
  }

  // MARK: Lives

  private func folder(_ place: Place) -> String {
    "\(root)/\(place.rawValue)-\(scheduler.owner(of: place.rawValue).life)"
  }

  private func start(_ place: Place) {
    guard isUp.insert(place).inserted else { return }
    let owner = scheduler.owner(of: place.rawValue)
    trace("\(place.name) starts, life \(owner.life)")
    let folder = folder(place)
    scheduler.run(as: owner) {
      Task { [self] in
        var reason = "ended"
        do { try await live(place, in: folder) } catch { reason = "\(error)" }
        scheduler.after(0, as: .simulator) { [self] in
          if scheduler.isAlive(owner), !isFinished, place != .user, !truth.agentsDone.contains(place.name) {
            kill(place, reason)
          }
        }
      }
    }
  }

  private func kill(_ place: Place, _ why: String) {
    guard isUp.remove(place) != nil else { return }
    kills += 1
    trace("\(place.name) is killed (\(why))")
    let old = folder(place)
    simulation_disk_crash(old + "/")
    scheduler.end(place.rawValue)
    carry(old, to: folder(place))
    let pause = 200_000_000 + scheduler.below(4 * Self.second)
    scheduler.after(pause, as: .simulator) { [self] in start(place) }
  }

  /// What was on disk is there for the next life. Databases are copied: the dead process still has its files open, and SQLite knows
  /// files of one process by their inodes.
  private func carry(_ old: String, to new: String) {
    let files = FileManager.default
    guard let entries = try? files.contentsOfDirectory(atPath: old) else { return }
    try? files.createDirectory(atPath: new, withIntermediateDirectories: true)
    for entry in entries where !entry.hasSuffix("-shm") && !entry.hasSuffix(".lock") {
      let (from, to) = ("\(old)/\(entry)", "\(new)/\(entry)")
      if entry.contains(".sqlite") {
        try? files.copyItem(atPath: from, toPath: to)
      } else {
        try? files.moveItem(atPath: from, toPath: to)
      }
    }
    try? files.removeItem(atPath: old)
  }

  // MARK: What the processes do

  func client(of place: Place, from node: Place) -> RPCClient {
    RPCClient(
      transport: SimulatedClientTransport(network: network, node: place.rawValue),
      credentials: ClientCredentials(key: key(node), server: key(place).publicIdentity))
  }

  func key(_ place: Place) -> IdentityKey {
    guard let key = keys[place] else { preconditionFailure("\(place.name) has no key") }
    return key
  }

  private func live(_ place: Place, in folder: String) async throws {
    switch place {
    case .evaluator: try await serveEvaluator(in: folder)
    case .lineage:
      let store = try await LineageStore.open(in: folder)
      var router = RPCRouter()
      router.register(LineageServiceProvider(store: store, key: key(.lineage)))
      try await serve(router, at: .lineage)
    case .runnerOne, .runnerTwo:
      let runner = try Runner(
        jobs: JobServiceClient(client(of: .evaluator, from: place)), sandbox: SimulatedLauncher(world: self),
        configuration: RunnerConfiguration(
          name: "host", slots: 1, mounts: ["simulated/data": "/none"], state: URL(filePath: folder)),
        key: key(place), logger: logger(place))
      try await runner.run()
    case .model, .opt: await Agent(world: self, place: place).run()
    case .user: await Operator(world: self).run()
    }
  }

  private func logger(_ place: Place) -> Logger {
    Logger(label: place.name) { [self] label in
      if isTracing { return TraceLog(world: self, label: label) }
      return SwiftLogNoOpLogHandler()
    }
  }

  private func serve(_ router: RPCRouter, at place: Place) async throws {
    try await RPCServer(
      transport: SimulatedServerTransport(network: network, scheduler: scheduler, node: place.rawValue),
      router: router, identity: key(place), trust: trust, configuration: .init(name: place.name),
      logger: logger(place)
    ).run()
  }

  private func serveEvaluator(in folder: String) async throws {
    let owned = OwnedTask(
      task: task,
      prepared: PreparedTask(
        environment: nil, train: "/none/train", heldout: "/none/heldout", sealed: "/none/sealed",
        dataDigest: ""),
      scorer: SimulatedScorer(world: self))
    let evaluator = try await Evaluator.open(
      Evaluator.Configuration(
        stateFolder: folder, tasks: [owned], key: key(.evaluator),
        lineage: LineageServiceClient(client(of: .lineage, from: .evaluator))), logger: logger(.evaluator))
    var router = evaluator.makeRouter()
    router.register(WatchedJobs(world: self, evaluator: evaluator))
    if sabotage == .forgetIdempotency {
      router.register(EvaluatorServiceMethods.submitTrial) {
        [self] (request: EvaluatorV1.SubmitTrialRequest, context: CallContext) in
        try await evaluator.submitTrial(request, forgetful(context))
      }
    }
    let served = router
    try await withThrowingTaskGroup(of: Void.self) { group in
      group.addTask { try await evaluator.run() }
      group.addTask { try await self.serve(served, at: .evaluator) }
      try await group.next()
      group.cancelAll()
    }
  }

  // MARK: Sabotage

  private func forgetful(_ context: CallContext) -> CallContext {
    CallContext(
      method: context.method, peer: context.peer, deadline: context.deadline,
      idempotencyKey: "\(context.idempotencyKey)/\(scheduler.below(.max))", metadata: context.metadata,
      callID: context.callID)
  }

  /// Who got a job last.
  func seen(_ job: RunnerV1.Job, _ holder: String, _ context: CallContext) {
    contexts[job.jobId] = (holder, job.fencingToken, context)
  }

  /// The call as it is; as the newest holder's where fencing is left out.
  func unfenced<Request: Fenced>(_ request: Request, _ context: CallContext) -> (Request, CallContext) {
    guard sabotage == .noFencing, let newest = contexts[request.jobId] else { return (request, context) }
    var request = request
    request.fencingToken = newest.token
    request.slot = String(newest.holder.split(separator: "#")[1])
    return (
      request,
      CallContext(
        method: context.method, peer: newest.context.peer, deadline: context.deadline,
        idempotencyKey: context.idempotencyKey, metadata: context.metadata, callID: context.callID)
    )
  }

  /// What the runner signed, signed anew as of the newest lease: what disagrees with the report would be refused for that.
  func unfencedReport(_ request: RunnerV1.CompleteJobRequest, _ context: CallContext) throws
    -> (RunnerV1.CompleteJobRequest, CallContext)
  {
    var (passed, caller) = unfenced(request, context)
    guard passed != request, !passed.provenance.isEmpty,
      let key = keys.values.first(where: { $0.publicIdentity == caller.peer.identity }),
      var statement = try JSONSerialization.jsonObject(
        with: Data(DSSEEnvelope(json: passed.provenance).payload)) as? [String: Any]
    else { return (passed, caller) }
    func set(_ value: Any, at path: [String], in object: [String: Any]) -> [String: Any] {
      var object = object
      guard let name = path.first else { return object }
      object[name] =
        path.count == 1
        ? value : set(value, at: Array(path.dropFirst()), in: object[name] as? [String: Any] ?? [:])
      return object
    }
    let token = ["predicate", "buildDefinition", "internalParameters", "fencingToken"]
    statement = set(passed.fencingToken, at: token, in: statement)
    statement = set(passed.runner, at: ["predicate", "runDetails", "assay_result", "runner"], in: statement)
    let payload = try JSONSerialization.data(
      withJSONObject: statement, options: [.sortedKeys, .withoutEscapingSlashes])
    passed.provenance = DSSEEnvelope(signing: [UInt8](payload), with: key).json()
    return (passed, caller)
  }

  // MARK: Faults

  private func plan() {
    repeating(faults.kill) { [self] in kill(pick(), "a fault") }
    repeating(faults.pause) { [self] in
      let (place, time) = (pick(), scheduler.below(40 * Self.second))
      trace("\(place.name) stands still for \(time / 1_000_000) ms")
      scheduler.pause(place.rawValue, for: time)
    }
    repeating(faults.cut) { [self] in
      let (place, time) = (pick(), scheduler.below(60 * Self.second))
      trace("\(place.name) is cut off for \(time / 1_000_000) ms")
      for other in Place.allCases where other != place && (scheduler.chance(0.7) || other == .evaluator) {
        network.cut(place.rawValue, other.rawValue, for: time)
      }
    }
    repeating(faults.clock) { [self] in
      let place = pick()
      let jump = scheduler.below(120 * Self.second) - 60 * Self.second
      trace("the wall clock of \(place.name) is moved by \(jump / 1_000_000) ms")
      scheduler.moveWallClock(of: place.rawValue, by: jump)
    }
    repeating(faults.disk) { [self] in
      let (place, time) = (
        [Place.evaluator, .lineage][Int(scheduler.below(2))], scheduler.below(10 * Self.second)
      )
      trace("the disk of \(place.name) is in trouble for \(time / 1_000_000) ms")
      troubleUntil[place] = scheduler.now + time
    }
    scheduler.after(faults.until, as: .simulator) { [self] in
      trace("no faults from now on")
      network.heal()
      scheduler.resumeAll()
      troubleUntil = [:]
    }
  }

  private func pick() -> Place { Place.faulty[Int(scheduler.below(Int64(Place.faulty.count)))] }

  private func repeating(_ mean: Int64?, _ body: @escaping () -> Void) {
    guard let mean else { return }
    scheduler.after(scheduler.below(2 * mean), as: .simulator) { [self] in
      guard scheduler.now < faults.until else { return }
      body()
      repeating(mean, body)
    }
  }

  /// SQLite's code for what becomes of an operation on a file.
  func diskOperation(_ path: String, _ operation: simulation_disk_operation) -> Int32 {
    let isSync = operation == simulation_disk_sync
    let failure: Int32 = isSync ? 10 | 4 << 8 : 10 | 3 << 8
    guard let place = [Place.evaluator, .lineage].first(where: { path.hasPrefix(folder($0) + "/") }) else {
      return 0
    }
    if dying == place { return failure }
    guard (troubleUntil[place] ?? 0) > scheduler.now, scheduler.chance(faults.diskFailure) else { return 0 }
    if scheduler.chance(faults.diskDeath) {
      dying = place
      return failure
    }
    trace("\(place.name): \(isSync ? "a sync" : "a write") fails")
    // 13: the disk is full.
    return isSync || scheduler.chance(0.5) ? failure : 13
  }
}

/// What services log, beside what the simulation does.
struct TraceLog: LogHandler {
  let world: World
  let label: String
  var metadata: Logger.Metadata = [:]
  var logLevel = Logger.Level.info

  subscript(metadataKey key: String) -> Logger.Metadata.Value? {
    get { metadata[key] }
    set { metadata[key] = newValue }
  }

  func log(event: LogEvent) { world.trace("  \(label): \(event.message)") }
}
