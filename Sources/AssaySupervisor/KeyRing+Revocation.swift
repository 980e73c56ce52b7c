import AssayIdentity
import Foundation

extension KeyRing {
  /// Takes an identity out of every trust file of a folder, and its private key out of use. Running services follow their
  /// trust file within seconds. Its certificates, where it has any, are revoked.
  ///
  /// - Returns: the files that have changed.
  public static func revoke(_ name: String, in folder: URL) throws -> [String] {
    let changed = try change(name, in: folder) { _ in nil }
    return try CertificateFolder(folder).revoke(name) > 0 ? changed + [folder.path + "/ca.crl"] : changed
  }

  /// Gives an identity a new key, and each trust file that named the old one the new one.
  public static func rotate(_ name: String, in folder: URL) throws -> Member {
    let fresh = IdentityKey()
    _ = try change(name, in: folder) { entry in
      TrustStore.Entry(name: entry.name, roles: entry.roles, identity: fresh.publicIdentity)
    }
    do {
      try fresh.save(to: KeyRing(folder: folder, identities: []).path(of: name))
    } catch {
      throw SupervisorError(.unavailable, error.message)
    }
    return Member(name: name, publicText: fresh.publicIdentity.text)
  }

  private static func change(
    _ name: String, in folder: URL, _ replacement: (TrustStore.Entry) -> TrustStore.Entry?
  ) throws -> [String] {
    guard name != "evaluator", name != "lineage" else {
      throw SupervisorError(
        .usage,
        "the key of the \(name) is what runs and callers know it by: begin a new state folder with new keys instead."
      )
    }
    let ring = KeyRing(folder: folder, identities: [])
    var changed: [String] = []
    do throws(IdentityError) {
      for service in ["evaluator", "lineage"] {
        let path = folder.appending(path: "trust-\(service).json").path
        guard FileManager.default.fileExists(atPath: path) else { continue }
        let trust = try TrustStore.load(from: path)
        guard trust.entries.contains(where: { $0.name == name }) else { continue }
        try TrustStore(trust.entries.compactMap { $0.name == name ? replacement($0) : $0 }).save(to: path)
        changed.append(path)
      }
    } catch {
      throw SupervisorError(.unavailable, error.message)
    }
    let key = ring.path(of: name)
    guard !changed.isEmpty || FileManager.default.fileExists(atPath: key) else {
      throw SupervisorError(
        .usage, "\(folder.path) knows no identity '\(name)'; `assay keys init` lists them.")
    }
    // Kept aside, so that what it signed can still be looked into; never used again.
    let aside = "\(key).revoked"
    try? FileManager.default.removeItem(atPath: aside)
    try? FileManager.default.moveItem(atPath: key, toPath: aside)
    return changed
  }
}
