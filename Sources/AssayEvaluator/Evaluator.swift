import AssayArtifacts
import AssayIdentity
import AssayMessages
import AssayPatch
import AssayRPC
import AssaySandbox
import AssayServices
import AssayStore
import AssayTask
import Foundation
import GRDB
import Logging
import Metrics
import Synchronization

/// The evaluator: owns tasks, held-out data, the score and the verdict. Serves agents (`EvaluatorService`) and runners
/// (`JobService`); everything it promises is in its database before it answers.
public final class Evaluator: Sendable {
  public struct Configuration: Sendable {
    /// Where the database and the blobs are; one process at a time.
    public var stateFolder: String
    /// Where backups go; `backups` in the state folder by default.
    public var backups: String?
    public var tasks: [OwnedTask]
    /// Signs verdicts.
    public var key: IdentityKey
    /// Nil in tests of the evaluator alone.
    public var lineage: LineageServiceClient?
    public var clock = EvaluatorClock.system
    /// How many trials are scored at once.
    public var scorers = 2
    /// Undecided trials that a specialist may have.
    public var inFlightLimit = 8
    public var leaseMilliseconds: Int64 = 15_000
    public var heartbeatMilliseconds: Int64 = 4_000
    /// Where runners may leave artifacts; nil where all of them travel by RPC.
    public var artifactVolume: ArtifactVolume?

    public init(
      stateFolder: String, tasks: [OwnedTask], key: IdentityKey, lineage: LineageServiceClient? = nil
    ) {
      self.stateFolder = stateFolder
      self.tasks = tasks
      self.key = key
      self.lineage = lineage
    }
  }

  static let version = "0.1.0"

  let configuration: Configuration
  let store: Store
  let blobs: BlobStore
  let queue: JobQueue
  let logger: Logger
  /// Runs and trials changed.
  let changes = Signal()
  /// Jobs may be there to lease.
  let jobs: Signal
  /// Hosts that wait for one.
  let waitingOffers: WaitingOffers
  /// Trials that were decided.
  let decisions = Topics<MeasurementID>()
  /// Work of our own is there.
  let work = Signal()
  /// Leases or pauses changed.
  let deadlines = Signal()
  let outgoing = Signal()
  /// Runners that wait for a job, by what they offer.
  let lines = Mutex<[RunnerOffer: WaitingLine]>([:])
  let roster = RunnerRoster()
  /// What each host offered last.
  let offers = Mutex<[RunnerHostID: RunnerOffer]>([:])
  /// Submissions whose recipes are being read.
  let readers = WaitingLine()
  let hold: RecordHold
  let upkeep = Upkeep()
  /// Measurements whose work is being done.
  let claimed = Mutex<Set<MeasurementID>>([])
  /// When each runner's slot was last heard of.
  let slots = Mutex<[String: Int64]>([:])
  /// SHA-256 of the training split of each task as it was prepared here, by `TASK/data`.
  let mounts: [String: String]

  /// Opens the state folder and takes up what an earlier process left.
  ///
  /// - Throws: `StoreError` (in use, newer version, damaged), `EvaluatorError`.
  public static func open(_ configuration: Configuration, logger: Logger) async throws -> Evaluator {
    let names = configuration.tasks.map(\.task.name)
    guard Set(names).count == names.count, !names.isEmpty else {
      throw EvaluatorError(
        .invalidTask, "an evaluator owns one or more tasks, each with a name of its own; got \(names)")
    }
    let store = try Store.open(
      at: configuration.stateFolder + "/evaluator.sqlite", migrations: Schema.migrations)
    store.health.observe { reason in
      Counter(label: "assay_state_failures").increment()
      logger.error("the state cannot be used: \(reason)")
    }
    // The database is ours alone now: what an earlier process left half made can go.
    let scratch = scratch(in: configuration.stateFolder)
    if FileManager.default.fileExists(atPath: scratch) { try FileManager.default.removeItem(atPath: scratch) }
    let blobs = try BlobStore(folder: configuration.stateFolder, health: store.health)
    var configuration = configuration
    configuration.clock = try await clock(for: configuration, store, logger)
    let evaluator = Evaluator(configuration, store: store, blobs: blobs, logger: logger)
    for owned in configuration.tasks {
      for path in owned.task.harness.paths { try await blobs.put(owned.task.harness[path] ?? []) }
    }
    // While we were away no heartbeat could arrive: every lease gets its whole time again.
    let until = configuration.clock.now() + configuration.leaseMilliseconds
    try await store.write { try evaluator.queue.extendLeases($0, until: until) }
    return evaluator
  }

  /// The clock of an evaluator that goes on with a state: no earlier than the state, and ahead of it only by the time that passed.
  private static func clock(
    for configuration: Configuration, _ store: Store, _ logger: Logger
  ) async throws -> EvaluatorClock {
    let (clock, lease) = (configuration.clock, configuration.leaseMilliseconds)
    let (set, beginning) = try await store.write { database in
      let beginning = ClockRow.beginning(
        after: try ClockRow.fetch(database),
        latest: try ClockRow.latest(database, leaseMilliseconds: lease), clock)
      let set = clock.set(to: beginning.now)
      try ClockRow.begin(database, beginning, set)
      return (set, beginning)
    }
    let behind = (beginning.now - clock.wall()) / 1000
    if behind > 0 {
      logger.warning(
        "this machine's clock is \(behind) s behind the latest time in the state; times go on from there")
    }
    if beginning.moved > 0 {
      logger.warning(
        "this machine's clock was set forward by \(beginning.moved / 1000) s; deadlines move with it, no time is lost"
      )
    }
    return set
  }

  /// The folder for temporary files of one state folder; emptied when it is opened.
  public static func scratch(in stateFolder: String) -> String { stateFolder + "/scratch" }

