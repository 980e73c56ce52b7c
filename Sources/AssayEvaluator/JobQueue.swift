import AssayMessages
import AssayRPC
import AssayVerdict
import Foundation
import GRDB
import Metrics

/// The durable queue of jobs. Every function runs inside a transaction of the caller's; the clock is the caller's too.
///
/// queued -> leased (token + 1 at each lease) -> done; a lease that ends without an answer goes back to queued.
struct JobQueue: Sendable {
  var leaseMilliseconds: Int64 = 15_000
  var heartbeatMilliseconds: Int64 = 4_000
  let roster = RunnerRoster()
  /// Is told when a run has its hardware: whoever was woken for its jobs may not have been of that kind.
  var settled: @Sendable () -> Void = {}
  /// How often a job may fail for reasons of ours, lost leases included.
  var attempts = 5
  /// The most jobs that a queue looks through for the fairest one.
  private static let window = 512

  struct Abandoned: Sendable, Hashable {
    var measurement: MeasurementID
    var reason: String
  }

  /// A job as the queue knows it.
  struct Held: Sendable {
    var id: String
    var measurement: MeasurementID
    var key: TrialStateMachine.JobKey
    var spec: RunnerV1.Job
    var isCancelled: Bool
  }

  enum Completion: Sendable {
    /// The first answer: the job is done.
    case ended(Held)
    /// A failure of the runner: the job is queued again.
    case again
    /// A failure of runners once too often.
    case abandoned(Abandoned)
    /// The same answer again, or one that nobody waits for any more.
    case known
  }

  func insert(
    _ database: Database, id: String, measurement: MeasurementID, specialist: String,
    key: TrialStateMachine.JobKey,
    spec: RunnerV1.Job, needs: JobNeeds = JobNeeds()
  ) throws {
    try database.execute(
      sql: """
        INSERT INTO jobs (job_id, run_id, trial, purpose, specialist, key, phase, spec, needs, state)
        VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, 'queued') ON CONFLICT (job_id) DO NOTHING
        """,
      arguments: [
        id, measurement.run, measurement.trial, measurement.purpose.rawValue, specialist,
        try JSONEncoder().encode(key),
        spec.phase, Data(spec.serialized()),
        try (Self.hardware(database, run: measurement.run).map(needs.on) ?? needs).text,
      ])
  }

  /// Leases the job whose turn it is, among those whose needs the host meets: those that finish begun trials first, then those
  /// that confirm, then by the priority of the run, then the run and in it the specialist that waited longest.
  ///
  /// A slot that asks while it holds a job lost the answer, or was restarted: it gets that job again, with a new token.
  func lease(
    _ database: Database, holder: String, offer: RunnerOffer = RunnerOffer(), now: Int64,
    reclaimOnly: Bool = false
  ) throws -> RunnerV1.Job? {
    let held = try Row.fetchOne(
      database,
      sql:
        "SELECT number, spec, token, needs, run_id, specialist, phase FROM jobs WHERE state = 'leased' AND holder = ?",
      arguments: [holder])
    let row: Row?
    if let held {
      row = held
    } else if reclaimOnly {
      return nil
    } else {
      row = try next(database, offer, for: RunnerHostID(holder: holder), now: now)
    }
    guard let row else { return nil }
    let token = (row["token"] as Int64) + 1
    try database.execute(
      sql: "UPDATE jobs SET state = 'leased', token = ?, holder = ?, expires_at_ms = ? WHERE number = ?",
      arguments: [token, holder, now + leaseMilliseconds, row["number"] as Int64])
    if ["train", "smoke"].contains(row["phase"] as String) {
      try takeTurn(database, run: row["run_id"], specialist: row["specialist"])
    }
    let needs = try settle(database, run: row["run_id"], on: offer, JobNeeds(text: row["needs"]))
    var job = try RunnerV1.Job(serialized: [UInt8](row["spec"] as Data))
    job.gpus?.model = needs.gpus?.model ?? ""
    job.fencingToken = UInt64(token)
    job.leaseMs = UInt32(clamping: leaseMilliseconds)
    job.heartbeatMs = UInt32(clamping: heartbeatMilliseconds)
    return job
  }

