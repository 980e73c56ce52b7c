public import AssayIdentity
import Foundation

/// That every trial of a run was screened anew, and by which rules: a signed in-toto statement. From it on these are the run's rules.
public struct AuditStatement: Codable, Sendable, Hashable {
  public static let predicateType = "https://assay.dev/audit/v1"

  public var run: String
  /// SHA-256 of the task folder with these rules; nothing else of it differs from the task that the run began with.
  public var taskDigest: String
  /// Ids of the static rules.
  public var rules: [String]
  public var rulesVersion: Int
  /// How many trials have a recipe, all of which were screened.
  public var screened: Int
  /// The trials that break a rule and were legal until now, ascending: the revocations that follow.
  public var revoked: [UInt32]
  /// Identity name of who asked for it.
  public var requestedBy: String
  public var auditedAtMs: Int64

  public init(
    run: String, taskDigest: String, rules: [String], rulesVersion: Int, screened: Int, revoked: [UInt32],
    requestedBy: String, auditedAtMs: Int64
  ) {
    self.run = run
    self.taskDigest = taskDigest
    self.rules = rules
    self.rulesVersion = rulesVersion
    self.screened = screened
    self.revoked = revoked
    self.requestedBy = requestedBy
    self.auditedAtMs = auditedAtMs
  }

  /// Signed, as JSON bytes of a DSSE envelope.
  public func signed(with key: IdentityKey) throws -> [UInt8] {
    try StatementJSON.signed(
      Self.predicateType, subject: [.init(name: "task", digest: ["sha256": taskDigest])], predicate: self,
      with: key)
  }

  /// Verifies an envelope and only then parses it.
  ///
  /// - Throws: `IdentityError`: `.signatureInvalid` when `key` did not sign it, `.malformed` when it is no audit.
  public static func verified(envelope: [UInt8], key: PublicIdentity) throws(IdentityError) -> AuditStatement
  {
    try StatementJSON.verified(envelope, Self.predicateType, by: key)
  }
}
