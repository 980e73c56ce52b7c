import Crypto
import Foundation

/// The files of an autoresearch blackboard, found and named, not yet read.
struct BlackboardFolder {
  let root: URL
  var results: URL { root.appending(path: "results.tsv") }
  var tree: URL { root.appending(path: "tree.tsv") }

  /// Files beside the results that are kept verbatim.
  static let kept = [
    "best.json", "KNOWLEDGE.md", "LEADERBOARD.md", "calibration.log", "stop.flag", "swarm_config.json",
    "events.jsonl", "supervisor_audit.jsonl",
  ]
  static let largestKept = 8 << 20

  /// - Parameter folder: the blackboard, or a state folder with one in it.
  init(_ folder: URL) throws(ImportError) {
    let files = FileManager.default
    let inside = folder.appending(path: "blackboard")
    root = files.fileExists(atPath: inside.appending(path: "results.tsv").path) ? inside : folder
    var isFolder = ObjCBool(false)
    guard files.fileExists(atPath: folder.path, isDirectory: &isFolder), isFolder.boolValue else {
      throw ImportError(.notFound, "\(folder.path) is not a folder; name the one that holds results.tsv.")
    }
    guard files.fileExists(atPath: results.path) else {
      throw ImportError(
        .notFound,
        "\(folder.path) holds no results.tsv, and no blackboard/results.tsv; name the folder that does.")
    }
  }

  /// SHA-256 over names, lengths and contents of everything that an import reads, except snapshots.
  func digest() throws -> String {
    var hash = SHA256()
    for name in ["results.tsv", "tree.tsv"] + Self.kept {
      let url = root.appending(path: name)
      guard FileManager.default.fileExists(atPath: url.path) else { continue }
      var length = 0
      hash.update(data: Data("\(name)\n".utf8))
      try FileReading.chunks(of: url) { chunk in
        length += chunk.count
        hash.update(data: chunk)
      }
      hash.update(data: Data("\n\(length)\n".utf8))
    }
    return hash.finalize().map { byte in
      let text = String(byte, radix: 16)
      return byte < 16 ? "0" + text : text
    }.joined()
  }

  /// The lessons that KNOWLEDGE.md keeps, verbatim; empty where there are none.
  func insights() -> String {
    let url = root.appending(path: "KNOWLEDGE.md")
    guard let content = FileReading.contents(of: url, limit: Self.largestKept) else { return "" }
    return KeyInsights.text(in: RecordedText(content).text)
  }
}
