import AssayAudit
import AssayMessages
import AssaySupervisor
import AssayVerdict
import Foundation

/// One trial as charts, lists and the tree show it.
struct TrialPoint: Sendable, Equatable {
  /// What became of a trial, finer than its label: a keep may have been confirmed beside the incumbent, and a discard may once
  /// have looked like one.
  enum State: String, Sendable, CaseIterable {
    case waiting, provisional, confirmed, kept, withdrawn, discarded, failed, baseline, revoked
  }

  struct RunnerUse: Sendable, Equatable {
    var phases = 0
    var cpuSeconds = 0.0
  }

  var trial: UInt32
  var parent: UInt32?
  var specialist: String
  var label: String
  var state: State
  /// Decimal text as the evaluator signed it; nil without a legal score.
  var score: String?
  var delta: String?
  var seedScores: [String]
  /// Half-width of the noise band of the keep rule at the time.
  var noise: String?
  var seconds: Double
  var cpuSeconds: Double
  var memoryBytes: UInt64
  var artifactBytes: UInt64
  var submittedMs: Int64
  var decidedMs: Int64?
  /// At most ``shownText`` characters; the trial's page has all of it.
  var hypothesis: String
  var reason: String
  var motive: String
  /// The earliest trial that made the same change; nil when this one is the first.
  var repeats: UInt32?
  /// The revoked trial that it descends from; nil when there is none.
  var revokedAncestor: UInt32?
  /// It descends from what a person revoked, and cannot be the best.
  var isBarred: Bool
  var runners: [String: RunnerUse]
  /// What it was made from; nil for what is no proposal, has no verdict yet, or failed by our fault.
  var proposed: ViewFigures.Proposal?

  static let shownText = 160
  static let inFlight = "in_flight"

  /// - Parameters:
  ///   - stage: what the evaluator says of a trial without a verdict.
  ///   - minimize: whether lower scores are better.
  init(_ record: LineageV1.TrialRecord, stage: String? = nil, minimize: Bool = true) {
    let trial = record.trial ?? .init()
    let proposal = trial.proposal ?? .init()
    let verdict = record.inFlight ? nil : record.verdict
    func filled(_ text: String?) -> String? { (text ?? "").isEmpty ? nil : text }
    self.trial = trial.trial
    parent = trial.trial == 0 ? nil : proposal.parent
    specialist = proposal.specialist
    label = verdict?.label.word ?? Self.inFlight
    let usage = verdict?.usage ?? []
    let wasConfirming = usage.contains { $0.phase.hasPrefix("confirm-") }
    state =
      switch verdict?.label {
      case _ where record.standing == .revoked: .revoked
      case nil: stage == "confirming" ? .provisional : .waiting
      case .baseline?: .baseline
      case .keep?: wasConfirming ? .confirmed : .kept
      case .discard?: wasConfirming ? .withdrawn : .discarded
      default: .failed
      }
    score = filled(verdict?.score)
    delta = filled(verdict?.delta)
    seedScores = verdict?.seedScores ?? []
    noise = filled(verdict?.noise)
    seconds = Double(usage.reduce(0) { $0 + $1.wallNs }) / 1e9
    cpuSeconds = Double(usage.reduce(0) { $0 + $1.cpuNs }) / 1e9
    memoryBytes = usage.map(\.maxMemoryBytes).max() ?? 0
    artifactBytes = usage.map(\.artifactBytes).max() ?? 0
    submittedMs = trial.submittedAtMs
    decidedMs = verdict.flatMap { $0.decidedAtMs == 0 ? nil : $0.decidedAtMs }
    hypothesis = Self.short(proposal.hypothesis)
    reason = Self.short(record.revocation?.reason ?? verdict?.reason ?? "")
    motive = Self.short(proposal.motive)
    repeats = record.repeats == 0 ? nil : record.repeats
    revokedAncestor = record.revokedAncestor == 0 ? nil : record.revokedAncestor
    isBarred = record.standing == .barred
    if let verdict, trial.trial != 0, verdict.label != .harnessAbort {
      proposed = ViewFigures.Proposal(record, verdict, minimize)
    }
    runners = [:]
    for phase in usage where !phase.runner.isEmpty {
      runners[phase.runner, default: RunnerUse()].phases += 1
      runners[phase.runner, default: RunnerUse()].cpuSeconds += Double(phase.cpuNs) / 1e9
    }
  }

  static func short(_ text: String) -> String {
    text.count <= shownText ? text : String(text.prefix(shownText - 1)) + "…"
  }
}
