import AssayArtifacts
import AssayMessages
import AssayRPC
import AssayRPCTesting
import AssayServices
import Foundation
import Testing

@testable import AssayEvaluator

@Suite("Artifacts from a shared volume", .timeLimit(.minutes(2)))
struct ArtifactVolumeTests {
  let folder = FileManager.default.temporaryDirectory.appending(path: "assay-taken-\(UUID().uuidString)")
  static let bytes = (0..<5_000_000).map { UInt8(truncatingIfNeeded: $0 &* 13) }
  static let digest = BlobStore.digest(bytes)
  static let size = UInt64(bytes.count)

  private func staged(_ content: [UInt8] = bytes) throws -> (
    store: BlobStore, volume: ArtifactVolume, file: URL
  ) {
    let shared = folder.appending(path: "shared")
    try FileManager.default.createDirectory(at: shared, withIntermediateDirectories: true)
    let file = shared.appending(path: Self.digest)
    try Data(content).write(to: file)
    return (
      try BlobStore(folder: folder.appending(path: "state").path), try ArtifactVolume(folder: shared.path),
      file
    )
  }

  private func take(
    _ store: BlobStore, _ volume: ArtifactVolume, offset: UInt64 = 0, allowance: UInt64 = size
  )
    async throws -> BlobStore.Progress
  {
    try await store.take(
      from: volume, job: "j", digest: Self.digest, size: Self.size, offset: offset, allowance: allowance,
      step: 3_000_000)
  }

  @Test("it is copied in steps, and what happens to the volume later is nobody's concern")
  func steps() async throws {
    defer { try? FileManager.default.removeItem(at: folder) }
    let (store, volume, file) = try staged()
    #expect(try await take(store, volume) == .init(received: 3_000_000, isComplete: false))
    #expect(try await take(store, volume) == .init(received: 3_000_000, isComplete: false), "asked twice")
    #expect(try await take(store, volume, offset: 3_000_000) == .init(received: Self.size, isComplete: true))
    try Data("other".utf8).write(to: file)
    #expect(try await store.read(Self.digest, maximumBytes: 1 << 23) == Self.bytes)
    await #expect(throws: EvaluatorError.self) { try await take(store, volume, allowance: Self.size - 1) }
  }

  @Test("what is changed between two steps never becomes a blob, and can be sent instead")
  func changedMeanwhile() async throws {
    defer { try? FileManager.default.removeItem(at: folder) }
    let (store, volume, file) = try staged()
    _ = try await take(store, volume)
    try Data([UInt8](repeating: 0, count: Self.bytes.count)).write(to: file)
    #expect(try await take(store, volume, offset: 3_000_000) == .init(received: 0, isComplete: false))
    await #expect(throws: EvaluatorError.self) { try await store.part(Self.digest, offset: 0, count: 1) }
    let sent = try await store.upload(
      job: "j", digest: Self.digest, size: Self.size, offset: 0, data: Self.bytes, allowance: Self.size)
    #expect(sent.isComplete)
    #expect(try await store.read(Self.digest, maximumBytes: 1 << 23) == Self.bytes)
  }

  @Test("what is missing, another thing or cut off is not taken", arguments: [0, 1, 2, 3])
  func hostile(_ kind: Int) async throws {
    defer { try? FileManager.default.removeItem(at: folder) }
    let (store, volume, file) = try staged()
    try FileManager.default.removeItem(at: file)
    switch kind {
    case 0: break
    case 1: #expect(mkfifo(file.path, 0o644) == 0)
    case 2: try FileManager.default.createSymbolicLink(atPath: file.path, withDestinationPath: "/dev/zero")
    default: try Data(Self.bytes.dropLast()).write(to: file)
    }
    #expect(try await take(store, volume) == .init(received: 0, isComplete: false))
  }

  @Test("training's artifacts may come from the volume; predictions, which saw held-out inputs, do not")
  func byPhase() async throws {
    let bench = try Bench()
    let shared = bench.folder + "/volume"
    try FileManager.default.createDirectory(atPath: shared, withIntermediateDirectories: true)
    try await EvaluatorHarness.with(bench, volume: try ArtifactVolume(folder: shared)) { harness in
      try await harness.open()
      let runner = harness.runner()
      var phases: Set<String> = []
      while phases.count < 2, let job = try await runner.lease() {
        phases.insert(job.phase)
        let behaviour = ScriptedRunner.honest(job, try await runner.recipe(of: job))
        let bytes = try #require(behaviour.output)
        var request = RunnerV1.PutBlobRequest()
        request.jobId = job.jobId
        request.fencingToken = job.fencingToken
        request.digest = ScriptedRunner.digest(bytes)
        request.size = UInt64(bytes.count)
        request.published = true
        let options = CallOptions(timeout: .seconds(10))
        try? FileManager.default.removeItem(atPath: "\(shared)/\(request.digest)")
        #expect(try await runner.client.putBlob(request, options).complete == false, "nothing is there")
        try Data(bytes).write(to: URL(filePath: "\(shared)/\(request.digest)"))
        let answer = try await runner.client.putBlob(request, options)
        #expect(answer.complete == (job.phase == "train"), "\(job.phase)")
        if job.phase == "train" {
          _ = try await runner.client.completeJob(runner.completion(job, behaviour), options)
        } else {
          #expect(answer.received == 0)
          try await runner.complete(job, behaviour)
        }
      }
      #expect(phases == ["train", "predict"])
    }
  }
}
