import Crypto
import Foundation

/// The public half of an identity: an Ed25519 key.
public struct PublicIdentity: Hashable, Sendable, CustomStringConvertible {
  /// 32 bytes.
  public let bytes: [UInt8]

  static let prefix = "assay-ed25519:"

  public init(bytes: [UInt8]) throws(IdentityError) {
    guard bytes.count == 32, (try? Curve25519.Signing.PublicKey(rawRepresentation: bytes)) != nil else {
      throw IdentityError(.malformed, "a public key has 32 bytes, this one has \(bytes.count)")
    }
    self.bytes = bytes
  }

  /// Parses `assay-ed25519:` and base64.
  public init(text: String) throws(IdentityError) {
    let text = text.trimmingCharacters(in: .whitespacesAndNewlines)
    guard text.hasPrefix(Self.prefix),
      let data = Data(base64Encoded: String(text.dropFirst(Self.prefix.count)))
    else {
      throw IdentityError(
        .malformed,
        "'\(text.prefix(80))' is no public key; it looks like \(Self.prefix) and 44 characters of base64")
    }
    try self.init(bytes: [UInt8](data))
  }

  /// The same, or the path of a file that holds such a text, which contains a slash before any colon.
  public init(textOrFile text: String) throws(IdentityError) {
    guard !text.hasPrefix(Self.prefix), text.contains("/") else {
      try self.init(text: text)
      return
    }
    guard let data = FileManager.default.contents(atPath: text), data.count < 4096 else {
      throw IdentityError(.inputOutput, "cannot read the public key in \(text)")
    }
    try self.init(text: String(decoding: data, as: UTF8.self))
  }

  public var text: String { Self.prefix + Data(bytes).base64EncodedString() }
  public var description: String { text }

  /// Whether `signature` is this identity's over `message`.
  public func isValid(signature: [UInt8], for message: [UInt8]) -> Bool {
    guard let key = try? Curve25519.Signing.PublicKey(rawRepresentation: bytes) else { return false }
    return key.isValidSignature(signature, for: message)
  }
}
