import AssayArtifacts
import AssayStore
import Crypto
import Foundation
import Glibc
import Synchronization

/// Files by the SHA-256 of their content, in a folder that only the evaluator can read.
///
/// A blob exists only when it is complete, verified and on disk. Nothing that comes from outside is ever a path: names are
/// digests that were checked to be 64 hex digits, or digests that are computed here.
final class BlobStore: Sendable {
  let folder: String
  private let uploads: String
  let disk: DiskQueue
  /// Of its own: a volume that hangs holds up nothing else.
  private let volumeDisk: DiskQueue
  /// Bytes that each job has announced, by digest; forgotten with the process, as are the unfinished uploads.
  private let announced = Mutex<[String: [String: UInt64]]>([:])
  /// When each blob was last put by this process.
  private let put = Mutex<[String: ContinuousClock.Instant]>([:])
  /// Makes a file durable, as `fsync` does.
  private let sync: @Sendable (Int32) -> Int32
  /// How long a blob is remembered as put.
  private static let memory: Duration = .seconds(3600)

  /// Opens the store; what an earlier process had half uploaded goes.
  ///
  /// - Parameters:
  ///   - health: is told how the disk does.
  ///   - sync: for tests of what becomes of blobs that the disk did not keep.
  init(
    folder: String, health: StateHealth = StateHealth(),
    sync: @escaping @Sendable (Int32) -> Int32 = { fsync($0) }
  ) throws {
    self.folder = folder + "/blobs"
    uploads = folder + "/uploads"
    disk = DiskQueue(health)
    volumeDisk = DiskQueue(health)
    self.sync = sync
    if FileManager.default.fileExists(atPath: uploads) { try FileManager.default.removeItem(atPath: uploads) }
    for path in [folder, self.folder, uploads] {
      try FileManager.default.createDirectory(
        atPath: path, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
    }
    // A name that an earlier process gave is believed from here on: it has to be on disk.
    try Self.syncNames(in: self.folder, sync)
  }

  /// What this process put within the last `age` milliseconds.
  func young(_ age: Int64) -> Set<String> {
    put.withLock { put in
      Set(put.filter { $0.value.duration(to: .now) < .milliseconds(age) }.keys)
    }
  }

  private func remember(_ digest: String) {
    put.withLock { put in
      put[digest] = .now
      if put.count > 20_000 { put = put.filter { $0.value.duration(to: .now) < Self.memory } }
    }
  }

  static func isDigest(_ text: String) -> Bool {
    text.utf8.count == 64 && text.utf8.allSatisfy { (48...57).contains($0) || (97...102).contains($0) }
  }

  static func digest(_ bytes: [UInt8]) -> String { hex(SHA256.hash(data: bytes)) }

  private static func hex(_ digest: SHA256.Digest) -> String {
    digest.map { $0 < 16 ? "0" + String($0, radix: 16) : String($0, radix: 16) }.joined()
  }

  private func path(_ digest: String) throws -> String {
    guard Self.isDigest(digest) else {
      throw EvaluatorError(.wrongDigest, "a blob is named by 64 hex digits")
    }
    return "\(folder)/\(digest)"
  }

  // MARK: Our own content

  /// Stores bytes; returns their digest.
  @discardableResult func put(_ bytes: [UInt8]) async throws -> String {
    let digest = Self.digest(bytes)
    let target = try path(digest)
    let temporary = "\(uploads)/own-\(digest)"
    remember(digest)
    try await disk.run { [folder, sync] in
      if access(target, F_OK) == 0 {
        // Wanted again: young in the eyes of whoever collects garbage.
        utimensat(AT_FDCWD, target, nil, 0)
        return
      }
      unlink(temporary)
      let descriptor = open(temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0o600)
      guard descriptor >= 0 else { throw Self.failure("cannot write a blob") }
      defer { close(descriptor) }
      try Self.write(bytes, to: descriptor)
      try Self.publish(temporary, descriptor, as: target, in: folder, sync)
    }
    return digest
  }

  /// The whole content, verified; for small ones and those that the evaluator reads itself.
  func read(_ digest: String, maximumBytes: Int) async throws -> [UInt8] {
    let source = try path(digest)
    return try await disk.run {
      guard let data = FileManager.default.contents(atPath: source), data.count <= maximumBytes else {
        throw EvaluatorError(
          .inputOutput, "a blob that should be there is missing or too large; the state folder is damaged")
      }
      let bytes = [UInt8](data)
      guard Self.digest(bytes) == digest else {
        throw EvaluatorError(
          .wrongDigest, "a stored blob is not what its digest says; the state folder is damaged")
      }
      return bytes
    }
  }

  /// Part of a blob and its whole size.
  func part(_ digest: String, offset: UInt64, count: Int) async throws -> (data: [UInt8], size: UInt64) {
    let source = try path(digest)
    return try await disk.run {
      let descriptor = open(source, O_RDONLY | O_CLOEXEC | O_NOFOLLOW)
      guard descriptor >= 0 else { throw Self.failure("cannot read a blob") }
      defer { close(descriptor) }
      var status = stat()
      guard fstat(descriptor, &status) == 0 else { throw Self.failure("cannot read a blob") }
      let size = UInt64(max(0, status.st_size))
      guard offset < size, count > 0 else { return ([], size) }
      var buffer = [UInt8](repeating: 0, count: min(count, Int(size - offset)))
      var filled = 0
      while filled < buffer.count {
        let got = buffer.withUnsafeMutableBytes { bytes in
          pread(
            descriptor, bytes.baseAddress.map { $0 + filled }, bytes.count - filled,
            off_t(offset) + off_t(filled))
        }
        if got < 0 && errno == EINTR { continue }
        guard got > 0 else { throw Self.failure("cannot read a blob") }
        filled += got
      }
      return (buffer, size)
    }
  }

  /// Puts a blob's content at a path of ours, readable for everyone who can reach it.
  ///
  /// - Throws: `EvaluatorError`: `.wrongDigest` when the disk gave other bytes than were stored.
  func materialize(_ digest: String, at target: String) async throws {
    let source = try path(digest)
    try await disk.run {
      let folder = URL(filePath: target).deletingLastPathComponent().path
      try FileManager.default.createDirectory(
        atPath: folder, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o755])
      let from = open(source, O_RDONLY | O_CLOEXEC | O_NOFOLLOW)
      guard from >= 0 else { throw Self.failure("cannot read a blob") }
      defer { close(from) }
      let to = open(target, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0o644)
      guard to >= 0 else { throw Self.failure("cannot copy a blob") }
      defer { close(to) }
      guard try Self.hash(from, { try Self.write($0, to: to) }) == digest else {
        throw EvaluatorError(
          .wrongDigest, "a stored blob is not what its digest says; the state folder is damaged")
      }
      guard fchmod(to, 0o644) == 0 else { throw Self.failure("cannot copy a blob") }
    }
  }

