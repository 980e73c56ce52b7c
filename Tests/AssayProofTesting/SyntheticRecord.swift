public import AssayIdentity
import AssayLog
import AssayMessages
import AssayPatch
public import AssayProof
import AssayVerdict

/// A record as a run leaves it, with keys of its own.
public struct SyntheticRecord: Sendable {
  public let run: String
  public let log: IdentityKey
  public let evaluator: IdentityKey
  public private(set) var statements: [[UInt8]] = []
  private var objects: Set<[UInt8]> = []

  public init(
    run: String = "r", trials: Int, policy: Bool = true, report: Bool = true,
    log: IdentityKey = IdentityKey(),
    evaluator: IdentityKey = IdentityKey()
  ) throws {
    self.run = run
    self.log = log
    self.evaluator = evaluator
    if policy { statements.append(try Self.policy(run).signed(with: evaluator)) }
    let digest = statements.first.map(VerdictStatement.digest)
    for trial in 0..<UInt32(trials) { try add(trial, label: Self.label(trial), policy: digest) }
    if report { try add(report: trials > 1 ? 1 : 0) }
  }

  private static func label(_ trial: UInt32) -> LineageV1.VerdictLabel {
    trial == 0 ? .baseline : trial % 7 == 1 ? .keep : trial % 5 == 0 ? .crash : .discard
  }

  public static func policy(_ run: String) -> PolicyStatement {
    PolicyStatement(
      run: run, task: "t", taskDigest: String(repeating: "0", count: 64),
      metric: .init(
        name: "loss", direction: "minimize", unit: "nats", source: "score", smallestEffect: "0.01"),
      gates: [], rules: [], rulesVersion: 0, seeds: .init(perTrial: 1, baseline: 3, final: 3, commitment: ""),
      keepRule: "k",
      keepConfidence: "0.95", evaluatorVersion: "0", nonClaims: [])
  }

  /// Adds a verdict of a trial, whatever else is there.
  public mutating func add(
    _ trial: UInt32, label: LineageV1.VerdictLabel, parent: UInt32? = nil, policy: String?, run: String? = nil
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
    let statement = VerdictStatement(
      verdict: verdict,
      facts: .init(
        taskDigest: String(repeating: "0", count: 64), specialist: "opt", parent: proposal.parent,
        snapshotID: recipe.digest, proposalDigest: VerdictStatement.digest(proposal.serialized()),
        logDigest: VerdictStatement.digest(output), artifactDigests: [], evaluatorVersion: "0",
        policyDigest: policy))
    statements.append(try statement.signed(with: evaluator))
    objects.formUnion([proposal.serialized(), output, SnapshotDigest.listing(of: recipe)])
    for path in recipe.paths { objects.insert(recipe[path] ?? []) }
  }

  public mutating func add(report best: UInt32) throws {
    var report = EvaluatorV1.FinalReport()
    report.best = best
    statements.append(
      try ReportStatement.signed(
        report, run: run, snapshotID: String(repeating: "0", count: 64), with: evaluator))
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
