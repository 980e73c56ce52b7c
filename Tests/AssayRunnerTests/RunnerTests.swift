import AssayIdentity
import AssayMessages
import AssayRPC
import AssayRPCTesting
import AssaySandbox
import AssayServices
import Crypto
import Foundation
import Glibc
import Logging
import Synchronization
import Testing

@testable import AssayRunner

/// A job service that hands out jobs from a list and remembers what came back.
private final class ScriptedJobs: JobService {
  struct State {
    var queue: [RunnerV1.Job]
    var blobs: [String: [UInt8]]
    var uploads: [String: [UInt8]] = [:]
    var reports: [RunnerV1.CompleteJobRequest] = []
    var keys: [String] = []
    var refusals = 0
    var cancels = false
    var waiting: CheckedContinuation<Void, Never>?
  }
  let state: Mutex<State>

  init(_ jobs: [RunnerV1.Job], blobs: [String: [UInt8]] = [:], refusals: Int = 0, cancels: Bool = false) {
    state = Mutex(State(queue: jobs, blobs: blobs, refusals: refusals, cancels: cancels))
  }

  func leaseJob(_ request: RunnerV1.LeaseJobRequest, _ context: CallContext) async throws
    -> RunnerV1.LeaseJobResponse
  {
    var response = RunnerV1.LeaseJobResponse()
    response.job = state.withLock { $0.queue.isEmpty ? nil : $0.queue.removeFirst() }
    if response.job == nil { try await Task.sleep(for: context.waitLimit(milliseconds: request.waitMs)) }
    return response
  }
  func heartbeat(_ request: RunnerV1.HeartbeatRequest, _ context: CallContext) async throws
    -> RunnerV1.HeartbeatResponse
  {
    var response = RunnerV1.HeartbeatResponse()
    response.leaseMs = 60_000
    response.cancel = state.withLock { $0.cancels }
    if response.cancel { finish() }
    return response
  }
  func completeJob(_ request: RunnerV1.CompleteJobRequest, _ context: CallContext) async throws
    -> RunnerV1.CompleteJobResponse
  {
    let refused = state.withLock { state in
      state.keys.append(context.idempotencyKey)
      if state.refusals > 0 {
        state.refusals -= 1
        return true
      }
      state.reports.append(request)
      return false
    }
    if refused { throw RPCError(.unavailable, "not now") }
    finish()
    return .init()
  }
  func getBlob(_ request: RunnerV1.GetBlobRequest, _ context: CallContext) async throws
    -> RunnerV1.GetBlobResponse
  {
    let blob = state.withLock { $0.blobs[request.digest] } ?? []
    var response = RunnerV1.GetBlobResponse()
    response.size = UInt64(blob.count)
    response.data = Array(blob.dropFirst(Int(request.offset)).prefix(Int(request.maxBytes)))
    return response
  }
  func putBlob(_ request: RunnerV1.PutBlobRequest, _ context: CallContext) async throws
    -> RunnerV1.PutBlobResponse
  {
    state.withLock { state in
      var blob = state.uploads[request.digest] ?? []
      if request.offset == blob.count { blob += request.data }
      state.uploads[request.digest] = blob
      var response = RunnerV1.PutBlobResponse()
      response.received = UInt64(blob.count)
      response.complete = blob.count == request.size
      return response
    }
  }

  private func finish() {
    let waiter = state.withLock { state in
      defer { state.waiting = nil }
      return state.waiting
    }
    waiter?.resume()
  }

  /// Returns when a job has ended, one way or the other.
  func ended() async {
    await withCheckedContinuation { continuation in
      let now = state.withLock { state -> Bool in
        if !state.reports.isEmpty { return true }
        state.waiting = continuation
        return false
      }
      if now { continuation.resume() }
    }
  }
}

@Suite(.serialized) struct RunnerTests {
  static func hex(_ bytes: [UInt8]) -> String {
    SHA256.hash(data: bytes).map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
  }

  static func job(_ code: String, outputs: [(String, UInt64)] = [], files: [(String, [UInt8])] = [])
    -> RunnerV1.Job
  {
    var job = RunnerV1.Job()
    job.jobId = "job-1"
    job.fencingToken = 3
    job.phase = "train"
    job.command = ["/usr/bin/python3", "-c", code]
    job.leaseMs = 60_000
    job.heartbeatMs = 100
    var budget = EvaluatorV1.PhaseBudget()
    budget.wallMs = 20_000
    budget.cpuMs = 10_000
    budget.memoryBytes = 256 << 20
    budget.processes = 16
    budget.diskBytes = 16 << 20
    budget.outputBytes = 4 << 20
    job.budget = budget
    job.outputs = outputs.map {
      var output = RunnerV1.JobOutput()
      output.path = $0.0
      output.maxBytes = $0.1
      return output
    }
    job.files = files.map {
      var file = RunnerV1.JobFile()
      file.path = $0.0
      file.digest = hex($0.1)
      file.size = UInt64($0.1.count)
      return file
    }
    return job
  }

