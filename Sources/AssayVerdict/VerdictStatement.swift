public import AssayIdentity
public import AssayMessages
import Crypto
import Foundation

/// A verdict as an in-toto Statement v1 (github.com/in-toto/attestation, spec/v1), the payload that an evaluator signs.
///
/// Everything a reader of the record is told about a trial's outcome is in here; docs/verdict-format.md lists the fields.
public struct VerdictStatement: Sendable, Hashable {
  public static let predicateType = "https://assay.dev/verdict/v1"

  public var verdict: LineageV1.Verdict
  public var facts: Facts

  /// What a statement binds a verdict to.
  public struct Facts: Codable, Sendable, Hashable {
    public var taskDigest: String
    public var specialist: String
    public var parent: UInt32
    /// Snapshot that was executed, empty when the edit did not apply.
    public var snapshotID: String
    /// SHA-256 of the proposal's bytes as submitted.
    public var proposalDigest: String
    /// SHA-256 of the log excerpt that goes with the verdict.
    public var logDigest: String
    /// SHA-256 of each artifact that was scored.
    public var artifactDigests: [String]
    public var evaluatorVersion: String
    /// SHA-256 of the envelope of the policy that was registered before; nil where the evaluator registers none.
    public var policyDigest: String?
    /// SHA-256 of what the recipe says beyond comments and formatting, and of what the edit changed of it; nil where it was not read.
    public var meaningDigest, changeDigest: String?
    /// SHA-256 of what runners signed of each job that the verdict rests on; nil where the evaluator asks for none.
    public var provenanceDigests: [String]?
    /// The public keys of these runners, as the evaluator knows them.
    public var runnerKeys: [String]?
    /// What the run is measured on (`Hardware.text`), the same in all its verdicts; nil where the evaluator does not know.
    public var hardware: String?

    public init(
      taskDigest: String, specialist: String, parent: UInt32, snapshotID: String, proposalDigest: String,
      logDigest: String,
      artifactDigests: [String], evaluatorVersion: String, policyDigest: String? = nil,
      meaningDigest: String? = nil,
      changeDigest: String? = nil,
      provenanceDigests: [String]? = nil, runnerKeys: [String]? = nil, hardware: String? = nil
    ) {
      self.taskDigest = taskDigest
      self.specialist = specialist
      self.parent = parent
      self.snapshotID = snapshotID
      self.proposalDigest = proposalDigest
      self.logDigest = logDigest
      self.artifactDigests = artifactDigests
      self.evaluatorVersion = evaluatorVersion
      self.policyDigest = policyDigest
      self.meaningDigest = meaningDigest
      self.changeDigest = changeDigest
      self.provenanceDigests = provenanceDigests
      self.runnerKeys = runnerKeys
      self.hardware = hardware
    }

    private enum CodingKeys: String, CodingKey {
      case taskDigest = "task_digest"
      case specialist, parent
      case snapshotID = "snapshot"
      case proposalDigest = "proposal_sha256"
      case logDigest = "log_sha256"
      case artifactDigests = "artifacts_sha256"
      case evaluatorVersion = "evaluator_version"
      case policyDigest = "policy_sha256"
      case meaningDigest = "meaning_sha256"
      case changeDigest = "change_sha256"
      case provenanceDigests = "provenance_sha256"
      case runnerKeys = "runner_keys"
      case hardware
    }
  }

  public init(verdict: LineageV1.Verdict, facts: Facts) {
    self.verdict = verdict
    self.facts = facts
  }

  /// The statement signed, as JSON bytes of a DSSE envelope.
  public func signed(with key: IdentityKey) throws -> [UInt8] {
    try StatementJSON.signed(
      Self.predicateType,
      subject: [.init(name: "recipe", digest: ["sha256": facts.snapshotID])]
        + facts.artifactDigests.map { .init(name: "artifact", digest: ["sha256": $0]) },
      predicate: Predicate(self), with: key)
  }

