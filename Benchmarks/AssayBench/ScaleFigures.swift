import Foundation

/// What a load on the real services showed.
struct ScaleFigures: Codable, Sendable {
  var agents = 0
  var runners = 0
  var runs = 0
  /// Trials that were in the record before.
  var stored = 0
  var seconds = 0.0
  /// Until every agent and runner had a session, in seconds.
  var connecting = 0.0
  var submitted = 0
  var verdicts = 0
  /// Errors by their reason.
  var refused: [String: Int] = [:]
  /// Milliseconds.
  var submitP50 = 0.0
  var submitP99 = 0.0
  /// From the acknowledged submission to the verdict, in milliseconds.
  var verdictP50 = 0.0
  var verdictP99 = 0.0
  /// MiB.
  var peakMemory: [String: Double] = [:]
  /// CPU seconds while trials were submitted: of the services, of the evaluator's sandboxes, and of the load itself.
  var cpu: [String: Double] = [:]
  /// How long an operator's look at a run's state took meanwhile, in milliseconds.
  var lookP50 = 0.0
  var lookP99 = 0.0
  /// MB of the folders of state.
  var files: [String: Double] = [:]
  /// Of the machine over the last minute, load generator included.
  var load = 0.0

  var table: [String] {
    let refusals = refused.sorted { $0.key < $1.key }.map { "\($0.value) \($0.key)" }.joined(separator: ", ")
    let parts = ["assay-evaluator", "sandboxes", "assay-lineage", "load"].map { name in
      cell((cpu[name] ?? .nan) * 1000 / Double(verdicts))
    }
    return [
      "scale: \(agents) agents in \(runs) runs, \(runners) runners, \(stored) trials in the record before, \(cell(seconds)) s (load \(cell(load, 1)) on \(ProcessInfo.processInfo.activeProcessorCount) cores)",
      "| sessions s | trials submitted/s | verdicts/s | submit p50 / p99 ms | verdict p50 / p99 ms | look p50 / p99 ms | CPU ms a verdict: evaluator, its sandboxes, lineage, load | evaluator peak MiB, MB on disk | lineage peak MiB, MB on disk | refused |",
      "|---|---|---|---|---|---|---|---|---|---|",
      "| \(cell(connecting, 1)) | \(cell(Double(submitted) / seconds, 1)) | \(cell(Double(verdicts) / seconds, 1)) | \(cell(submitP50)) / \(cell(submitP99)) | \(cell(verdictP50)) / \(cell(verdictP99)) | \(cell(lookP50)) / \(cell(lookP99)) | \(parts.joined(separator: ", ")) | \(cell(peakMemory["assay-evaluator"] ?? .nan)), \(cell(files["evaluator"] ?? .nan, 1)) | \(cell(peakMemory["assay-lineage"] ?? .nan)), \(cell(files["record"] ?? .nan, 1)) | \(refusals.isEmpty ? "none" : refusals) |",
    ]
  }
}
