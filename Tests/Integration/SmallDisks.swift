import Foundation
import Glibc
import Synchronization
import Testing

/// File systems of a few megabytes, to be filled.
final class SmallDisks: Sendable {
  private let mounted = Mutex<[String]>([])

  init() throws {}

  func mount(_ folders: String...) async throws {
    for folder in folders {
      try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
      let ended = try await Program.run("/usr/bin/mount", ["-t", "tmpfs", "-o", "size=24m", "none", folder])
      try #require(ended.status == 0, "\(ended.errors)")
      mounted.withLock { $0.append(folder) }
    }
  }

  /// Takes all that is left.
  func fill(_ folder: String) throws {
    let file = open(folder + "/filler", O_WRONLY | O_CREAT | O_TRUNC, 0o600)
    try #require(file >= 0)
    defer { close(file) }
    for size in [1 << 20, 4096] {
      let zeros = [UInt8](repeating: 0, count: size)
      while write(file, zeros, size) == size {}
    }
  }

  func free(_ folder: String) throws { try FileManager.default.removeItem(atPath: folder + "/filler") }

  func remove() {
    for folder in mounted.withLock({ $0 }) { umount2(folder, Int32(MNT_DETACH)) }
  }
}
