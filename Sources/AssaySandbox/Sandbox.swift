import Foundation
import Glibc

/// Runs untrusted commands, each in a bubblewrap of its own, through the launcher that measures and limits them.
public final class Sandbox: Sendable {
  /// What this host offers, found by trying.
  public let isolation: IsolationReport

  private let launcher: String
  private let bubblewrap: String
  private let groups: ControlGroups

  /// Finds the launcher and bubblewrap, and tries an isolated program.
  ///
  /// - Parameter launcher: path of `assay-sandbox`; beside the running program by default.
  /// - Throws: `SandboxError` with the remedy when untrusted code cannot be isolated on this host.
  public static func open(launcher: String? = nil) async throws(SandboxError) -> Sandbox {
    let launcher = try locateLauncher(launcher)
    // The machine's own before one that was brought along.
    let beside = URL(filePath: launcher).deletingLastPathComponent().appending(path: "bwrap").path
    guard let bubblewrap = ["/usr/bin/bwrap", "/usr/local/bin/bwrap", beside].first(where: isExecutable)
    else {
      throw SandboxError(
        .isolationUnavailable,
        "bubblewrap is not installed, and untrusted code is not run without it. Install it: apt-get install bubblewrap"
      )
    }
    let groups = ControlGroups.discover()
    TrialGroup.removeStale(groups)
    var remarks: [String] = []
    if geteuid() != 0 { remarks.append("run as root to give jobs a user of their own") }
    if groups.memory == nil || groups.pids == nil {
      remarks.append(
        "no writable control groups for memory and processes: \(IsolationReport.delegationRemedy)")
    }
    if groups.cpu == nil, groups.memory != nil, groups.pids != nil {
      remarks.append("no writable control group for CPU time: \(IsolationReport.accountingRemedy)")
    }
    let isolation = IsolationReport(
      namespaces: true, dedicatedUser: geteuid() == 0, seccomp: true, memoryLimit: groups.memory != nil,
      processLimit: groups.pids != nil || geteuid() == 0, cpuAccounting: groups.cpu != nil, remarks: remarks)
    let sandbox = Sandbox(launcher: launcher, bubblewrap: bubblewrap, groups: groups, isolation: isolation)
    try await sandbox.prove()
    return sandbox
  }

  private init(launcher: String, bubblewrap: String, groups: ControlGroups, isolation: IsolationReport) {
    self.launcher = launcher
    self.bubblewrap = bubblewrap
    self.groups = groups
    self.isolation = isolation
  }

  /// Runs a program that looks whether it is shut in.
  private func prove() async throws(SandboxError) {
    let probe = SandboxCommand(
      arguments: [
        "/bin/sh", "-c", "grep -q '^Seccomp:.*2$' /proc/self/status && ! test -e /root && ! test -e /home",
      ],
      limits: SandboxLimits(wallMilliseconds: 10_000, memoryBytes: 256 << 20, diskBytes: 1 << 20))
    let result: SandboxResult
    do throws(SandboxError) {
      result = try await run(probe)
    } catch {
      throw SandboxError(
        .isolationUnavailable,
        "untrusted code cannot be isolated on this host: \(error.message). Allow user namespaces (sysctl kernel.unprivileged_userns_clone=1; "
          + "in a container: a seccomp profile that allows bubblewrap and systempaths=unconfined).")
    }
    guard result.succeeded else {
      throw SandboxError(
        .isolationUnavailable,
        "the sandbox started a program but did not isolate it (\(result.outcome)); untrusted code is not run."
      )
    }
  }

  private static func isExecutable(_ path: String) -> Bool { access(path, X_OK) == 0 }

  private static func locateLauncher(_ named: String?) throws(SandboxError) -> String {
    let environment = ProcessInfo.processInfo.environment
    let beside = (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")).map {
      URL(filePath: $0).deletingLastPathComponent().appending(path: "assay-sandbox").path
    }
    let candidates = [
      named, environment["ASSAY_SANDBOX"], environment["ASSAY_BIN"].map { $0 + "/assay-sandbox" }, beside,
    ].compactMap(\.self)
    if let found = candidates.first(where: isExecutable) { return found }
    throw SandboxError(
      .isolationUnavailable,
      "assay-sandbox, the launcher, is not beside this program (looked at \(candidates.joined(separator: ", "))). Build it with `make build`, or set ASSAY_SANDBOX to its path."
    )
  }

