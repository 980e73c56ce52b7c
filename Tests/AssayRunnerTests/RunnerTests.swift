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
  func run(
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

  @Test("the processes of one job meet at localhost; the name of no other host is known")
  func localhost() async throws {
    let jobs = ScriptedJobs([
      Self.job(
        """
        import os, socket
        server = socket.create_server(('localhost', 0))
        if os.fork() == 0:
            socket.create_connection(('localhost', server.getsockname()[1])).sendall(b'here')
            os._exit(0)
        print(server.accept()[0].recv(4), socket.gethostbyname(socket.gethostname()))
        try:
            socket.gethostbyname('example.org')
        except OSError as error:
            print(error.errno == socket.EAI_NONAME)
        """)
    ])
    try await run(jobs)
    let report = try #require(jobs.state.withLock { $0.reports.first })
    #expect(report.log == "b'here' 127.0.0.1\nTrue\n" && report.exitCode == 0, "\(report.log)")
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
}
