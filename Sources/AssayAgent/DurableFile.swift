import Foundation
import Glibc

/// Files that are whole, and on the disk, when a call returns.
public enum DurableFile {
  /// Replaces a file, mode 0600: after a crash it has the old or the new content.
  public static func replace(_ path: String, with bytes: [UInt8]) throws {
    let next = path + ".next"
    let descriptor = open(next, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0o600)
    guard descriptor >= 0 else { throw failure(next) }
    do {
      defer { close(descriptor) }
      try write(bytes, to: descriptor, next)
      guard fsync(descriptor) == 0 else { throw failure(next) }
    }
    guard rename(next, path) == 0 else { throw failure(path) }
    try sync(folderOf: path)
  }

  /// Adds to the end of a file.
  public static func append(_ bytes: [UInt8], to path: String) throws {
    let descriptor = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC | O_NOFOLLOW, 0o600)
    guard descriptor >= 0 else { throw failure(path) }
    defer { close(descriptor) }
    try write(bytes, to: descriptor, path)
    guard fdatasync(descriptor) == 0 else { throw failure(path) }
  }

  /// Makes the names in a file's folder durable.
  public static func sync(folderOf path: String) throws {
    let folder = open(
      URL(filePath: path).deletingLastPathComponent().path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    guard folder >= 0 else { throw failure(path) }
    defer { close(folder) }
    guard fsync(folder) == 0 else { throw failure(path) }
  }

  private static func write(_ bytes: [UInt8], to descriptor: Int32, _ path: String) throws {
    var written = 0
    while written < bytes.count {
      let count = bytes[written...].withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
      if count < 0, errno == EINTR { continue }
      guard count > 0 else { throw failure(path) }
      written += count
    }
  }

  private static func failure(_ path: String) -> AgentError {
    AgentError(.badState, "cannot write \(path): \(String(cString: strerror(errno)))")
  }
}
