import Foundation
import Glibc

/// The control groups that this process may make children of, version 1 or 2.
struct ControlGroups: Sendable {
  /// Folder of our own group, by controller.
  let memory: String?
  let pids: String?
  let cpu: String?
  /// A version 2 group, which can kill all it holds at once.
  let unified: String?
  let isVersion2: Bool

  /// Looks at what this process is in and can write to.
  static func discover(
    membership: String = (try? String(contentsOfFile: "/proc/self/cgroup", encoding: .utf8)) ?? "",
    mounts: String = (try? String(contentsOfFile: "/proc/self/mounts", encoding: .utf8)) ?? ""
  ) -> ControlGroups {
    var version1: [String: String] = [:]
    var version2: String?
    for line in mounts.split(separator: "\n") {
      let fields = line.split(separator: " ")
      guard fields.count > 3 else { continue }
      if fields[2] == "cgroup2" { version2 = String(fields[1]) }
      if fields[2] == "cgroup" {
        for option in fields[3].split(separator: ",") { version1[String(option)] = String(fields[1]) }
      }
    }
    var own: [String: String] = [:]
    for line in membership.split(separator: "\n") {
      let fields = line.split(separator: ":", maxSplits: 2, omittingEmptySubsequences: false)
      guard fields.count == 3 else { continue }
      for controller in fields[1].split(separator: ",") { own[String(controller)] = String(fields[2]) }
      if fields[1].isEmpty { own[""] = String(fields[2]) }
    }
    func writable(_ path: String?) -> String? { path.flatMap { access($0, W_OK) == 0 ? $0 : nil } }
    func group(_ controller: String) -> String? {
      guard let mount = version1[controller], let path = own[controller] else { return nil }
      return writable(path == "/" ? mount : mount + path)
    }
    let unified = version2.flatMap { mount in writable(own[""].map { $0 == "/" ? mount : mount + $0 }) }
    if let unified, let version2, version1["memory"] == nil {
      func second(_ group: String) -> ControlGroups {
        ControlGroups(memory: group, pids: group, cpu: group, unified: group, isVersion2: true)
      }
      if hands(out: "cgroup.controllers", of: unified), delegate(unified) { return second(unified) }
      // Whoever shares our group keeps it from having children with limits. One further up may have such already; a bound on our memory is
      // one on our jobs', which do not leave it.
      var group = unified
      while group != version2, !isBounded(group), let end = group.lastIndex(of: "/"), end > group.startIndex {
        group = String(group[..<end])
        if hands(out: "cgroup.subtree_control", of: group), writable(group) != nil,
          writable(group + "/cgroup.procs") != nil
        {
          return second(group)
        }
      }
    }
    return ControlGroups(
      memory: group("memory"), pids: group("pids"), cpu: group("cpuacct"), unified: unified, isVersion2: false
    )
  }

  private static func isBounded(_ group: String) -> Bool {
    let most = (try? String(contentsOfFile: group + "/memory.max", encoding: .utf8)) ?? "max"
    return !most.hasPrefix("max")
  }

  /// Whether memory and processes are among the controllers that a file of a group lists.
  private static func hands(out file: String, of group: String) -> Bool {
    let text = (try? String(contentsOfFile: "\(group)/\(file)", encoding: .utf8)) ?? ""
    return Set(text.split(whereSeparator: \.isWhitespace)).isSuperset(of: ["memory", "pids"])
  }

  /// In version 2 a group with processes cannot hand controllers to children: move ourselves into a leaf first.
  private static func delegate(_ group: String) -> Bool {
    if hands(out: "cgroup.subtree_control", of: group) { return true }
    let leaf = group + "/assay-supervisor"
    guard mkdir(leaf, 0o755) == 0 || errno == EEXIST else { return false }
    if write("\(getpid())", to: leaf + "/cgroup.procs") {
      let controllers = group + "/cgroup.subtree_control"
      if write("+memory +pids +cpu", to: controllers) || write("+memory +pids", to: controllers) {
        return true
      }
      // Others are in the group, who keep it from that: it is left as it was.
      _ = write("\(getpid())", to: group + "/cgroup.procs")
    }
    rmdir(leaf)
    return false
  }

  static func write(_ text: String, to path: String) -> Bool {
    let descriptor = open(path, O_WRONLY | O_CLOEXEC)
    guard descriptor >= 0 else { return false }
    defer { close(descriptor) }
    let bytes = Array(text.utf8)
    return Glibc.write(descriptor, bytes, bytes.count) == bytes.count
  }
}
