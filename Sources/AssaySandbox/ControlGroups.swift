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
  static func discover() -> ControlGroups {
    let membership = (try? String(contentsOfFile: "/proc/self/cgroup", encoding: .utf8)) ?? ""
    let mounts = (try? String(contentsOfFile: "/proc/self/mounts", encoding: .utf8)) ?? ""
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
    if let unified, version1["memory"] == nil {
      let controllers = Set(
        ((try? String(contentsOfFile: unified + "/cgroup.controllers", encoding: .utf8)) ?? "").split(
          whereSeparator: \.isWhitespace
        ).map(String.init))
      if controllers.isSuperset(of: ["memory", "pids"]), delegate(unified) {
        return ControlGroups(memory: unified, pids: unified, cpu: unified, unified: unified, isVersion2: true)
      }
    }
    return ControlGroups(
      memory: group("memory"), pids: group("pids"), cpu: group("cpuacct"), unified: unified, isVersion2: false
    )
  }

  /// In version 2 a group with processes cannot hand controllers to children: move ourselves into a leaf first.
  private static func delegate(_ group: String) -> Bool {
    if ((try? String(contentsOfFile: group + "/cgroup.subtree_control", encoding: .utf8)) ?? "").contains(
      "memory")
    {
      return true
    }
    let leaf = group + "/assay-supervisor"
    guard mkdir(leaf, 0o755) == 0 || errno == EEXIST else { return false }
    guard write("\(getpid())", to: leaf + "/cgroup.procs") else { return false }
    return write("+memory +pids +cpu", to: group + "/cgroup.subtree_control")
      || write("+memory +pids", to: group + "/cgroup.subtree_control")
  }

  static func write(_ text: String, to path: String) -> Bool {
    let descriptor = open(path, O_WRONLY | O_CLOEXEC)
    guard descriptor >= 0 else { return false }
    defer { close(descriptor) }
    let bytes = Array(text.utf8)
    return Glibc.write(descriptor, bytes, bytes.count) == bytes.count
  }
}
