import Foundation
import Testing

/// A bundled task with something changed, in a folder of its own.
enum TaskCopy {
  struct Change {
    var path: String
    var old: String
    var new: String

    init(_ path: String, _ old: String, _ new: String) {
      self.path = path
      self.old = old
      self.new = new
    }
  }

  /// A keep has to gain five times what seeds differ by: then no verdict on work that changes nothing is luck.
  static let steady = Change("task.yaml", #"smallest_effect: "0.0005""#, #"smallest_effect: "0.05""#)

  /// One baseline seed and no confirmation: for tests that only ask what becomes of one trial.
  static let quick = Change(
    "task.yaml", "seeds: {per_trial: 1, baseline: 3, confirm: 3, final: 3}",
    "seeds: {per_trial: 1, baseline: 1, confirm: 0, final: 1}")

  /// - Returns: the path of a copy of tiny-regression.
  static func make(_ changes: [Change]) throws -> String {
    let folder = FileManager.default.temporaryDirectory.appending(path: "assay-task-\(UUID().uuidString)")
    try FileManager.default.copyItem(
      at: Program.repository.appending(path: "tasks/tiny-regression"), to: folder)
    for change in changes {
      let file = folder.appending(path: change.path)
      let text = try String(contentsOf: file, encoding: .utf8)
      try #require(text.contains(change.old), "\(change.path) has no '\(change.old)'")
      try text.replacing(change.old, with: change.new).write(to: file, atomically: true, encoding: .utf8)
    }
    return folder.path
  }
}
