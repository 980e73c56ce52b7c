public import AssayIdentity
public import AssayMessages
import Foundation

/// A verdict taken back, as a signed in-toto statement; docs/verdict-format.md lists the fields.
public enum RevocationStatement {
  public static let predicateType = "https://assay.dev/revocation/v1"

  private struct Predicate: Codable {
    var run: String
    var trial: UInt32
    var verdictSha256, reason: String
    // Left out where a person decided.
    var rule: String?
    var rulesVersion: UInt32?
    var evidence, auditSha256: String?
    var requestedBy: String
    var revokedAtMs: Int64
  }

  public static func signed(_ revocation: LineageV1.Revocation, with key: IdentityKey) throws -> [UInt8] {
    let isByRule = !revocation.rule.isEmpty
    let predicate = Predicate(
      run: revocation.runId, trial: revocation.trial, verdictSha256: revocation.verdictSha256,
      reason: revocation.reason, rule: isByRule ? revocation.rule : nil,
      rulesVersion: isByRule ? revocation.rulesVersion : nil, evidence: isByRule ? revocation.evidence : nil,
      auditSha256: isByRule ? revocation.auditSha256 : nil, requestedBy: revocation.requestedBy,
      revokedAtMs: revocation.revokedAtMs)
    return try StatementJSON.signed(
      predicateType, subject: [.init(name: "verdict", digest: ["sha256": revocation.verdictSha256])],
      predicate: predicate, with: key)
  }

  /// Verifies an envelope and only then parses it.
  ///
  /// - Throws: `IdentityError`: `.signatureInvalid` when `key` did not sign it, `.malformed` when it is no revocation.
  public static func verified(envelope: [UInt8], key: PublicIdentity) throws(IdentityError)
    -> LineageV1.Revocation
  {
    let predicate: Predicate = try StatementJSON.verified(envelope, predicateType, by: key)
    let isByRule = predicate.rule != nil
    guard (predicate.auditSha256 != nil) == isByRule, (predicate.rulesVersion != nil) == isByRule,
      (predicate.evidence != nil) == isByRule, predicate.rule != "", !predicate.reason.isEmpty
    else {
      throw IdentityError(
        .malformed, "a revocation has a reason, and a rule together with version, evidence and audit")
    }
    var revocation = LineageV1.Revocation()
    revocation.runId = predicate.run
    revocation.trial = predicate.trial
    revocation.verdictSha256 = predicate.verdictSha256
    revocation.reason = predicate.reason
    revocation.rule = predicate.rule ?? ""
    revocation.rulesVersion = predicate.rulesVersion ?? 0
    revocation.evidence = predicate.evidence ?? ""
    revocation.auditSha256 = predicate.auditSha256 ?? ""
    revocation.requestedBy = predicate.requestedBy
    revocation.revokedAtMs = predicate.revokedAtMs
    return revocation
  }
}