  /// GPUs that jobs hold, by host, those included that a host may not have ended yet. Hosts whose jobs hold none are there too.
  func heldGPUs(_ database: Database, now: Int64) throws -> [RunnerHostID: Int] {
    try Row.fetchAll(
      database,
      sql: """
        SELECT holder, needs FROM jobs WHERE state = 'leased'
        UNION ALL SELECT holder, needs FROM jobs WHERE state = 'cancelled' AND expires_at_ms > ?
        """, arguments: [now]
    ).reduce(into: [:]) { held, row in
      held[RunnerHostID(holder: row["holder"]), default: 0] += JobNeeds(text: row["needs"]).gpus?.count ?? 0
    }
  }

  private func next(_ database: Database, _ offer: RunnerOffer, for host: RunnerHostID, now: Int64) throws
    -> Row?
  {
    let waiting = try String.fetchAll(
      database, sql: "SELECT DISTINCT needs FROM jobs WHERE state = 'queued'"
    ).map { (text: $0, need: JobNeeds(text: $0)) }
    var kinds = waiting.filter { $0.need.isMet(by: offer) }
    if offer.gpus.isEmpty { return try first(database, of: kinds.map(\.text), now: now) }

    let held = try heldGPUs(database, now: now)
    let request = HostReservations.Request(host: host, offer: offer, heldGPUs: held[host] ?? 0, now: now)
    let before = try HostReservations.fetch(database)
    var reservations = before
    try reservations.review(request, waiting: Set(waiting.map(\.need))) { reservation in
      try roster.state(database, reservation.host) == .active
        && (held[reservation.host] != nil || now - reservation.asked < HostReservations.patience)
    }
    var found: Row?
    // What the host is kept for comes first: nothing else takes its slot then.
    if let own = reservations.kind(on: host) {
      let row = try first(database, of: kinds.filter { $0.need == own }.map(\.text), now: now)
      if row != nil, reservations.starts(own, on: request) { found = row }
    }
    while found == nil, let row = try first(database, of: kinds.map(\.text), now: now) {
      let need = JobNeeds(text: row["needs"])
      if reservations.starts(need, on: request) { found = row }
      kinds.removeAll { $0.need == need }
    }
    if reservations != before { try reservations.save(database) }
    return found
  }

  /// The job whose turn it is, of these kinds.
  private func first(_ database: Database, of kinds: [String], now: Int64) throws -> Row? {
    guard !kinds.isEmpty else { return nil }
    let marks = Array(repeating: "?", count: kinds.count).joined(separator: ", ")
    return try Row.fetchOne(
      database,
      sql: """
        SELECT number, spec, token, needs, open.run_id, open.specialist, open.phase FROM
          (SELECT * FROM jobs WHERE state = 'queued' AND available_at_ms <= ? AND needs IN (\(marks))
           ORDER BY number LIMIT \(Self.window)) AS open
          LEFT JOIN runs ON runs.run_id = open.run_id
          LEFT JOIN run_turns ON run_turns.run_id = open.run_id
          LEFT JOIN turns ON turns.run_id = open.run_id AND turns.specialist = open.specialist
        ORDER BY open.phase = 'predict' DESC, purpose IN ('confirm', 'again', 'final') DESC, COALESCE(priority, 0) DESC,
          COALESCE(run_turns.last, 0), COALESCE(turns.last, 0), number LIMIT 1
        """, arguments: StatementArguments([now]) + StatementArguments(kinds))
  }

  /// What jobs that may be leased now ask for, and how many ask for it.
  func waitingKinds(_ database: Database, now: Int64) throws -> [(need: JobNeeds, jobs: Int)] {
    try Row.fetchAll(
      database,
      sql:
        "SELECT needs, COUNT(*) AS jobs FROM jobs WHERE state = 'queued' AND available_at_ms <= ? GROUP BY needs",
      arguments: [now]
    ).map { (JobNeeds(text: $0["needs"]), Int($0["jobs"] as Int64)) }
  }

  private func takeTurn(_ database: Database, run: String, specialist: String) throws {
    try database.execute(
      sql: """
        INSERT INTO turns (run_id, specialist, last)
        VALUES (?, ?, (SELECT COALESCE(MAX(last), 0) + 1 FROM turns))
        ON CONFLICT (run_id, specialist) DO UPDATE SET last = excluded.last
        """, arguments: [run, specialist])
    try database.execute(
      sql: """
        INSERT INTO run_turns (run_id, last) VALUES (?, (SELECT COALESCE(MAX(last), 0) + 1 FROM run_turns))
        ON CONFLICT (run_id) DO UPDATE SET last = excluded.last
        """, arguments: [run])
  }

