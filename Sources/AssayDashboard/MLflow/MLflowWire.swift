import Crypto
import Foundation

/// MLflow's messages, and how runs and trials are told in them.
enum MLflowWire {
  struct Pair: Encodable, Sendable {
    var key, value: String
  }
  struct Metric: Encodable, Sendable {
    var key: String
    var value: Double
    var timestamp: Int64
    var step: Int64
  }
  struct Experiment: Encodable, Sendable {
    var experimentId, name, artifactLocation: String
    var lifecycleStage = "active"
    var creationTime, lastUpdateTime: Int64
    var tags: [Pair]

    init(_ view: RunView) {
      experimentId = MLflowWire.experimentID(view.run)
      name = view.run
      artifactLocation = "mlflow-artifacts:/\(experimentId)"
      creationTime = view.startedMs
      lastUpdateTime = view.startedMs
      tags = [
        Pair(key: "assay.task", value: view.task), Pair(key: "assay.metric", value: view.metric),
        Pair(key: "assay.direction", value: view.minimize ? "minimize" : "maximize"),
        Pair(key: "assay.evaluator_key", value: view.evaluatorKey),
      ]
    }
  }
  struct Experiments: Encodable { var experiments: [Experiment] }
  struct OneExperiment: Encodable { var experiment: Experiment }

  struct Info: Encodable, Sendable {
    var runId, runUuid, runName, experimentId, userId, status: String
    var startTime: Int64
    var endTime: Int64?
    var artifactUri: String
    var lifecycleStage = "active"
  }
  struct Contents: Encodable, Sendable {
    var metrics: [Metric]
    var params, tags: [Pair]
  }
  struct Run: Encodable, Sendable {
    var info: Info
    var data: Contents

    init(_ point: TrialPoint, of view: RunView, hypothesis: String? = nil, reason: String? = nil) {
      let experiment = MLflowWire.experimentID(view.run)
      let id = MLflowWire.runID(view.run, point.trial)
      let isWaiting = point.label == TrialPoint.inFlight
      info = Info(
        runId: id, runUuid: id,
        runName: "trial \(point.trial)\(point.specialist.isEmpty ? "" : " \(point.specialist)")",
        experimentId: experiment, userId: point.specialist,
        status: isWaiting ? "RUNNING" : point.state == .failed ? "FAILED" : "FINISHED",
        startTime: point.submittedMs, endTime: point.decidedMs,
        artifactUri: "mlflow-artifacts:/\(experiment)/\(id)/artifacts")
      var metrics: [String: Metric] = [:]
      for metric in MLflowWire.metrics(of: point) where metric.step >= metrics[metric.key]?.step ?? 0 {
        metrics[metric.key] = metric
      }
      var params = ["trial": String(point.trial), "label": point.label, "state": point.state.rawValue]
      if !point.specialist.isEmpty { params["specialist"] = point.specialist }
      if let parent = point.parent { params["parent"] = String(parent) }
      if !point.motive.isEmpty { params["motive"] = point.motive }
      var tags = [
        "mlflow.runName": info.runName, "mlflow.source.name": "assay", "mlflow.source.type": "PROJECT",
        "hypothesis": hypothesis ?? point.hypothesis, "mlflow.note.content": hypothesis ?? point.hypothesis,
        "reason": reason ?? point.reason, "assay.trial": String(point.trial),
      ]
      if let parent = point.parent { tags["mlflow.parentRunId"] = MLflowWire.runID(view.run, parent) }
      if view.best == point.trial { tags["assay.best"] = "true" }
      data = Contents(
        metrics: metrics.values.sorted { $0.key < $1.key }, params: MLflowWire.pairs(params),
        tags: MLflowWire.pairs(tags))
    }
  }
  struct Runs: Encodable {
    var runs: [Run]
    var nextPageToken: String?
  }
  struct Found: Encodable { var run: Run }
  struct History: Encodable { var metrics: [Metric] }
  struct File: Encodable {
    var path: String
    var isDir: Bool
    var fileSize: Int?
  }
  struct Files: Encodable { var files: [File] }

  struct Search: Decodable {
    var experimentIds: [String]?
    var filter: String?
    var orderBy: [String]?
    var maxResults: Int?
    var pageToken: String?

    private enum CodingKeys: String, CodingKey {
      case filter
      case experimentIds = "experiment_ids"
      case orderBy = "order_by"
      case maxResults = "max_results"
      case pageToken = "page_token"
    }
  }

  static func encode(_ value: some Encodable) throws -> Data { try PageJSON.encode(value) }

  private static func pairs(_ values: [String: String]) -> [Pair] {
    values.sorted { $0.key < $1.key }.map { Pair(key: $0.key, value: $0.value) }
  }

  /// What was measured of a trial: `score` is what the evaluator signed, `seed_score` has a step for each seed.
  static func metrics(of point: TrialPoint) -> [Metric] {
    guard point.label != TrialPoint.inFlight else { return [] }
    let time = point.decidedMs ?? point.submittedMs
    func metric(_ key: String, _ value: Double?, step: Int = 0) -> Metric? {
      value.map { Metric(key: key, value: $0, timestamp: time, step: Int64(step)) }
    }
    let single = [
      metric("score", point.score.flatMap(Double.init)), metric("delta", point.delta.flatMap(Double.init)),
      metric("noise", point.noise.flatMap(Double.init)), metric("cpu_seconds", point.cpuSeconds),
      metric("wall_seconds", point.seconds), metric("memory_bytes", Double(point.memoryBytes)),
      metric("artifact_bytes", Double(point.artifactBytes)),
    ]
    let seeds = point.seedScores.enumerated().map {
      metric("seed_score", Double($0.element), step: $0.offset)
    }
    return (single + seeds).compactMap(\.self)
  }

  /// The same for the same run in every process.
  static func experimentID(_ run: String) -> String {
    String(digest(run).prefix(6).reduce(UInt64(0)) { $0 << 8 | UInt64($1) })
  }

  static func runID(_ run: String, _ trial: UInt32) -> String {
    digest("\(run)/\(trial)").prefix(16).map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
  }

  private static func digest(_ text: String) -> [UInt8] { Array(SHA256.hash(data: Data(text.utf8))) }
}
