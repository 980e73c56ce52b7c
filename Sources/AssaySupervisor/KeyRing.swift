public import AssayIdentity
import Foundation

/// The identities of one deployment and the trust files that name them.
public struct KeyRing: Sendable {
  /// A name and its public key.
  public struct Member: Sendable {
    public let name: String
    public let publicText: String
  }

  let folder: URL
  public let identities: [Member]

  /// Makes what is missing, keeps what is there, and writes both trust files anew.
  ///
  /// - Parameters:
  ///   - lineageEnabled: when false, the lineage's trust file names no agent.
  ///   - evaluator: an evaluator whose key is somebody else's, instead of one of ours.
  public static func prepare(
    in folder: URL, specialists: [String], runners: [String], lineageEnabled: Bool,
    evaluator external: PublicIdentity? = nil
  ) throws -> KeyRing {
    do {
      try FileManager.default.createDirectory(
        at: folder, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
      var members: [Member] = []
      func entry(_ name: String, _ role: Role) throws -> TrustStore.Entry {
        let identity = try IdentityKey.loadOrCreate(at: path(of: name, in: folder)).publicIdentity
        members.append(Member(name: name, publicText: identity.text))
        return TrustStore.Entry(name: name, roles: [role], identity: identity)
      }
      _ = try entry("lineage", .observer)
      let evaluator =
        try external.map { TrustStore.Entry(name: "evaluator", roles: [.evaluator], identity: $0) }
        ?? entry("evaluator", .evaluator)
      let `operator` = try entry("operator", .operator)
      let observer = try entry("observer", .observer)
      let agents = try specialists.map { try entry("agent/\($0)", .agent) }
      let runners = try runners.map { try entry("runner/\($0)", .runner) }
      try TrustStore([evaluator, `operator`, observer] + (lineageEnabled ? agents : []))
        .save(to: folder.appending(path: "trust-lineage.json").path)
      try TrustStore([`operator`, observer] + agents + runners).save(
        to: folder.appending(path: "trust-evaluator.json").path)
      return KeyRing(folder: folder, identities: members)
    } catch let error as IdentityError {
      throw SupervisorError(.unavailable, error.message)
    }
  }

  /// The specialists that have keys in a folder.
  static func specialists(in folder: URL) -> [String] {
    ((try? FileManager.default.contentsOfDirectory(atPath: folder.path)) ?? []).sorted().compactMap { name in
      guard name.hasPrefix("agent-"), name.hasSuffix(".key") else { return nil }
      return String(name.dropFirst("agent-".count).dropLast(".key".count))
    }
  }

  /// Keys that were prepared before.
  static func existing(in folder: URL) -> KeyRing { KeyRing(folder: folder, identities: []) }

  private static func path(of name: String, in folder: URL) -> String {
    folder.appending(path: name.replacing("/", with: "-") + ".key").path
  }

  func path(of name: String) -> String { Self.path(of: name, in: folder) }

  func key(of name: String) throws -> IdentityKey {
    do {
      return try IdentityKey.load(from: path(of: name))
    } catch {
      throw SupervisorError(.unavailable, error.message)
    }
  }

  var certificates: CertificateFolder { CertificateFolder(folder) }

  func publicText(of name: String) throws -> String { try key(of: name).publicIdentity.text }
}
