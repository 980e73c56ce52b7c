import AssayIdentity
import AssayMessages
import AssaySupervisor
import AssayVerdict

/// Where a run stands, as the page shows it above its trials.
struct RunView: Encodable, Sendable, Equatable {
  struct RunnerUse: Encodable, Sendable, Equatable {
    var name: String
    var phases: Int
    var cpuSeconds: Double
  }

  struct Final: Encodable, Sendable, Equatable {
    var bestMean, baselineMean, improvement, halfWidth, split: String
    var betterBeyondNoise: Bool
  }

  var folder: String
  var run: String
  var task: String
  /// "running" while its evaluator answers, else "stopped" or "finished".
  var state = "stopped"
  /// What the evaluator is doing, while it answers.
  var phase: String?
  var reason: String?
  var metric = ""
  var minimize = true
  var unit = ""
  var smallestEffect = ""
  var startedMs: Int64 = 0
  var seed: UInt64
  var lineageEnabled: Bool
  var specialists: [String]
  var best: UInt32?
  var bestScore: String?
  var baselineScore: String?
  var noiseSd: String?
  /// What a keep has to gain now.
  var keepMargin: String?
  var maxTrials: UInt32?
  var queuedJobs: UInt32?
  var leasedJobs: UInt32?
  var runnersConnected: UInt32?
  var runners: [RunnerUse] = []
  var final: Final?
  var evaluatorKey: String
  var logKey: String

  init(_ description: RunDescription, folder: String, logKey: PublicIdentity) {
    self.folder = folder
    run = description.runID
    task = description.taskName
    seed = description.seed
    lineageEnabled = description.lineageEnabled
    specialists = description.specialists
    evaluatorKey = description.evaluator?.key ?? ""
    self.logKey = logKey.text
  }

  mutating func take(_ response: LineageV1.GetRunResponse) {
    guard let run = response.run else { return }
    metric = run.metric?.name ?? ""
    minimize = run.metric?.direction != .maximize
    unit = run.metric?.unit ?? ""
    smallestEffect = run.metric?.smallestEffect ?? ""
    startedMs = run.createdAtMs
    if !run.specialists.isEmpty { specialists = run.specialists }
    guard let key = try? PublicIdentity(bytes: run.evaluatorKey) else { return }
    evaluatorKey = key.text
    if response.finished, state == "stopped" { state = "finished" }
    guard response.finished,
      let report = try? ReportStatement.verified(envelope: response.report, run: run.runId, key: key)
    else { return }
    final = Final(
      bestMean: report.bestMean, baselineMean: report.baselineMean, improvement: report.improvement,
      halfWidth: report.halfWidth, split: report.split, betterBeyondNoise: report.betterBeyondNoise)
  }

  /// - Parameter live: nil while no evaluator answers.
  mutating func take(_ live: EvaluatorV1.RunState?) {
    func filled(_ text: String) -> String? { text.isEmpty ? nil : text }
    state = live == nil ? (final == nil ? "stopped" : "finished") : "running"
    phase =
      switch live?.phase {
      case .measuringBaseline?: "measuring the baseline"
      case .accepting?: "accepting trials"
      case .draining?: "finishing trials in flight"
      case .rescoring?: "training best and baseline again"
      case .finished?: "finished"
      case .failed?: "failed"
      default: nil
      }
    reason = live.flatMap { filled($0.reason) }
    queuedJobs = live?.queuedJobs
    leasedJobs = live?.leasedJobs
    runnersConnected = live?.runners
    guard let live else { return }
    maxTrials = live.maxTrials == 0 ? nil : live.maxTrials
    noiseSd = filled(live.noiseSd)
    keepMargin = filled(live.keepMargin)
  }
}