  /// Gives back a lease whose answer nobody got.
  func release(_ database: Database, job: RunnerV1.Job) throws {
    try database.execute(
      sql:
        "UPDATE jobs SET state = 'queued', holder = '' WHERE job_id = ? AND token = ? AND state = 'leased'",
      arguments: [job.jobId, Int64(clamping: job.fencingToken)])
  }

  /// Renews a lease; true when the job is still wanted. A lease that is lost, or a job that is not wanted, is false.
  func heartbeat(_ database: Database, id: String, token: UInt64, holder: String, now: Int64) throws -> Bool {
    try database.execute(
      sql: """
        UPDATE jobs SET expires_at_ms = ? WHERE job_id = ? AND token = ? AND holder = ? AND state = 'leased'
        """, arguments: [now + leaseMilliseconds, id, Int64(clamping: token), holder])
    return database.changesCount == 1
  }

  /// The job of a lease that is in force.
  ///
  /// - Throws: `RPCError`, FAILED_PRECONDITION / LEASE_LOST, for any other holder or token.
  func held(_ database: Database, id: String, token: UInt64, holder: String) throws -> Held {
    guard let row = try Row.fetchOne(database, sql: "SELECT * FROM jobs WHERE job_id = ?", arguments: [id]),
      (row["token"] as Int64) == Int64(clamping: token), (row["holder"] as String) == holder,
      row["state"] as String == "leased"
    else { throw Self.lost }
    return try Self.read(row)
  }

  /// - Parameter fault: why the report of a job is not believed; that is a failure of the runner.
  func complete(
    _ database: Database, _ request: RunnerV1.CompleteJobRequest, holder: String, now: Int64,
    fault: (Held) throws -> String? = { _ in nil }
  ) throws -> Completion {
    guard
      let row = try Row.fetchOne(
        database, sql: "SELECT * FROM jobs WHERE job_id = ?", arguments: [request.jobId]),
      (row["token"] as Int64) == Int64(clamping: request.fencingToken), (row["holder"] as String) == holder
    else { throw Self.lost }
    let body = VerdictStatement.digest(request.serialized())
    if row["body"] as String == body { return .known }
    let job = try Self.read(row)
    switch row["state"] as String {
    case "leased": break
    case "cancelled": return .known
    case "done":
      throw RPCError(
        .failedPrecondition, reason: "JOB_ALREADY_COMPLETED",
        "the job was completed with another answer; the first one counts")
    default: throw Self.lost
    }
    if request.handedBack {
      try database.execute(
        sql: "UPDATE jobs SET state = 'queued', body = ?, available_at_ms = ? WHERE job_id = ?",
        arguments: [body, now, request.jobId])
      return .again
    }
    if request.outcome == .infrastructure || request.outcome == .unspecified {
      let reason = LogExcerpt.clean(request.infrastructureReason)
      return try fail(database, row, reason: "a runner failed: \(reason)", body: body, now: now).map {
        .abandoned($0)
      } ?? .again
    }
    for output in request.outputs where output.state == .present {
      let size = try Int64.fetchOne(
        database, sql: "SELECT size FROM job_outputs WHERE job_id = ? AND digest = ?",
        arguments: [request.jobId, output.digest])
      guard let size, UInt64(size) == output.size else {
        throw RPCError(
          .failedPrecondition, reason: "OUTPUT_NOT_UPLOADED",
          "the output '\(output.path.prefix(100))' was not uploaded with this digest and size; put its blob, then complete the job"
        )
      }
    }
    if let fault = try fault(job) {
      let reason = "a runner's report was refused: \(fault)"
      return try fail(database, row, reason: reason, body: body, now: now).map { .abandoned($0) } ?? .again
    }
    try database.execute(
      sql: "UPDATE jobs SET state = 'done', body = ? WHERE job_id = ?", arguments: [body, request.jobId])
    return .ended(job)
  }

  /// Lets each lease end at `until`, and no pause later: they were given by another process, whose clock may have been another one.
  func extendLeases(_ database: Database, until: Int64) throws {
    try database.execute(
      sql: "UPDATE jobs SET expires_at_ms = ? WHERE state = 'leased'", arguments: [until])
    try database.execute(
      sql: "UPDATE jobs SET available_at_ms = ? WHERE state = 'queued' AND available_at_ms > ?",
      arguments: [until, until])
  }

