import Foundation
import Glibc

/// Sole ownership of a state folder, held by a file lock that the kernel drops when the process dies.
public final class StateLock: Sendable {
  private let descriptor: Int32

  private static let readerMark = "reading"

  /// - Parameter isReader: held for a moment, to read the record of a run that is stopped.
  init(path: String, folder: String, isReader: Bool) throws {
    let descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
    guard descriptor >= 0 else {
      throw SupervisorError(.unavailable, "cannot open \(path): \(String(cString: strerror(errno)))")
    }
    guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
      var text = [UInt8](repeating: 0, count: 32)
      let count = max(0, read(descriptor, &text, text.count))
      let owner =
        String(decoding: text.prefix(count), as: UTF8.self).split(separator: "\n").first.map {
          " (process \($0))"
        } ?? ""
      close(descriptor)
      throw SupervisorError(
        .stateConflict,
        "another assay is running on \(folder)\(owner). Follow it with `assay status --state \(folder)`, stop it, or use another --state."
      )
    }
    _ = ftruncate(descriptor, 0)
    let line = Array("\(getpid())\n\(isReader ? Self.readerMark + "\n" : "")".utf8)
    _ = pwrite(descriptor, line, line.count, 0)
    self.descriptor = descriptor
  }

  deinit { close(descriptor) }

  /// Whether whoever holds the lock only reads, so that waiting helps.
  static func isHeldByReader(_ path: String) -> Bool {
    let text = (try? String(contentsOfFile: path, encoding: .utf8)) ?? ""
    return text.split(separator: "\n").dropFirst().first.map(String.init) == readerMark
  }
}
