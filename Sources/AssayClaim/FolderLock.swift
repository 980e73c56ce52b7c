import Foundation
import Glibc

/// Held by whoever writes a folder, until it is gone.
final class FolderLock: Sendable {
  private let descriptor: Int32

  /// Nil when another process holds it.
  init?(_ file: URL) {
    descriptor = open(file.path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0o600)
    guard descriptor >= 0, flock(descriptor, LOCK_EX | LOCK_NB) == 0 else { return nil }
  }

  deinit { if descriptor >= 0 { close(descriptor) } }
}
