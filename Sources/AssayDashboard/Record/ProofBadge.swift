import AssayIdentity
import AssayMessages
import AssayProof
import AssayVerdict

/// Whether a trial's verdict holds: its signature, what it is bound to, and its place in the signed record.
struct ProofBadge: Encodable, Sendable, Equatable {
  enum State: String, Encodable, Sendable {
    /// Signed, in the log, and the evaluator vouches for the log.
    case verified
    /// Nothing speaks against it, but something that would prove it is not there yet.
    case unverified
    /// Something does not fit: do not believe it.
    case broken
  }

  var state: State
  var detail: String
  /// What a person types to check the same with programs of their own.
  var command: String?
  var index: UInt64?
  var size: UInt64?

  init(_ state: State, _ detail: String) {
    self.state = state
    self.detail = detail
  }

  /// - Parameters:
  ///   - proof: nil while the log of the checkpoint has no such verdict.
  init(
    _ record: LineageV1.TrialRecord, proof: StatementProof?, evaluatorKey: PublicIdentity,
    logKey: PublicIdentity, folder: String
  ) {
    guard !record.envelope.isEmpty else {
      self.init(.unverified, "there is no verdict yet")
      return
    }
    if let flaw = Self.flaw(in: record, evaluatorKey) {
      self.init(.broken, flaw)
      return
    }
    guard let proof else {
      self.init(
        .unverified, "signed by the evaluator; not yet in a checkpoint of the log for which it vouches")
      return
    }
    do throws(ProofError) {
      let summary = try proof.verify(evaluatorKey: evaluatorKey, logKey: logKey)
      self.init(
        .verified,
        "signed by the evaluator, entry \(summary.index) of \(summary.size) in the log for which it vouches")
      index = summary.index
      size = summary.size
    } catch {
      let isCosigned =
        (try? proof.verify(
          evaluatorKey: evaluatorKey, logKey: logKey, acceptsUncosigned: true)) == nil
      self.init(isCosigned ? .broken : .unverified, error.message)
    }
    let trial = record.trial?.trial ?? 0
    command =
      "assay show \(trial) --state \(Self.quoted(folder)) --proof \(trial).proof && assay verify \(trial).proof --evaluator-key \(evaluatorKey.text) --log-key \(logKey.text)"
  }

  /// Why the verdict does not belong to this record of the trial; nil when it does.
  private static func flaw(in record: LineageV1.TrialRecord, _ key: PublicIdentity) -> String? {
    let trial = record.trial ?? .init()
    guard let statement = try? VerdictStatement.verified(envelope: record.envelope, key: key) else {
      return "the verdict is not signed by the run's evaluator"
    }
    let facts = statement.facts
    if statement.verdict != record.verdict { return "what is shown is not what was signed" }
    if facts.snapshotID != trial.snapshotId { return "the verdict was signed for another recipe" }
    if trial.trial != 0, facts.parent != trial.proposal?.parent {
      return "the verdict was signed for another parent"
    }
    if facts.proposalDigest != VerdictStatement.digest(trial.proposal?.serialized() ?? []) {
      return "the verdict was signed for another proposal"
    }
    if facts.logDigest != VerdictStatement.digest(Array(record.logExcerpt.utf8)) {
      return "the verdict was signed with another log"
    }
    return nil
  }

  /// As a shell reads it.
  private static func quoted(_ path: String) -> String {
    path.allSatisfy { $0.isLetter || $0.isNumber || "/._-".contains($0) }
      ? path : "'" + path.replacing("'", with: "'\\''") + "'"
  }
}
