import AssayMessages
import AssayRPC
import AssayServices
import Foundation
import GRDB

/// What operators ask of the runners.
extension Evaluator: FleetService {
  /// Milliseconds after which a host that has not called offers nothing: runners call every 20 s.
  private static let silence: Int64 = 120_000

  public func listRunners(_ request: RunnerV1.ListRunnersRequest, _ context: CallContext) async throws
    -> RunnerV1.ListRunnersResponse
  {
    let seen = slots.withLock { $0 }
    let now = configuration.clock.now()
    var response = try await consult { [queue] database in
      var response = RunnerV1.ListRunnersResponse()
      let rows = try Row.fetchAll(database, sql: "SELECT * FROM runner_hosts ORDER BY host LIMIT 4096")
      let held = try queue.heldGPUs(database, now: now)
      let reservations = try HostReservations.fetch(database)
      response.hosts = try rows.compactMap { row in
        var host = try Self.host(database, row, seen)
        guard let id = RunnerHostID(row["host"] as String) else { return host }
        host?.gpusHeld = UInt32(clamping: held[id] ?? 0)
        host?.keptFor = reservations.kind(on: id)?.gpus?.wire
        return host
      }
      let alive = Set(
        seen.filter { now - $0.value < Self.silence }.compactMap { RunnerHostID(holder: $0.key) }
      ).union(held.keys)
      response.unmet = try Self.unmet(
        database,
        offers: rows.filter { RunnerHostID($0["host"] as String).map(alive.contains) == true }
          .compactMap(Self.activeOffer))
      return response
    }
    response.nowMs = now
    return response
  }

  public func controlRunner(_ request: RunnerV1.ControlRunnerRequest, _ context: CallContext) async throws
    -> RunnerV1.ControlRunnerResponse
  {
    let state: RunnerState
    switch request.state {
    case .active: state = .active
    case .cordoned: state = .cordoned
    case .drained: state = .drained
    default:
      throw RPCError(
        .invalidArgument, reason: "INVALID_RUNNER_STATE",
        "a runner can be made ACTIVE, CORDONED or DRAINED; it is the evaluator that puts one in quarantine")
    }
    let seen = slots.withLock { $0 }
    let now = configuration.clock.now()
    let host = try await commit { [roster] database in
      let id = try Self.find(database, request.host)
      let reason = Bounded.text(request.reason, 1000)
      // The same again keeps the time of the first.
      if try roster.state(database, id) != state {
        guard try roster.set(database, id, state, reason: reason, now: now) else {
          throw Self.unknown(request.host)
        }
      }
      if state == .drained { try roster.takeBack(database, from: id) }
      let row = try Row.fetchOne(
        database, sql: "SELECT * FROM runner_hosts WHERE host = ?", arguments: [id.description])
      return try row.flatMap { try Self.host(database, $0, seen) }
    }
    logger.notice("runner \(request.host): \(state.rawValue)", metadata: ["reason": "\(request.reason)"])
    announce()
    var response = RunnerV1.ControlRunnerResponse()
    response.host = host
    return response
  }

  private static func unknown(_ name: String) -> RPCError {
    RPCError(
      .notFound, reason: "UNKNOWN_RUNNER",
      "no runner '\(name.prefix(100))' has asked this evaluator for work; `assay runners` lists those that have"
    )
  }

  private static func find(_ database: Database, _ name: String) throws -> RunnerHostID {
    let all = try String.fetchAll(database, sql: "SELECT host FROM runner_hosts").compactMap(
      RunnerHostID.init)
    let found = all.filter { $0.name == name || $0.description == name }
    guard found.count < 2 else {
      throw RPCError(
        .failedPrecondition, reason: "AMBIGUOUS_RUNNER",
        "several runners are called '\(name.prefix(100))'; name one of \(found.map(\.description).sorted().joined(separator: ", "))"
      )
    }
    guard let host = found.first else { throw unknown(name) }
    return host
  }

  static func activeOffer(_ row: Row) -> RunnerOffer? {
    guard row["state"] as String == RunnerState.active.rawValue else { return nil }
    var offer = RunnerOffer()
    offer.labels = (row["labels"] as String).split(separator: " ").map(String.init)
    offer.memoryBytes = UInt64(clamping: row["memory_bytes"] as Int64)
    offer.gpus = gpus(row)
    offer.processor = row["processor"]
    return offer
  }

