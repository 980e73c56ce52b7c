/// Whether the statements of a log make one record.
struct RecordCheck {
  let run: String
  private(set) var policy: String?
  private(set) var verdicts: [UInt32: Claim.Predicate] = [:]
  private(set) var labels: [String: Int] = [:]
  private(set) var isFinished = false
  /// The trial that was kept last, or that the report names.
  private(set) var best: UInt32 = 0

  init(run: String) { self.run = run }

  var bestScore: String { verdicts[best]?.score ?? "" }

  mutating func add(_ claim: Claim, _ index: Int, envelope: [UInt8]) throws(ProofError) {
    let predicate = claim.predicate
    guard predicate.run == run else {
      throw ProofError(.record, "statement \(index) is of another run")
    }
    guard !isFinished else { throw ProofError(.record, "statement \(index) follows the final report") }
    switch claim.kind {
    case .policy:
      guard index == 0 else {
        throw ProofError(.record, "statement \(index) is a policy: rules are registered first or not at all")
      }
      policy = Digest.hex(envelope)
    case .verdict: try add(verdict: predicate, index)
    case .report:
      guard let best = predicate.best, ["keep", "baseline"].contains(verdicts[best]?.label ?? "") else {
        throw ProofError(.record, "the final report names a best trial that was never kept")
      }
      self.best = best
      isFinished = true
    case nil: throw ProofError(.record, "statement \(index) is of no known kind")
    }
  }

  private mutating func add(verdict: Claim.Predicate, _ index: Int) throws(ProofError) {
    guard let trial = verdict.trial, let label = verdict.label, let facts = verdict.facts else {
      throw ProofError(.record, "statement \(index) is a verdict without trial, label or facts")
    }
    guard verdicts[trial] == nil else {
      throw ProofError(.record, "trial \(trial) has two verdicts; the second is statement \(index)")
    }
    guard facts.policy_sha256 == policy else {
      throw ProofError(.record, "the verdict of trial \(trial) names other rules than were registered")
    }
    guard trial == 0 || facts.parent < trial, trial == 0 || label != "baseline" else {
      throw ProofError(.record, "trial \(trial) has no place in the tree of trials")
    }
    verdicts[trial] = verdict
    labels[label, default: 0] += 1
    if label == "keep" || label == "baseline" { best = trial }
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