  /// Verifies an envelope and only then parses it.
  ///
  /// - Throws: `IdentityError`: `.signatureInvalid` when `key` did not sign it, `.malformed` when it is no statement.
  public static func verified(envelope: [UInt8], key: PublicIdentity) throws(IdentityError)
    -> VerdictStatement
  {
    let predicate: Predicate = try StatementJSON.verified(envelope, predicateType, by: key)
    guard let statement = predicate.statement else {
      throw IdentityError(
        .malformed, "the verdict is signed, but a field has a value that no evaluator writes")
    }
    return statement
  }

  /// SHA-256 as lower-case hex.
  public static func digest(_ bytes: [UInt8]) -> String {
    SHA256.hash(data: bytes).map { byte in
      let hex = String(byte, radix: 16)
      return byte < 16 ? "0" + hex : hex
    }.joined()
  }
}

// MARK: JSON

extension VerdictStatement {
  fileprivate struct Usage: Codable {
    var phase: String
    var seed: UInt64
    var wallNs, cpuNs, memoryBytes, artifactBytes, wallLimitNs, cpuLimitNs, artifactLimitBytes: UInt64
    var runner: String
  }

  fileprivate struct Predicate: Codable {
    var run: String
    var trial: UInt32
    var label: String
    var score, reason, rule, delta: String
    var incumbent: UInt32
    var seedScores: [String]
    var noise: String
    // Left out where no rule is broken.
    var ruleVersion: UInt32?
    var evidence: String?
    var decidedAtMs: Int64
    var usage: [Usage]
    var facts: Facts

    init(_ statement: VerdictStatement) {
      let verdict = statement.verdict
      run = verdict.runId
      trial = verdict.trial
      label = verdict.label.word
      score = verdict.score
      reason = verdict.reason
      rule = verdict.rule
      delta = verdict.delta
      incumbent = verdict.incumbent
      seedScores = verdict.seedScores
      noise = verdict.noise
      ruleVersion = verdict.ruleVersion == 0 ? nil : verdict.ruleVersion
      evidence = verdict.evidence.isEmpty ? nil : verdict.evidence
      decidedAtMs = verdict.decidedAtMs
      usage = verdict.usage.map {
        Usage(
          phase: $0.phase, seed: $0.seed, wallNs: $0.wallNs, cpuNs: $0.cpuNs,
          memoryBytes: $0.maxMemoryBytes,
          artifactBytes: $0.artifactBytes, wallLimitNs: $0.wallLimitNs, cpuLimitNs: $0.cpuLimitNs,
          artifactLimitBytes: $0.artifactLimitBytes, runner: $0.runner)
      }
      facts = statement.facts
    }

    /// Nil when a field has a value that no evaluator writes.
    var statement: VerdictStatement? {
      guard let label = LineageV1.VerdictLabel(word: self.label),
        ([score, delta, noise] + seedScores).allSatisfy({
          $0.isEmpty || DecimalText.isDecimal($0)
        }),
        label.isFailure || !score.isEmpty
      else { return nil }
      var verdict = LineageV1.Verdict()
      verdict.runId = run
      verdict.trial = trial
      verdict.label = label
      verdict.score = score
      verdict.reason = reason
      verdict.rule = rule
      verdict.delta = delta
      verdict.incumbent = incumbent
      verdict.seedScores = seedScores
      verdict.noise = noise
      verdict.ruleVersion = ruleVersion ?? 0
      verdict.evidence = evidence ?? ""
      verdict.decidedAtMs = decidedAtMs
      verdict.usage = usage.map {
        var usage = LineageV1.PhaseUsage()
        usage.phase = $0.phase
        usage.seed = $0.seed
        usage.wallNs = $0.wallNs
        usage.cpuNs = $0.cpuNs
        usage.maxMemoryBytes = $0.memoryBytes
        usage.artifactBytes = $0.artifactBytes
        usage.wallLimitNs = $0.wallLimitNs
        usage.cpuLimitNs = $0.cpuLimitNs
        usage.artifactLimitBytes = $0.artifactLimitBytes
        usage.runner = $0.runner
        return usage
      }
      return VerdictStatement(verdict: verdict, facts: facts)
    }
  }
}
