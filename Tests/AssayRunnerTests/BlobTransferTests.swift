import AssayArtifacts
import AssayMessages
import AssayRPC
import AssayRPCTesting
import AssayServices
import Crypto
import Foundation
import Testing

@testable import AssayRunner

/// A blob of zeros of any size, made as it is asked for, and what is sent is counted and forgotten.
private struct Zeros: JobService {
  let size: UInt64

  func leaseJob(_ request: RunnerV1.LeaseJobRequest, _ context: CallContext) async throws
    -> RunnerV1.LeaseJobResponse
  { .init() }
  func heartbeat(_ request: RunnerV1.HeartbeatRequest, _ context: CallContext) async throws
    -> RunnerV1.HeartbeatResponse
  { .init() }
  func completeJob(_ request: RunnerV1.CompleteJobRequest, _ context: CallContext) async throws
    -> RunnerV1.CompleteJobResponse
  { .init() }
  func getBlob(_ request: RunnerV1.GetBlobRequest, _ context: CallContext) async throws
    -> RunnerV1.GetBlobResponse
  {
    var response = RunnerV1.GetBlobResponse()
    let left = size - min(size, request.offset)
    response.data = [UInt8](repeating: 0, count: Int(min(left, UInt64(request.maxBytes))))
    response.size = size
    return response
  }
  func putBlob(_ request: RunnerV1.PutBlobRequest, _ context: CallContext) async throws
    -> RunnerV1.PutBlobResponse
  {
    var response = RunnerV1.PutBlobResponse()
    response.received = request.offset + UInt64(request.data.count)
    response.complete = response.received == request.size
    return response
  }
}

@Suite(.serialized) struct BlobTransferTests {
  private static let size: UInt64 = 192 << 20

  private func with(_ jobs: Zeros, _ body: @Sendable (BlobTransfer, URL) async throws -> Void) async throws {
    let folder = FileManager.default.temporaryDirectory.appending(path: "assay-blob-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    var router = RPCRouter()
    router.register(jobs)
    try await withTestServer(router: router, identities: ["runner/a": .runner]) { server in
      let client = JobServiceClient(server.clients["runner/a"])
      try await body(BlobTransfer(jobs: client, job: RunnerV1.Job()), folder.appending(path: "file"))
    }
  }

  private func file(_ size: UInt64, digest: String) -> RunnerV1.JobFile {
    var file = RunnerV1.JobFile()
    file.path = "/artifact/weights"
    file.size = size
    file.digest = digest
    return file
  }

  private static func digest(ofZeros count: UInt64) -> String {
    var hasher = SHA256()
    let part = [UInt8](repeating: 0, count: 1 << 20)
    for _ in 0..<(count >> 20) { hasher.update(data: part) }
    return hasher.finalize().map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
  }

  /// The most memory that this process has had since it was last asked, in bytes.
  private func peakMemory() throws -> Int {
    let status = try String(contentsOfFile: "/proc/self/status", encoding: .utf8)
    let line = try #require(status.split(separator: "\n").first { $0.hasPrefix("VmHWM:") })
    return try #require(line.split(separator: " ").dropLast().last.flatMap { Int($0) }) << 10
  }

  private func forgetPeakMemory() throws {
    try "5".write(toFile: "/proc/self/clear_refs", atomically: false, encoding: .utf8)
  }

  @Test("a file far larger than a part comes and goes with a few parts in memory")
  func largeFiles() async throws {
    let digest = Self.digest(ofZeros: Self.size)
    try await with(Zeros(size: Self.size)) { transfer, place in
      #expect(FileManager.default.createFile(atPath: place.path, contents: nil))
      try forgetPeakMemory()
      let before = try peakMemory()
      try await transfer.fetch(file(Self.size, digest: digest), into: try FileHandle(forWritingTo: place))
      #expect(try peakMemory() - before < 48 << 20)
      let size = try FileManager.default.attributesOfItem(atPath: place.path)[.size] as? UInt64
      #expect(size == Self.size)
      #expect(try await transfer.send(place, size: Self.size) == digest)
    }
  }

  /// What lies on a volume is used when it is right, and asked for when it is not; only artifacts are looked for there.
  @Test func aVolumeIsTriedFirst() async throws {
    let size: UInt64 = 2 << 20
    let digest = Self.digest(ofZeros: size)
    let shared = FileManager.default.temporaryDirectory.appending(path: "assay-tried-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: shared, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: shared) }
    let volume = try ArtifactVolume(folder: shared.path)
    let there = shared.appending(path: digest)
    // This evaluator has other bytes: who gets the right ones has them from the volume.
    try await with(Zeros(size: 0)) { transfer, place in
      var transfer = transfer
      transfer.volume = volume
      func fetch(_ path: String = "/artifact/weights") async throws -> Data {
        #expect(FileManager.default.createFile(atPath: place.path, contents: nil))
        var file = file(size, digest: digest)
        file.path = path
        try await transfer.fetch(file, into: try FileHandle(forWritingTo: place))
        return try Data(contentsOf: place)
      }
      try Data(count: Int(size)).write(to: there)
      #expect(try await fetch() == Data(count: Int(size)))
      await #expect(throws: RunnerError.self) { try await fetch("/inputs/weights") }
    }
    // This one has them: whatever lies on the volume, the right bytes arrive.
    for content in [Data(repeating: 1, count: Int(size)), Data(count: Int(size) - 1), Data()] {
      try content.write(to: there)
      try await with(Zeros(size: size)) { transfer, place in
        var transfer = transfer
        transfer.volume = volume
        #expect(FileManager.default.createFile(atPath: place.path, contents: nil))
        try await transfer.fetch(file(size, digest: digest), into: try FileHandle(forWritingTo: place))
        #expect(try Data(contentsOf: place) == Data(count: Int(size)))
      }
    }
    // What has seen held-out inputs is never left there.
    try FileManager.default.removeItem(at: there)
    for phase in ["predict", "train"] {
      try await with(Zeros(size: size)) { transfer, place in
        var job = RunnerV1.Job()
        job.phase = phase
        let transfer = BlobTransfer(jobs: transfer.jobs, job: job, volume: volume, owner: "one")
        try Data(count: Int(size)).write(to: place)
        #expect(try await transfer.send(place, size: size) == digest)
        #expect(FileManager.default.fileExists(atPath: there.path) == (phase == "train"))
      }
    }
  }

  @Test func whatIsNotWhatItsDigestSaysIsRefused() async throws {
    let digest = Self.digest(ofZeros: 2 << 20)
    for (jobs, size) in [
      (Zeros(size: 2 << 20), UInt64(1 << 20)), (Zeros(size: 1 << 20), 2 << 20),
      (Zeros(size: 2 << 20), (1 << 20) + 10),
    ] {
      try await with(jobs) { transfer, place in
        #expect(FileManager.default.createFile(atPath: place.path, contents: nil))
        let target = try FileHandle(forWritingTo: place)
        await #expect(throws: RunnerError.self) {
          try await transfer.fetch(file(size, digest: digest), into: target)
        }
      }
    }
  }
}
