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
    let seen = slots.withLock { $0.values.count { now - $0 < 60_000 } }
    Gauge(label: "assay_runner_slots_seen").record(seen)
    let counts = try? await store.read { database in
      func count(_ sql: String) throws -> Int { try Int.fetchOne(database, sql: sql) ?? 0 }
      var phases: [Int64: Int] = [:]
      for row in try Row.fetchAll(database, sql: "SELECT phase, COUNT(*) AS runs FROM runs GROUP BY phase") {
        phases[row["phase"]] = row["runs"]
      }
      return (
        queued: try count("SELECT COUNT(*) FROM jobs WHERE state = 'queued'"),
        leased: try count("SELECT COUNT(*) FROM jobs WHERE state = 'leased'"),
        outbox: try count("SELECT COUNT(*) FROM outbox"),
        undecided: try count("SELECT COUNT(*) FROM trials WHERE decided = 0"), phases: phases
      )
    }
    guard let counts else { return }
    Gauge(label: "assay_jobs", dimensions: [("state", "queued")]).record(counts.queued)
    Gauge(label: "assay_jobs", dimensions: [("state", "leased")]).record(counts.leased)
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

  private static let phaseNames: [(EvaluatorV1.RunPhase, String)] = [
    (.measuringBaseline, "measuring_baseline"), (.accepting, "accepting"), (.draining, "draining"),
    (.rescoring, "rescoring"), (.finished, "finished"), (.failed, "failed"),
  ]
}
