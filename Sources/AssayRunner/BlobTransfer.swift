import AssayMessages
import AssayRPC
import AssayServices
import Crypto
import Foundation

/// Moves files between the evaluator and this host in parts, by digest.
struct BlobTransfer: Sendable {
  static let partBytes = 1 << 20

  let jobs: JobServiceClient
  let job: RunnerV1.Job

  private var options: CallOptions { CallOptions(timeout: .seconds(60), waitForReady: true) }

  /// Writes a file as it comes, a part in memory at a time. A part that is lost on the way is asked for again, not the file.
  ///
  /// - Throws: `RunnerError` with `transfer` when it is not what its digest says, or cannot be written.
  func fetch(_ file: RunnerV1.JobFile, into target: FileHandle) async throws {
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
    }
    guard Self.hex(hasher.finalize()) == file.digest else {
      throw RunnerError(.transfer, "\(file.path) did not arrive as its digest says")
    }
  }

  /// Sends a file; returns its digest.
  func send(_ file: URL, size: UInt64) async throws -> String {
    guard let content = try? Data(contentsOf: file, options: .alwaysMapped), UInt64(content.count) == size
    else {
      throw RunnerError(.transfer, "an output cannot be read back")
    }
    var request = RunnerV1.PutBlobRequest()
    request.jobId = job.jobId
    request.fencingToken = job.fencingToken
    request.digest = Self.hex(SHA256.hash(data: content))
    request.size = size
    while true {
      let start = Int(request.offset)
      request.data = [UInt8](content[start..<min(content.count, start + Self.partBytes)])
      let answer = try await jobs.putBlob(request, options)
      if answer.complete { return request.digest }
      guard answer.received <= size,
        answer.received > request.offset || request.offset == 0 || answer.received < request.offset
      else {
        throw RunnerError(.transfer, "the evaluator does not take more of an output")
      }
      request.offset = answer.received
    }
  }

  private static func hex(_ digest: SHA256Digest) -> String {
    digest.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
  }
}
