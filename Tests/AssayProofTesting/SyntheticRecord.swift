public import AssayIdentity
import AssayLog
import AssayMessages
import AssayPatch
public import AssayProof
import AssayVerdict
import Foundation

/// A record as a run leaves it, with keys of its own.
public struct SyntheticRecord: Sendable {
  public let run: String
  public let log: IdentityKey
  public let evaluator: IdentityKey
  /// Signs what its jobs left.
  public let runner = IdentityKey()

  /// What the verdicts name of the jobs that they rest on.
  public enum Jobs: Sendable, Hashable {
    case none, honest
    /// On other hardware than the verdict names.
    case ofOtherHardware
    /// Signed by a runner for whom the evaluator does not vouch, by the evaluator itself, by a stranger and the runner.
    case ofStranger, ofEvaluator, countersigned
    /// Of a verdict that names no runner.
    case withoutVouching
    /// Signed, but as something else: DSSE's type of the payload, in-toto's of the statement and of the predicate, SLSA's of the build.
    case ofOtherPayload, ofOtherStatement, ofOtherPredicate, ofOtherBuild
    /// With one bit of the envelope changed after it was signed; the verdict names it as it is now.
    case changed(byte: Int)
    /// Of another trial, another run.
    case ofOtherTrial, ofOtherRun
    /// Which left something else than the artifact that was scored.
    case ofOtherArtifact
    /// Named, but not there.
    case missing
  }

  public private(set) var statements: [[UInt8]] = []
  /// By trial.
  private var verdicts: [UInt32: [UInt8]] = [:]
  private var objects: Set<[UInt8]> = []
  private let hasPolicy: Bool

  public init(
    run: String = "r", trials: Int, policy: Bool = true, report: Bool = true, revocations: Bool = false,
    jobs: Jobs = .none,
    log: IdentityKey = IdentityKey(),
    evaluator: IdentityKey = IdentityKey()
  ) throws {
    self.run = run
    self.log = log
    self.evaluator = evaluator
    hasPolicy = policy
    if policy { statements.append(try Self.policy(run).signed(with: evaluator)) }
    let digest = policyDigest
    for trial in 0..<UInt32(trials) { try add(trial, label: Self.label(trial), policy: digest, jobs: jobs) }
    if revocations { try add(revocationOf: 2, audit: try add(audit: [2])) }
    if report { try add(report: trials > 1 ? 1 : 0) }
    if revocations { try add(revocationOf: 1) }
  }

  /// SHA-256 of the policy that verdicts name; nil without one.
  public var policyDigest: String? { hasPolicy ? statements.first.map(VerdictStatement.digest) : nil }

  /// Digest of the task before any audit.
  public static let task = String(repeating: "0", count: 64)

  private static func label(_ trial: UInt32) -> LineageV1.VerdictLabel {
    trial == 0 ? .baseline : trial % 7 == 1 ? .keep : trial % 5 == 0 ? .crash : .discard
  }

  public static func policy(_ run: String) -> PolicyStatement {
    PolicyStatement(
      run: run, task: "t", taskDigest: task,
      metric: .init(
        name: "loss", direction: "minimize", unit: "nats", source: "score", smallestEffect: "0.01"),
      gates: [], rules: [], rulesVersion: 0, seeds: .init(perTrial: 1, baseline: 3, final: 3, commitment: ""),
      keepRule: "k",
      keepConfidence: "0.95", evaluatorVersion: "0", nonClaims: [])
  }