  /// Hosts from before there were GPUs have none.
  static func gpus(_ row: Row) -> [OfferedGPU] {
    (row["gpus"] as Data?).flatMap { try? JSONDecoder().decode([OfferedGPU].self, from: $0) } ?? []
  }

  static func unmet(_ database: Database, offers: [RunnerOffer]) throws -> [RunnerV1.UnmetNeed] {
    try Row.fetchAll(
      database, sql: "SELECT needs, COUNT(*) AS jobs FROM jobs WHERE state = 'queued' GROUP BY needs LIMIT 64"
    ).compactMap { row in
      let needs = JobNeeds(text: row["needs"])
      guard !offers.contains(where: { needs.isMet(by: $0) }) else { return nil }
      var unmet = RunnerV1.UnmetNeed()
      unmet.labels = needs.labels
      unmet.memoryBytes = needs.memoryBytes
      unmet.gpus = needs.gpus?.wire
      unmet.processor = needs.processor ?? ""
      unmet.jobs = UInt32(clamping: row["jobs"] as Int64)
      return unmet
    }
  }

  private static func host(_ database: Database, _ row: Row, _ seen: [String: Int64]) throws
    -> RunnerV1.RunnerHost?
  {
    guard let id = RunnerHostID(row["host"] as String) else { return nil }
    var host = RunnerV1.RunnerHost()
    host.name = id.name
    host.identity = id.identity
    host.state = (RunnerState(rawValue: row["state"]) ?? .active).wire
    host.reason = row["reason"]
    host.changedAtMs = row["changed_at_ms"]
    host.labels = (row["labels"] as String).split(separator: " ").map(String.init)
    host.memoryBytes = UInt64(clamping: row["memory_bytes"] as Int64)
    host.isolation = row["isolation"]
    host.gpus = gpus(row).map(\.wire)
    host.jobsDone = UInt64(clamping: row["jobs_done"] as Int64)
    let failures = try Row.fetchOne(
      database,
      sql:
        "SELECT COUNT(*) AS all_of_them, TOTAL(finished_by <> '') AS alone FROM host_failures WHERE host = ?",
      arguments: [id.description])
    host.failures = UInt64(clamping: failures?["all_of_them"] as Int64? ?? 0)
    host.failuresAlone = UInt64(failures?["alone"] as Double? ?? 0)
    host.slots = try slots(database, of: id, seen)
    if host.state == .quarantined { host.doubtful = try trials(database, measuredBy: id) }
    return host
  }

  private static func slots(_ database: Database, of id: RunnerHostID, _ seen: [String: Int64]) throws
    -> [RunnerV1.RunnerSlot]
  {
    let leased = try Row.fetchAll(
      database,
      sql:
        "SELECT holder, job_id, phase, run_id, needs, CASE purpose WHEN 'smoke' THEN 0 ELSE trial END AS trial FROM jobs WHERE state = 'leased'"
    )
    let held = Dictionary(leased.map { ($0["holder"] as String, $0) }, uniquingKeysWith: { $1 })
    let holders = Set(seen.keys).union(held.keys).filter { RunnerHostID(holder: $0) == id }
    return holders.sorted().prefix(1024).map { holder in
      var slot = RunnerV1.RunnerSlot()
      slot.name = String(holder.drop { $0 != "#" }.dropFirst())
      slot.seenAtMs = seen[holder] ?? 0
      if let job = held[holder] {
        slot.jobId = job["job_id"]
        slot.phase = job["phase"]
        slot.runId = job["run_id"]
        slot.trial = UInt32(clamping: job["trial"] as Int64)
        slot.gpus = UInt32(clamping: JobNeeds(text: job["needs"]).gpus?.count ?? 0)
      }
      return slot
    }
  }

  private static func trials(_ database: Database, measuredBy id: RunnerHostID) throws
    -> [RunnerV1.MeasuredTrial]
  {
    try Row.fetchAll(
      database,
      sql: """
        SELECT run_id, trial, MAX(number) AS newest FROM jobs
        WHERE state = 'done' AND purpose <> 'smoke' AND (holder = ? OR substr(holder, 1, ?) = ?)
        GROUP BY run_id, trial ORDER BY newest DESC LIMIT 256
        """,
      arguments: [id.description, id.description.count + 1, id.description + "/"]
    ).map { row in
      var trial = RunnerV1.MeasuredTrial()
      trial.runId = row["run_id"]
      trial.trial = UInt32(clamping: row["trial"] as Int64)
      return trial
    }
  }
}
