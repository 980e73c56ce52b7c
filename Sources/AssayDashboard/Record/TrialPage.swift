import AssayIdentity
import AssayMessages
import AssayPatch
import AssayServices
import AssaySupervisor
import AssayTrajectory
import AssayVerdict
import Foundation

/// Everything that the page shows of one trial.
struct TrialPage: Encodable, Sendable {
  struct Usage: Encodable, Sendable {
    var phase, runner: String
    /// Text: a seed may be larger than what JSON readers keep exactly.
    var seed: String
    var wallSeconds, cpuSeconds: Double
    var wallLimitSeconds, cpuLimitSeconds: Double?
    var memoryBytes, artifactBytes: UInt64
    var artifactLimitBytes: UInt64?
  }

  /// One file that differs from the parent's, in git's form of hunks.
  struct FileChange: Encodable, Sendable {
    var path: String
    /// "modified", "created" or "deleted".
    var change: String
    var hunks: [Hunk]
  }
  struct Hunk: Encodable, Sendable {
    var oldStart, newStart: Int
    /// Each with its mark: a space, a plus or a minus.
    var lines: [String]
  }

  var trial: UInt32
  var hypothesis, notes, motive, expectedDelta, submittedBy: String
  var reason: String
  var rule: String?
  var ruleVersion: UInt32?
  var evidence: String?
  var incumbentThen: UInt32?
  var seedScores: [String]
  var usage: [Usage]
  var snapshot, parentSnapshot: String?
  /// Between the recipes that were executed, not what somebody says is the difference.
  var changes: [FileChange]?
  /// The edit as submitted, where it led to no recipe.
  var edit: String?
  var log: String
  /// DSSE envelope of the verdict.
  var envelope: String?
  var artifacts: [String] = []
  var evaluatorVersion: String?
  var proof: ProofBadge
  /// What runners stated of the jobs, each an in-toto statement as JSON text.
  var provenance: [String] = []
  /// That the verdict was taken back.
  var revocation: RevocationNote?
  /// In an imported record: its own name for the trial, and what is wrong with what it says.
  var recordedAs: String?
  var flags: [String] = []

  /// A trial of an imported record.
  init(_ trial: RecordedTrial, changes: [FileChange]?) {
    self.trial = UInt32(clamping: trial.position)
    hypothesis = trial.hypothesis
    notes = trial.notes
    motive = trial.domain
    expectedDelta = trial.expectedDelta.raw
    submittedBy = trial.specialist
    reason = ""
    seedScores = []
    usage = []
    self.changes = changes
    log = ""
    recordedAs = trial.id
    flags = trial.flags.map(\.text)
    proof = ProofBadge(.unverified, "imported: nobody signed this figure")
  }

  init(
    _ record: LineageV1.TrialRecord, evaluatorKey: PublicIdentity?, proof: ProofBadge,
    changes: [FileChange]?
  ) {
    func filled(_ text: String?) -> String? { (text ?? "").isEmpty ? nil : text }
    let trial = record.trial ?? .init()
    let proposal = trial.proposal ?? .init()
    let verdict = record.inFlight ? nil : record.verdict
    self.trial = trial.trial
    hypothesis = proposal.hypothesis
    notes = proposal.notes
    motive = proposal.motive
    expectedDelta = proposal.expectedDelta
    submittedBy = trial.submittedBy
    reason = verdict?.reason ?? ""
    rule = filled(verdict?.rule)
    ruleVersion = verdict.flatMap { $0.ruleVersion == 0 ? nil : $0.ruleVersion }
    evidence = filled(verdict?.evidence)
    incumbentThen = verdict?.incumbent
    seedScores = verdict?.seedScores ?? []
    usage = (verdict?.usage ?? []).map { usage in
      func limit(_ nanoseconds: UInt64) -> Double? { nanoseconds == 0 ? nil : Double(nanoseconds) / 1e9 }
      return Usage(
        phase: usage.phase, runner: usage.runner, seed: String(usage.seed),
        wallSeconds: Double(usage.wallNs) / 1e9, cpuSeconds: Double(usage.cpuNs) / 1e9,
        wallLimitSeconds: limit(usage.wallLimitNs), cpuLimitSeconds: limit(usage.cpuLimitNs),
        memoryBytes: usage.maxMemoryBytes, artifactBytes: usage.artifactBytes,
        artifactLimitBytes: usage.artifactLimitBytes == 0 ? nil : usage.artifactLimitBytes)
    }
    snapshot = filled(trial.snapshotId)
    parentSnapshot = filled(trial.parentSnapshotId)
    self.changes = changes
    edit = changes == nil && !proposal.edit.isEmpty ? String(decoding: proposal.edit, as: UTF8.self) : nil
    log = record.logExcerpt
    envelope = record.envelope.isEmpty ? nil : String(decoding: record.envelope, as: UTF8.self)
    if let evaluatorKey,
      let facts = try? VerdictStatement.verified(envelope: record.envelope, key: evaluatorKey).facts
    {
      artifacts = facts.artifactDigests
      evaluatorVersion = facts.evaluatorVersion
    }
    self.proof = proof
    revocation = RevocationNote(record, evaluatorKey: evaluatorKey)
  }

  static func changes(from parent: RecipeTree, to tree: RecipeTree) -> [FileChange]? {
    guard let diff = try? UnifiedDiff.make(from: parent, to: tree) else { return nil }
    return diff.files.map { file in
      FileChange(
        path: file.path,
        change: file.change == .create ? "created" : file.change == .delete ? "deleted" : "modified",
        hunks: file.hunks.map { hunk in
          Hunk(
            oldStart: hunk.oldStart, newStart: hunk.newStart,
            lines: hunk.lines.map { line in
              let mark = line.kind == .insert ? "+" : line.kind == .delete ? "-" : " "
              return mark
                + String(decoding: line.bytes, as: UTF8.self).trimmingSuffix { $0 == "\n" || $0 == "\r\n" }
            })
        })
    }
  }
}

extension StringProtocol {
  fileprivate func trimmingSuffix(while condition: (Character) -> Bool) -> String {
    var rest = self[...]
    while let last = rest.last, condition(last) { rest = rest.dropLast() }
    return String(rest)
  }
}