  /// Runs one slot until its job has ended.
  private func run(_ jobs: ScriptedJobs) async throws {
    var router = RPCRouter()
    router.register(jobs)
    try await withTestServer(router: router, identities: ["runner/a": .runner]) { server in
      let slot = RunnerSlot(
        jobs: JobServiceClient(server.clients["runner/a"]),
        sandbox: try await Sandbox.open(launcher: Self.launcher),
        configuration: RunnerConfiguration(
          name: "a", slots: 1, mounts: [:],
          state: FileManager.default.temporaryDirectory.appending(path: "assay-runner-\(UUID().uuidString)")),
        index: 0, cores: [], logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
      await withTaskGroup(of: Void.self) { group in
        group.addTask { try? await slot.run() }
        await jobs.ended()
        group.cancelAll()
      }
    }
  }

  static let launcher: String = {
    for start in [
      Bundle.allBundles.map(\.bundleURL).first { $0.pathExtension == "xctest" },
      URL(filePath: CommandLine.arguments[0]),
    ].compactMap(\.self) {
      var folder = start.deletingLastPathComponent()
      for _ in 0..<4 {
        let candidate = folder.appending(path: "assay-sandbox").path
        if access(candidate, X_OK) == 0 { return candidate }
        folder.deleteLastPathComponent()
      }
    }
    return "assay-sandbox"
  }()

  @Test func runsAJobAndReportsWhatItMeasured() async throws {
    let input: [UInt8] = Array("print(open('/inputs/a/x').read())".utf8)
    let data = [UInt8](repeating: 7, count: 100)
    let jobs = ScriptedJobs(
      [
        Self.job(
          "exec(open('/recipe/r.py').read()); open('/out/big', 'wb').write(b'y' * 3_000_000); open('/out/large', 'wb').write(b'z' * 99)",
          outputs: [("big", 4_000_000), ("large", 10), ("none", 10)],
          files: [("/recipe/r.py", input), ("/inputs/a/x", data)])
      ], blobs: [Self.hex(input): input, Self.hex(data): data], refusals: 2)
    try await run(jobs)
    let (report, uploads, keys) = jobs.state.withLock { ($0.reports.first, $0.uploads, $0.keys) }
    let done = try #require(report)
    #expect(done.outcome == .exited)
    #expect(done.exitCode == 0, "\(done.log)")
    #expect(done.fencingToken == 3)
    #expect(done.runner == "a/0")
    #expect(done.wallNs > 0)
    #expect(done.cpuNs > 0)
    #expect(done.outputs.map(\.state) == [.present, .tooLarge, .missing])
    #expect(done.outputs[1].size == 99)
    #expect(uploads[done.outputs[0].digest] == [UInt8](repeating: UInt8(ascii: "y"), count: 3_000_000))
    #expect(keys == Array(repeating: "job-1/3", count: 3), "repeated under one key until it is taken")
  }

  @Test(arguments: [("import sys; sys.exit(3)", 3, 0), ("import os; os.kill(os.getpid(), 11)", 0, 11)])
  func reportsHowAJobFailed(_ code: String, _ status: Int32, _ signal: Int32) async throws {
    let jobs = ScriptedJobs([Self.job(code)])
    try await run(jobs)
    let report = try #require(jobs.state.withLock { $0.reports.first })
    #expect(report.outcome == .exited)
    #expect(report.exitCode == status)
    #expect(report.signal == signal)
  }

  @Test func whatIsOursIsNeverTheJobs() async throws {
    let content: [UInt8] = [1, 2, 3]
    var lying = Self.job("pass", files: [("/recipe/r.py", content)])
    var escaping = Self.job("pass", files: [("/recipe/../../etc/x", content)])
    escaping.jobId = "job-2"
    lying.files[0].size = 2
    var mounting = Self.job("pass")
    var mount = RunnerV1.HostMount()
    mount.name = "data"
    mount.taskName = "nowhere"
    mount.path = "/data"
    mounting.mounts = [mount]
    for job in [lying, escaping, mounting] {
      let jobs = ScriptedJobs([job], blobs: [Self.hex(content): content])
      try await run(jobs)
      let report = try #require(jobs.state.withLock { $0.reports.first })
      #expect(report.outcome == .infrastructure)
      #expect(!report.infrastructureReason.isEmpty)
    }
  }

  @Test func aCancelledJobIsKilledAndNotReported() async throws {
    let jobs = ScriptedJobs([Self.job("import time; time.sleep(600)")], cancels: true)
    try await run(jobs)
    #expect(jobs.state.withLock { $0.reports.filter { $0.outcome != .infrastructure }.isEmpty })
  }

  @Test func hostileLogsArriveBoundedAndValid() async throws {
    let jobs = ScriptedJobs([Self.job("import sys; sys.stdout.buffer.write(b'\\0\\xff\\xfe' * 1000000)")])
    try await run(jobs)
    let report = try #require(jobs.state.withLock { $0.reports.first })
    #expect(report.log.utf8.count <= 262_144)
    #expect(!report.log.utf8.contains(0))
  }

  @Test func coresAreSharedOut() {
    #expect(Runner.availableCores(status: "x\nCpus_allowed_list:\t0-2,5\n") == [0, 1, 2, 5])
    #expect(Runner.availableCores(status: "") == [])
    #expect(Runner.shares(of: [0, 1, 2, 5], slots: 2) == [[0, 1], [2, 5]])
    #expect(Runner.shares(of: [0, 1], slots: 3) == [[0], [1], [0]])
    #expect(Runner.shares(of: [], slots: 2) == [[], []])
  }

  @Test func mountsAreReadStrictly() throws {
    let (name, folder) = try RunnerConfiguration.mount("golf/data=/srv/a=b")
    #expect(name == "golf/data")
    #expect(folder == "/srv/a=b")
    for text in ["", "golf=/x", "golf/data", "golf/data=relative", "a/b/c=/x"] {
      #expect(throws: RunnerError.self) { try RunnerConfiguration.mount(text) }
    }
  }
}
