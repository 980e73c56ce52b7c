import AssayIdentity
import AssayMessages
import AssayRPC
import AssayServices
import AssayVerdict
import Crypto
import Foundation
import Synchronization

/// A runner that does as the recipe's text says, through the client side of `JobService`.
struct ScriptedRunner: Sendable {
  let client: JobServiceClient
  let slot: String
  let key: IdentityKey

  struct Behaviour: Sendable {
    var outcome: RunnerV1.JobOutcome = .exited
    var exitCode: Int32 = 0
    var cpuNanoseconds: UInt64 = 1_000_000_000
    var log = "epoch 1\n"
    var output: [UInt8]? = []
    var outputState: RunnerV1.OutputState = .present
    var size: UInt64?
    var reason = ""
  }

  static func digest(_ bytes: [UInt8]) -> String {
    SHA256.hash(data: bytes).map { String(format: "%02x", $0) }.joined()
  }

  func lease(wait: UInt32 = 20_000, gpus: [RunnerV1.GPU] = []) async throws -> RunnerV1.Job? {
    var request = RunnerV1.LeaseJobRequest()
    request.runner = slot
    request.waitMs = wait
    request.gpus = gpus
    request.processor = "c"
    return try await client.leaseJob(request, CallOptions(timeout: .seconds(40))).job
  }

  /// Works until cancelled.
  func work(_ script: @Sendable (RunnerV1.Job, String) -> Behaviour) async throws {
    while !Task.isCancelled {
      guard let job = try await lease() else { continue }
      do {
        try await perform(job, script)
      } catch let error as RPCError where error.reason == "LEASE_LOST" {}
    }
  }

  func perform(_ job: RunnerV1.Job, _ script: @Sendable (RunnerV1.Job, String) -> Behaviour) async throws {
    let recipe = try await recipe(of: job)
    try await complete(job, script(job, recipe))
  }

  func recipe(of job: RunnerV1.Job) async throws -> String {
    guard let file = job.files.first(where: { $0.path == "/recipe/recipe.py" }) else { return "" }
    return String(decoding: try await read(job, file.digest), as: UTF8.self)
  }

  func read(_ job: RunnerV1.Job, _ digest: String) async throws -> [UInt8] {
    var request = RunnerV1.GetBlobRequest()
    request.jobId = job.jobId
    request.fencingToken = job.fencingToken
    request.digest = digest
    request.maxBytes = 1 << 20
    return try await client.getBlob(request, CallOptions(timeout: .seconds(10))).data
  }

  func put(_ job: RunnerV1.Job, _ bytes: [UInt8], digest: String? = nil) async throws
    -> RunnerV1.PutBlobResponse
  {
    let half = bytes.count / 2
    var response = RunnerV1.PutBlobResponse()
    for (offset, data) in [(0, Array(bytes[..<half])), (half, Array(bytes[half...]))] {
      var request = RunnerV1.PutBlobRequest()
      request.jobId = job.jobId
      request.fencingToken = job.fencingToken
      request.digest = digest ?? Self.digest(bytes)
      request.size = UInt64(bytes.count)
      request.offset = UInt64(offset)
      request.data = data
      response = try await client.putBlob(request, CallOptions(timeout: .seconds(10)))
      if response.complete { break }
    }
    return response
  }

  func completion(_ job: RunnerV1.Job, _ behaviour: Behaviour) -> RunnerV1.CompleteJobRequest {
    var request = RunnerV1.CompleteJobRequest()
    request.jobId = job.jobId
    request.fencingToken = job.fencingToken
    request.runner = slot
    request.outcome = behaviour.outcome
    request.exitCode = behaviour.exitCode
    request.cpuNs = behaviour.cpuNanoseconds
    request.wallNs = behaviour.cpuNanoseconds + 1
    request.log = behaviour.log
    request.infrastructureReason = behaviour.reason
    if let bytes = behaviour.output {
      var output = RunnerV1.CollectedOutput()
      output.path = job.outputs.first?.path ?? ""
      output.state = behaviour.outputState
      output.digest = behaviour.outputState == .present ? Self.digest(bytes) : ""
      output.size = behaviour.size ?? UInt64(bytes.count)
      request.outputs = [output]
    }
    return signed(request, job)
  }

  /// The report as the runner signs it; none of a failure of its own.
  func signed(
    _ report: RunnerV1.CompleteJobRequest, _ job: RunnerV1.Job, mounts: [String: String] = [:],
    gpus: [ProvenanceStatement.GPU]? = nil, processor: String = "c", by other: IdentityKey? = nil
  ) -> RunnerV1.CompleteJobRequest {
    guard report.outcome != .infrastructure else { return report }
    let never = Date(timeIntervalSince1970: 0)
    var signed = report
    signed.provenance =
      (try? ProvenanceStatement(
        of: job, report, mounts: mounts,
        host: .init(kernel: "k", cpu: processor, cores: [0], isolation: "none", gpus: gpus), version: "test",
        started: never,
        finished: never
      ).signed(with: other ?? key)) ?? []
    return signed
  }

  func complete(_ job: RunnerV1.Job, _ behaviour: Behaviour) async throws {
    if behaviour.outcome == .exited, behaviour.outputState == .present, let bytes = behaviour.output {
      _ = try await put(job, bytes)
    }
    _ = try await client.completeJob(completion(job, behaviour), CallOptions(timeout: .seconds(10)))
  }

  /// A training that works, and a prediction whose score is `1 - WIDTH / 10` or what WIDTH names.
  static let honest: @Sendable (RunnerV1.Job, String) -> Behaviour = { job, recipe in
    var behaviour = Behaviour()
    let width = value("WIDTH", recipe)
    if job.phase != "predict" {
      behaviour.output = Array("weights of \(width) \(job.command.joined(separator: " "))".utf8)
      switch width {
      case "'oversize'":
        behaviour.outputState = .tooLarge
        behaviour.size = 1155
      case "'crash'": behaviour.exitCode = 1
      case "'slow'":
        behaviour.outcome = .cpuLimit
        behaviour.cpuNanoseconds = 10_100_000_000
        behaviour.output = nil
      case "'late'": behaviour.cpuNanoseconds = 10_500_000_000
      case "'nothing'": behaviour.outputState = .missing
      case "'link'": behaviour.outputState = .notAFile
      case "'broken runner'":
        behaviour.outcome = .infrastructure
        behaviour.reason = "no disk"
        behaviour.output = nil
      case "'escape'": behaviour.log = "a\u{1B}[31mred\u{1B}[0m\u{202E}b\n"
      default: break
      }
    } else {
      behaviour.log = "I have seen the inputs"
      switch width {
      case "'slow prediction'":
        behaviour.outcome = .cpuLimit
        behaviour.output = nil
      case "'illegal'": behaviour.output = Array("illegal".utf8)
      case "'malformed'": behaviour.output = Array("malformed".utf8)
      case "'canary'": behaviour.output = Array("canary".utf8)
      case "'nan'": behaviour.output = Array("nan".utf8)
      case "'predict crash'": behaviour.exitCode = 77
      default: behaviour.output = Array(String(format: "%.4f", 1 - (Double(width) ?? 0) / 10).utf8)
      }
    }
    return behaviour
  }

  static func value(_ name: String, _ recipe: String) -> String {
    recipe.split(separator: "\n").first { $0.hasPrefix(name + " = ") }.map {
      String($0.dropFirst(name.count + 3))
    } ?? ""
  }
}
