import Foundation
import Glibc

/// The control groups of one running command: made before it starts, removed when everything in them is dead.
struct TrialGroup: Sendable {
  private(set) var folders: [String] = []
  private(set) var options: [String] = []

  static let prefix = "assay-trial-"

  /// Number of the process namespace, in which an owner's number means something: others may make groups in the same folder.
  private static let namespace: UInt64 = {
    var status = stat()
    return stat("/proc/self/ns/pid", &status) == 0 ? UInt64(status.st_ino) : 0
  }()

  init(_ groups: ControlGroups, limits: SandboxLimits) throws(SandboxError) {
    let name = "/\(Self.prefix)\(getpid())-\(Self.namespace)-\(UInt32.random(in: 0 ... .max))"
    func make(_ parent: String?) throws(SandboxError) -> String? {
      guard let parent else { return nil }
      let folder = parent + name
      guard mkdir(folder, 0o755) == 0 || errno == EEXIST else {
        throw SandboxError(
          .infrastructure, "cannot make the control group \(folder): \(String(cString: strerror(errno)))")
      }
      return folder
    }
    do throws(SandboxError) {
      let memory = try make(groups.memory)
      let pids = try make(groups.pids)
      let cpu = try make(groups.cpu)
      let unified = try make(groups.unified)
      for folder in [memory, pids, cpu, unified] {
        if let folder, !folders.contains(folder) { folders.append(folder) }
      }
      for folder in folders { options += ["--cgroup", folder] }
      if let memory {
        if limits.memoryBytes > 0 {
          let file = memory + (groups.isVersion2 ? "/memory.max" : "/memory.limit_in_bytes")
          guard ControlGroups.write("\(limits.memoryBytes)", to: file) else {
            throw SandboxError(.infrastructure, "cannot write \(file): \(String(cString: strerror(errno)))")
          }
          _ = ControlGroups.write(
            groups.isVersion2 ? "0" : "\(limits.memoryBytes)",
            to: memory + (groups.isVersion2 ? "/memory.swap.max" : "/memory.memsw.limit_in_bytes"))
        }
        options += ["--memory-file", memory + (groups.isVersion2 ? "/memory.events" : "/memory.oom_control")]
        options += [
          "--peak-file", memory + (groups.isVersion2 ? "/memory.peak" : "/memory.max_usage_in_bytes"),
        ]
      }
      if let pids {
        if limits.processes > 0 {
          // bubblewrap's own processes are not the job's.
          guard ControlGroups.write("\(limits.processes + 3)", to: pids + "/pids.max") else {
            throw SandboxError(
              .infrastructure, "cannot write \(pids)/pids.max: \(String(cString: strerror(errno)))")
          }
        }
        options += ["--pids-file", pids + "/pids.events"]
      }
      if let cpu { options += ["--cpu-file", cpu + (groups.isVersion2 ? "/cpu.stat" : "/cpuacct.usage")] }
      if let unified, access(unified + "/cgroup.kill", W_OK) == 0 {
        options += ["--kill-file", unified + "/cgroup.kill"]
      }
    } catch {
      remove()
      throw error
    }
  }

  /// Whether one of these control groups, as `/proc/PID/cgroup` lists them, is of a command that `owner` started.
  static func isOne(_ groups: String, of owner: pid_t) -> Bool { groups.contains("/\(prefix)\(owner)-") }

  /// Removes the groups; they are empty by now.
  func remove() {
    for folder in folders { rmdir(folder) }
  }

  /// Kills and removes what a dead process of ours left behind.
  static func removeStale(_ groups: ControlGroups) {
    for parent in Set([groups.memory, groups.pids, groups.cpu, groups.unified].compactMap(\.self)) {
      for entry in (try? FileManager.default.contentsOfDirectory(atPath: parent)) ?? []
      where entry.hasPrefix(prefix) {
        let parts = entry.dropFirst(prefix.count).split(separator: "-")
        guard parts.count == 3, parts[1] == "\(namespace)", let owner = Int32(parts[0]),
          Glibc.kill(owner, 0) != 0, errno == ESRCH
        else { continue }
        let folder = parent + "/" + entry
        for pid in ((try? String(contentsOfFile: folder + "/cgroup.procs", encoding: .utf8)) ?? "").split(
          separator: "\n"
        ).compactMap({ Int32($0) }) where pid > 0 {
          // What another process namespace has is listed as 0.
          Glibc.kill(pid, SIGKILL)
        }
        rmdir(folder)
      }
    }
  }
}