  /// Runs a command to its end; cancelling the task kills everything it started.
  ///
  /// - Throws: `SandboxError` for failures of ours. What the command did, limits included, is in the result.
  public func run(_ command: SandboxCommand) async throws(SandboxError) -> SandboxResult {
    try Self.check(command)
    let user = geteuid() == 0 ? try JobUser() : nil
    let group = try TrialGroup(groups, limits: command.limits)
    defer { group.remove() }
    let log = NSTemporaryDirectory() + "assay-log-\(getpid())-\(UInt64.random(in: 0 ... .max))"
    defer { unlink(log) }
    let process = LauncherProcess(
      path: launcher, arguments: arguments(for: command, user: user?.identifier, group: group, log: log))
    let outcome = await withTaskCancellationHandler {
      await process.run()
    } onCancel: {
      process.stop()
    }
    withExtendedLifetime(user) {}
    let report = try outcome.get()
    var result = try LauncherReport.parse(
      report, outputs: command.outputs.count + (command.reveal == nil ? 0 : 1))
    result.log = [UInt8](FileManager.default.contents(atPath: log) ?? Data())
    return result
  }

  private func arguments(for command: SandboxCommand, user: UInt32?, group: TrialGroup, log: String)
    -> [String]
  {
    let limits = command.limits
    var list = ["--bubblewrap", bubblewrap, "--log", log] + group.options
    if let user { list += ["--uid", "\(user)"] }
    if command.network { list.append("--network") }
    for core in command.cores { list += ["--core", "\(core)"] }
    for (option, value) in [
      ("--wall-ms", limits.wallMilliseconds), ("--cpu-ms", limits.cpuMilliseconds),
      ("--disk", limits.diskBytes),
      ("--output-bytes", limits.outputBytes), ("--file", limits.fileBytes),
      ("--processes", UInt64(limits.processes)),
    ] where value > 0 {
      list += [option, "\(value)"]
    }
    for (name, value) in command.environment.sorted(by: { $0.key < $1.key }) {
      list += ["--env", name, value]
    }
    for mount in command.mounts {
      let kind = mount.isPrivate ? "--private" : mount.isWritable ? "--writable" : "--mount"
      list += [kind, mount.source, mount.destination]
    }
    for device in command.devices { list += ["--device", device.source, device.destination] }
    for output in command.outputs {
      list += ["--output", output.path, "\(output.maximumBytes)", output.destination]
    }
    if let reveal = command.reveal {
      list += ["--reveal", reveal.stream, reveal.record, "\(reveal.maximumBytes)"]
    }
    return list + ["--"] + command.arguments
  }

  private static func check(_ command: SandboxCommand) throws(SandboxError) {
    guard command.arguments.first?.hasPrefix("/") == true else {
      throw SandboxError(
        .invalidCommand,
        "a sandboxed command names its program by an absolute path, not '\(command.arguments.first ?? "")'")
    }
    let texts =
      command.arguments + command.environment.flatMap { [$0.key, $0.value] }
      + command.mounts.flatMap { [$0.source, $0.destination] }
      + command.devices.flatMap { [$0.source, $0.destination] }
    guard !texts.contains(where: { $0.utf8.contains(0) }) else {
      throw SandboxError(.invalidCommand, "an argument, variable or path of a sandboxed command holds a NUL")
    }
    guard command.mounts.allSatisfy({ $0.source.hasPrefix("/") && $0.destination.hasPrefix("/") }),
      command.devices.allSatisfy({ $0.source.hasPrefix("/") && $0.destination.hasPrefix("/dev/") }),
      !command.environment.keys.contains(where: { $0.isEmpty || $0.contains("=") })
    else {
      throw SandboxError(
        .invalidCommand,
        "mounts and devices are absolute paths, devices below /dev, and names of variables hold no '='")
    }
  }
}
