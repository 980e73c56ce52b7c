import AssayStore
import Foundation
import Glibc
import Synchronization
import Testing

@testable import AssayEvaluator

@Suite("The blob store")
struct BlobStoreTests {
  let folder = FileManager.default.temporaryDirectory.appendingPathComponent(
    "assay-blobs-\(UUID().uuidString)"
  ).path

  func upload(
    _ store: BlobStore, _ bytes: [UInt8], digest: String? = nil, offset: UInt64 = 0, size: UInt64? = nil,
    job: String = "j"
  )
    async throws -> BlobStore.Progress
  {
    try await store.upload(
      job: job, digest: digest ?? BlobStore.digest(bytes), size: size ?? UInt64(bytes.count), offset: offset,
      data: bytes,
      allowance: 1000)
  }

  @Test("an upload in parts, repeated and out of order parts, then the same bytes back")
  func parts() async throws {
    defer { try? FileManager.default.removeItem(atPath: folder) }
    let store = try BlobStore(folder: folder)
    let bytes = (0..<600).map { UInt8(truncatingIfNeeded: $0 &* 7) }
    let digest = BlobStore.digest(bytes)
    let first = Array(bytes[..<200])
    #expect(
      try await upload(store, first, digest: digest, size: 600) == .init(received: 200, isComplete: false))
    #expect(
      try await upload(store, first, digest: digest, size: 600) == .init(received: 200, isComplete: false))
    #expect(
      try await upload(store, Array(bytes[500...]), digest: digest, offset: 500, size: 600)
        == .init(received: 200, isComplete: false))
    await #expect(throws: EvaluatorError.self) { try await store.part(digest, offset: 0, count: 10) }
    #expect(
      try await upload(store, Array(bytes[200...]), digest: digest, offset: 200, size: 600)
        == .init(received: 600, isComplete: true))
    #expect(try await store.read(digest, maximumBytes: 1000) == bytes)
    #expect(try await store.part(digest, offset: 590, count: 100).data == Array(bytes[590...]))
    let mode =
      try FileManager.default.attributesOfItem(atPath: "\(folder)/blobs/\(digest)")[.posixPermissions] as? Int
    #expect(mode == 0o600)
    #expect(
      try FileManager.default.attributesOfItem(atPath: folder + "/blobs")[.posixPermissions] as? Int == 0o700)
  }

  @Test("bytes that are not those of the digest never become a blob; the right ones then do")
  func lies() async throws {
    defer { try? FileManager.default.removeItem(atPath: folder) }
    let store = try BlobStore(folder: folder)
    let digest = BlobStore.digest([1, 2, 3])
    await #expect(throws: EvaluatorError.self) { try await upload(store, [1, 2, 4], digest: digest) }
    #expect(!FileManager.default.fileExists(atPath: "\(folder)/blobs/\(digest)"))
    #expect(try await upload(store, [1, 2, 3], digest: digest).isComplete)
  }

  @Test("a job uploads no more than its outputs may have, whatever names it gives them")
  func allowance() async throws {
    defer { try? FileManager.default.removeItem(atPath: folder) }
    let store = try BlobStore(folder: folder)
    #expect(try await upload(store, [UInt8](repeating: 1, count: 600)).isComplete)
    await #expect(throws: EvaluatorError.self) { try await upload(store, [UInt8](repeating: 2, count: 600)) }
    #expect(try await upload(store, [UInt8](repeating: 2, count: 600), job: "other").isComplete)
  }

  @Test(
    "names that are no digests are refused",
    arguments: ["../../etc/passwd", "", "A" + String(repeating: "0", count: 63), "/"])
  func names(name: String) async throws {
    defer { try? FileManager.default.removeItem(atPath: folder) }
    let store = try BlobStore(folder: folder)
    await #expect(throws: EvaluatorError.self) { try await upload(store, [1], digest: name) }
    await #expect(throws: EvaluatorError.self) { try await store.part(name, offset: 0, count: 1) }
  }

  /// A disk that fails when it is told to.
  private final class Disk: Sendable {
    private let state = Mutex((calls: 0, failing: Set<Int>()))
    var calls: Int { state.withLock { $0.calls } }
    /// - Parameter call: counted from the next one, 1.
    func fail(_ call: Int) { state.withLock { $0.failing = [$0.calls + call] } }
    func sync(_ descriptor: Int32) -> Int32 {
      let fails = state.withLock { state in
        state.calls += 1
        return state.failing.contains(state.calls)
      }
      guard fails else { return fsync(descriptor) }
      errno = EIO
      return -1
    }
  }

  @Test(
    "bytes that the disk did not keep are uploaded again: a second sync of the same file would succeed without them"
  )
  func failedSync() async throws {
    defer { try? FileManager.default.removeItem(atPath: folder) }
    let disk = Disk()
    let health = StateHealth()
    let store = try BlobStore(folder: folder, health: health, sync: disk.sync)
    let bytes = [UInt8](repeating: 7, count: 300)
    let digest = BlobStore.digest(bytes)
    disk.fail(1)
    let refusal = await #expect(throws: EvaluatorError.self) { try await upload(store, bytes) }
    #expect(refusal?.code == .inputOutput)
    #expect(health.failures == 1 && health.trouble != nil)
    #expect(!FileManager.default.fileExists(atPath: "\(folder)/blobs/\(digest)"))
    // Whoever asks how far it is hears that nothing is there.
    #expect(
      try await upload(store, [], digest: digest, offset: 300, size: 300)
        == .init(received: 0, isComplete: false))
    #expect(try await upload(store, bytes).isComplete)
    #expect(try await store.read(digest, maximumBytes: 1000) == bytes)
  }

  @Test("a blob whose name the disk did not keep is not there, unless it was there before")
  func failedName() async throws {
    defer { try? FileManager.default.removeItem(atPath: folder) }
    let disk = Disk()
    let store = try BlobStore(folder: folder, sync: disk.sync)
    disk.fail(2)
    await #expect(throws: EvaluatorError.self) { try await store.put([1, 2, 3]) }
    let path = "\(folder)/blobs/\(BlobStore.digest([1, 2, 3]))"
    #expect(!FileManager.default.fileExists(atPath: path))
    try await store.put([1, 2, 3])
    #expect(FileManager.default.fileExists(atPath: path))
    for call in [1, 2] {
      disk.fail(call)
      #expect(try await upload(store, [1, 2, 3], job: "job \(call)").isComplete)
      #expect(FileManager.default.fileExists(atPath: path))
    }
    // Names that an earlier process gave are on disk before they are believed.
    disk.fail(1)
    #expect(throws: EvaluatorError.self) { try BlobStore(folder: folder, sync: disk.sync) }
  }

  @Test("a blob that the disk gives back otherwise than it was stored is not used")
  func damage() async throws {
    defer { try? FileManager.default.removeItem(atPath: folder) }
    let store = try BlobStore(folder: folder)
    let digest = try await store.put([1, 2, 3])
    try await store.materialize(digest, at: folder + "/copy/whole")
    #expect(FileManager.default.contents(atPath: folder + "/copy/whole") == Data([1, 2, 3]))
    try Data([1, 2, 4]).write(to: URL(filePath: "\(folder)/blobs/\(digest)"))
    let refusal = await #expect(throws: EvaluatorError.self) {
      try await store.materialize(digest, at: folder + "/copy/damaged")
    }
    #expect(refusal?.code == .wrongDigest)
  }

  @Test(
    "what was just put is young, whatever the clock says; what an earlier process left is as old as its file")
  func age() async throws {
    defer { try? FileManager.default.removeItem(atPath: folder) }
    let store = try BlobStore(folder: folder)
    let digest = try await store.put([1, 2, 3])
    // As if the clock had been set forward by a day.
    let long = [timespec](repeating: timespec(tv_sec: time(nil) - 86_400, tv_nsec: 0), count: 2)
    #expect(utimensat(AT_FDCWD, "\(folder)/blobs/\(digest)", long, 0) == 0)
    #expect(try await store.sweep(keeping: [], youngerThan: 3_600_000, dryRun: false).removed == 0)
    let next = try BlobStore(folder: folder)
    #expect(try await next.sweep(keeping: [], youngerThan: 3_600_000, dryRun: false).removed == 1)
  }
}