  // MARK: Uploads

  struct Progress: Sendable, Hashable {
    var received: UInt64
    var isComplete: Bool
  }

  /// Takes the next part of an upload. Parts come in order; one that does not fit is answered with where to go on.
  ///
  /// - Parameters:
  ///   - job: whose upload it is; uploads of different jobs and leases never mix.
  ///   - allowance: what a job may upload in all.
  /// - Throws: `EvaluatorError`: `.wrongDigest` when the complete bytes are something else, or more than allowed.
  func upload(
    job: String, digest: String, size: UInt64, offset: UInt64, data: [UInt8], allowance: UInt64
  ) async throws -> Progress {
    try announce(digest, of: job, size: size, allowance: allowance)
    let target = try path(digest)
    let temporary = upload(digest, of: job)
    remember(digest)
    return try await disk.run { [folder, sync] in
      let descriptor = open(temporary, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0o600)
      guard descriptor >= 0 else { throw Self.failure("cannot write an upload") }
      defer { close(descriptor) }
      var received = try Self.size(descriptor)
      if offset == received, received + UInt64(data.count) <= size {
        guard lseek(descriptor, 0, SEEK_END) >= 0 else { throw Self.failure("cannot write an upload") }
        do { try Self.write(data, to: descriptor) } catch {
          unlink(temporary)
          throw error
        }
        received += UInt64(data.count)
      }
      guard received == size else { return Progress(received: received, isComplete: false) }
      guard try Self.hash(descriptor) == digest else {
        unlink(temporary)
        throw EvaluatorError(
          .wrongDigest, "the uploaded bytes are not those of the digest; upload them again")
      }
      try Self.publish(temporary, descriptor, as: target, in: folder, sync)
      return Progress(received: received, isComplete: true)
    }
  }

  /// How much of an artifact is copied from a volume in one call.
  static let stepBytes: UInt64 = 64 << 20

