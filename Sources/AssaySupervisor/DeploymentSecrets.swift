public import AssayIdentity
public import Foundation
import Glibc

/// Keys and certificates of services that run apart from each other: a folder for each that holds its own secrets, what it has
/// to know of the others, and nothing else.
///
/// A folder `NAME` has `NAME.key`, `NAME.pem` and `ca.pem`, `ca.crl` for TLS, `lineage.pub` and `evaluator.pub`, and for a server
/// its trust file. The keys of all of them and of the certificate authority stay in the authority's folder.
public struct DeploymentSecrets: Sendable {
  public var specialists: [String]
  public var runners: [String]
  /// Names and addresses at which a server is called, by `lineage` and `evaluator`.
  public var hosts: [String: [String]]
  /// The user that a folder is given to, by the name up to the first slash; nobody else can read it.
  public var owners: [String: UInt32]
  /// The key of an evaluator that somebody else runs.
  public var evaluator: PublicIdentity?

  /// How long certificates are good for; they are made anew a month before.
  static let lifetime: Duration = .seconds(365 * 86_400)
  static let renewal: TimeInterval = (365 - 30) * 86_400

  public init(
    specialists: [String], runners: [String], hosts: [String: [String]], owners: [String: UInt32],
    evaluator: PublicIdentity? = nil
  ) {
    self.specialists = specialists
    self.runners = runners
    self.hosts = hosts
    self.owners = owners
    self.evaluator = evaluator
  }

  private var names: [String] {
    ["lineage"] + (evaluator == nil ? ["evaluator"] : []) + ["operator", "observer"]
      + specialists.map { "agent/\($0)" } + runners.map { "runner/\($0)" }
  }

  /// Makes what is missing in the authority's folder, and writes every service's folder anew.
  ///
  /// - Returns: the folders.
  public func write(authority: URL, to target: URL) throws -> [String] {
    let ring = KeyRing.existing(in: authority)
    let files = FileManager.default
    func has(_ path: String) -> Bool { files.fileExists(atPath: path) }
    func folder(_ name: String) -> URL { target.appending(path: name.replacing("/", with: "-")) }
    // Who was revoked stays so.
    let revoked = names.filter {
      !has(ring.path(of: $0)) && has(ring.path(of: $0) + ".revoked")
    }
    for name in revoked {
      for file in (try? files.contentsOfDirectory(atPath: folder(name).path)) ?? [] {
        try? files.removeItem(at: folder(name).appending(path: file))
      }
    }
    let names = names.filter { !revoked.contains($0) }
    // Only a new name makes the trust files anew.
    if names.contains(where: { !has(ring.path(of: $0)) }) {
      _ = try KeyRing.prepare(
        in: authority, specialists: specialists.filter { !revoked.contains("agent/\($0)") },
        runners: runners.filter { !revoked.contains("runner/\($0)") }, lineageEnabled: true,
        evaluator: evaluator)
    }
    let certificates = CertificateFolder(authority)
    for name in names where isDue(certificates.path(of: name)) {
      _ = try certificates.issue(
        name, hosts: hosts[name] ?? ["localhost", "127.0.0.1"], lifetime: Self.lifetime)
    }
    var keys = ["lineage.pub": try ring.publicText(of: "lineage")]
    keys["evaluator.pub"] = try evaluator?.text ?? ring.publicText(of: "evaluator")
    return try names.map { name in
      try write(name, ring, certificates, keys, to: folder(name))
    }
  }

  private func isDue(_ certificate: String) -> Bool {
    let attributes = try? FileManager.default.attributesOfItem(atPath: certificate)
    guard let made = attributes?[.modificationDate] as? Date else { return true }
    return Date.now.timeIntervalSince(made) > Self.renewal
  }

  private func write(
    _ name: String, _ ring: KeyRing, _ certificates: CertificateFolder, _ keys: [String: String],
    to folder: URL
  ) throws -> String {
    let owner = owners[String(name.prefix { $0 != "/" })]
    var contents: [String: Data] = keys.mapValues { Data(($0 + "\n").utf8) }
    let trust = ring.folder.appending(path: "trust-\(name).json")
    for file in [ring.path(of: name), certificates.path(of: name), trust.path]
      + ["ca.pem", "ca.crl"].map({ ring.folder.appending(path: $0).path })
    {
      contents[URL(filePath: file).lastPathComponent] = FileManager.default.contents(atPath: file)
    }
    do {
      try FileManager.default.createDirectory(
        at: folder, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
    } catch {
      throw SupervisorError(.unavailable, "cannot make \(folder.path): \(error.localizedDescription)")
    }
    for (file, content) in contents {
      let isSecret = file.hasSuffix(".key") || file.hasSuffix(".pem") && file != "ca.pem"
      try Self.put(content, folder.appending(path: file).path, mode: isSecret ? 0o400 : 0o444, owner)
    }
    if let owner, chown(folder.path, owner, owner) != 0 || chmod(folder.path, 0o500) != 0 {
      throw Self.failure("give \(folder.path) to user \(owner)")
    }
    return folder.path
  }

  /// Puts a file in the place of an older one; readers see either.
  private static func put(_ content: Data, _ path: String, mode: mode_t, _ owner: UInt32?) throws {
    if FileManager.default.contents(atPath: path) == content { return }
    let draft = path + ".new"
    unlink(draft)
    let descriptor = open(draft, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0o600)
    guard descriptor >= 0 else { throw failure("write \(draft)") }
    defer { close(descriptor) }
    let bytes = [UInt8](content)
    guard Glibc.write(descriptor, bytes, bytes.count) == bytes.count, fchmod(descriptor, mode) == 0,
      fsync(descriptor) == 0
    else { throw failure("write \(draft)") }
    if let owner, fchown(descriptor, owner, owner) != 0 { throw failure("give \(draft) to user \(owner)") }
    guard rename(draft, path) == 0 else { throw failure("write \(path)") }
  }

  private static func failure(_ what: String) -> SupervisorError {
    SupervisorError(.unavailable, "cannot \(what): \(String(cString: strerror(errno)))")
  }
}
