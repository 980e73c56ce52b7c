/// Everything known of one trial.
public struct TrialDetail: Encodable, Sendable {
  /// What one phase used, against its limits; all figures are the runner's.
  public struct Usage: Codable, Sendable {
    public var phase: String
    public var seed: UInt64
    public var wallSeconds: Double
    public var cpuSeconds: Double
    public var cpuLimitSeconds: Double?
    public var memoryBytes: UInt64
    public var artifactBytes: UInt64
    public var artifactLimitBytes: UInt64?
    public var runner: String

    private enum CodingKeys: String, CodingKey {
      case phase, seed, runner
      case wallSeconds = "wall_seconds"
      case cpuSeconds = "cpu_seconds"
      case cpuLimitSeconds = "cpu_limit_seconds"
      case memoryBytes = "memory_bytes"
      case artifactBytes = "artifact_bytes"
      case artifactLimitBytes = "artifact_limit_bytes"
    }
  }

  /// A verdict taken back.
  public struct Revoked: Codable, Sendable {
    public var reason: String
    /// Rule that it breaks, with the version of the rules; nil when a person decided.
    public var rule: String?
    public var rulesVersion: UInt32?
    /// File and line with what stands there.
    public var evidence: String?
    public var requestedBy: String
    public var revokedAt: String
    public var signature: Signature
    /// DSSE envelope, as JSON text.
    public var envelope: String

    private enum CodingKeys: String, CodingKey {
      case reason, rule, evidence, signature, envelope
      case rulesVersion = "rules_version"
      case requestedBy = "requested_by"
      case revokedAt = "revoked_at"
    }
  }

  /// Whether the verdict's signature is that of the run's evaluator.
  public enum Signature: String, Codable, Sendable {
    case valid, invalid
    case none = "no verdict yet"
  }

  /// What the trial's runners signed.
  public struct Provenance: Codable, Sendable {
    /// Jobs that the verdict rests on.
    public var jobs: Int
    /// Whether each is signed by a runner that the evaluator vouches for, and is of this trial.
    public var valid: Bool
    /// Public keys of the runners.
    public var runners: [String]
    /// Kernel, processor and isolation of their hosts.
    public var hosts: [String]
    /// GPUs that the jobs had, in the order of the jobs.
    public var gpus: [GPU]
  }

  public var row: TrialRow
  public var seedScores: [String]
  public var noise: String?
  public var rule: String?
  /// Version of the task's rules by which it is illegal.
  public var ruleVersion: UInt32?
  /// What shows that the rule is broken.
  public var evidence: String?
  /// By what the verdict was taken back; nil for one that stands.
  public var revoked: Revoked?
  public var usage: [Usage]
  public var submittedBy: String
  public var snapshot: String?
  public var motive: String?
  public var notes: String?
  public var edit: String
  public var log: String
  public var signature: Signature

  /// Nil where the evaluator asks for none.
  public var provenance: Provenance?

  /// DSSE envelope of the verdict, as JSON text; nil while there is none.
  public var envelope: String?

  private enum CodingKeys: String, CodingKey {
    case seedScores = "seed_scores"
    case noise, rule, evidence, revoked, usage
    case ruleVersion = "rule_version"
    case submittedBy = "submitted_by"
    case snapshot, motive, notes, edit, log, signature, provenance, envelope
  }

  /// The keys of the trial's row, and those of the detail beside them.
  public func encode(to encoder: any Encoder) throws {
    try row.encode(to: encoder)
    var detail = encoder.container(keyedBy: CodingKeys.self)
    try detail.encode(seedScores, forKey: .seedScores)
    try detail.encode(noise, forKey: .noise)
    try detail.encode(rule, forKey: .rule)
    try detail.encode(ruleVersion, forKey: .ruleVersion)
    try detail.encode(evidence, forKey: .evidence)
    try detail.encode(revoked, forKey: .revoked)
    try detail.encode(usage, forKey: .usage)
    try detail.encode(submittedBy, forKey: .submittedBy)
    try detail.encode(snapshot, forKey: .snapshot)
    try detail.encode(motive, forKey: .motive)
    try detail.encode(notes, forKey: .notes)
    try detail.encode(edit, forKey: .edit)
    try detail.encode(log, forKey: .log)
    try detail.encode(signature, forKey: .signature)
    try detail.encode(provenance, forKey: .provenance)
    try detail.encode(envelope, forKey: .envelope)
  }

  /// Throws with exit status 4 when the signature is not the evaluator's.
  public func requireValidSignature() throws {
    if revoked?.signature == .invalid {
      throw SupervisorError(
        .verificationFailed,
        "the revocation of trial \(row.trial) is not signed by the run's evaluator: do not believe it. Restore the record from a backup."
      )
    }
    if signature == .invalid {
      throw SupervisorError(
        .verificationFailed,
        "the verdict of trial \(row.trial) is not signed by the run's evaluator: do not believe it. Restore the record from a backup."
      )
    }
    if provenance?.valid == false {
      throw SupervisorError(
        .verificationFailed,
        "what the runners of trial \(row.trial) signed is not what its verdict names: do not believe it. Restore the record from a backup."
      )
    }
  }

