import Foundation
import Glibc

/// Files piece by piece.
enum FileReading {
  /// Calls `body` with one piece after the other, in order; stops when the task is cancelled.
  ///
  /// - Throws: `ImportError` for what is no plain file: reading a pipe or a device may never end.
  static func chunks(of url: URL, _ body: ([UInt8]) throws -> Void) throws {
    guard isPlainFile(url) else {
      throw ImportError(.malformed, "\(url.path) is no plain file; nothing was imported.")
    }
    let handle: FileHandle
    do {
      handle = try FileHandle(forReadingFrom: url)
    } catch {
      throw ImportError(.inputOutput, "cannot read \(url.path): \(error.localizedDescription)")
    }
    defer { try? handle.close() }
    while let data = try handle.read(upToCount: 1 << 18), !data.isEmpty {
      try Task.checkCancellation()
      try body([UInt8](data))
    }
  }

  /// Whether it is a file with contents of its own, or a link to one.
  static func isPlainFile(_ url: URL) -> Bool {
    var status = stat()
    return stat(url.path, &status) == 0 && status.st_mode & S_IFMT == S_IFREG
  }

  /// The contents; nil where it is no plain file, cannot be read, or is larger than `limit`.
  static func contents(of url: URL, limit: Int) -> Data? {
    guard isPlainFile(url), let handle = try? FileHandle(forReadingFrom: url) else { return nil }
    defer { try? handle.close() }
    guard let data = try? handle.read(upToCount: limit + 1) ?? Data(), data.count <= limit else { return nil }
    return data
  }

  static func size(of url: URL) -> Int {
    (try? FileManager.default.attributesOfItem(atPath: url.path)[.size] as? Int) ?? 0
  }
}
