import AssayMessages
public import AssayTrajectory
import Foundation

/// One trial as the program prints it: the stable keys of `--json`, one object a line.
public struct TrialRow: Codable, Sendable, Equatable {
  public var trial: UInt32
  public var specialist: String
  public var parent: UInt32?
  public var label: String
  /// Decimal text exactly as the evaluator signed it; nil without a legal score.
  public var score: String?
  public var delta: String?
  public var reason: String
  /// Wall time of all phases on runners, by the runners' clocks.
  public var seconds: Double
  /// CPU time of all phases, confirmations and the incumbent's part of them included: what the trial cost.
  public var cpuSeconds: Double
  /// The most that any phase held.
  public var memoryBytes: UInt64
  public var artifactBytes: UInt64
  public var hypothesis: String
  public var incumbent: Bool
  /// What is known of it, from signed facts alone: docs/statistics.md.
  public var state: TrialState
  /// Why it was revoked; nil for one that stands.
  public var revocation: String?
  /// The revoked trial from which it descends.
  public var revokedAncestor: UInt32?
  /// The earliest trial that made the same change; nil when this one is the first.
  public var repeats: UInt32?
  /// Of an orphaned win: `applies` or `collides`, whether its change can be made on the best recipe.
  public var orphan: String?
  public var submittedAt: String?
  public var decidedAt: String?
  /// Who vouches for label and score.
  public var provenance = Provenance.signed

  private enum CodingKeys: String, CodingKey {
    case trial, specialist, parent, label, score, delta, reason, seconds
    case cpuSeconds = "cpu_seconds"
    case memoryBytes = "memory_bytes"
    case artifactBytes = "artifact_bytes"
    case hypothesis, incumbent, repeats, orphan, state, revocation
    case revokedAncestor = "revoked_ancestor"
    case submittedAt = "submitted_at"
    case decidedAt = "decided_at"
    case provenance
  }

  /// The row of a record; `in_flight` stands for the label while there is no verdict.
  public init(_ record: LineageV1.TrialRecord) {
    let trial = record.trial ?? LineageV1.Trial()
    let proposal = trial.proposal ?? AgentV1.Proposal()
    let verdict = record.verdict
    self.trial = trial.trial
    specialist = proposal.specialist
    parent = trial.trial == 0 ? nil : proposal.parent
    label = record.inFlight ? LabelText.inFlight : LabelText.name(verdict?.label ?? .unspecified)
    score = verdict.flatMap { $0.score.isEmpty ? nil : $0.score }
    delta = verdict.flatMap { $0.delta.isEmpty ? nil : $0.delta }
    reason = TerminalText.oneLine(verdict?.reason ?? "", limit: 2000)
    let usage = verdict?.usage ?? []
    seconds = Double(usage.reduce(0) { $0 + $1.wallNs }) / 1e9
    cpuSeconds = Double(usage.reduce(0) { $0 + $1.cpuNs }) / 1e9
    memoryBytes = usage.map(\.maxMemoryBytes).max() ?? 0
    artifactBytes = usage.map(\.artifactBytes).max() ?? 0
    hypothesis = TerminalText.oneLine(proposal.hypothesis, limit: 4000)
    incumbent = record.incumbent
    state = TrialState(record)
    revocation = record.revocation.map { TerminalText.oneLine($0.reason, limit: 2000) }
    revokedAncestor = record.revokedAncestor == 0 ? nil : record.revokedAncestor
    repeats = record.repeats == 0 ? nil : record.repeats
    orphan =
      switch record.orphan {
      case .applies: "applies"
      case .collides: "collides"
      default: nil
      }
    submittedAt = trial.submittedAtMs == 0 ? nil : Self.time(trial.submittedAtMs)
    decidedAt = verdict.flatMap { $0.decidedAtMs == 0 ? nil : Self.time($0.decidedAtMs) }
  }

  /// The label as people see it: with what became of it.
  var mark: String {
    if revocation != nil { return "\(label), revoked" }
    return revokedAncestor.map { "\(label), of revoked \($0)" } ?? label
  }

  private static func time(_ milliseconds: Int64) -> String {
    Date(timeIntervalSince1970: Double(milliseconds) / 1000).formatted(.iso8601)
  }

  /// Every key, with null where there is no value: readers may rely on the keys.
  public func encode(to encoder: any Encoder) throws {
    var row = encoder.container(keyedBy: CodingKeys.self)
    try row.encode(trial, forKey: .trial)
    try row.encode(specialist, forKey: .specialist)
    try row.encode(parent, forKey: .parent)
    try row.encode(label, forKey: .label)
    try row.encode(score, forKey: .score)
    try row.encode(delta, forKey: .delta)
    try row.encode(reason, forKey: .reason)
    try row.encode(seconds, forKey: .seconds)
    try row.encode(cpuSeconds, forKey: .cpuSeconds)
    try row.encode(memoryBytes, forKey: .memoryBytes)
    try row.encode(artifactBytes, forKey: .artifactBytes)
    try row.encode(hypothesis, forKey: .hypothesis)
    try row.encode(incumbent, forKey: .incumbent)
    try row.encode(state, forKey: .state)
    try row.encode(revocation, forKey: .revocation)
    try row.encode(revokedAncestor, forKey: .revokedAncestor)
    try row.encode(repeats, forKey: .repeats)
    try row.encode(orphan, forKey: .orphan)
    try row.encode(submittedAt, forKey: .submittedAt)
    try row.encode(decidedAt, forKey: .decidedAt)
    try row.encode(provenance, forKey: .provenance)
  }

  /// The row as one line of JSON with sorted keys.
  public func json() throws -> String { try JSONLine.encode(self) }
}
