import Foundation
import Testing

@testable import AssaySandbox

/// Version 2, as folders of plain files show it.
@Suite struct ControlGroupsTests {
  private let root = FileManager.default.temporaryDirectory.appending(
    path: "assay-groups-\(UUID().uuidString)")

  /// - Parameter files: of a group, by their paths below the mount.
  private func found(_ files: [String: String]) throws -> ControlGroups {
    for (path, text) in files {
      let file = root.appending(path: path)
      try FileManager.default.createDirectory(
        at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
      try Data(text.utf8).write(to: file)
    }
    return ControlGroups.discover(
      membership: "0::/jobs/ours\n", mounts: "cgroup2 \(root.path) cgroup2 rw 0 0\n")
  }

  @Test("its own group, where it can have children with limits")
  func own() throws {
    defer { try? FileManager.default.removeItem(at: root) }
    let groups = try found([
      "jobs/ours/cgroup.controllers": "cpu memory pids\n",
      "jobs/ours/cgroup.subtree_control": "memory pids\n",
    ])
    #expect(groups.isVersion2)
    #expect(groups.memory == root.path + "/jobs/ours" && groups.pids == groups.memory)
  }

  @Test("where others share its group, the next one above that has such children already")
  func above() throws {
    defer { try? FileManager.default.removeItem(at: root) }
    // No process can be moved to a leaf here: the group has no list of controllers to write to.
    let groups = try found([
      "jobs/ours/cgroup.controllers": "memory pids\n", "jobs/cgroup.subtree_control": "cpu\n",
      "jobs/cgroup.procs": "", "cgroup.subtree_control": "cpu memory pids\n", "cgroup.procs": "",
    ])
    #expect(groups.isVersion2)
    #expect(groups.memory == root.path)
    #expect(
      !FileManager.default.fileExists(atPath: root.path + "/jobs/ours/assay-supervisor"),
      "its own group is left as it was")
  }

  @Test("none, where a group that it would leave bounds its memory")
  func bounded() throws {
    defer { try? FileManager.default.removeItem(at: root) }
    let groups = try found([
      "jobs/ours/cgroup.controllers": "memory pids\n", "jobs/ours/memory.max": "1073741824\n",
      "cgroup.subtree_control": "cpu memory pids\n", "cgroup.procs": "",
    ])
    #expect(groups.memory == nil)
  }

  @Test("none, where no group above hands out what limits need, or takes processes")
  func none() throws {
    defer { try? FileManager.default.removeItem(at: root) }
    let groups = try found([
      "jobs/ours/cgroup.controllers": "memory pids\n", "jobs/cgroup.subtree_control": "memory pids\n",
      "cgroup.subtree_control": "memory\n", "cgroup.procs": "",
    ])
    #expect(groups.memory == nil && groups.pids == nil && !groups.isVersion2)
  }
}
