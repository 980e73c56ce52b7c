import GRDB
import Metrics

extension LineageStore {
  /// Sets the gauges of the record.
  public func measure() async {
    let counts = try? await store.read { database in
      (
        statements: try Int.fetchOne(database, sql: "SELECT SUM(size) FROM log_head") ?? 0,
        event: try Int.fetchOne(database, sql: "SELECT MAX(sequence) FROM event") ?? 0,
        finished: try Int.fetchOne(database, sql: "SELECT COUNT(*) FROM run_end") ?? 0,
        runs: try Int.fetchOne(database, sql: "SELECT COUNT(*) FROM run") ?? 0,
        undecided: try Int.fetchOne(database, sql: "SELECT COUNT(*) FROM in_flight") ?? 0
      )
    }
    guard let counts else { return }
    Gauge(label: "assay_log_statements").record(counts.statements)
    Gauge(label: "assay_record_events").record(counts.event)
    Gauge(label: "assay_runs", dimensions: [("phase", "finished")]).record(counts.finished)
    Gauge(label: "assay_runs", dimensions: [("phase", "open")]).record(counts.runs - counts.finished)
    Gauge(label: "assay_trials_undecided").record(counts.undecided)
  }
}
