import AssayAudit
import AssayIdentity
import AssayMessages
import AssaySupervisor
import AssayTrajectory
import AssayVerdict

/// Where a run stands, as the page shows it above its trials.
struct RunView: Encodable, Sendable, Equatable {
  struct RunnerUse: Encodable, Sendable, Equatable {
    var name: String
    var phases: Int
    var cpuSeconds: Double
  }

  /// A host that asked for work, as the evaluator tells it.
  struct Host: Encodable, Sendable, Equatable {
    struct Slot: Encodable, Sendable, Equatable {
      var name: String
      /// What it runs; nil when it waits.
      var phase: String?
      /// Of this run, and nil for work of another.
      var trial: UInt32?
      /// It has not called for a minute.
      var isSilent: Bool
      /// GPUs that its job was given.
      var gpus: UInt32
    }
    struct GPU: Encodable, Sendable, Equatable {
      var uuid, model: String
      var memoryBytes: UInt64
      /// Why it is given to no job; nil for one in service.
      var outOfService: String?
      /// How many it stands for: more than one where a scheduler gives GPUs of a kind.
      var number: UInt32
    }
    var name, state, reason, isolation: String
    var labels: [String]
    var memoryBytes: UInt64
    var slots: [Slot]
    var gpus: [GPU]
    /// Of those, how many jobs hold, and how many can be given to one.
    var gpusHeld, gpusFree: UInt32
    /// GPUs of the jobs that the host is kept for; nil for none.
    var keptFor: String?
    var jobsDone, failures, failuresAlone: UInt64

    init(_ host: RunnerV1.RunnerHost, run: String, nowMs: Int64) {
      name = host.name
      state =
        switch host.state {
        case .active: "active"
        case .cordoned: "cordoned"
        case .drained: "drained"
        case .quarantined: "quarantined"
        default: "unknown"
        }
      reason = host.reason
      isolation = host.isolation
      labels = host.labels
      memoryBytes = host.memoryBytes
      slots = host.slots.map { slot in
        Slot(
          name: slot.name, phase: slot.phase.isEmpty ? nil : slot.phase,
          trial: slot.phase.isEmpty || slot.runId != run ? nil : slot.trial,
          isSilent: nowMs - slot.seenAtMs > 60_000, gpus: slot.gpus)
      }
      gpus = host.gpus.map { gpu in
        GPU(
          uuid: gpu.uuid, model: gpu.model, memoryBytes: gpu.memoryBytes,
          outOfService: gpu.outOfService.isEmpty ? nil : gpu.outOfService,
          number: gpu.scheduled.map { max($0.perNode, $0.total) } ?? 1)
      }
      gpusHeld = host.gpusHeld
      let serving = gpus.filter { $0.outOfService == nil }.reduce(0) { $0 &+ $1.number }
      gpusFree = serving > gpusHeld ? serving - gpusHeld : 0
      keptFor = host.keptFor.map(\.text)
      jobsDone = host.jobsDone
      failures = host.failures
      failuresAlone = host.failuresAlone
    }
  }

  /// A kept trial whose change the best recipe lacks.
  struct Orphan: Encodable, Sendable, Equatable {
    var trial: UInt32
    /// Whether its change can be made on the best recipe as that is now.
    var applies: Bool
  }

  struct Final: Encodable, Sendable, Equatable {
    var bestMean, baselineMean, improvement, halfWidth, split: String
    var betterBeyondNoise: Bool
  }

  /// That every trial was screened anew, by the rules of then.
  struct Audit: Encodable, Sendable, Equatable {
    var rulesVersion: Int
    var rules: [String]
    var screened: Int
    var revoked: [UInt32]
    var requestedBy: String
    var auditedMs: Int64
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
  /// What it is measured on; nil before its first job.
  var hardware: String?
  /// What a keep has to gain now.
  var keepMargin: String?
  var maxTrials: UInt32?
  var queuedJobs: UInt32?
  var leasedJobs: UInt32?
  var runnersConnected: UInt32?
  var runners: [RunnerUse] = []
  /// Empty while no evaluator answers, or it is of a kind that does not tell.
  var hosts: [Host] = []
  /// What waits for a host that nobody offers, in words.
  var unmet: [String] = []
  var final: Final?
  /// Screenings of all trials by changed rules, the newest sixteen.
  var audits: [Audit] = []
  /// What the evaluator's ledger says of model requests; nil while nobody was there to ask.
  var models: [CostReport.ModelLine]?
  /// Which views of the lineage went before which gains; nil where it was not counted.
  var views: ViewFigures?
  /// The first hundred.
  var orphans: [Orphan] = []
  var evaluatorKey: String
  var logKey: String
  /// For an imported run, who vouches for its figures and what is to be known of it; empty for others.
  var notices: [String] = []

  /// An imported run.
  init(_ run: RecordedRun) {
    folder = run.name
    self.run = run.name
    task = run.name
    state = "imported"
    metric = run.scoreName
    minimize = run.lowerIsBetter
    unit = run.unit
    seed = 0
    lineageEnabled = true
    specialists = []
    evaluatorKey = ""
    logKey = ""
    notices = [
      "Imported from \(run.format). Its figures are \(run.provenance.rawValue): somebody wrote them down, and nothing proves them."
    ]
    notices += run.notices.map(\.text)
  }

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
    audits = response.audits.compactMap { envelope in
      guard let audit = try? AuditStatement.verified(envelope: envelope, key: key), audit.run == run.runId
      else { return nil }
      return Audit(
        rulesVersion: audit.rulesVersion, rules: audit.rules, screened: audit.screened,
        revoked: audit.revoked, requestedBy: audit.requestedBy, auditedMs: audit.auditedAtMs)
    }
    if response.finished, state == "stopped" { state = "finished" }
    guard response.finished,
      let report = try? ReportStatement.verified(envelope: response.report, run: run.runId, key: key)
    else { return }
    final = Final(
      bestMean: report.bestMean, baselineMean: report.baselineMean, improvement: report.improvement,
      halfWidth: report.halfWidth, split: report.split, betterBeyondNoise: report.betterBeyondNoise)
  }

  mutating func take(_ fleet: RunnerV1.ListRunnersResponse) {
    hosts = fleet.hosts.map { [run] in Host($0, run: run, nowMs: fleet.nowMs) }
    unmet = fleet.unmet.map { need in
      let wanted =
        need.labels + (need.memoryBytes == 0 ? [] : ["\(need.memoryBytes / 1_000_000) MB of memory"])
        + (need.gpus.map { [$0.text] } ?? []) + (need.processor.isEmpty ? [] : [need.processor])
      return
        "\(need.jobs) \(need.jobs == 1 ? "job waits" : "jobs wait") for a host with \(wanted.joined(separator: ", "))"
    }
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
    if live == nil {
      hosts = []
      unmet = []
    }
    guard let live else { return }
    maxTrials = live.maxTrials == 0 ? nil : live.maxTrials
    noiseSd = filled(live.noiseSd)
    hardware = filled(live.hardware)
    keepMargin = filled(live.keepMargin)
  }
}

extension RecordFlag {
  /// As a sentence's part.
  var text: String {
    kind.rawValue.replacing("_", with: " ") + (detail.isEmpty ? "" : ": \(detail)")
  }
}
