public import AssayIdentity
import Crypto

/// A text with signature lines (C2SP signed-note), Ed25519: of the log itself, and of those who vouch for it (C2SP
/// tlog-cosignature).
public struct SignedNote: Sendable, Hashable {
  /// Ends with a newline.
  public let text: String
  public private(set) var signatures: [Signature]

  public struct Signature: Sendable, Hashable {
    public var name: String
    /// Four bytes that tell keys of the same name apart, then what was signed with.
    public var bytes: [UInt8]

    public init(name: String, bytes: [UInt8]) {
      self.name = name
      self.bytes = bytes
    }

    /// As a line of a note, without the newline.
    public var line: String { "\u{2014} \(name) \(Base64.encode(bytes))" }
  }

  /// How a signature was made.
  private enum Kind: UInt8 {
    case log = 1
    case cosignature = 4
  }

  public init(text: String) {
    self.text = text
    signatures = []
  }

  /// Reads a note in exactly the form in which it is written; believes nothing.
  public init?(bytes: [UInt8]) {
    guard bytes.count <= 1 << 16, let whole = String(validating: bytes, as: UTF8.self) else { return nil }
    guard let gap = whole.utf8.firstRange(of: "\n\n".utf8) else { return nil }
    self.init(text: String(whole[..<whole.utf8.index(after: gap.lowerBound)]))
    let lines = whole[gap.upperBound...].split(separator: "\n", omittingEmptySubsequences: false)
    guard lines.last?.isEmpty == true, lines.count > 1, lines.count <= 17 else { return nil }
    for line in lines.dropLast() {
      let parts = line.split(separator: " ", omittingEmptySubsequences: false)
      guard parts.count == 3, parts[0] == "\u{2014}", !parts[1].isEmpty, let bytes = Base64.decode(parts[2]),
        bytes.count > 4
      else { return nil }
      signatures.append(Signature(name: String(parts[1]), bytes: bytes))
    }
    guard self.bytes == bytes else { return nil }
  }

  public var bytes: [UInt8] {
    Array((text + "\n" + signatures.map { $0.line + "\n" }.joined()).utf8)
  }

  /// Signs as the log.
  public mutating func sign(as name: String, with key: IdentityKey) {
    signatures.append(
      Signature(
        name: name, bytes: Self.id(name, .log, key.publicIdentity) + key.sign(Array(text.utf8))))
  }

  /// Vouches for the log at a time, in seconds since the Unix epoch.
  public mutating func cosign(as name: String, at seconds: UInt64, with key: IdentityKey) {
    signatures.append(
      Signature(
        name: name,
        bytes: Self.id(name, .cosignature, key.publicIdentity) + Self.bigEndian(seconds)
          + key.sign(cosigned(at: seconds))))
  }

  /// Whether `identity` signed as the log of this name.
  public func isSigned(as name: String, by identity: PublicIdentity) -> Bool {
    let id = Self.id(name, .log, identity)
    return signatures.contains { signature in
      signature.name == name && signature.bytes.count == 68 && Array(signature.bytes.prefix(4)) == id
        && identity.isValid(signature: Array(signature.bytes[4...]), for: Array(text.utf8))
    }
  }

  /// Whether `identity` vouched under this name.
  public func isCosigned(as name: String, by identity: PublicIdentity) -> Bool {
    let id = Self.id(name, .cosignature, identity)
    return signatures.contains { signature in
      guard signature.name == name, signature.bytes.count == 76, Array(signature.bytes.prefix(4)) == id else {
        return false
      }
      let seconds = signature.bytes[4..<12].reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
      return identity.isValid(signature: Array(signature.bytes[12...]), for: cosigned(at: seconds))
    }
  }

  private func cosigned(at seconds: UInt64) -> [UInt8] {
    Array("cosignature/v1\ntime \(seconds)\n\(text)".utf8)
  }

  private static func bigEndian(_ value: UInt64) -> [UInt8] {
    (0..<8).map { UInt8(truncatingIfNeeded: value >> UInt64(56 - 8 * $0)) }
  }

  private static func id(_ name: String, _ kind: Kind, _ identity: PublicIdentity) -> [UInt8] {
    Array(SHA256.hash(data: Array(name.utf8) + [0x0a, kind.rawValue] + identity.bytes).prefix(4))
  }
}