  /// Adds a verdict of a trial, whatever else is there.
  public mutating func add(
    _ trial: UInt32, label: LineageV1.VerdictLabel, parent: UInt32? = nil, policy: String?,
    run: String? = nil,
    task: String = SyntheticRecord.task, jobs: Jobs = .none, hardware: String? = nil
  ) throws {
    var proposal = AgentV1.Proposal()
    proposal.specialist = "opt"
    proposal.parent = parent ?? (trial == 0 ? 0 : trial - 1)
    proposal.hypothesis = "number \(trial) of run \(self.run)"
    let output = Array("epoch \(trial)\n".utf8)
    let recipe = try RecipeTree(["recipe.py": Array("x = \(trial)\n".utf8), "shared.py": [0x0a]])
    var verdict = LineageV1.Verdict()
    verdict.runId = run ?? self.run
    verdict.trial = trial
    verdict.label = label
    verdict.score = label.isFailure ? "" : "0.\(trial + 1)"
    verdict.reason = "because"
    let artifact = Self.artifact(trial)
    let provenance = try jobs == .none ? nil : job(trial, jobs)
    let statement = VerdictStatement(
      verdict: verdict,
      facts: .init(
        taskDigest: task, specialist: "opt", parent: proposal.parent,
        snapshotID: recipe.digest, proposalDigest: VerdictStatement.digest(proposal.serialized()),
        logDigest: VerdictStatement.digest(output),
        artifactDigests: jobs == .none ? [] : [VerdictStatement.digest(artifact)], evaluatorVersion: "0",
        policyDigest: policy, provenanceDigests: provenance.map { [VerdictStatement.digest($0)] },
        runnerKeys: provenance == nil || jobs == .withoutVouching ? nil : [runner.publicIdentity.text],
        hardware: hardware ?? (jobs == .none ? nil : "c")))
    if let provenance, jobs != .missing { objects.insert(provenance) }
    let envelope = try statement.signed(with: evaluator)
    statements.append(envelope)
    verdicts[trial] = envelope
    objects.formUnion([proposal.serialized(), output, SnapshotDigest.listing(of: recipe)])
    for path in recipe.paths { objects.insert(recipe[path] ?? []) }
  }

  private static func artifact(_ trial: UInt32) -> [UInt8] { Array("weights \(trial)".utf8) }

  /// What a runner signs of a training.
  public func job(_ trial: UInt32, _ kind: Jobs) throws -> [UInt8] {
    var job = RunnerV1.Job()
    job.jobId = "\(run)/\(trial)/trial/train/0"
    job.runId = kind == .ofOtherRun ? "another" : run
    job.trial = kind == .ofOtherTrial ? trial + 1 : trial
    job.phase = "train"
    job.command = ["/usr/bin/python3", "/harness/train.py"]
    var output = RunnerV1.CollectedOutput()
    output.path = "artifact.bin"
    output.state = .present
    output.digest = VerdictStatement.digest(kind == .ofOtherArtifact ? [0] : Self.artifact(trial))
    var report = RunnerV1.CompleteJobRequest()
    report.outcome = .exited
    report.outputs = [output]
    let never = Date(timeIntervalSince1970: 0)
    let statement = ProvenanceStatement(
      of: job, report, mounts: [:],
      host: .init(
        kernel: "k", cpu: kind == .ofOtherHardware ? "d" : "c", cores: [], isolation: "i"),
      version: "0", started: never, finished: never)
    let honest = try statement.signed(with: runner)
    func resigned(_ old: String = "", _ new: String = "", type: String = DSSEEnvelope.inTotoType) throws
      -> [UInt8]
    {
      let payload = String(decoding: try DSSEEnvelope(json: honest).payload, as: UTF8.self)
      let other = old.isEmpty ? payload : payload.replacing(old, with: new)
      return DSSEEnvelope(signing: Array(other.utf8), type: type, with: runner).json()
    }
    switch kind {
    case .ofStranger: return try statement.signed(with: IdentityKey())
    case .ofEvaluator: return try statement.signed(with: evaluator)
    case .countersigned: return try Self.merged(statement.signed(with: IdentityKey()), honest)
    case .ofOtherPayload: return try resigned(type: "application/json")
    case .ofOtherStatement: return try resigned("in-toto.io/Statement/v1", "in-toto.io/Statement/v0.1")
    case .ofOtherPredicate: return try resigned("slsa.dev/provenance/v1", "slsa.dev/provenance/v0.2")
    case .ofOtherBuild: return try resigned("assay.dev/job/v1", "assay.dev/work/v1")
    case .changed(let byte):
      var changed = honest
      changed[byte % changed.count] ^= 1
      return changed
    default: return honest
    }
  }

