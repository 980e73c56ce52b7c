import Foundation
import Glibc
import Synchronization

/// The runner's scratch folder, and whether the disk below it does what it is asked.
final class Scratch: Sendable {
  private let folder: URL
  private let state = Mutex<String?>(nil)

  init(_ folder: URL) { self.folder = folder }

  /// Why the folder cannot be used; nil when it could, the last time that this was asked.
  var trouble: String? { state.withLock { $0 } }

  /// Writes a file, makes it durable, reads it back and removes it.
  func check() throws(RunnerError) {
    do throws(RunnerError) {
      try tryOut()
      state.withLock { $0 = nil }
    } catch {
      state.withLock { $0 = error.message }
      throw error
    }
  }

  private func tryOut() throws(RunnerError) {
    let path = folder.appending(path: "check-\(UUID().uuidString)").path
    let written = [UInt8](repeating: 0xA5, count: 4096)
    var found = [UInt8](repeating: 0, count: written.count)
    try? FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    let file = open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
    guard file >= 0 else { throw Self.failure(folder) }
    defer {
      close(file)
      unlink(path)
    }
    guard pwrite(file, written, written.count, 0) == written.count, fsync(file) == 0,
      pread(file, &found, found.count, 0) == found.count
    else { throw Self.failure(folder) }
    guard found == written else {
      throw RunnerError(
        .transfer, "\(folder.path) gave other bytes than were written; check the disk of this host")
    }
  }

  private static func failure(_ folder: URL) -> RunnerError {
    RunnerError(
      .transfer,
      "\(folder.path) cannot be used: \(String(cString: strerror(errno))); check the disk of this host")
  }
}
