import AssayIdentity
import Foundation

/// What a signed statement of the log says, as far as a verifier needs it.
struct Claim: Decodable, Sendable {
  enum Kind: String, Sendable {
    case policy = "https://assay.dev/evaluation-policy/v1"
    case verdict = "https://assay.dev/verdict/v1"
    case report = "https://assay.dev/final-report/v1"
    case audit = "https://assay.dev/audit/v1"
    case revocation = "https://assay.dev/revocation/v1"
  }

  struct Facts: Decodable, Sendable {
    var parent: UInt32
    var snapshot: String
    var proposal_sha256: String
    var log_sha256: String
    var policy_sha256: String?
    var task_digest: String
    var artifacts_sha256: [String]?
    var provenance_sha256: [String]?
    var runner_keys: [String]?
    var hardware: String?
  }

  struct Predicate: Decodable, Sendable {
    var run: String
    var trial: UInt32?
    var label: String?
    var score: String?
    var best: UInt32?
    var facts: Facts?
    // Of policies and audits.
    var taskDigest: String?
    var rulesVersion: Int?
    var revoked: [UInt32]?
    // Of revocations.
    var verdictSha256: String?
    var auditSha256: String?
  }

  var _type: String
  var predicateType: String
  var predicate: Predicate

  var kind: Kind? { Kind(rawValue: predicateType) }

  /// Reads a statement that `key` signed.
  static func read(_ envelope: [UInt8], _ index: Int, by key: PublicIdentity) throws(ProofError) -> Claim {
    let payload: [UInt8]
    do throws(IdentityError) {
      payload = try DSSEEnvelope(json: envelope).verifiedPayload(by: key)
    } catch {
      throw ProofError(.signature, "statement \(index) is not signed by the evaluator: \(error.message)")
    }
    guard let claim = try? JSONDecoder().decode(Claim.self, from: Data(payload)),
      claim._type == "https://in-toto.io/Statement/v1", claim.kind != nil
    else {
      throw ProofError(.record, "statement \(index) is signed, but of no kind that belongs into a record")
    }
    return claim
  }
}
