import Glibc
import Synchronization

/// Sole ownership of a file among processes; the kernel drops it when the process dies.
final class FileLock: Sendable {
  private let descriptor: Mutex<Int32>

  init(path: String, owned: String) throws(StoreError) {
    let descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
    guard descriptor >= 0 else {
      let reason = errno
      throw StoreError(
        reason == ENOSPC ? .diskFull : .inputOutput,
        "cannot open \(path): \(String(cString: strerror(reason)))")
    }
    guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
      var text = [UInt8](repeating: 0, count: 32)
      let count = max(0, read(descriptor, &text, text.count))
      close(descriptor)
      let owner = String(decoding: text.prefix(count), as: UTF8.self).split(separator: "\n").first ?? "?"
      throw StoreError(
        .inUse, "\(owned) is in use by process \(owner). Stop that process, or use another state folder.")
    }
    _ = ftruncate(descriptor, 0)
    let line = Array("\(getpid())\n".utf8)
    _ = pwrite(descriptor, line, line.count, 0)
    self.descriptor = Mutex(descriptor)
  }

  deinit { release() }

  /// Gives the file up; again is harmless.
  func release() {
    let held = descriptor.withLock { held in
      defer { held = -1 }
      return held
    }
    if held >= 0 { close(held) }
  }
}
