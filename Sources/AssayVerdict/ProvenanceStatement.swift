public import AssayIdentity
import Foundation

/// What a runner says of one job, signed with its own key: an in-toto statement with a SLSA provenance v1 predicate
/// (slsa.dev/spec/v1.0/provenance). docs/provenance.md lists the fields.
///
/// Subjects are the outputs. The recipe, which nobody trusts, is an external parameter; harness, artifact, inputs and mounts are
/// resolved dependencies.
public struct ProvenanceStatement: Sendable, Hashable {
  public static let predicateType = "https://slsa.dev/provenance/v1"
  public static let buildType = "https://assay.dev/job/v1"
  public static let builder = "https://assay.dev/runner/v1"
  /// An envelope has at most this many bytes.
  public static let maximumBytes = 65_536
  /// A verdict names the statements of at most this many jobs.
  public static let maximumCount = 256

  /// A thing by its name and SHA-256; no digest where the runner did not take one.
  public struct Resource: Codable, Sendable, Hashable {
    public var name: String
    public var digest: [String: String]

    public init(name: String, sha256: String?) {
      self.name = name
      digest = sha256.map { ["sha256": $0] } ?? [:]
    }
  }

  /// What the evaluator asked for: the same job has the same definition wherever it runs.
  public struct Definition: Codable, Sendable, Hashable {
    public struct External: Codable, Sendable, Hashable {
      public var run: String
      public var trial: UInt32
      public var phase: String
      public var command: [String]
      public var environment: [String: String]
      /// The recipe's tree, by the id of its snapshot.
      public var recipe: Resource
    }
    public struct Limits: Codable, Sendable, Hashable {
      public var wallMs, cpuMs, memoryBytes, diskBytes, outputBytes: UInt64
      public var processes: UInt32
    }
    public struct Output: Codable, Sendable, Hashable {
      public var path: String
      public var maxBytes: UInt64
    }
    public struct GPUs: Codable, Sendable, Hashable {
      public var count: UInt32
      public var memoryBytes: UInt64
      public var computeCapability: String
    }
    public struct Internal: Codable, Sendable, Hashable {
      public var job: String
      public var fencingToken: UInt64
      public var cores: UInt32
      /// Nil for a job that needs none.
      public var gpus: GPUs?
      public var limits: Limits
      public var outputs: [Output]
    }

    public var buildType: String
    public var externalParameters: External
    public var internalParameters: Internal
    public var resolvedDependencies: [Resource]
  }

  /// What became of it, as the runner measured from outside of the sandbox.
  public struct Result: Codable, Sendable, Hashable {
    public struct Output: Codable, Sendable, Hashable {
      public var path, state: String
      public var size: UInt64
    }
    public var runner, outcome: String
    public var exitCode, signal: Int32
    public var wallNs, cpuNs, maxMemoryBytes: UInt64
    public var outputs: [Output]
  }

  /// Where it ran.
  public struct Host: Codable, Sendable, Hashable {
    public var kernel, cpu: String
    /// Cores that the job was pinned to; empty for any.
    public var cores: [Int]
    /// What kept the job in.
    public var isolation: String
    /// Those that the job had; nil for none.
    public var gpus: [GPU]?

    public init(kernel: String, cpu: String, cores: [Int], isolation: String, gpus: [GPU]? = nil) {
      self.kernel = kernel
      self.cpu = cpu
      self.cores = cores
      self.isolation = isolation
      self.gpus = gpus
    }
  }

  struct RunDetails: Codable, Sendable, Hashable {
    struct Builder: Codable, Sendable, Hashable {
      var id: String
      var version: [String: String]
    }
    struct Metadata: Codable, Sendable, Hashable {
      var invocationId, startedOn, finishedOn: String
    }
    var builder: Builder
    var metadata: Metadata
    var byproducts: [Resource]
    /// Fields of ours bear our name, as SLSA asks of extensions.
    var assay_result: Result
    var assay_host: Host
  }

  struct Predicate: Codable, Sendable, Hashable {
    var buildDefinition: Definition
    var runDetails: RunDetails
  }

  /// Outputs that are there, by path.
  public var subjects: [Resource]
  var predicate: Predicate

  public var definition: Definition { predicate.buildDefinition }
  public var result: Result { predicate.runDetails.assay_result }
  public var host: Host { predicate.runDetails.assay_host }
  /// SHA-256 of the log as it was reported.
  public var logDigest: String { predicate.runDetails.byproducts.first?.digest["sha256"] ?? "" }
  /// RFC 3339, by the runner's clock.
  public var started: String { predicate.runDetails.metadata.startedOn }
  public var finished: String { predicate.runDetails.metadata.finishedOn }

  /// Signed, as JSON bytes of a DSSE envelope.
  public func signed(with key: IdentityKey) throws -> [UInt8] {
    try StatementJSON.signed(
      Self.predicateType, subject: subjects.map { .init(name: $0.name, digest: $0.digest) },
      predicate: predicate, with: key)
  }

  /// Verifies an envelope and only then parses it.
  ///
  /// - Throws: `IdentityError`: `.signatureInvalid` when `key` did not sign it, `.malformed` when it is no provenance of a job.
  public static func verified(envelope: [UInt8], key: PublicIdentity) throws(IdentityError)
    -> ProvenanceStatement
  {
    guard envelope.count <= maximumBytes else {
      throw IdentityError(
        .malformed, "the provenance has \(envelope.count) bytes, at most \(maximumBytes) are read")
    }
    guard try DSSEEnvelope(json: envelope).signatures.count == 1 else {
      throw IdentityError(.malformed, "the provenance has more than one signature")
    }
    let (subjects, predicate): ([StatementJSON.Subject], Predicate) = try StatementJSON.verifiedWhole(
      envelope, predicateType, by: key)
    guard predicate.buildDefinition.buildType == buildType else {
      throw IdentityError(.malformed, "the provenance is signed, but not of a job")
    }
    return ProvenanceStatement(
      subjects: subjects.map { Resource(name: $0.name, sha256: $0.digest["sha256"]) }, predicate: predicate)
  }
}
