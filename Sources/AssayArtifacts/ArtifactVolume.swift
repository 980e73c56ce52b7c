import Crypto
import Foundation
import Glibc

/// A folder that hosts share, with artifacts under the SHA-256 of their content, so that large ones need not travel by RPC.
///
/// Nobody trusts it. What is read is hashed as it is read, from one descriptor, into a copy of the reader's own; what is missing, is no plain
/// file, has another size or other bytes is fetched by RPC instead. So anything in it may be deleted or damaged at any time.
public struct ArtifactVolume: Sendable {
  public static let partBytes = 1 << 20
  /// What is older is removed by whoever publishes.
  public static let keptSeconds = 24 * 3600
  private static let temporary = ".publishing-"

  public let folder: String

  /// - Throws: `ArtifactVolumeError` when there is no such folder.
  public init(folder: String) throws(ArtifactVolumeError) {
    var status = stat()
    let path = URL(filePath: folder).standardizedFileURL.path
    guard stat(path, &status) == 0, status.st_mode & S_IFMT == S_IFDIR else {
      throw ArtifactVolumeError("the artifact volume \(path) is no folder; make it, or mount it there.")
    }
    self.folder = path
  }

  // MARK: Reading

  /// Opens an artifact; nil when there is no plain file of its size under its digest. Its bytes are still to be checked.
  public func open(_ digest: String, size: UInt64) -> ArtifactFile? {
    guard Self.isDigest(digest) else { return nil }
    // Neither a link is followed nor a pipe waited for.
    let descriptor = Glibc.open(
      "\(folder)/\(digest)", O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY)
    guard descriptor >= 0 else { return nil }
    let file = ArtifactFile(descriptor: descriptor)
    var status = stat()
    guard fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG, UInt64(status.st_size) == size
    else { return nil }
    return file
  }

  /// Copies an artifact to where the caller alone writes, and says whether the copy is what its digest says. Blocks on the disk.
  ///
  /// - Parameter target: written from its start on.
  public func copy(_ digest: String, size: UInt64, into target: FileHandle) throws -> Bool {
    guard let file = open(digest, size: size) else { return false }
    var hasher = SHA256()
    var offset: UInt64 = 0
    while offset < size {
      guard let part = file.part(at: offset, count: Int(min(size - offset, UInt64(Self.partBytes)))) else {
        return false
      }
      hasher.update(data: part)
      try target.write(contentsOf: part)
      offset += UInt64(part.count)
    }
    return Self.hex(hasher.finalize()) == digest
  }

  // MARK: Writing

  /// Publishes a file under the digest of the bytes that were copied: durable first, then under its name. Blocks on the disk.
  ///
  /// - Parameter owner: who publishes; what it left half done when it was killed goes at its next start.
  /// - Returns: the digest.
  /// - Throws: `ArtifactVolumeError`; then nothing was published.
  public func publish(_ file: URL, size: UInt64, owner: String) throws(ArtifactVolumeError) -> String {
    let source = ArtifactFile(
      descriptor: Glibc.open(file.path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK))
    let path = "\(folder)/\(Self.prefix(owner))\(UUID().uuidString)"
    let target = ArtifactFile(
      descriptor: Glibc.open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0o644))
    var isPublished = false
    defer { if !isPublished { unlink(path) } }
    guard source.descriptor >= 0, target.descriptor >= 0 else { throw .failure("cannot write \(path)") }
    var hasher = SHA256()
    var offset: UInt64 = 0
    while offset < size {
      guard let part = source.part(at: offset, count: Int(min(size - offset, UInt64(Self.partBytes)))) else {
        throw ArtifactVolumeError("cannot read \(file.path)")
      }
      hasher.update(data: part)
      guard target.append(part) else { throw .failure("cannot write \(path)") }
      offset += UInt64(part.count)
    }
    let digest = Self.hex(hasher.finalize())
    // Readers are other users, on other hosts.
    guard fchmod(target.descriptor, 0o644) == 0, fsync(target.descriptor) == 0,
      rename(path, "\(folder)/\(digest)") == 0
    else { throw .failure("cannot publish in \(folder)") }
    isPublished = true
    let directory = ArtifactFile(descriptor: Glibc.open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC))
    guard directory.descriptor >= 0, fsync(directory.descriptor) == 0 else {
      throw .failure("cannot publish in \(folder)")
    }
    return digest
  }

  /// Removes what an owner left half done, and what is older than ``keptSeconds``.
  ///
  /// - Parameter owner: nil while it is publishing.
  public func clear(owner: String? = nil) {
    var now = timespec()
    clock_gettime(CLOCK_REALTIME, &now)
    for name in (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? [] {
      var status = stat()
      guard Self.isDigest(name) || name.hasPrefix(Self.temporary), lstat("\(folder)/\(name)", &status) == 0
      else { continue }
      let isOld = now.tv_sec - status.st_mtim.tv_sec > Self.keptSeconds
      if isOld || owner.map({ name.hasPrefix(Self.prefix($0)) }) == true { unlink("\(folder)/\(name)") }
    }
  }

  private static func prefix(_ owner: String) -> String {
    "\(temporary)\(hex(SHA256.hash(data: Data(owner.utf8))).prefix(16))-"
  }

  static func isDigest(_ text: String) -> Bool {
    text.utf8.count == 64 && text.utf8.allSatisfy { (48...57).contains($0) || (97...102).contains($0) }
  }

  private static func hex(_ digest: SHA256Digest) -> String {
    digest.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
  }
}