  /// Queues again what was leased too long ago; the result names what failed once too often.
  func requeueExpired(_ database: Database, now: Int64) throws -> [Abandoned] {
    let rows = try Row.fetchAll(
      database, sql: "SELECT * FROM jobs WHERE state = 'leased' AND expires_at_ms <= ?", arguments: [now])
    database.afterNextTransaction { [lost = rows.count] _ in
      if lost > 0 { Counter(label: "assay_jobs_taken_back").increment(by: lost) }
    }
    return try rows.compactMap { row in
      try fail(database, row, reason: "runners were lost while they held the job", body: "", now: now)
    }
  }

  private func fail(_ database: Database, _ row: Row, reason: String, body: String, now: Int64) throws
    -> Abandoned?
  {
    let failures = (row["failures"] as Int64) + 1
    let isLast = failures >= Int64(attempts)
    try roster.failed(
      database, job: row["job_id"], on: RunnerHostID(holder: row["holder"]),
      reason: Bounded.text(reason, 1000),
      now: now)
    // The holder stays, so that the same answer sent twice is recognised; the state says that nobody has it.
    try database.execute(
      sql: "UPDATE jobs SET state = ?, failures = ?, body = ?, available_at_ms = ? WHERE job_id = ?",
      arguments: [
        isLast ? "done" : "queued", failures, body, body.isEmpty ? now : now + 250 << min(failures, 6),
        row["job_id"] as String,
      ])
    guard isLast else { return nil }
    return Abandoned(
      measurement: try Self.read(row).measurement,
      reason:
        "given up after \(failures) attempts: \(reason). The trial is not charged; look at the runners' logs."
    )
  }

  /// When something has to happen next without anybody asking: a lease that ends, of a job that nobody wants any more too, or a
  /// pause that does.
  ///
  /// - Parameter last: when whoever waits was last told.
  func nextDeadline(_ database: Database, after last: Int64) throws -> Int64? {
    try Int64.fetchOne(
      database,
      sql: """
        SELECT MIN(at) FROM (
          SELECT MIN(expires_at_ms) AS at FROM jobs WHERE state = 'leased'
          UNION ALL SELECT MIN(expires_at_ms) FROM jobs WHERE state = 'cancelled' AND expires_at_ms > ?
          UNION ALL SELECT MIN(available_at_ms) FROM jobs WHERE state = 'queued' AND available_at_ms > ?)
        """, arguments: [last, last])
  }

  /// Nobody wants these jobs any more: queued ones go, running ones learn it at their next heartbeat.
  func cancel(_ database: Database, _ measurement: MeasurementID) throws {
    try database.execute(
      sql: """
        UPDATE jobs SET state = 'cancelled', expires_at_ms = CASE state WHEN 'leased' THEN expires_at_ms ELSE 0 END
        WHERE run_id = ? AND trial = ? AND purpose = ? AND state IN ('queued', 'leased')
        """, arguments: [measurement.run, measurement.trial, measurement.purpose.rawValue])
  }

  /// Jobs of a measurement that a runner holds.
  func leasedCount(_ database: Database, _ measurement: MeasurementID) throws -> Int {
    try Int.fetchOne(
      database,
      sql: "SELECT COUNT(*) FROM jobs WHERE run_id = ? AND trial = ? AND purpose = ? AND state = 'leased'",
      arguments: [measurement.run, measurement.trial, measurement.purpose.rawValue]) ?? 0
  }

  func counts(_ database: Database, run: String) throws -> (queued: Int, leased: Int) {
    func count(_ state: String) throws -> Int {
      try Int.fetchOne(
        database, sql: "SELECT COUNT(*) FROM jobs WHERE run_id = ? AND state = ?", arguments: [run, state])
        ?? 0
    }
    return (try count("queued"), try count("leased"))
  }

  private static func read(_ row: Row) throws -> Held {
    Held(
      id: row["job_id"],
      measurement: MeasurementID(
        run: row["run_id"], trial: UInt32(clamping: row["trial"] as Int64),
        purpose: MeasurementID.Purpose(rawValue: row["purpose"]) ?? .trial),
      key: try JSONDecoder().decode(TrialStateMachine.JobKey.self, from: row["key"] as Data),
      spec: try RunnerV1.Job(serialized: [UInt8](row["spec"] as Data)),
      isCancelled: row["state"] as String == "cancelled")
  }

  static var lost: RPCError {
    RPCError(
      .failedPrecondition, reason: "LEASE_LOST",
      "this lease is not in force: the job was given to another runner, or ended. Kill the job and lease another one."
    )
  }
}
