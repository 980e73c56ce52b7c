import AssayIdentity
import Foundation

/// What a runner signed of a job, as far as a verifier needs it (docs/provenance.md).
struct JobClaim: Decodable, Sendable {
  struct Subject: Decodable, Sendable { var digest: [String: String] }
  struct Parameters: Decodable, Sendable {
    var run: String
    var trial: UInt32
  }
  struct Definition: Decodable, Sendable {
    var buildType: String
    var externalParameters: Parameters
  }
  struct GPU: Decodable, Sendable { var model: String }
  struct Host: Decodable, Sendable {
    var cpu: String
    var gpus: [GPU]?
  }
  struct RunDetails: Decodable, Sendable { var assay_host: Host }
  struct Predicate: Decodable, Sendable {
    var buildDefinition: Definition
    var runDetails: RunDetails
  }

  var _type: String
  var predicateType: String
  var subject: [Subject]
  var predicate: Predicate

  /// SHA-256 of what the job left.
  var outputs: [String] { subject.compactMap { $0.digest["sha256"] } }

  /// What it ran on, as verdicts name it; nil where a node ended before it could tell.
  var hardware: String? {
    let host = predicate.runDetails.assay_host
    guard !host.cpu.isEmpty else { return nil }
    return ([host.cpu] + Set((host.gpus ?? []).map(\.model)).sorted()).joined(separator: ", ")
  }

  /// Reads a statement that one of `keys` signed, of a job of this trial.
  static func read(
    _ envelope: [UInt8], by keys: [PublicIdentity], run: String, trial: UInt32
  ) throws(ProofError) -> JobClaim {
    // One signature, by the one runner that ran it: who adds another changes what the digest in the verdict was made of.
    let parsed = (try? DSSEEnvelope(json: envelope)).flatMap { $0.signatures.count == 1 ? $0 : nil }
    guard let payload = keys.lazy.compactMap({ try? parsed?.verifiedPayload(by: $0) }).first else {
      throw ProofError(
        .signature, "a job of trial \(trial) is not signed by a runner that the evaluator vouches for")
    }
    guard let claim = try? JSONDecoder().decode(JobClaim.self, from: Data(payload)),
      claim._type == "https://in-toto.io/Statement/v1",
      claim.predicateType == "https://slsa.dev/provenance/v1",
      claim.predicate.buildDefinition.buildType == "https://assay.dev/job/v1",
      claim.predicate.buildDefinition.externalParameters.run == run,
      claim.predicate.buildDefinition.externalParameters.trial == trial
    else {
      throw ProofError(.record, "a runner's statement of trial \(trial) is of another job, or of no job")
    }
    return claim
  }
}