  /// One envelope with the signatures of both.
  private static func merged(_ first: [UInt8], _ second: [UInt8]) throws -> [UInt8] {
    func read(_ envelope: [UInt8]) throws -> [String: Any] {
      try JSONSerialization.jsonObject(with: Data(envelope)) as? [String: Any] ?? [:]
    }
    var envelope = try read(first)
    envelope["signatures"] =
      try (read(first)["signatures"] as? [Any] ?? []) + (read(second)["signatures"] as? [Any] ?? [])
    return [UInt8](try JSONSerialization.data(withJSONObject: envelope, options: .sortedKeys))
  }

  public mutating func add(report best: UInt32) throws {
    var report = EvaluatorV1.FinalReport()
    report.best = best
    statements.append(
      try ReportStatement.signed(
        report, run: run, snapshotID: String(repeating: "0", count: 64), with: evaluator))
  }

  /// Adds an audit; returns its digest.
  @discardableResult
  public mutating func add(audit revoked: [UInt32], version: Int = 1, task: String = SyntheticRecord.task)
    throws
    -> String
  {
    let audit = AuditStatement(
      run: run, taskDigest: task, rules: ["no-network"], rulesVersion: version, screened: verdicts.count,
      revoked: revoked, requestedBy: "operator", auditedAtMs: 1)
    let envelope = try audit.signed(with: evaluator)
    statements.append(envelope)
    return VerdictStatement.digest(envelope)
  }

  /// Adds a revocation, by a rule where there is an audit.
  ///
  /// - Parameter verdict: a digest in place of that of the trial's verdict.
  public mutating func add(
    revocationOf trial: UInt32, audit: String? = nil, verdict: String? = nil, run: String? = nil
  ) throws {
    var revocation = LineageV1.Revocation()
    revocation.runId = run ?? self.run
    revocation.trial = trial
    revocation.verdictSha256 = verdict ?? VerdictStatement.digest(verdicts[trial] ?? [])
    revocation.reason = "because"
    revocation.requestedBy = "operator"
    if let audit {
      revocation.rule = "no-network"
      revocation.rulesVersion = 1
      revocation.evidence = "recipe.py:1: socket"
      revocation.auditSha256 = audit
    }
    statements.append(try RevocationStatement.signed(revocation, with: evaluator))
  }

  public mutating func add(policy: PolicyStatement) throws {
    statements.append(try policy.signed(with: evaluator))
  }

  /// The checkpoint of the first `size` statements; `cosigner` nil leaves the evaluator's line out.
  public func checkpoint(of size: Int? = nil, cosigner: IdentityKey?) -> [UInt8] {
    var head = MerkleFrontier()
    for statement in statements.prefix(size ?? statements.count) { head.append(statement) }
    let origin = Checkpoint.origin(ofRun: run)
    var note = SignedNote(text: Checkpoint(origin: origin, size: head.size, root: head.root).text)
    note.sign(as: origin, with: log)
    if let cosigner { note.cosign(as: Checkpoint.cosigner, at: 1_700_000_000, with: cosigner) }
    return note.bytes
  }

  /// What a log's owner signs who leaves a statement out.
  func checkpoint(without index: Int) -> [UInt8] {
    var forged = self
    forged.statements.remove(at: index)
    return forged.checkpoint(cosigner: nil)
  }

  public var bundle: ProofBundle {
    ProofBundle(
      checkpoint: checkpoint(cosigner: evaluator), statements: statements, objects: objects,
      logKey: log.publicIdentity, evaluatorKey: evaluator.publicIdentity)
  }
}