  private init(_ configuration: Configuration, store: Store, blobs: BlobStore, logger: Logger) {
    self.configuration = configuration
    self.store = store
    self.blobs = blobs
    self.logger = logger
    jobs = Signal()
    waitingOffers = WaitingOffers(jobs)
    hold = RecordHold(clock: configuration.clock)
    var queue = JobQueue()
    queue.leaseMilliseconds = configuration.leaseMilliseconds
    queue.settled = { [jobs] in jobs.raise() }
    queue.heartbeatMilliseconds = configuration.heartbeatMilliseconds
    self.queue = queue
    mounts = Dictionary(
      configuration.tasks.compactMap { owned in
        MountDigest.hex(of: owned.prepared.train).map { ("\(owned.task.name)/data", $0) }
      }, uniquingKeysWith: { $1 })
  }

  /// Does the evaluator's own work until the task is cancelled: scores, takes back lost leases, tells the lineage.
  public func run() async throws {
    try await withThrowingTaskGroup(of: Void.self) { group in
      for _ in 0..<max(1, configuration.scorers) {
        group.addTask { try await self.score() }
      }
      group.addTask { try await self.watchLeases() }
      group.addTask { try await self.watchJobs() }
      group.addTask { try await self.watchStopRules() }
      group.addTask { try await self.watchClock() }
      if let lineage = configuration.lineage {
        let witness = Witness(
          store: store, lineage: lineage, key: configuration.key, clock: configuration.clock, logger: logger)
        let outbox = Outbox(
          store: store, lineage: lineage, witness: witness, hold: hold, clock: configuration.clock,
          logger: logger)
        group.addTask { try await outbox.run(self.outgoing) }
      }
      do { try await group.waitForAll() } catch is CancellationError {}
      group.cancelAll()
    }
  }

  func owned(_ name: String) throws -> OwnedTask {
    if name.isEmpty, configuration.tasks.count == 1, let only = configuration.tasks.first { return only }
    guard let owned = configuration.tasks.first(where: { $0.task.name == name }) else {
      throw RPCError(
        .notFound, reason: "UNKNOWN_TASK",
        "this evaluator has no task '\(name.prefix(64))'; it has \(configuration.tasks.map(\.task.name).joined(separator: ", "))"
      )
    }
    return owned
  }

  /// Tells everyone who waits that something was committed.
  func announce() {
    for signal in [changes, jobs, work, deadlines, outgoing] { signal.raise() }
  }

  /// Keeps a loop of background work alive: a failure is logged, and tried again after a while.
  func persistently(_ what: String, _ body: () async throws -> Void) async throws {
    while true {
      do {
        try await body()
      } catch {
        try Task.checkCancellation()
        logger.error("\(what) failed and goes on in a second: \(error)")
        try await configuration.clock.pause(1000)
      }
    }
  }

  /// Wakes hosts that wait, as many as there are jobs for.
  private func watchJobs() async throws {
    try await persistently("watching jobs") {
      let seen = jobs.generation
      if waitingOffers.count > 0 {
        let now = configuration.clock.now()
        waitingOffers.wake(for: try await store.read { [queue] in try queue.waitingKinds($0, now: now) })
      }
      try await jobs.wait(past: seen)
    }
  }

  private func watchLeases() async throws {
    var last = configuration.clock.now()
    try await persistently("watching leases") {
      let seen = deadlines.generation
      let now = configuration.clock.now()
      let due = try await store.read { [queue, last] in try queue.nextDeadline($0, after: last) }
      // What came to its end since then is due now; it is no deadline any more the next time.
      last = now
      guard let due else { return try await deadlines.wait(past: seen) }
      guard due <= now else {
        _ = try await race(
          { try await self.deadlines.wait(past: seen) },
          { try await self.configuration.clock.sleepUntil(due) })
        return
      }
      try await expireLeases(now: now)
    }
  }

  /// By how much the machine's clock is ahead of ours, in milliseconds.
  var clockOffset: Int64 { configuration.clock.wall() - configuration.clock.now() }

  /// Says when somebody sets the machine's clock.
  private func watchClock() async throws {
    var known = clockOffset
    try await persistently("watching the clock") {
      try await configuration.clock.pause(10_000)
      let offset = clockOffset
      guard abs(offset - known) >= 2000 else { return }
      logger.warning(
        "this machine's clock was set by \((offset - known) / 1000) s; leases, deadlines and the times in the record go on as before"
      )
      known = offset
    }
  }

  /// Queues again what is leased beyond its time.
  func expireLeases(now: Int64) async throws {
    try await store.write { database in
      for abandoned in try self.queue.requeueExpired(database, now: now) {
        try self.advance(database, abandoned.measurement, .jobAbandoned(abandoned.reason))
      }
    }
    announce()
  }

  func race(
    _ first: @escaping @Sendable () async throws -> Void,
    _ second: @escaping @Sendable () async throws -> Void
  ) async throws {
    try await withThrowingTaskGroup(of: Void.self) { group in
      group.addTask(operation: first)
      group.addTask(operation: second)
      try await group.next()
      group.cancelAll()
      while let ended = await group.nextResult() {
        if case .failure(let error) = ended, !(error is CancellationError) { throw error }
      }
    }
    try Task.checkCancellation()
  }
}

extension Evaluator {
  /// All services of the evaluator, ready to be served.
  public func makeRouter() -> RPCRouter {
    var router = RPCRouter()
    let agents: any EvaluatorService = self
    let runners: any JobService = self
    let fleet: any FleetService = self
    let operators: any OperationService = self
    router.register(agents)
    router.register(runners)
    router.register(fleet)
    router.register(operators)
    return router
  }
}