  /// Takes the next part of an upload from the artifact volume, where another host may do with the file what it likes: the bytes are copied
  /// once, and what becomes a blob is the copy, once its digest is right.
  ///
  /// - Returns: nothing received when the volume has not what was announced; the runner sends it then.
  func take(
    from volume: ArtifactVolume, job: String, digest: String, size: UInt64, offset: UInt64, allowance: UInt64,
    step: UInt64 = stepBytes
  ) async throws -> Progress {
    try announce(digest, of: job, size: size, allowance: allowance)
    let target = try path(digest)
    // No file that an upload by parts could write to at the same time.
    let temporary = upload(digest, of: "volume/\(job)")
    remember(digest)
    return try await volumeDisk.run { [folder, sync] in
      let descriptor = open(temporary, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0o600)
      guard descriptor >= 0 else { throw Self.failure("cannot write an upload") }
      defer { close(descriptor) }
      var received = try Self.size(descriptor)
      guard offset == received else { return Progress(received: received, isComplete: false) }
      func refuse() -> Progress {
        unlink(temporary)
        return Progress(received: 0, isComplete: false)
      }
      guard received <= size, let file = volume.open(digest, size: size) else { return refuse() }
      let end = min(size, received + step)
      guard lseek(descriptor, 0, SEEK_END) >= 0 else { throw Self.failure("cannot write an upload") }
      while received < end {
        let count = Int(min(end - received, UInt64(ArtifactVolume.partBytes)))
        guard let part = file.part(at: received, count: count) else { return refuse() }
        do { try Self.write(part, to: descriptor) } catch {
          unlink(temporary)
          throw error
        }
        received += UInt64(count)
      }
      guard received == size else { return Progress(received: received, isComplete: false) }
      guard try Self.hash(descriptor) == digest else { return refuse() }
      try Self.publish(temporary, descriptor, as: target, in: folder, sync)
      return Progress(received: received, isComplete: true)
    }
  }

  private func upload(_ digest: String, of job: String) -> String {
    "\(uploads)/\(Self.digest(Array("\(job)/\(digest)".utf8)))"
  }

  private func announce(_ digest: String, of job: String, size: UInt64, allowance: UInt64) throws {
    try announced.withLock { announced in
      var mine = announced[job, default: [:]]
      mine[digest] = size
      let sum = mine.values.reduce(UInt64(0)) { $0.addingReportingOverflow($1).overflow ? .max : $0 + $1 }
      guard sum <= allowance, mine.count <= 64 else {
        throw EvaluatorError(
          .wrongDigest, "the job may upload \(allowance) bytes in all, and this would be more")
      }
      announced[job] = mine
    }
  }

  /// Forgets what a job uploaded half.
  func forget(job: String) { announced.withLock { $0[job] = nil } }

  // MARK: Files

  private static func size(_ descriptor: Int32) throws -> UInt64 {
    var status = stat()
    guard fstat(descriptor, &status) == 0 else { throw failure("cannot write an upload") }
    return UInt64(max(0, status.st_size))
  }

  private static func hash(_ descriptor: Int32, _ part: (ArraySlice<UInt8>) throws -> Void = { _ in }) throws
    -> String
  {
    var hasher = SHA256()
    var buffer = [UInt8](repeating: 0, count: 1 << 18)
    var offset: off_t = 0
    while true {
      let got = pread(descriptor, &buffer, buffer.count, offset)
      if got < 0 && errno == EINTR { continue }
      guard got >= 0 else { throw failure("cannot read a blob") }
      if got == 0 { return hex(hasher.finalize()) }
      hasher.update(data: buffer[..<got])
      try part(buffer[..<got])
      offset += off_t(got)
    }
  }

  private static func write(_ bytes: some ContiguousBytes & Collection<UInt8>, to descriptor: Int32) throws {
    var written = 0
    while written < bytes.count {
      let count = bytes.withUnsafeBytes {
        Glibc.write(descriptor, $0.baseAddress.map { $0 + written }, $0.count - written)
      }
      if count < 0 && errno == EINTR { continue }
      guard count > 0 else { throw failure("cannot write a blob") }
      written += count
    }
  }

  /// Makes a complete file a blob: on disk, then under its name, then the name on disk.
  ///
  /// When the disk did not take it, nothing of it stays: the kernel tells of a write that failed once, and a second `fsync` of the same
  /// file would succeed without the bytes. They are written again, to a file of their own.
  private static func publish(
    _ temporary: String, _ descriptor: Int32, as target: String, in folder: String,
    _ sync: (Int32) -> Int32
  ) throws {
    // The same bytes under the same name are there, and may be named by a verdict: they stay as they are.
    if access(target, F_OK) == 0 {
      utimensat(AT_FDCWD, target, nil, 0)
      unlink(temporary)
      return
    }
    guard sync(descriptor) == 0, rename(temporary, target) == 0 else {
      let failure = failure("cannot store a blob")
      unlink(temporary)
      throw failure
    }
    do { try syncNames(in: folder, sync) } catch {
      unlink(target)
      throw error
    }
  }

  private static func syncNames(in folder: String, _ sync: (Int32) -> Int32) throws {
    let directory = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    guard directory >= 0 else { throw failure("cannot store a blob") }
    defer { close(directory) }
    guard sync(directory) == 0 else { throw failure("cannot store a blob") }
  }

  private static func failure(_ what: String) -> EvaluatorError {
    let reason = errno
    let remedy = reason == ENOSPC ? "; free some space, the work goes on by itself" : ""
    return EvaluatorError(.inputOutput, "\(what): \(String(cString: strerror(reason)))\(remedy)")
  }
}
