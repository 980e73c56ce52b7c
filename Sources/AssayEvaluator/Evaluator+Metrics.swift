import AssayMessages
import AssayVerdict
import Foundation
import GRDB
import Metrics

/// What is counted of an evaluator. Never a score: whoever scrapes it may be anybody.
extension Evaluator {
  /// Counts a decided trial once its transaction is durable.
  func count(_ database: Database, _ label: LineageV1.VerdictLabel, acceptedAt: Int64) {
    let took = max(0, configuration.clock.now() - acceptedAt)
    database.afterNextTransaction { _ in
      Counter(label: "assay_trials", dimensions: [("label", label.word)]).increment()
      Timer(label: "assay_verdict_latency").recordMilliseconds(took)
    }
  }

  /// Sets the gauges from the database.
  public func measure() async {
    let now = configuration.clock.now()
    let seen = slots.withLock { $0.filter { now - $0.value < 60_000 }.keys }
    Gauge(label: "assay_runner_slots_seen").record(seen.count)
    Gauge(label: "assay_clock_offset_seconds").record(Double(clockOffset) / 1000)
    let hosts = Set(seen.map(RunnerHostID.init(holder:)))
    let counts = try? await store.read { [queue] database in
      func count(_ sql: String) throws -> Int { try Int.fetchOne(database, sql: sql) ?? 0 }
      var phases: [Int64: Int] = [:]
      for row in try Row.fetchAll(database, sql: "SELECT phase, COUNT(*) AS runs FROM runs GROUP BY phase") {
        phases[row["phase"]] = row["runs"]
      }
      return (
        queued: try count("SELECT COUNT(*) FROM jobs WHERE state = 'queued'"),
        leased: try count("SELECT COUNT(*) FROM jobs WHERE state = 'leased'"),
        outbox: try count("SELECT COUNT(*) FROM outbox"),
        undecided: try count("SELECT COUNT(*) FROM trials WHERE decided = 0"), phases: phases,
        gpus: try Self.gpus(database, of: hosts, held: queue.heldGPUs(database, now: now))
      )
    }
    guard let counts else { return }
    Gauge(label: "assay_jobs", dimensions: [("state", "queued")]).record(counts.queued)
    Gauge(label: "assay_jobs", dimensions: [("state", "leased")]).record(counts.leased)
    for (state, gpus) in counts.gpus {
      Gauge(label: "assay_gpus", dimensions: [("state", state)]).record(gpus)
    }
    Gauge(label: "assay_outbox_entries").record(counts.outbox)
    Gauge(label: "assay_trials_undecided").record(counts.undecided)
    for (phase, name) in Self.phaseNames {
      Gauge(label: "assay_runs", dimensions: [("phase", name)])
        .record(counts.phases[Int64(phase.rawValue)] ?? 0)
    }
    let free = try? URL(filePath: configuration.stateFolder)
      .resourceValues(forKeys: [.volumeAvailableCapacityKey]).volumeAvailableCapacity
    if let free { Gauge(label: "assay_store_free_bytes").record(free) }
  }

  /// GPUs of hosts by what becomes of them.
  static func gpus(_ database: Database, of hosts: Set<RunnerHostID>, held: [RunnerHostID: Int]) throws
    -> [(state: String, count: Int)]
  {
    var leased = 0
    var free = 0
    var out = 0
    for row in try Row.fetchAll(database, sql: "SELECT * FROM runner_hosts") {
      guard let host = RunnerHostID(row["host"] as String), hosts.contains(host) else { continue }
      let gpus = gpus(row)
      let all = gpus.reduce(0) { $0 + $1.number }
      let offered = activeOffer(row)?.gpus ?? []
      let serving = offered.filter(\.outOfService.isEmpty).reduce(0) { $0 + $1.number }
      // A scheduler's may be asked for by more jobs than have them.
      let used = min(held[host] ?? 0, all)
      leased += used
      free += max(0, serving - used)
      out += max(0, all - max(serving, used))
    }
    return [("leased", leased), ("free", free), ("out_of_service", out)]
  }

  private static let phaseNames: [(EvaluatorV1.RunPhase, String)] = [
    (.measuringBaseline, "measuring_baseline"), (.accepting, "accepting"), (.draining, "draining"),
    (.rescoring, "rescoring"), (.finished, "finished"), (.failed, "failed"),
  ]
}
