import AssayAgent
import Foundation
import Glibc

/// The folders of one program's session: its working copy, and the channel by which it is spoken to.
struct SessionFolders {
  /// What the program may change.
  let copy: URL
  /// What it may read: its input, and the socket of its tools.
  let channel: URL
  private let around: URL

  /// Makes both; what an earlier session left in the copy is removed.
  init(copy: URL) throws(AgentError) {
    self.copy = copy
    // Paths of sockets are short, those of state folders need not be.
    around = FileManager.default.temporaryDirectory.appending(
      path: "assay-\(String(UInt64.random(in: 0 ... .max), radix: 36))")
    channel = around.appending(path: "c")
    do {
      let files = FileManager.default
      if files.fileExists(atPath: copy.path) { try files.removeItem(at: copy) }
      try files.createDirectory(
        at: copy, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
      // Closed to others, and what is in it open to the program's user alone, who sees only the inner folder.
      try files.createDirectory(
        at: around, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
      try files.createDirectory(
        at: channel, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o755])
    } catch {
      throw AgentError(
        .badState, "no folders could be made for the program; make room in \(copy.path)", cause: error)
    }
  }

  func write(_ name: String, _ text: String) throws(AgentError) {
    let path = channel.appending(path: name).path
    do {
      try text.write(toFile: path, atomically: false, encoding: .utf8)
      chmod(path, 0o644)
    } catch {
      throw AgentError(.badState, "\(path) cannot be written; make room there", cause: error)
    }
  }

  /// Why the program thinks that its edit helps; nil where it left no word, or something that is no plain file.
  func hypothesis() -> String? {
    let path = copy.appending(path: CommandProposer.hypothesisFile).path
    let descriptor = open(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC)
    guard descriptor >= 0 else { return nil }
    defer { close(descriptor) }
    var status = stat()
    guard fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG else { return nil }
    var bytes = [UInt8](repeating: 0, count: 4000)
    let count = read(descriptor, &bytes, bytes.count)
    guard count > 0 else { return nil }
    let text = String(decoding: bytes.prefix(count), as: UTF8.self).trimmingCharacters(
      in: .whitespacesAndNewlines)
    return text.isEmpty ? nil : String(text.prefix(1200))
  }

  func remove() {
    try? FileManager.default.removeItem(at: around)
  }
}
