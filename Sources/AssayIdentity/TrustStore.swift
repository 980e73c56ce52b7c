import Foundation

/// Who may call a service: public keys with their names and roles.
public struct TrustStore: Sendable {
  /// One trusted identity.
  public struct Entry: Codable, Sendable, Hashable {
    /// Such as `agent/opt`, `runner/gpu-1`, `evaluator`.
    public var name: String
    public var roles: [Role]
    /// `assay-ed25519:` and base64.
    public var key: String

    public init(name: String, roles: [Role], identity: PublicIdentity) {
      self.name = name
      self.roles = roles
      key = identity.text
    }
  }

  private struct File: Codable {
    var trust: [Entry]
  }

  public let entries: [Entry]
  private let byKey: [PublicIdentity: Entry]

  public init(_ entries: [Entry]) throws(IdentityError) {
    var byKey: [PublicIdentity: Entry] = [:]
    for entry in entries {
      guard !entry.roles.isEmpty, !entry.name.isEmpty, entry.name.utf8.count <= 128 else {
        throw IdentityError(
          .malformed, "a trusted identity needs a name of at most 128 bytes and at least one role")
      }
      guard byKey.updateValue(entry, forKey: try PublicIdentity(text: entry.key)) == nil else {
        throw IdentityError(
          .malformed, "the key of \(entry.name) is listed twice; give each identity a key of its own")
      }
    }
    self.entries = entries
    self.byKey = byKey
  }

  /// Loads a trust file: `{"trust": [{"name": ..., "roles": [...], "key": ...}]}`.
  public static func load(from path: String) throws(IdentityError) -> TrustStore {
    guard let data = FileManager.default.contents(atPath: path) else {
      throw IdentityError(.inputOutput, "cannot read the trust file \(path); make one with `assay keys init`")
    }
    let file: File
    do {
      file = try JSONDecoder().decode(File.self, from: data)
    } catch {
      throw IdentityError(.malformed, "\(path) is no trust file (\(error)); make one with `assay keys init`")
    }
    return try TrustStore(file.trust)
  }

  public func save(to path: String) throws(IdentityError) {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
    do {
      try encoder.encode(File(trust: entries)).write(to: URL(filePath: path), options: .atomic)
    } catch {
      throw IdentityError(.inputOutput, "cannot write the trust file \(path): \(error.localizedDescription)")
    }
  }

  /// The entry of a key, nil when it is not trusted.
  public func entry(for identity: PublicIdentity) -> Entry? { byKey[identity] }
}
