import AssayArtifacts
import AssayMessages
import AssayProcess
import AssayRPC
import AssayServices
import Crypto
import Foundation
import Metrics

/// Moves files between the evaluator and this host in parts, by digest.
struct BlobTransfer: Sendable {
  static let partBytes = 1 << 20

  let jobs: JobServiceClient
  let job: RunnerV1.Job
  /// Tried before RPC for what a training leaves; nil where there is none.
  var volume: ArtifactVolume? = nil
  /// Who publishes there.
  var owner = ""

  private var options: CallOptions { CallOptions(timeout: .seconds(60), waitForReady: true) }

  /// Writes a file as it comes, a part in memory at a time. A part that is lost on the way is asked for again, not the file.
  ///
  /// - Throws: `RunnerError` with `transfer` when it is not what its digest says, or cannot be written.
  func fetch(_ file: RunnerV1.JobFile, into target: FileHandle) async throws {
    if try await isFound(file, into: target) { return }
    var hasher = SHA256()
    var request = RunnerV1.GetBlobRequest()
    request.jobId = job.jobId
    request.fencingToken = job.fencingToken
    request.digest = file.digest
    request.maxBytes = UInt32(Self.partBytes)
    while request.offset < file.size {
      let part = try await jobs.getBlob(request, options)
      guard !part.data.isEmpty else {
        throw RunnerError(.transfer, "the evaluator sent less of \(file.path) than it announced")
      }
      guard UInt64(part.data.count) <= file.size - request.offset else {
        throw RunnerError(.transfer, "the evaluator sent more of \(file.path) than it announced")
      }
      hasher.update(data: part.data)
      do { try target.write(contentsOf: part.data) } catch {
        throw RunnerError(.transfer, "cannot write an input: \(error.localizedDescription)")
      }
      request.offset += UInt64(part.data.count)
      count("rpc", "in", UInt64(part.data.count))
    }
    guard Self.hex(hasher.finalize()) == file.digest else {
      throw RunnerError(.transfer, "\(file.path) did not arrive as its digest says")
    }
  }

  /// Looks for an artifact on the volume. What is not there as its digest says is asked for from the evaluator: nothing is lost but time.
  private func isFound(_ file: RunnerV1.JobFile, into target: FileHandle) async throws -> Bool {
    guard let volume, file.path.hasPrefix("/artifact/") else { return false }
    do {
      if try await Blocking.run({ try volume.copy(file.digest, size: file.size, into: target) }) {
        count("volume", "in", file.size)
        return true
      }
      try target.truncate(atOffset: 0)
      try target.seek(toOffset: 0)
      return false
    } catch {
      throw RunnerError(.transfer, "cannot write an input: \(error.localizedDescription)")
    }
  }

  /// Leaves an output on the volume, and asks the evaluator to take it from there.
  ///
  /// - Returns: the digest; nil when it has to be sent, for whatever reason.
  private func leave(_ file: URL, size: UInt64) async throws -> String? {
    guard let volume, job.phase == "train", size > 0 else { return nil }
    let owner = owner
    guard
      let digest = try? await Blocking.run({
        volume.clear()
        return try volume.publish(file, size: size, owner: owner)
      })
    else { return nil }
    var request = RunnerV1.PutBlobRequest()
    request.jobId = job.jobId
    request.fencingToken = job.fencingToken
    request.digest = digest
    request.size = size
    request.published = true
    while true {
      let answer = try await jobs.putBlob(request, options)
      if answer.complete {
        count("volume", "out", size)
        return digest
      }
      guard answer.received > request.offset, answer.received < size else { return nil }
      request.offset = answer.received
    }
  }

  private func count(_ way: String, _ direction: String, _ bytes: UInt64) {
    Counter(label: "assay_runner_blob_bytes", dimensions: [("way", way), ("direction", direction)])
      .increment(by: Int64(clamping: bytes))
  }

  /// Sends a file; returns its digest.
  func send(_ file: URL, size: UInt64) async throws -> String {
    if let digest = try await leave(file, size: size) { return digest }
    // Read a part at a time, and never mapped: a disk that fails below a mapping ends the process.
    let source = try Self.opened(file)
    defer { try? source.close() }
    var hasher = SHA256()
    var offset: UInt64 = 0
    while offset < size {
      let part = try Self.part(of: source, at: offset, size)
      hasher.update(data: part)
      offset += UInt64(part.count)
    }
    var request = RunnerV1.PutBlobRequest()
    request.jobId = job.jobId
    request.fencingToken = job.fencingToken
    request.digest = Self.hex(hasher.finalize())
    request.size = size
    while true {
      request.data = [UInt8](try Self.part(of: source, at: request.offset, size))
      let answer = try await jobs.putBlob(request, options)
      count("rpc", "out", UInt64(request.data.count))
      if answer.complete { return request.digest }
      guard answer.received <= size,
        answer.received > request.offset || request.offset == 0 || answer.received < request.offset
      else {
        throw RunnerError(.transfer, "the evaluator does not take more of an output")
      }
      request.offset = answer.received
    }
  }

  private static func opened(_ file: URL) throws(RunnerError) -> FileHandle {
    do { return try FileHandle(forReadingFrom: file) } catch {
      throw RunnerError(.transfer, "an output cannot be read back: \(error.localizedDescription)")
    }
  }

  /// As many bytes as one call takes, all of them; empty at the end.
  private static func part(of source: FileHandle, at offset: UInt64, _ size: UInt64) throws(RunnerError)
    -> Data
  {
    let count = Int(min(UInt64(partBytes), size - min(offset, size)))
    do {
      try source.seek(toOffset: offset)
      let part = count == 0 ? Data() : try source.read(upToCount: count) ?? Data()
      guard part.count == count else { throw RunnerError(.transfer, "an output is shorter than it was") }
      return part
    } catch let error as RunnerError {
      throw error
    } catch {
      throw RunnerError(.transfer, "an output cannot be read back: \(error.localizedDescription)")
    }
  }

  private static func hex(_ digest: SHA256Digest) -> String {
    digest.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
  }
}
