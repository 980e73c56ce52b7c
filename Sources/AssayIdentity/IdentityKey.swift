import Crypto
import Foundation
import Glibc

/// An identity's private Ed25519 key.
public struct IdentityKey: Sendable {
  private let key: Curve25519.Signing.PrivateKey

  public let publicIdentity: PublicIdentity

  static let header = "assay-ed25519-private:"

  /// A new random key.
  public init() {
    key = Curve25519.Signing.PrivateKey()
    // The public half of a fresh key is a key.
    guard let identity = try? PublicIdentity(bytes: [UInt8](key.publicKey.rawRepresentation)) else {
      preconditionFailure("a generated key has a public half")
    }
    publicIdentity = identity
  }

  private init(seed: [UInt8], path: String) throws(IdentityError) {
    guard let key = try? Curve25519.Signing.PrivateKey(rawRepresentation: seed) else {
      throw IdentityError(.malformed, "\(path) holds no private key; make one with `assay keys init`")
    }
    self.key = key
    publicIdentity = try PublicIdentity(bytes: [UInt8](key.publicKey.rawRepresentation))
  }

  /// Loads a key file. A file that others can read is refused.
  public static func load(from path: String) throws(IdentityError) -> IdentityKey {
    let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW)
    guard descriptor >= 0 else {
      throw IdentityError(
        .inputOutput,
        "cannot open the key \(path): \(String(cString: strerror(errno))). Make one with `assay keys init`.")
    }
    defer { close(descriptor) }
    var status = stat()
    guard fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG else {
      throw IdentityError(.unsafeFile, "the key \(path) is not a plain file")
    }
    guard status.st_mode & 0o077 == 0, status.st_uid == getuid() else {
      throw IdentityError(
        .unsafeFile,
        "the key \(path) can be read by others, or belongs to another user. Run `chmod 600 \(path)` as its owner, or make a new key."
      )
    }
    var buffer = [UInt8](repeating: 0, count: 256)
    let count = read(descriptor, &buffer, buffer.count)
    let text = String(decoding: buffer.prefix(max(0, count)), as: UTF8.self).trimmingCharacters(
      in: .whitespacesAndNewlines)
    guard text.hasPrefix(header), let seed = Data(base64Encoded: String(text.dropFirst(header.count))) else {
      throw IdentityError(.malformed, "\(path) holds no private key; make one with `assay keys init`")
    }
    return try IdentityKey(seed: [UInt8](seed), path: path)
  }

  /// Writes the key to a new file, mode 0600; an existing file is never overwritten.
  public func save(to path: String) throws(IdentityError) {
    let temporary = "\(path).\(getpid()).\(UInt32.random(in: 0 ... .max))"
    let descriptor = open(temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
    guard descriptor >= 0 else {
      throw IdentityError(
        .inputOutput, "cannot write a key beside \(path): \(String(cString: strerror(errno)))")
    }
    defer { unlink(temporary) }
    let text = Array((Self.header + key.rawRepresentation.base64EncodedString() + "\n").utf8)
    let complete = write(descriptor, text, text.count) == text.count && fsync(descriptor) == 0
    close(descriptor)
    guard complete else {
      throw IdentityError(.inputOutput, "cannot write the key \(path): \(String(cString: strerror(errno)))")
    }
    // link(2) is atomic and refuses an existing name.
    guard link(temporary, path) == 0 else {
      throw errno == EEXIST
        ? IdentityError(
          .exists, "\(path) exists already and is not overwritten; remove it first if it should go")
        : IdentityError(.inputOutput, "cannot write the key \(path): \(String(cString: strerror(errno)))")
    }
    // Its name too: what is signed with a key that a power cut takes away can never be added to.
    let folder = open(
      URL(filePath: path).deletingLastPathComponent().path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    defer { close(folder) }
    guard folder >= 0, fsync(folder) == 0 else {
      throw IdentityError(.inputOutput, "cannot write the key \(path): \(String(cString: strerror(errno)))")
    }
  }

  /// Loads the key at `path`, or makes and saves one.
  public static func loadOrCreate(at path: String) throws(IdentityError) -> IdentityKey {
    if access(path, F_OK) == 0 { return try load(from: path) }
    let key = IdentityKey()
    try key.save(to: path)
    return key
  }

  /// An Ed25519 signature of 64 bytes.
  public func sign(_ message: [UInt8]) -> [UInt8] {
    guard let signature = try? key.signature(for: message) else {
      preconditionFailure("signing in memory cannot fail")
    }
    return [UInt8](signature)
  }
}
