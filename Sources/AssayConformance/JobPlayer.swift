import AssayIdentity
import AssayMessages
import AssayRPC
import AssaySandbox
import AssayServices
import AssayVerdict
import Crypto
import Foundation

/// A runner that runs nothing: it reports what a case wants reported.
struct JobPlayer: Sendable {
  let client: JobServiceClient
  let slot: String
  /// The runner's own: signs what it reports.
  let key: IdentityKey
  /// That of the real runner, which runs here too: a run is measured on one kind of hardware.
  private let processor = SandboxHost.current().cpu

  init(client: JobServiceClient, slot: String, key: IdentityKey) {
    self.client = client
    self.slot = slot
    self.key = key
  }

  /// Leases a job; nil when there is none in the time.
  func lease(wait: Duration = .seconds(10)) async throws -> RunnerV1.Job? {
    var request = RunnerV1.LeaseJobRequest()
    request.runner = slot
    request.waitMs = UInt32(wait.components.seconds * 1000)
    request.processor = processor
    return try await client.leaseJob(request, CallOptions(timeout: wait + .seconds(10))).job
  }

  /// Leases a job of one trial; what an earlier case left behind is failed on the way.
  func lease(of trial: UInt32) async throws -> RunnerV1.Job? {
    while let job = try await lease() {
      if job.trial == trial { return job }
      try await leave(job)
    }
    return nil
  }

  /// Reports that the recipe's program ended with an error.
  func leave(_ job: RunnerV1.Job) async throws {
    var report = report(job)
    report.exitCode = 1
    try await complete(report, of: job)
  }

  func isWanted(_ job: RunnerV1.Job, slot: String? = nil) async throws -> Bool {
    var request = RunnerV1.HeartbeatRequest()
    request.jobId = job.jobId
    request.fencingToken = job.fencingToken
    request.runner = slot ?? self.slot
    return try await !client.heartbeat(request).cancel
  }

  func put(_ job: RunnerV1.Job, _ bytes: [UInt8], digest: String) async throws {
    var request = RunnerV1.PutBlobRequest()
    request.jobId = job.jobId
    request.fencingToken = job.fencingToken
    request.digest = digest
    request.size = UInt64(bytes.count)
    request.data = bytes
    _ = try await client.putBlob(request)
  }

  func read(_ job: RunnerV1.Job, _ digest: String) async throws -> [UInt8] {
    var bytes: [UInt8] = []
    while true {
      var request = RunnerV1.GetBlobRequest()
      request.jobId = job.jobId
      request.fencingToken = job.fencingToken
      request.digest = digest
      request.offset = UInt64(bytes.count)
      let part = try await client.getBlob(request)
      bytes += part.data
      if part.data.isEmpty || UInt64(bytes.count) >= part.size { return bytes }
    }
  }

  func report(_ job: RunnerV1.Job, _ outcome: RunnerV1.JobOutcome = .exited, slot: String? = nil)
    -> RunnerV1.CompleteJobRequest
  {
    var request = RunnerV1.CompleteJobRequest()
    request.jobId = job.jobId
    request.fencingToken = job.fencingToken
    request.runner = slot ?? self.slot
    request.outcome = outcome
    request.cpuNs = 1_000_000
    request.wallNs = 2_000_000
    return request
  }

  /// Sends a report, signed as runners sign theirs.
  func complete(_ report: RunnerV1.CompleteJobRequest, of job: RunnerV1.Job) async throws {
    var report = report
    if report.outcome != .infrastructure {
      // No time but the epoch: the same report is the same bytes.
      let never = Date(timeIntervalSince1970: 0)
      report.provenance = try ProvenanceStatement(
        of: job, report, mounts: [:],
        host: .init(kernel: "none", cpu: processor, cores: [], isolation: "nothing was run"),
        version: "conformance", started: never, finished: never
      ).signed(with: key)
    }
    _ = try await client.completeJob(report)
  }

  /// A job that went well and left these bytes in each of its outputs.
  func succeed(_ job: RunnerV1.Job, _ bytes: [UInt8] = Array("conformance".utf8)) async throws {
    var report = report(job)
    for output in job.outputs {
      let digest = Self.digest(bytes)
      try await put(job, bytes, digest: digest)
      var collected = RunnerV1.CollectedOutput()
      collected.path = output.path
      collected.state = .present
      collected.digest = digest
      collected.size = UInt64(bytes.count)
      report.outputs.append(collected)
    }
    try await complete(report, of: job)
  }

  static func digest(_ bytes: [UInt8]) -> String {
    SHA256.hash(data: bytes).map { byte in (byte < 16 ? "0" : "") + String(byte, radix: 16) }.joined()
  }
}
