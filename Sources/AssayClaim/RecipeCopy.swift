import Foundation
import Glibc

/// Copies a trial's folder before it runs: what is executed is what is kept, whatever happens to the folder meanwhile.
enum RecipeCopy {
  static let script = "run_trial.sh"
  static let maximumFiles = 4096
  static let maximumBytes = 64 << 20
  /// What trials leave behind, and tools.
  private static let skipped: Set<String> = ["full_eval_results", "__pycache__", ".git", ".venv", "ckpt"]

  static func make(of folder: URL, at target: URL) throws(ClaimError) {
    var total = 0
    var count = 0
    try copy(folder.path, target.path, &count, &total)
    guard FileManager.default.fileExists(atPath: target.appending(path: script).path) else {
      throw ClaimError(
        .usage, "\(folder.path) has no \(script); name a folder of the reference implementation's form.")
    }
  }

  private static func copy(_ source: String, _ target: String, _ count: inout Int, _ total: inout Int)
    throws(ClaimError)
  {
    guard let names = try? FileManager.default.contentsOfDirectory(atPath: source), mkdir(target, 0o700) == 0
    else { throw ClaimError(.usage, "cannot read the folder \(source) or write \(target).") }
    for name in names.sorted() where !skipped.contains(name) {
      let path = "\(source)/\(name)"
      let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK)
      var status = stat()
      guard descriptor >= 0, fstat(descriptor, &status) == 0 else {
        if descriptor >= 0 { close(descriptor) }
        throw ClaimError(
          .usage, "\(path) cannot be read as a file or folder; links are not followed: put the file there.")
      }
      defer { close(descriptor) }
      count += 1
      guard count <= maximumFiles else {
        throw ClaimError(
          .usage, "\(source) holds more than \(maximumFiles) files; give data by --mount instead.")
      }
      switch status.st_mode & S_IFMT {
      case S_IFDIR: try copy(path, "\(target)/\(name)", &count, &total)
      case S_IFREG:
        let room = maximumBytes - total
        guard status.st_size <= room,
          let content = try? FileHandle(fileDescriptor: descriptor, closeOnDealloc: false).read(
            upToCount: room + 1) ?? Data(), content.count <= room,
          (try? content.write(to: URL(filePath: "\(target)/\(name)"))) != nil
        else {
          throw ClaimError(
            .usage,
            "\(path) cannot be copied, or the folder holds more than \(maximumBytes >> 20) MiB; give data by --mount instead."
          )
        }
        total += content.count
      default: throw ClaimError(.usage, "\(path) is neither a file nor a folder.")
      }
    }
  }
}
