import AssayMessages
import AssayRPC
import Foundation
import GRDB

/// The hosts that asked for work, and what is held against them. Every function runs inside a transaction of the caller's.
///
/// A failure is a host's own when another host then ends the same job: where all hosts fail, the job or the evaluator is to blame.
/// A host with ``quarantineThreshold`` jobs that failed on it alone gets no more, until an operator has looked at it.
struct RunnerRoster: Sendable {
  static let quarantineThreshold = 2
  /// Older failures are forgotten: a day, in milliseconds.
  static let memory: Int64 = 86_400_000

  /// Notes what a host offers.
  func register(
    _ database: Database, _ host: RunnerHostID, _ offer: RunnerOffer, isolation: String, now: Int64
  ) throws {
    try database.execute(
      sql: """
        INSERT INTO runner_hosts (host, state, reason, changed_at_ms, labels, memory_bytes, isolation, gpus, processor)
        VALUES (?, 'active', '', ?, ?, ?, ?, ?, ?)
        ON CONFLICT (host) DO UPDATE SET labels = excluded.labels, memory_bytes = excluded.memory_bytes,
          isolation = excluded.isolation, gpus = excluded.gpus, processor = excluded.processor
        """,
      arguments: [
        host.description, now, offer.labels.joined(separator: " "), Int64(clamping: offer.memoryBytes),
        isolation, try JSONEncoder().encode(offer.gpus), offer.processor,
      ])
  }

  /// The state of a host; one that is not known yet is active.
  func state(_ database: Database, _ host: RunnerHostID) throws -> RunnerState {
    let text = try String.fetchOne(
      database, sql: "SELECT state FROM runner_hosts WHERE host = ?", arguments: [host.description])
    return text.flatMap(RunnerState.init) ?? .active
  }

  /// - Returns: false when the host is not known.
  func set(
    _ database: Database, _ host: RunnerHostID, _ state: RunnerState, reason: String, now: Int64
  ) throws -> Bool {
    try database.execute(
      sql: "UPDATE runner_hosts SET state = ?, reason = ?, changed_at_ms = ? WHERE host = ?",
      arguments: [state.rawValue, reason, now, host.description])
    guard database.changesCount == 1 else { return false }
    // An operator who gives a host back has looked at it.
    if state == .active {
      try database.execute(
        sql: "DELETE FROM host_failures WHERE host = ?", arguments: [host.description])
    }
    return true
  }

  /// Notes that a job failed on a host for reasons of ours.
  func failed(_ database: Database, job: String, on host: RunnerHostID, reason: String, now: Int64) throws {
    try database.execute(
      sql: """
        INSERT INTO host_failures (host, job_id, at_ms, reason) VALUES (?, ?, ?, ?)
        ON CONFLICT (host, job_id) DO UPDATE SET at_ms = excluded.at_ms, reason = excluded.reason
        """, arguments: [host.description, job, now, reason])
  }

  /// Notes that a job ended on a host.
  ///
  /// - Returns: hosts that are quarantined by that, with the reason.
  func ended(_ database: Database, job: String, on host: RunnerHostID, now: Int64) throws -> [(
    host: RunnerHostID, reason: String
  )] {
    try database.execute(
      sql: "UPDATE runner_hosts SET jobs_done = jobs_done + 1 WHERE host = ?",
      arguments: [host.description])
    try database.execute(
      sql: "UPDATE host_failures SET finished_by = ? WHERE job_id = ? AND host <> ? AND finished_by = ''",
      arguments: [host.description, job, host.description])
    guard database.changesCount > 0 else { return [] }
    let suspects = try Row.fetchAll(
      database,
      sql: """
        SELECT host, COUNT(*) AS jobs, MAX(finished_by) AS other,
          (SELECT reason FROM host_failures AS last WHERE last.host = failure.host ORDER BY at_ms DESC LIMIT 1) AS reason
        FROM host_failures AS failure JOIN runner_hosts USING (host)
        WHERE finished_by <> '' AND at_ms > ? AND state IN ('active', 'cordoned')
        GROUP BY host HAVING jobs >= ?
        """, arguments: [now - Self.memory, Self.quarantineThreshold])
    return try suspects.compactMap { row in
      guard let suspect = RunnerHostID(row["host"] as String) else { return nil }
      let reason = Bounded.text(
        "\(row["jobs"] as Int64) jobs failed here and were then finished by other hosts (last: \(row["reason"] as String))",
        1900)
      _ = try set(database, suspect, .quarantined, reason: reason, now: now)
      return (suspect, reason)
    }
  }

  /// Queues again what a host holds; nothing failed.
  func takeBack(_ database: Database, from host: RunnerHostID) throws {
    for holder in try String.fetchAll(
      database, sql: "SELECT DISTINCT holder FROM jobs WHERE state = 'leased'")
    where RunnerHostID(holder: holder) == host {
      try database.execute(
        sql: "UPDATE jobs SET state = 'queued', holder = '' WHERE state = 'leased' AND holder = ?",
        arguments: [holder])
    }
  }
}
