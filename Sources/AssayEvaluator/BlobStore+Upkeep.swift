import Foundation
import Glibc

/// Copies of the store, and what may go from it.
extension BlobStore {
  struct Swept: Sendable, Hashable {
    var kept: UInt64 = 0
    var keptBytes: UInt64 = 0
    var removed: UInt64 = 0
    var removedBytes: UInt64 = 0
  }

  /// Puts every blob in a folder too: as another name of the same file where that can be, since blobs never change.
  func copyAll(to target: String) async throws {
    let folder = folder
    try FileManager.default.createDirectory(
      atPath: target, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
    for name in try FileManager.default.contentsOfDirectory(atPath: folder) where Self.isDigest(name) {
      if link("\(folder)/\(name)", "\(target)/\(name)") == 0 { continue }
      try FileManager.default.copyItem(atPath: "\(folder)/\(name)", toPath: "\(target)/\(name)")
    }
  }

  /// Removes what is not named, and is old enough that nobody is about to name it.
  ///
  /// What this process put is as old as the time that passed. What an earlier one left without a name is nobody's to name any more; the
  /// machine's clock, which may have been set, says its age.
  ///
  /// - Parameter age: in milliseconds since a blob was last put.
  func sweep(keeping named: Set<String>, youngerThan age: Int64, dryRun: Bool) async throws -> Swept {
    let folder = folder
    let named = named.union(young(age))
    return try await disk.run {
      var swept = Swept()
      var now = timespec()
      clock_gettime(CLOCK_REALTIME, &now)
      for name in try FileManager.default.contentsOfDirectory(atPath: folder) where Self.isDigest(name) {
        var status = stat()
        guard lstat("\(folder)/\(name)", &status) == 0 else { continue }
        let size = UInt64(max(0, status.st_size))
        let old =
          Int64(now.tv_sec - status.st_mtim.tv_sec) * 1000
          + Int64(now.tv_nsec - status.st_mtim.tv_nsec) / 1_000_000
        guard !named.contains(name), old >= age else {
          swept.kept += 1
          swept.keptBytes += size
          continue
        }
        if !dryRun, unlink("\(folder)/\(name)") != 0 { continue }
        swept.removed += 1
        swept.removedBytes += size
      }
      return swept
    }
  }
}
