import Foundation

/// Places that exports write to: new ones only, so that nothing is overwritten.
enum ExportPlace {
  /// Makes a folder, or takes an empty one.
  static func folder(_ url: URL) throws {
    let files = FileManager.default
    if files.fileExists(atPath: url.path),
      !((try? files.contentsOfDirectory(atPath: url.path)) ?? ["?"]).isEmpty
    {
      throw ExportError(.placeTaken, "\(url.path) exists and is not empty; name a new folder.")
    }
    do {
      try files.createDirectory(at: url, withIntermediateDirectories: true)
    } catch {
      throw ExportError(.inputOutput, "cannot make \(url.path): \(error.localizedDescription)")
    }
  }

  static func file(_ url: URL) throws {
    guard !FileManager.default.fileExists(atPath: url.path) else {
      throw ExportError(.placeTaken, "\(url.path) exists; name a new file.")
    }
    try? FileManager.default.createDirectory(
      at: url.deletingLastPathComponent(), withIntermediateDirectories: true)
  }
}