  /// Of a line of a patch.
  private static func color(ofLine line: Substring) -> TerminalStyle.Color? {
    if line.hasPrefix("+++") || line.hasPrefix("---") || line.hasPrefix("@@") { return .faint }
    return line.hasPrefix("+") ? .green : line.hasPrefix("-") ? .red : nil
  }

  public var text: String {
    var lines: [String] = []
    lines.append(
      "trial \(row.trial)  \(row.specialist.isEmpty ? "baseline" : row.specialist)  \(row.label)\(row.incumbent ? "  (best so far)" : "")"
    )
    lines.append("  state       \(row.state.rawValue)")
    if let revoked {
      lines.append(
        "  REVOKED     \(revoked.revokedAt) by \(TerminalText.oneLine(revoked.requestedBy, limit: 128)), signature \(revoked.signature.rawValue)"
      )
      lines.append("              \(TerminalText.oneLine(revoked.reason, limit: 2000))")
      if let rule = revoked.rule {
        lines.append(
          "              rule \(TerminalText.oneLine(rule, limit: 200)), version \(revoked.rulesVersion ?? 0), at \(TerminalText.oneLine(revoked.evidence ?? "", limit: 400))"
        )
      }
    } else if let ancestor = row.revokedAncestor {
      lines.append("  descends    from trial \(ancestor), which was revoked")
    }
    if let parent = row.parent { lines.append("  parent      \(parent)") }
    if let repeats = row.repeats { lines.append("  repeats     the change of trial \(repeats)") }
    if let score = row.score {
      lines.append(
        "  score       \(score)\(row.delta.map { "  (\(TrialTable.signed($0)) against the incumbent)" } ?? "")"
      )
    }
    if seedScores.count > 1 { lines.append("  seeds       \(seedScores.joined(separator: ", "))") }
    if let noise { lines.append("  noise       a keep must gain more than \(noise)") }
    if !row.reason.isEmpty { lines.append("  reason      \(row.reason)") }
    if let rule {
      let version = ruleVersion.map { " (rules version \($0))" } ?? ""
      lines.append("  rule        \(TerminalText.oneLine(rule, limit: 200))\(version)")
    }
    if let evidence { lines.append("  evidence    \(TerminalText.oneLine(evidence, limit: 400))") }
    lines.append("  signature   \(signature.rawValue)")
    if let provenance {
      let whole = provenance.valid ? "valid" : "INVALID"
      lines.append(
        "  provenance  \(whole): \(provenance.jobs) jobs, signed by \(provenance.runners.joined(separator: ", "))"
      )
      for host in provenance.hosts { lines.append("              \(TerminalText.oneLine(host, limit: 300))") }
      for (index, gpu) in provenance.gpus.enumerated() {
        lines.append("  \(index == 0 ? "GPUs" : "    ")        \(gpu.text)")
      }
    }
    lines.append(
      "  submitted   \(row.submittedAt ?? "-") by \(TerminalText.oneLine(submittedBy, limit: 128))")
    if let snapshot { lines.append("  snapshot    \(snapshot)") }
    if !usage.isEmpty {
      lines.append("")
      lines.append(
        "  phase             seed                  wall s    cpu s     of cap    memory MB  artifact   of cap"
      )
      for item in usage {
        lines.append(
          "  " + TerminalText.fit(item.phase, 17) + " " + TerminalText.fit(String(item.seed), 21) + " "
            + TerminalText.fit(TrialTable.seconds(item.wallSeconds), 9) + " "
            + TerminalText.fit(TrialTable.seconds(item.cpuSeconds), 9) + " "
            + TerminalText.fit(item.cpuLimitSeconds.map(TrialTable.seconds) ?? "-", 9) + " "
            + TerminalText.fit(String(item.memoryBytes / 1_000_000), 10) + " "
            + TerminalText.fit(String(item.artifactBytes), 10) + " "
            + (item.artifactLimitBytes.map(String.init) ?? "-"))
      }
    }
    if !row.hypothesis.isEmpty {
      lines.append("")
      lines.append("hypothesis (the specialist's words)")
      lines.append("  \(row.hypothesis)")
      if let motive { lines.append("  motive: \(TerminalText.oneLine(motive, limit: 128))") }
      if let notes { lines.append("  notes: \(TerminalText.oneLine(notes, limit: 4000))") }
    }
    if !edit.isEmpty {
      lines +=
        ["", "edit"]
        + TerminalText.block(edit).split(separator: "\n", omittingEmptySubsequences: false).map {
          TerminalStyle.current.paint("  \($0)", Self.color(ofLine: $0))
        }
    }
    if !log.isEmpty {
      lines +=
        ["", "log (the recipe's own output: not evidence)"]
        + TerminalText.block(log).split(separator: "\n", omittingEmptySubsequences: false).map { "  \($0)" }
    }
    return lines.joined(separator: "\n")
  }
}
