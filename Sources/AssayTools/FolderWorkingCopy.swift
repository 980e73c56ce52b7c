public import AssayPatch
import Foundation
import Glibc

/// A working copy in a folder that another program edits too.
///
/// That program is not trusted: links, devices and whatever is too large are refused by name, and nothing outside the
/// folder is ever opened. Only the recipe's files count; others are the program's own business.
public struct FolderWorkingCopy: WorkingCopy {
  private let folder: String
  private let paths: [String]

  /// - Parameter paths: the files that make the recipe.
  public init(folder: String, paths: [String]) {
    self.folder = folder
    self.paths = paths
  }

  public func read() async throws(ToolError) -> RecipeTree {
    var files: [String: [UInt8]] = [:]
    for path in paths {
      if let bytes = try contents(of: path) { files[path] = bytes }
    }
    do {
      return try RecipeTree(files)
    } catch {
      throw ToolError("the working copy is no recipe: \(error.message)")
    }
  }

  public func write(_ recipe: RecipeTree) async throws(ToolError) {
    for path in paths {
      if let bytes = recipe[path] {
        guard (try? contents(of: path)) != bytes else { continue }
        try replace(path, bytes)
      } else if faccessat(AT_FDCWD, folder + "/" + path, F_OK, AT_SYMLINK_NOFOLLOW) == 0 {
        let (parent, name) = try open(parentOf: path, create: false)
        defer { close(parent) }
        _ = unlinkat(parent, name, 0)
      }
    }
  }

  /// The bytes of a plain file; nil where there is none.
  private func contents(of path: String) throws(ToolError) -> [UInt8]? {
    let parent: Int32
    let name: String
    do throws(ToolError) {
      (parent, name) = try open(parentOf: path, create: false)
    } catch {
      if faccessat(AT_FDCWD, folder + "/" + path, F_OK, AT_SYMLINK_NOFOLLOW) != 0 { return nil }
      throw error
    }
    defer { close(parent) }
    let descriptor = openat(parent, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC)
    guard descriptor >= 0 else {
      if errno == ENOENT { return nil }
      throw ToolError(
        "'\(path)' in the working copy is a link or cannot be read; put a plain file in its place")
    }
    defer { close(descriptor) }
    var status = stat()
    guard fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG, status.st_nlink == 1 else {
      throw ToolError("'\(path)' in the working copy is no plain file of its own; put one in its place")
    }
    guard status.st_size <= RecipeTree.maximumBytes else {
      throw ToolError(
        "'\(path)' has \(status.st_size) bytes, a recipe at most \(RecipeTree.maximumBytes); make it smaller")
    }
    var bytes: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: 1 << 16)
    while bytes.count <= RecipeTree.maximumBytes {
      let count = Glibc.read(descriptor, &buffer, buffer.count)
      if count < 0, errno == EINTR { continue }
      guard count > 0 else { break }
      bytes += buffer.prefix(count)
    }
    return bytes
  }

  private func replace(_ path: String, _ bytes: [UInt8]) throws(ToolError) {
    let (parent, name) = try open(parentOf: path, create: true)
    defer { close(parent) }
    // A new file beside it, then a rename: nobody reads half of one, and a link is replaced instead of followed.
    let next = ".assay-\(UInt64.random(in: 0 ... .max))"
    let descriptor = openat(parent, next, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0o666)
    guard descriptor >= 0 else { throw ToolError("'\(path)' cannot be written in the working copy") }
    var written = 0
    while written < bytes.count {
      let count = bytes[written...].withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
      if count < 0, errno == EINTR { continue }
      guard count > 0 else { break }
      written += count
    }
    _ = fchmod(descriptor, 0o666)
    var status = stat()
    // The file belongs to whom the folder belongs.
    if fstat(parent, &status) == 0 { _ = fchown(descriptor, status.st_uid, status.st_gid) }
    close(descriptor)
    guard written == bytes.count, renameat(parent, next, parent, name) == 0 else {
      _ = unlinkat(parent, next, 0)
      throw ToolError(
        "'\(path)' cannot be written in the working copy; it may be a folder, or the disk is full")
    }
  }

  /// The folder of a file, reached without following a link.
  private func open(parentOf path: String, create: Bool) throws(ToolError) -> (Int32, String) {
    do {
      try RecipePath.validate(path)
    } catch {
      throw ToolError(error.message)
    }
    var parts = path.split(separator: "/").map(String.init)
    let name = parts.removeLast()
    var current = Glibc.open(folder, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)
    for part in parts where current >= 0 {
      if create { _ = mkdirat(current, part, 0o777) }
      let next = openat(current, part, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)
      close(current)
      current = next
    }
    guard current >= 0 else {
      throw ToolError("the folder of '\(path)' in the working copy is missing or a link; make a plain one")
    }
    return (current, name)
  }
}
