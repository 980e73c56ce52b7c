import AssayGPUTesting
import AssayProcess
import Foundation
import Glibc
import Testing

/// A real Slurm of two nodes on this machine, as its own daemons: no systemd, no account database.
final class SlurmCluster: TestCluster {
  private let folder: String
  /// The driver of each node, on which a stand-in plays two GPUs; empty for nodes without.
  let drivers: [StandInNVML]
  /// For programs that speak to it.
  var environment: [String: String] { ["SLURM_CONF": folder + "/slurm.conf"] }

  private var nvml: String { folder + "/nvml" }
  /// What a runner is started with where nodes have GPUs.
  var gpuOptions: [String] { ["--nvml", nvml + "/libnvidia-ml.so.1"] }

  /// - Parameter hasGPUs: two on each node, `GPU-n0a` to `GPU-n1b`.
  static func with<Value>(hasGPUs: Bool = false, _ body: (SlurmCluster) async throws -> Value) async throws
    -> Value
  {
    let cluster = try await SlurmCluster(hasGPUs: hasGPUs)
    do {
      let value = try await body(cluster)
      await cluster.stop()
      return value
    } catch {
      await cluster.stop()
      throw error
    }
  }

  private init(hasGPUs: Bool) async throws {
    try #require(
      FileManager.default.isExecutableFile(atPath: "/usr/sbin/slurmctld") && geteuid() == 0,
      "Slurm is missing; tools/setup.sh test installs it")
    folder = "/tmp/assay-slurm-\(getpid())-\(UInt16.random(in: 0 ... .max))"
    drivers = hasGPUs ? try ClusterGPUs.nodes.map { try StandInNVML(ClusterGPUs.state(of: $0)) } : []
    for name in ["", "/state", "/munge", "/n0", "/n1", "/nvml"] {
      try FileManager.default.createDirectory(
        atPath: folder + name, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o755])
    }
    let key = folder + "/munge/key"
    try Data((0..<128).map { _ in UInt8.random(in: 0 ... .max) }).write(to: URL(filePath: key))
    chmod(key, 0o400)
    let base = UInt16.random(in: 20_000..<30_000)
    let host = ProcessInfo.processInfo.hostName.split(separator: ".").first.map(String.init) ?? "localhost"
    try Self.configuration(folder: folder, host: host, port: base, hasGPUs: hasGPUs).write(
      toFile: folder + "/slurm.conf", atomically: true, encoding: .utf8)
    if hasGPUs {
      try "NodeName=n[0-1] Name=gpu Type=h100 File=/dev/nvidia[0-1]\n".write(
        toFile: folder + "/gres.conf", atomically: true, encoding: .utf8)
    }
    let nvml = folder + "/nvml"
    let nodes = ClusterGPUs.nodes.enumerated().map { number, name in
      (hasGPUs ? OwnDevices.prefix(gpus: [0, 1], folder: drivers[number].folder.path, at: nvml) : [])
        + ["/usr/sbin/slurmd", "-N", name]
    }
    // Daemons by themselves, as an init system would have them.
    for command in [
      [
        "/usr/sbin/munged", "--force", "--key-file=\(key)", "--socket=\(folder)/munge/socket",
        "--pid-file=\(folder)/munge/pid", "--log-file=\(folder)/munge/log",
        "--seed-file=\(folder)/munge/seed",
      ], ["/usr/sbin/slurmctld", "-c"],
    ] + nodes { try await start(command) }
    try await awaitNodes()
  }

  /// In a session of its own from the start, and without our pipe, which a daemon may keep.
  private func start(_ command: [String]) async throws {
    let started = try await run(["/bin/sh", "-c", "setsid \"$@\" > /dev/null 2>&1", "sh"] + command)
    try #require(started.status == 0, "\(command[0]): \(started.tail)")
  }

  /// Waits until both nodes have registered.
  private func awaitNodes() async throws {
    for attempt in 1...5000 {
      let nodes = try await run("sinfo", "--noheader", "--partition=main", "--format=%D %T").tail
      if nodes == ["2 idle"] { return }
      try #require(attempt < 5000, "Slurm does not start: \(nodes)")
    }
  }

  private static func configuration(folder: String, host: String, port: UInt16, hasGPUs: Bool) -> String {
    let gres = hasGPUs ? "Gres=gpu:h100:2 " : ""
    return """
      ClusterName=assay
      SlurmctldHost=\(host)(127.0.0.1)
      SlurmUser=root
      SlurmdUser=root
      AuthType=auth/munge
      AuthInfo=socket=\(folder)/munge/socket
      CredType=cred/munge
      StateSaveLocation=\(folder)/state
      SlurmdSpoolDir=\(folder)/%n
      SlurmctldPidFile=\(folder)/ctld.pid
      SlurmdPidFile=\(folder)/%n.pid
      SlurmctldLogFile=\(folder)/ctld.log
      SlurmdLogFile=\(folder)/%n.log
      SlurmctldPort=\(port)
      SlurmdPort=\(port + 1)
      ProctrackType=proctrack/linuxproc
      TaskPlugin=task/none
      JobAcctGatherType=jobacct_gather/none
      SelectType=select/cons_tres
      SelectTypeParameters=CR_Core_Memory
      SchedulerParameters=sched_interval=2,batch_sched_delay=0
      ReturnToService=2
      MpiDefault=none
      SwitchType=switch/none
      KillWait=2
      SlurmdTimeout=10
      MinJobAge=300
      \(hasGPUs ? "GresTypes=gpu" : "")
      NodeName=n0 NodeHostname=\(host) NodeAddr=127.0.0.1 Port=\(port + 2) CPUs=2 RealMemory=4000 \(gres)State=UNKNOWN
      NodeName=n1 NodeHostname=\(host) NodeAddr=127.0.0.1 Port=\(port + 3) CPUs=2 RealMemory=4000 \(gres)State=UNKNOWN
      PartitionName=main Nodes=n0,n1 Default=YES MaxTime=10 State=UP
      PartitionName=short Nodes=n0,n1 MaxTime=1 State=UP

      """
  }

  private func run(_ command: [String]) async throws -> ChildProcess.Outcome {
    try await ChildProcess.run(
      command, environment: ProcessInfo.processInfo.environment.merging(environment) { $1 })
  }

  /// One of Slurm's programs, run to its end.
  @discardableResult func run(_ program: String, _ arguments: String...) async throws -> ChildProcess.Outcome
  {
    try await run(["/usr/bin/" + program] + arguments)
  }

  /// Our steps that run now: Slurm's number, and the node.
  func steps() async throws -> [(job: String, node: String)] {
    try await run("squeue", "--noheader", "--states=RUNNING", "--format=%i|%j|%N").tail
      .compactMap { line in
        let fields = line.split(separator: "|").map(String.init)
        return fields.count == 3 && fields[1].hasPrefix("assay-") ? (fields[0], fields[2]) : nil
      }
  }

  func cancel(_ job: String) async throws { try await run("scancel", job) }

  var limitRemedy: String? { "raise the partition's MaxTime" }

  // A minute is Slurm's least.
  func limit(_ job: String) async throws {
    try await run("scontrol", "update", "jobid=\(job)", "timelimit=1")
  }

  func failNode(_ node: String) async throws {
    try await run("scontrol", "update", "nodename=\(node)", "state=down", "reason=test")
    // Its steps are gone when Slurm says so; then it may work again.
    while try await steps().contains(where: { $0.node == node }) { await Task.yield() }
    try await run("scontrol", "update", "nodename=\(node)", "state=resume")
  }

  /// The controller goes: nothing can be asked for. Steps that run go on.
  func stopController() async throws { try await run("scontrol", "shutdown", "slurmctld") }

  /// It comes back with what it saved.
  func startController() async throws {
    try await start(["/usr/sbin/slurmctld"])
    while try await run("scontrol", "ping").status != 0 { await Task.yield() }
  }

  private func stop() async {
    _ = try? await run("scontrol", "shutdown")
    for name in ["n0.pid", "n1.pid", "ctld.pid", "munge/pid"] {
      guard let text = try? String(contentsOfFile: "\(folder)/\(name)", encoding: .utf8),
        let pid = Int32(text.trimmingCharacters(in: .whitespacesAndNewlines))
      else { continue }
      kill(pid, SIGKILL)
    }
    try? FileManager.default.removeItem(atPath: folder)
  }
}
