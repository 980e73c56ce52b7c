public import AssayIdentity
import AssayLog

/// Verifies a bundle from its bytes alone: no server, no network, no trust in whoever wrote it but the keys.
public struct ProofVerifier: Sendable {
  /// What a verified bundle holds.
  public struct Summary: Sendable, Hashable, Codable {
    public var run: String
    public var statements: Int
    public var trials: Int
    public var labels: [String: Int]
    /// Whether the rules were registered before the first verdict.
    public var policy: Bool
    /// Whether the evaluator vouches for the whole log.
    public var cosigned: Bool
    /// Whether the run has ended with a report.
    public var finished: Bool
    /// Whether the report is about a trial that still stands; false while there is none.
    public var reportStands: Bool
    /// How often the run was screened anew.
    public var audits: Int
    /// Trials whose verdicts were taken back, ascending.
    public var revoked: [UInt32]
    public var best: UInt32
    public var bestScore: String
    public var objects: Int
    public var evaluatorKey: String
    public var logKey: String
    /// Of the checkpoint, hex: to compare with what others were shown.
    public var root: String
  }

  /// The evaluator's key, from somewhere else than the bundle. Nil believes the one in the bundle.
  public var evaluatorKey: PublicIdentity?
  /// The log's key, likewise.
  public var logKey: PublicIdentity?
  /// An earlier checkpoint of the log: what it promised must still be there.
  public var earlier: [UInt8]?
  /// Whether a log is believed for which its evaluator has not vouched.
  public var acceptsUncosigned = false

  public init() {}

  public func verify(_ bundle: ProofBundle) async throws -> Summary {
    for (wanted, found, whose) in [
      (evaluatorKey, bundle.evaluatorKey, "evaluator"), (logKey, bundle.logKey, "log"),
    ] where wanted != nil && wanted != found {
      throw ProofError(.wrongKey, "the bundle is of another \(whose): its key is \(found.text)")
    }
    let (checkpoint, isCosigned) = try Self.checkpoint(
      bundle.checkpoint, logKey: bundle.logKey, evaluatorKey: bundle.evaluatorKey,
      acceptsUncosigned: acceptsUncosigned)
    try verifyLog(bundle, checkpoint)
    let claims = try await claims(of: bundle)
    var record = RecordCheck(run: String(checkpoint.origin.dropFirst(Checkpoint.origin(ofRun: "").count)))
    for (index, claim) in claims.enumerated() {
      try record.add(claim, index, envelope: bundle.statements[index])
    }
    try record.checkAudits()
    try record.check(objects: bundle.objects)
    return Summary(
      run: record.run, statements: claims.count, trials: record.verdicts.count, labels: record.labels,
      policy: record.policy != nil, cosigned: isCosigned, finished: record.isFinished,
      reportStands: record.reportStands, audits: record.audits, revoked: record.revocations.keys.sorted(),
      best: record.best,
      bestScore: record.bestScore, objects: bundle.objects.count, evaluatorKey: bundle.evaluatorKey.text,
      logKey: bundle.logKey.text,
      root: checkpoint.root.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined())
  }

  /// The checkpoint of a note, when its signatures fit, and whether the evaluator vouches for it.
  static func checkpoint(
    _ bytes: [UInt8], logKey: PublicIdentity, evaluatorKey: PublicIdentity, acceptsUncosigned: Bool
  ) throws(ProofError) -> (Checkpoint, Bool) {
    guard let note = SignedNote(bytes: bytes), let checkpoint = Checkpoint(text: note.text),
      checkpoint.origin.hasPrefix(Checkpoint.origin(ofRun: ""))
    else { throw ProofError(.malformed, "checkpoint is no signed checkpoint of a run's log") }
    guard note.isSigned(as: checkpoint.origin, by: logKey) else {
      throw ProofError(.signature, "the checkpoint is not signed by the log's key")
    }
    let isCosigned = note.isCosigned(as: Checkpoint.cosigner, by: evaluatorKey)
    guard note.signatures.count == (isCosigned ? 2 : 1) else {
      throw ProofError(.signature, "the checkpoint has a signature that does not fit")
    }
    guard isCosigned || acceptsUncosigned else {
      throw ProofError(
        .signature,
        "the evaluator has not vouched for the checkpoint. If that is no surprise, say --allow-uncosigned.")
    }
    return (checkpoint, isCosigned)
  }

  private func verifyLog(_ bundle: ProofBundle, _ checkpoint: Checkpoint) throws(ProofError) {
    var past: Checkpoint?
    if let earlier {
      guard let note = SignedNote(bytes: earlier), let checkpoint = Checkpoint(text: note.text),
        note.isSigned(as: checkpoint.origin, by: bundle.logKey)
      else { throw ProofError(.signature, "the earlier checkpoint is not signed by the log's key") }
      past = checkpoint
    }
    var log = MerkleFrontier()
    var wasSeen = past == nil || past?.size == 0
    for statement in bundle.statements {
      log.append(statement)
      if let past, past.size == log.size { wasSeen = past.root == log.root }
    }
    guard log.size == checkpoint.size, log.root == checkpoint.root else {
      throw ProofError(
        .log,
        "the \(log.size) statements are not the \(checkpoint.size) of the checkpoint: some were changed, left out, added or put elsewhere"
      )
    }
    guard wasSeen, past == nil || past?.origin == checkpoint.origin else {
      throw ProofError(
        .log, "the log has forked: it does not go on from the earlier checkpoint of size \(past?.size ?? 0)")
    }
  }

  /// Verifies the signature of every statement, on all processors.
  private func claims(of bundle: ProofBundle) async throws -> [Claim] {
    let key = bundle.evaluatorKey
    let share = 256
    return try await withThrowingTaskGroup(of: (Int, [Claim]).self) { group in
      for start in stride(from: 0, to: bundle.statements.count, by: share) {
        let part = bundle.statements[start..<min(start + share, bundle.statements.count)]
        group.addTask {
          (start, try part.enumerated().map { try Claim.read($0.element, start + $0.offset, by: key) })
        }
      }
      var parts: [(Int, [Claim])] = []
      for try await part in group { parts.append(part) }
      return parts.sorted { $0.0 < $1.0 }.flatMap(\.1)
    }
  }
}
