import AssayGPU
import AssayGPUTesting
import AssayMessages
import Foundation
import Glibc
import Testing

@testable import AssayRunner

/// Jobs with GPUs, and what goes wrong with those.
extension RunnerTests {
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

  @Test(
    "what goes wrong with a GPU while its job runs is ours, and what the recipe does there its own",
    arguments: mishaps)
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
      #expect(
        report.outcome == .exited && report.exitCode == mishap.exitCode, "\(report.infrastructureReason)")
      #expect(try Self.stated(report)?.first?["xids"] as? [String: Int] == mishap.xids)
    }
  }

  @Test(
    "a kernel that hangs is ended at its wall limit, on the recipe's account; what it leaves takes the GPU out of service"
  )
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
    #expect(offers.last?.first?.outOfService.hasPrefix("process \(getpid())") == true, "\(offers)")
  }

  @Test(
    "fewer GPUs than asked, no driver and one that is too old: the job goes back as it came, and nothing is offered that is not there"
  )
  func lacking() async throws {
    let one = try StandInNVML("gpu GPU-a H100 81559 9.0 0 0\n")
    for (library, count, offered) in [
      (one.path, 2, 1), ("/nowhere/libnvidia-ml.so.1", 1, 0), ("libm.so.6", 1, 0),
    ] {
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
      ["nvidia0", "nvidiactl", "nvidia-uvm", "nvidia-caps/nvidia-cap12", "nvidia-caps/nvidia-cap13"], in: nvml
    )
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
