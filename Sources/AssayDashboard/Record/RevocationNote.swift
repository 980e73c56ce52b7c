import AssayIdentity
import AssayMessages
import AssayVerdict

/// That a verdict was taken back, by whom, and whether the run's evaluator signed that.
struct RevocationNote: Encodable, Sendable, Equatable {
  var reason: String
  /// Nil when a person decided.
  var rule: String?
  var rulesVersion: UInt32?
  var evidence: String?
  var requestedBy: String
  var revokedMs: Int64
  /// The evaluator's key when its signature covers this and names this verdict; nil when it does not: then it is not to be believed.
  var signedBy: String?
  /// DSSE envelope of the revocation.
  var envelope: String

  /// - Returns: nil for a trial that was not revoked.
  init?(_ record: LineageV1.TrialRecord, evaluatorKey: PublicIdentity?) {
    guard let revocation = record.revocation else { return nil }
    let isByRule = !revocation.rule.isEmpty
    reason = revocation.reason
    rule = isByRule ? revocation.rule : nil
    rulesVersion = isByRule ? revocation.rulesVersion : nil
    evidence = isByRule ? revocation.evidence : nil
    requestedBy = revocation.requestedBy
    revokedMs = revocation.revokedAtMs
    envelope = String(decoding: record.revocationEnvelope, as: UTF8.self)
    let signed = evaluatorKey.flatMap {
      try? RevocationStatement.verified(envelope: record.revocationEnvelope, key: $0)
    }
    if signed == revocation, revocation.trial == record.trial?.trial,
      revocation.verdictSha256 == VerdictStatement.digest(record.envelope)
    {
      signedBy = evaluatorKey?.text
    }
  }
}
