import Foundation

/// What was fetched, beside it: a later start can tell whether the files are still those.
struct UpstreamLock: Codable {
  static let fileName = "upstream.lock"

  /// Digest of what the task asked for: address, commit, files and where their sections begin.
  var upstream: String
  /// SHA-256 of every file as it lies here, by path.
  var files: [String: String]

  static func identity(_ upstream: TaskFile.Upstream) -> String {
    var text = "1\n\(upstream.url)\n\(upstream.commit)\n"
    for file in upstream.files {
      text += "\(file.path)\t\(file.sha256 ?? "")\n"
      for section in file.sections { text += "\t\(section.name)\t\(section.anchor)\n" }
    }
    return FileDigest.sha256(Array(text.utf8))
  }

  static func read(_ folder: String) -> UpstreamLock? {
    FileManager.default.contents(atPath: "\(folder)/\(fileName)").flatMap {
      try? JSONDecoder().decode(UpstreamLock.self, from: $0)
    }
  }

  func write(to folder: String) throws {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .prettyPrinted]
    try encoder.encode(self).write(to: URL(fileURLWithPath: "\(folder)/\(Self.fileName)"))
  }
}
