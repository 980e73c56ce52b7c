import AssayMessages
import AssaySandbox
import Foundation

/// The files of one job on this host: inputs before it runs, outputs after.
struct JobFolder: Sendable {
  static let roots: Set<String> = ["recipe", "harness", "artifact", "inputs", "reveal"]
  /// What is revealed piece by piece: no sandbox mounts it, no other user reads it.
  static let stream = "/reveal/stream"

  let root: URL

  init(in state: URL) throws(RunnerError) {
    root = state.appending(path: "jobs/\(UUID().uuidString)")
    do {
      try FileManager.default.createDirectory(at: root, withIntermediateDirectories: true)
      try FileManager.default.createDirectory(
        at: root.appending(path: "outputs"), withIntermediateDirectories: true,
        attributes: [.posixPermissions: 0o700])
    } catch {
      throw RunnerError(.transfer, "cannot make a job folder: \(error.localizedDescription)")
    }
  }

  /// Where an input goes: below one of the known roots, by plain path components only.
  func place(of path: String) throws(RunnerError) -> URL {
    let parts = path.split(separator: "/", omittingEmptySubsequences: false).map(String.init)
    guard parts.count >= 3, parts[0].isEmpty, Self.roots.contains(parts[1]),
      parts.dropFirst().allSatisfy({ !$0.isEmpty && $0 != "." && $0 != ".." && !$0.utf8.contains(0) }),
      parts.count <= 16
    else {
      throw RunnerError(
        .badJob,
        "the job places a file at '\(path)', which is below none of \(Self.roots.sorted().joined(separator: ", "))"
      )
    }
    return root.appending(path: parts.dropFirst().joined(separator: "/"))
  }

  /// Makes an input, empty, to be written by whoever has its bytes.
  func create(_ file: URL) throws(RunnerError) -> FileHandle {
    let isHidden = file.path == stream
    do {
      try FileManager.default.createDirectory(
        at: file.deletingLastPathComponent(), withIntermediateDirectories: true,
        attributes: [.posixPermissions: isHidden ? 0o700 : 0o755])
      try Data().write(to: file)
      try FileManager.default.setAttributes(
        [.posixPermissions: isHidden ? 0o600 : 0o644], ofItemAtPath: file.path)
      return try FileHandle(forWritingTo: file)
    } catch {
      throw RunnerError(.transfer, "cannot write an input: \(error.localizedDescription)")
    }
  }

  /// A file of ours that the job may read.
  ///
  /// - Returns: its path.
  func note(_ name: String, _ text: String) throws(RunnerError) -> String {
    let notes = root.appending(path: "notes")
    let file = notes.appending(path: name)
    do {
      try FileManager.default.createDirectory(at: notes, withIntermediateDirectories: true)
      try Data(text.utf8).write(to: file)
      try FileManager.default.setAttributes([.posixPermissions: 0o644], ofItemAtPath: file.path)
    } catch {
      throw RunnerError(.transfer, "cannot write an input: \(error.localizedDescription)")
    }
    return file.path
  }

  var stream: String { root.path + Self.stream }

  /// One read-only mount for each root that has files.
  var mounts: [SandboxCommand.Mount] {
    Self.roots.subtracting(["reveal"]).sorted().compactMap { name in
      let folder = root.appending(path: name).path
      return FileManager.default.fileExists(atPath: folder)
        ? SandboxCommand.Mount(folder, at: "/" + name) : nil
    }
  }

  func output(_ index: Int) -> URL { root.appending(path: "outputs/\(index)") }

  func remove() { try? FileManager.default.removeItem(at: root) }
}
