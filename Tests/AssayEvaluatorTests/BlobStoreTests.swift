import Foundation
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
}
