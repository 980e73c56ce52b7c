import AssayIdentity

/// Whether the statements of a log make one record.
struct RecordCheck {
  let run: String
  private(set) var policy: String?
  private(set) var verdicts: [UInt32: Claim.Predicate] = [:]
  private(set) var labels: [String: Int] = [:]
  private(set) var isFinished = false
  /// Revoked trials, and whether a rule says why.
  private(set) var revocations: [UInt32: Bool] = [:]
  private(set) var audits = 0
  /// What each audit found, by the digest of its envelope.
  private var found: [String: [UInt32]] = [:]
  /// What its verdicts say that they were measured on.
  private var hardware: String?
  /// The baseline and the trials that were kept, in the order of their verdicts.
  private var kept: [UInt32] = []
  private var digests: [UInt32: String] = [:]
  private var taskDigest: String?
  private var rulesVersion = 0
  private var reported: UInt32?

  init(run: String) { self.run = run }

  /// The trial that the report names while it stands, else the one kept last that does.
  var best: UInt32 { reported.flatMap { stands($0) ? $0 : nil } ?? kept.last(where: stands) ?? 0 }

  var reportStands: Bool { reported.map(stands) ?? false }

  /// Neither revoked, nor descended from a trial that a person revoked: of what broke a rule the audit screened the descendants.
  private func stands(_ trial: UInt32) -> Bool {
    guard revocations[trial] == nil else { return false }
    guard revocations.values.contains(false) else { return true }
    var next = trial
    while next != 0, let parent = verdicts[next]?.facts?.parent, parent < next {
      if revocations[parent] == false { return false }
      next = parent
    }
    return true
  }

  var bestScore: String { verdicts[best]?.score ?? "" }

  mutating func add(_ claim: Claim, _ index: Int, envelope: [UInt8]) throws(ProofError) {
    let predicate = claim.predicate
    guard predicate.run == run else {
      throw ProofError(.record, "statement \(index) is of another run")
    }
    guard !isFinished || claim.kind == .audit || claim.kind == .revocation else {
      throw ProofError(.record, "statement \(index) follows the final report")
    }
    switch claim.kind {
    case .policy:
      guard index == 0 else {
        throw ProofError(.record, "statement \(index) is a policy: rules are registered first or not at all")
      }
      policy = Digest.hex(envelope)
      taskDigest = predicate.taskDigest
      rulesVersion = predicate.rulesVersion ?? 0
    case .verdict: try add(verdict: predicate, index, envelope)
    case .report:
      guard let best = predicate.best, kept.contains(best) else {
        throw ProofError(.record, "the final report names a best trial that was never kept")
      }
      guard stands(best) else {
        throw ProofError(.record, "the final report names a best trial that was revoked before")
      }
      reported = best
      isFinished = true
    case .audit: try add(audit: predicate, index, envelope)
    case .revocation: try add(revocation: predicate, index)
    case nil: throw ProofError(.record, "statement \(index) is of no known kind")
    }
  }

  private mutating func add(audit: Claim.Predicate, _ index: Int, _ envelope: [UInt8]) throws(ProofError) {
    guard let digest = audit.taskDigest, let version = audit.rulesVersion, let revoked = audit.revoked else {
      throw ProofError(.record, "statement \(index) is an audit without task, rules or findings")
    }
    guard version >= rulesVersion else {
      throw ProofError(.record, "statement \(index) is an audit by older rules than were in force")
    }
    rulesVersion = version
    if policy != nil { taskDigest = digest }
    audits += 1
    found[Digest.hex(envelope)] = revoked
  }

  private mutating func add(revocation: Claim.Predicate, _ index: Int) throws(ProofError) {
    guard let trial = revocation.trial, let digest = digests[trial], digest == revocation.verdictSha256 else {
      throw ProofError(.record, "statement \(index) revokes a verdict that the log does not have")
    }
    guard ["keep", "discard"].contains(verdicts[trial]?.label ?? ""), revocations[trial] == nil else {
      throw ProofError(.record, "statement \(index) revokes a verdict that has no score to take back")
    }
    if let audit = revocation.auditSha256, found[audit]?.contains(trial) != true {
      throw ProofError(.record, "statement \(index) names an audit that did not find trial \(trial)")
    }
    revocations[trial] = revocation.auditSha256 != nil
  }

