import Foundation
import Glibc

/// Folders that are on the disk, names and contents, when a call returns: after a power cut a name may else lead to empty files.
package enum DurableFolder {
  /// Makes everything in a folder durable, but not yet its own name. Links are names, and followed nowhere.
  ///
  /// - Parameter fsync: as `fsync(2)`.
  /// - Throws: `TaskError` `unwritable` when the disk does not take something.
  package static func sync(_ path: String, _ fsync: (Int32) -> Int32 = Glibc.fsync) throws {
    var status = stat()
    guard lstat(path, &status) == 0 else { throw failure(path) }
    let kind = status.st_mode & S_IFMT
    guard kind == S_IFDIR || kind == S_IFREG else { return }
    if kind == S_IFDIR {
      for name in try FileManager.default.contentsOfDirectory(atPath: path) {
        try sync(path + "/" + name, fsync)
      }
    }
    try syncOne(path, flags: O_NOFOLLOW, fsync)
  }

  /// Gives a folder its name once all in it is durable.
  ///
  /// - Parameter replaces: whether what has the name goes; else it must be free, or an empty folder's.
  package static func publish(_ draft: String, as place: String, replaces: Bool = false) throws {
    try sync(draft)
    if replaces, FileManager.default.fileExists(atPath: place) {
      try FileManager.default.removeItem(atPath: place)
    }
    guard rename(draft, place) == 0 else { throw failure(place) }
    // A link to the folder that it is in is followed.
    try syncOne(URL(filePath: place).deletingLastPathComponent().path, flags: O_DIRECTORY, Glibc.fsync)
  }

  private static func syncOne(_ path: String, flags: Int32, _ fsync: (Int32) -> Int32) throws {
    let descriptor = open(path, O_RDONLY | O_CLOEXEC | flags)
    guard descriptor >= 0 else { throw failure(path) }
    defer { close(descriptor) }
    guard fsync(descriptor) == 0 else { throw failure(path) }
  }

  private static func failure(_ path: String) -> TaskError {
    TaskError(
      .unwritable,
      "cannot write '\(path)': \(String(cString: strerror(errno))); check its permissions and free space")
  }
}
