import Foundation

/// Access modes over whole folders. Links are left alone.
enum Permissions {
  static func set(_ path: String, folders: mode_t, files: mode_t) throws {
    try visit(path) { _, isFolder in isFolder ? folders : files }
  }

  static func set(one path: String, _ mode: mode_t) throws {
    guard chmod(path, mode) == 0 else { throw failure(path) }
  }

  /// Lets everybody read what the owner can, whatever the umask was.
  static func readable(_ path: String) throws {
    try visit(path) { mode, isFolder in mode | 0o444 | (isFolder || mode & 0o100 != 0 ? 0o111 : 0) }
  }

  private static func visit(_ path: String, _ mode: (mode_t, Bool) -> mode_t) throws {
    var status = stat()
    guard lstat(path, &status) == 0 else { throw failure(path) }
    let kind = status.st_mode & S_IFMT
    guard kind == S_IFDIR || kind == S_IFREG else { return }
    let isFolder = kind == S_IFDIR
    let wanted = mode(status.st_mode & 0o777, isFolder)
    if status.st_mode & 0o7777 != wanted { try set(one: path, wanted) }
    guard isFolder else { return }
    for name in try FileManager.default.contentsOfDirectory(atPath: path) {
      try visit(path + "/" + name, mode)
    }
  }

  private static func failure(_ path: String) -> TaskError {
    TaskError(
      .unwritable,
      "cannot set the access mode of '\(path)': \(String(cString: strerror(errno))); check its owner")
  }
}
