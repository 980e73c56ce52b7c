import AssayGPU
import AssayGPUTesting
import AssayIdentity
import AssayMessages
import AssayRPC
import AssayRPCTesting
import AssaySandbox
import AssayServices
import AssayVerdict
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
    /// Heartbeats fail as they do when nobody can be reached.
    var unreachable = false
    var idle = false
    var heartbeats = 0
    /// How long a call for work waits before its job is there.
    var patience = Duration.zero
    var leases = 0
    var offers: [[RunnerV1.GPU]] = []
    var waiting: (CheckedContinuation<Void, Never>, @Sendable (borrowing State) -> Bool)?
  }
  let state: Mutex<State>

  init(_ jobs: [RunnerV1.Job], blobs: [String: [UInt8]] = [:], refusals: Int = 0, cancels: Bool = false) {
    state = Mutex(State(queue: jobs, blobs: blobs, refusals: refusals, cancels: cancels))
  }

  func leaseJob(_ request: RunnerV1.LeaseJobRequest, _ context: CallContext) async throws
    -> RunnerV1.LeaseJobResponse
  {
    var response = RunnerV1.LeaseJobResponse()
    let patience = change { state in
      state.leases += 1
      state.offers.append(request.gpus)
      return state.patience
    }
    if patience > .zero { try await Task.sleep(for: patience) }
    response.job = change { state in
      state.idle = state.queue.isEmpty
      return state.queue.isEmpty ? nil : state.queue.removeFirst()
    }
    if response.job == nil { try await Task.sleep(for: context.waitLimit(milliseconds: request.waitMs)) }
    return response
  }
  func heartbeat(_ request: RunnerV1.HeartbeatRequest, _ context: CallContext) async throws
    -> RunnerV1.HeartbeatResponse
  {
    let (cancels, unreachable) = change { state in
      state.heartbeats += 1
      return (state.cancels, state.unreachable)
    }
    if unreachable { throw RPCError(.unavailable, "nobody there") }
    var response = RunnerV1.HeartbeatResponse()
    response.leaseMs = 60_000
    response.cancel = cancels
    return response
  }
  func completeJob(_ request: RunnerV1.CompleteJobRequest, _ context: CallContext) async throws
    -> RunnerV1.CompleteJobResponse
  {
    let refused = change { state in
      state.keys.append(context.idempotencyKey)
      if state.refusals > 0 {
        state.refusals -= 1
        return true
      }
      state.reports.append(request)
      return false
    }
    if refused { throw RPCError(.unavailable, "not now") }
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

  /// Changes the state and wakes who waits for what it now is.
  private func change<Value: Sendable>(_ body: (inout State) -> Value) -> Value {
    let (value, waiter) = state.withLock { state in
      let value = body(&state)
      guard let (continuation, condition) = state.waiting, condition(state) else {
        return (value, nil as CheckedContinuation<Void, Never>?)
      }
      state.waiting = nil
      return (value, continuation)
    }
    waiter?.resume()
    return value
  }

  /// Returns once the state is as asked.
  func reach(_ condition: @escaping @Sendable (borrowing State) -> Bool) async {
    await withCheckedContinuation { continuation in
      let now = state.withLock { state -> Bool in
        if condition(state) { return true }
        state.waiting = (continuation, condition)
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

  /// Runs a runner until the job service has seen what was asked for, by default a report.
  fileprivate func run(
    _ jobs: ScriptedJobs, slots: Int = 1, gpus: GPUPlaces? = nil,
    state: URL = FileManager.default.temporaryDirectory.appending(path: "assay-runner-\(UUID().uuidString)"),
    logger: Logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() },
    until condition: @escaping @Sendable (borrowing ScriptedJobs.State) -> Bool = { !$0.reports.isEmpty },
    during change: (@Sendable () throws -> Void)? = nil
  ) async throws {
    var router = RPCRouter()
    router.register(jobs)
    try await withTestServer(router: router, identities: ["runner/a": .runner]) { server in
      let runner = try Runner(
        jobs: JobServiceClient(server.clients["runner/a"]),
        sandbox: try await Sandbox.open(launcher: Self.launcher),
        configuration: RunnerConfiguration(
          name: "a", slots: slots, mounts: [:], state: state, gpus: gpus),
        key: server.keys["runner/a"] ?? IdentityKey(), logger: logger)
      try await withThrowingTaskGroup(of: Void.self) { group in
        defer { group.cancelAll() }
        group.addTask { try? await runner.run() }
        if let change {
          // The job runs by then.
          await jobs.reach { $0.heartbeats > 1 }
          try change()
        }
        await jobs.reach(condition)
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

  @Test("a job sees the GPU that it leased and no other, finds localhost, and what it used is signed")
  func givesAGPU() async throws {
    let nvml = try StandInNVML(
      "gpu GPU-a H100 81559 9.0 0 0\ngpu GPU-b A100 40960 8.0 5 0\nbusy GPU-b 0 40 300\n")
    let nodes = try Self.nodes(["nvidia0", "nvidia5", "nvidiactl", "nvidia-uvm"], in: nvml)
    var job = Self.job(
      """
      import os, socket
      print(sorted(n for n in os.listdir('/dev') if 'nvidia' in n), os.environ['CUDA_VISIBLE_DEVICES'])
      print(open('/dev/nvidia5', 'rb').read(2), socket.gethostbyname('localhost'), socket.gethostbyname('trial'))
      first, second = os.environ['LD_LIBRARY_PATH'].split(':')
      print(os.path.exists(first + '/libnvidia-ml.so.1'), second)
      """)
    var need = RunnerV1.GPUNeed()
    need.count = 1
    need.memoryBytes = 30 << 30
    job.gpus = need
    var own = RunnerV1.EnvironmentVariable()
    own.name = "LD_LIBRARY_PATH"
    own.value = "/own"
    job.environment = [own]
    let jobs = ScriptedJobs([job])
    try await run(jobs, gpus: GPUPlaces(library: nvml.path, devices: nodes))
    let (reports, offers) = jobs.state.withLock { ($0.reports, $0.offers) }
    #expect(offers.first?.map(\.uuid) == ["GPU-a", "GPU-b"])
    #expect(offers.first?.map(\.outOfService) == ["", ""])
    let done = try #require(reports.first)
    #expect(done.exitCode == 0 && done.outcome == .exited, "\(done.log) \(done.infrastructureReason)")
    #expect(
      done.log == """
        ['nvidia-uvm', 'nvidia5', 'nvidiactl'] GPU-b
        b'\\x00\\x00' 127.0.0.1 127.0.0.1
        True /own

        """)
    let gpu = try #require(try Self.stated(done)?.first)
    #expect(gpu["meanUtilization"] as? Int == 40 && gpu["model"] as? String == "A100", "\(gpu)")
    #expect(gpu["peakMemoryBytes"] as? Int == 300 << 20 && gpu["driver"] as? String == "550.54.15")
    #expect(gpu["listened"] as? String == "whole")
  }

  /// Device nodes that are other names of /dev/zero.
  static func nodes(_ names: [String], in nvml: StandInNVML) throws -> String {
    let folder = nvml.folder.appending(path: "dev")
    for name in names {
      let node = folder.appending(path: name)
      try FileManager.default.createDirectory(
        at: node.deletingLastPathComponent(), withIntermediateDirectories: true)
      try FileManager.default.createSymbolicLink(atPath: node.path, withDestinationPath: "/dev/zero")
    }
    return folder.path
  }

  /// The GPUs of what was signed with a report.
  static func stated(_ report: RunnerV1.CompleteJobRequest) throws -> [[String: Any]]? {
    func object(_ data: Data) throws -> [String: Any]? {
      try JSONSerialization.jsonObject(with: data) as? [String: Any]
    }
    let payload = try object(Data(report.provenance))?["payload"] as? String ?? ""
    let predicate = try object(Data(base64Encoded: payload) ?? Data())?["predicate"] as? [String: Any]
    let host = (predicate?["runDetails"] as? [String: Any])?["assay_host"] as? [String: Any]
    return host?["gpus"] as? [[String: Any]]
  }

  @Test("a job that needs a GPU which is not to be had goes back as it came")
  func lacksAGPU() async throws {
    let nvml = try StandInNVML("gpu GPU-a H100 81559 9.0 0 0\nbusy GPU-a 1 0 0\n")
    var job = Self.job("print(1)")
    job.gpus = RunnerV1.GPUNeed()
    job.gpus?.count = 1
    let jobs = ScriptedJobs([job])
    try await run(jobs, gpus: GPUPlaces(library: nvml.path))
    let (reports, offers) = jobs.state.withLock { ($0.reports, $0.offers) }
    #expect(offers.first?.first?.outOfService == "process 1, which is no job's, uses it")
    #expect(reports.first?.handedBack == true)
    #expect(reports.first?.infrastructureReason.contains("process 1") == true)
  }

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

  @Test(
    "a lease that was waited for longer than it lasts is renewed before its job begins, and the job is not killed"
  )
  func waitsLongForWork() async throws {
    var job = Self.job("print('done')")
    job.leaseMs = 1500
    job.heartbeatMs = 60_000
    let jobs = ScriptedJobs([job])
    jobs.state.withLock { $0.patience = .milliseconds(1100) }
    try await run(jobs, until: { !$0.reports.isEmpty || $0.leases > 1 })
    let (reports, heartbeats) = jobs.state.withLock { ($0.reports, $0.heartbeats) }
    #expect(reports.map(\.outcome) == [.exited])
    #expect(heartbeats == 1)
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

  /// Whether a process on this host has the text among its arguments.
  /// Calls a function with each line of a log.
  private struct Listening: LogHandler {
    let heard: @Sendable (String) -> Void
    var metadata: Logger.Metadata = [:]
    var logLevel = Logger.Level.info
    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
      get { metadata[key] }
      set { metadata[key] = newValue }
    }
    func log(event: LogEvent) { heard("\(event.message)") }
  }

  @Test func aHostWhoseDiskFailsTakesNoFurtherJobUntilItWorks() async throws {
    let state = FileManager.default.temporaryDirectory.appending(path: "assay-runner-\(UUID().uuidString)")
    defer { try? FileManager.default.removeItem(at: state) }
    // A file in the place of the folder: nothing can be written there.
    try Data().write(to: state)
    let jobs = ScriptedJobs(
      ["job-1", "job-2", "job-3"].map { name in
        var job = Self.job("pass")
        job.jobId = name
        return job
      })
    let logger = Logger(label: "test") { _ in
      Listening { line in
        if line.hasPrefix("no job is taken") { try? FileManager.default.removeItem(at: state) }
      }
    }
    try await run(jobs, state: state, logger: logger) { $0.reports.count == 3 }
    let outcomes = jobs.state.withLock { $0.reports.map(\.outcome) }
    #expect(outcomes == [.infrastructure, .exited, .exited])
  }

  private static func isRunning(_ marker: String) -> Bool {
    let processes = (try? FileManager.default.contentsOfDirectory(atPath: "/proc")) ?? []
    return processes.contains { name in
      guard let bytes = FileManager.default.contents(atPath: "/proc/\(name)/cmdline") else { return false }
      return String(decoding: bytes, as: UTF8.self).contains(marker)
    }
  }

  @Test func aCancelledJobIsKilledAndNotReported() async throws {
    let marker = "marker-\(UUID().uuidString)"
    let jobs = ScriptedJobs([Self.job("import time; time.sleep(600) # \(marker)")], cancels: true)
    try await run(jobs) { $0.idle }
    #expect(jobs.state.withLock { $0.reports.isEmpty })
    #expect(!Self.isRunning(marker))
  }

  @Test func aJobWhoseEvaluatorIsGoneIsKilledBeforeItsLeaseEnds() async throws {
    let marker = "marker-\(UUID().uuidString)"
    var job = Self.job("import time; time.sleep(600) # \(marker)")
    job.leaseMs = 2000
    let jobs = ScriptedJobs([job])
    jobs.state.withLock { $0.unreachable = true }
    let began = ContinuousClock.now
    // The next lease is asked for once the job is gone.
    try await run(jobs) { $0.idle }
    #expect(began.duration(to: .now) < .seconds(20), "the job sleeps for ten minutes")
    #expect(jobs.state.withLock { $0.reports.isEmpty })
    #expect(jobs.state.withLock { $0.heartbeats } > 1, "one lost heartbeat is not a lost lease")
    #expect(!Self.isRunning(marker))
  }

  @Test func aRunnerThatStopsHandsItsJobBack() async throws {
    let marker = "marker-\(UUID().uuidString)"
    let jobs = ScriptedJobs([Self.job("import time; time.sleep(600) # \(marker)")])
    try await run(jobs) { $0.heartbeats > 1 }
    let report = try #require(jobs.state.withLock { $0.reports.first })
    #expect(report.outcome == .infrastructure)
    #expect(report.infrastructureReason == "the runner is stopping")
    #expect(report.fencingToken == 3)
    #expect(!Self.isRunning(marker))
  }

  @Test(.enabled(if: SandboxHost.availableCores().count > 1))
  func slotsWorkAtTheSameTimeOnCoresOfTheirOwn() async throws {
    let jobs = ScriptedJobs(
      (1...2).map { number in
        var job = Self.job("import os, time; print(sorted(os.sched_getaffinity(0))); time.sleep(1)")
        job.jobId = "job-\(number)"
        return job
      })
    try await run(jobs, slots: 2) { $0.reports.count == 2 }
    let reports = jobs.state.withLock { $0.reports }
    #expect(Set(reports.map(\.log)).count == 2, "\(reports.map(\.log))")
    #expect(Set(reports.map(\.runner)) == ["a/0", "a/1"])
  }

  @Test func hostileLogsArriveBoundedAndValid() async throws {
    let jobs = ScriptedJobs([Self.job("import sys; sys.stdout.buffer.write(b'\\0\\xff\\xfe' * 1000000)")])
    try await run(jobs)
    let report = try #require(jobs.state.withLock { $0.reports.first })
    #expect(report.log.utf8.count <= 262_144)
    #expect(!report.log.utf8.contains(0))
  }

  @Test func coresAreSharedOut() {
    #expect(SandboxHost.availableCores(status: "x\nCpus_allowed_list:\t0-2,5\n") == [0, 1, 2, 5])
    #expect(SandboxHost.availableCores(status: "") == [])
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

  /// What goes wrong with the GPU of a job, and on whose account.
  struct Mishap: Sendable, CustomTestStringConvertible {
    var testDescription: String
    /// How the job ends once it happened; nil for one that is to be ended.
    var ending: String?
    /// What the driver tells from then on, besides that the device is there.
    var state: String
    /// Whether it tells nothing but that.
    var isWhole = false
    /// Part of why it is a failure of ours; nil where it is the recipe's own.
    var ours: String?
    var exitCode: Int32 = 0
    var xids: [String: Int]?
  }

  static let mishaps: [Mishap] = [
    .init(
      testDescription: "lost", ending: "sys.exit(1)", state: "gpu GPU-a H100 81559 9.0 0 15\n", isWhole: true,
      ours: "GPU GPU-a was lost while a job ran"),
    .init(
      testDescription: "Xid of the device, and a job that would run on", ending: nil,
      state: "xid GPU-a 79\n", ours: "GPU GPU-a reported Xid 79 (fell off its bus) while a job ran"),
    .init(
      testDescription: "Xid of the device, and a job that crashed of it", ending: "sys.exit(1)",
      state: "xid GPU-a 94\nxid GPU-a 45\n", ours: "GPU GPU-a reported Xid 94 (contained memory error)"),
    .init(
      testDescription: "Xid of the recipe, and it crashes", ending: "sys.exit(1)", state: "xid GPU-a 31\n",
      ours: nil, exitCode: 1, xids: ["31": 1]),
    .init(
      testDescription: "Xid of the recipe, which goes on and ends well", ending: "sys.exit(0)",
      state: "xid GPU-a 43\nxid GPU-a 43\n", ours: nil, xids: ["43": 2]),
    .init(
      testDescription: "Xid that nobody knows", ending: "sys.exit(1)", state: "xid GPU-a 999\n", ours: nil,
      exitCode: 1, xids: ["999": 1]),
    .init(
      testDescription: "memory that ECC did not correct", ending: "sys.exit(0)",
      state: "health GPU-a 2 0 0\n", ours: "had 2 memory errors while a job ran"),
    .init(
      testDescription: "out of memory",
      ending: "print('torch.OutOfMemoryError: CUDA out of memory.'); sys.exit(1)",
      state: "busy GPU-a 0 100 81559\n", ours: nil, exitCode: 1, xids: [:]),
    .init(
      testDescription: "somebody else's process", ending: nil, state: "busy GPU-a 1 50 700\n",
      ours: "process 1, which is no job's, uses GPU GPU-a"),
  ]

  @Test("what goes wrong with a GPU while its job runs is ours, and what the recipe does there its own", arguments: mishaps)
  func mishap(_ mishap: Mishap) async throws {
    let healthy = "gpu GPU-a H100 81559 9.0 0 0\n"
    let nvml = try StandInNVML(healthy + "health GPU-a 0 0 0\n")
    let nodes = try Self.nodes(["nvidia0", "nvidiactl", "nvidia-uvm"], in: nvml)
    var job = Self.job(
      """
      import os, sys, time
      while not os.path.exists(os.environ['LD_LIBRARY_PATH'].split(':')[0] + '/go'): time.sleep(0.01)
      \(mishap.ending ?? "time.sleep(600)")
      """)
    job.gpus = RunnerV1.GPUNeed()
    job.gpus?.count = 1
    let jobs = ScriptedJobs([job])
    try await run(
      jobs, gpus: GPUPlaces(library: nvml.path, devices: nodes),
      during: {
        try nvml.set(mishap.isWhole ? mishap.state : healthy + mishap.state)
        try Data().write(to: nvml.folder.appending(path: "go"))
      })
    let report = try #require(jobs.state.withLock { $0.reports.first })
    #expect(!report.handedBack)
    if let reason = mishap.ours {
      #expect(report.outcome == .infrastructure)
      #expect(report.infrastructureReason.contains(reason), "\(report.infrastructureReason)")
      #expect(report.provenance.isEmpty && report.outputs.isEmpty)
    } else {
      #expect(report.outcome == .exited && report.exitCode == mishap.exitCode, "\(report.infrastructureReason)")
      #expect(try Self.stated(report)?.first?["xids"] as? [String: Int] == mishap.xids)
    }
  }

  @Test("a kernel that hangs is ended at its wall limit, on the recipe's account; what it leaves takes the GPU out of service")
  func hungKernel() async throws {
    let state = "gpu GPU-a H100 81559 9.0 0 0\n"
    let nvml = try StandInNVML(state)
    let nodes = try Self.nodes(["nvidia0", "nvidiactl", "nvidia-uvm"], in: nvml)
    var job = Self.job("import time; time.sleep(600)")
    job.budget?.wallMs = 2500
    job.gpus = RunnerV1.GPUNeed()
    job.gpus?.count = 1
    let jobs = ScriptedJobs([job])
    // A process of ours that does not end with the job.
    try await run(
      jobs, gpus: GPUPlaces(library: nvml.path, devices: nodes),
      until: { !$0.reports.isEmpty && $0.offers.count > 1 },
      during: { try nvml.set(state + "busy GPU-a \(getpid()) 100 700\n") })
    let (reports, offers) = jobs.state.withLock { ($0.reports, $0.offers) }
    #expect(reports.first?.outcome == .wallLimit, "\(reports.first?.infrastructureReason ?? "")")
    #expect(offers.last?.map(\.outOfService) == ["process \(getpid()) is still there after a job"])
  }

  @Test("fewer GPUs than asked, no driver and one that is too old: the job goes back as it came, and nothing is offered that is not there")
  func lacking() async throws {
    let one = try StandInNVML("gpu GPU-a H100 81559 9.0 0 0\n")
    for (library, count, offered) in [(one.path, 2, 1), ("/nowhere/libnvidia-ml.so.1", 1, 0), ("libm.so.6", 1, 0)] {
      var job = Self.job("print(1)")
      job.gpus = RunnerV1.GPUNeed()
      job.gpus?.count = UInt32(count)
      let jobs = ScriptedJobs([job])
      try await run(jobs, gpus: GPUPlaces(library: library))
      let (reports, offers) = jobs.state.withLock { ($0.reports, $0.offers) }
      #expect(offers.first?.count == offered)
      #expect(reports.first?.handedBack == true && reports.first?.outcome == .infrastructure)
      #expect(
        reports.first?.infrastructureReason.contains("lacks \(count) GPUs that the job could use") == true,
        "\(reports.first?.infrastructureReason ?? "")")
    }
  }

  @Test("a job of one GPU runs on a partition, with its nodes alone; one of several never does")
  func partition() async throws {
    let nvml = try StandInNVML(
      """
      gpu GPU-a A100 40960 8.0 0 0
      mig 0 0 MIG-x A100_MIG 20096 1 0
      mig 0 1 MIG-y A100_MIG 20096 2 0

      """)
    let nodes = try Self.nodes(
      ["nvidia0", "nvidiactl", "nvidia-uvm", "nvidia-caps/nvidia-cap12", "nvidia-caps/nvidia-cap13"], in: nvml)
    let tables = nvml.folder.appending(path: "proc/driver/nvidia/capabilities/gpu0/mig/gi1")
    try FileManager.default.createDirectory(
      at: tables.appending(path: "ci0"), withIntermediateDirectories: true)
    try Data("DeviceFileMinor: 12\n".utf8).write(to: tables.appending(path: "access"))
    try Data("DeviceFileMinor: 13\n".utf8).write(to: tables.appending(path: "ci0/access"))
    let code = "import os; print(os.environ['CUDA_VISIBLE_DEVICES'], sorted(os.listdir('/dev/nvidia-caps')))"
    for count: UInt32 in [1, 2] {
      var job = Self.job(code)
      job.gpus = RunnerV1.GPUNeed()
      job.gpus?.count = count
      let jobs = ScriptedJobs([job])
      try await run(
        jobs,
        gpus: GPUPlaces(library: nvml.path, devices: nodes, tables: nvml.folder.appending(path: "proc").path))
      let report = try #require(jobs.state.withLock { $0.reports.first })
      if count == 1 {
        #expect(report.log == "MIG-x ['nvidia-cap12', 'nvidia-cap13']\n", "\(report.infrastructureReason)")
        #expect(try Self.stated(report)?.first?["uuid"] as? String == "MIG-x")
        #expect(try Self.stated(report)?.first?["energyMillijoules"] == nil, "it is not told of partitions")
      } else {
        #expect(report.handedBack)
      }
    }
  }
}
