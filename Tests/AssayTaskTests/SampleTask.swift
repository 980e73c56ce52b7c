import Foundation

@testable import AssayTask

/// A copy of the template in a temporary folder, to be spoilt.
struct SampleTask {
  let folder: TemporaryFolder
  let path: String

  init() throws {
    folder = try TemporaryFolder()
    path = try TaskTemplate.write(name: "sample", to: folder.path)
  }

  func write(_ file: String, _ text: String) throws {
    let url = URL(fileURLWithPath: path + "/" + file)
    try FileManager.default.createDirectory(
      at: url.deletingLastPathComponent(), withIntermediateDirectories: true)
    try Data(text.utf8).write(to: url)
  }

  func read(_ file: String) throws -> String {
    try String(contentsOf: URL(fileURLWithPath: path + "/" + file), encoding: .utf8)
  }

  /// Replaces a text that must be there.
  func replace(_ old: String, _ new: String, in file: String = "task.yaml") throws {
    let text = try read(file)
    guard text.contains(old) else { throw Missing(text: old) }
    try write(file, text.replacingOccurrences(of: old, with: new))
  }

  func remove(_ file: String) throws { try FileManager.default.removeItem(atPath: path + "/" + file) }

  func check() throws -> [TaskDiagnostic] { try TaskDiagnostics.check(path) }

  struct Missing: Error { var text: String }
}