  /// Everything that an audit found was revoked.
  func checkAudits() throws(ProofError) {
    for trial in found.values.joined() where revocations[trial] == nil {
      throw ProofError(.record, "an audit found trial \(trial), which is not revoked")
    }
  }

  private mutating func add(verdict: Claim.Predicate, _ index: Int, _ envelope: [UInt8]) throws(ProofError) {
    guard let trial = verdict.trial, let label = verdict.label, let facts = verdict.facts else {
      throw ProofError(.record, "statement \(index) is a verdict without trial, label or facts")
    }
    guard verdicts[trial] == nil else {
      throw ProofError(.record, "trial \(trial) has two verdicts; the second is statement \(index)")
    }
    guard facts.policy_sha256 == policy else {
      throw ProofError(.record, "the verdict of trial \(trial) names other rules than were registered")
    }
    guard policy == nil || facts.task_digest == taskDigest else {
      throw ProofError(.record, "the verdict of trial \(trial) is about another task than was registered")
    }
    if let own = facts.hardware {
      guard hardware == nil || hardware == own else {
        throw ProofError(.record, "trial \(trial) was measured on other hardware than those before it")
      }
      hardware = own
    }
    guard trial == 0 || facts.parent < trial, trial == 0 || label != "baseline" else {
      throw ProofError(.record, "trial \(trial) has no place in the tree of trials")
    }
    verdicts[trial] = verdict
    digests[trial] = Digest.hex(envelope)
    labels[label, default: 0] += 1
    if label == "keep" || label == "baseline" { kept.append(trial) }
  }

  /// Everything that a verdict names is there, and nothing else.
  func check(objects: [[UInt8]]) throws(ProofError) {
    var known: [String: [UInt8]] = [:]
    var last = ""
    for object in objects {
      let digest = Digest.hex(object)
      guard digest > last else {
        throw ProofError(.malformed, "objects are not in the order of their digests")
      }
      last = digest
      known[digest] = object
    }
    var used: Set<String> = []
    func use(_ digest: String, _ what: String, _ trial: UInt32) throws(ProofError) {
      guard known[digest] != nil else {
        throw ProofError(
          .object, "the \(what) of trial \(trial) is missing, or is not the one that was signed for")
      }
      used.insert(digest)
    }
    for (trial, verdict) in verdicts.sorted(by: { $0.key < $1.key }) {
      guard let facts = verdict.facts else { continue }
      try use(facts.proposal_sha256, "proposal", trial)
      try use(facts.log_sha256, "log", trial)
      if let digests = facts.provenance_sha256 {
        var outputs: Set<String> = []
        let keys = (facts.runner_keys ?? []).compactMap { try? PublicIdentity(text: $0) }
        for digest in digests {
          try use(digest, "provenance", trial)
          let job = try JobClaim.read(known[digest] ?? [], by: keys, run: run, trial: trial)
          outputs.formUnion(job.outputs)
          guard facts.hardware == nil || job.hardware == nil || job.hardware == facts.hardware else {
            throw ProofError(.record, "a job of trial \(trial) ran on other hardware than its verdict names")
          }
        }
        guard Set(facts.artifacts_sha256 ?? []).isSubset(of: outputs) else {
          throw ProofError(.record, "an artifact of trial \(trial) came from no job that a runner signed for")
        }
      }
      guard !facts.snapshot.isEmpty, !used.contains(facts.snapshot) else { continue }
      try use(facts.snapshot, "recipe", trial)
      for line in (known[facts.snapshot] ?? []).split(separator: 0x0a) {
        guard let zero = line.firstIndex(of: 0) else {
          throw ProofError(.object, "the recipe of trial \(trial) is no listing of files")
        }
        try use(String(decoding: line[(zero + 1)...], as: UTF8.self), "recipe", trial)
      }
    }
    guard used.count == known.count else {
      throw ProofError(.object, "\(known.count - used.count) object(s) are named by no statement")
    }
  }
}
