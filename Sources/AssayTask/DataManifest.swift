import Foundation

/// The files that a data preparation made, with their digests, so that later starts can tell whether they are
/// still the same.
struct DataManifest: Codable, Sendable, Equatable {
  static let fileName = "manifest.json"
  static let splits = ["train", "heldout", "sealed"]

  struct Entry: Codable, Sendable, Equatable {
    var path: String
    var bytes: Int
    var sha256: String
  }

  var version = 1
  var files: [Entry]

  var byteCount: Int { files.reduce(0) { $0 + $1.bytes } }

  /// Digests every file of the three splits. Refuses links and special files.
  static func take(of directory: String) throws(TaskError) -> DataManifest {
    var entries: [Entry] = []
    for split in splits {
      guard (try? FileManager.default.attributesOfItem(atPath: directory + "/" + split)) != nil else {
        continue
      }
      for path in try files(directory, split) {
        let digest = try FileDigest.sha256(directory + "/" + path)
        entries.append(Entry(path: path, bytes: digest.bytes, sha256: digest.hex))
      }
    }
    return DataManifest(files: entries)
  }

  private static func files(_ directory: String, _ folder: String) throws(TaskError) -> [String] {
    var result: [String] = []
    do {
      for name in try FileManager.default.contentsOfDirectory(atPath: directory + "/" + folder).sorted() {
        let path = folder + "/" + name
        switch try FileManager.default.attributesOfItem(atPath: directory + "/" + path)[.type]
          as? FileAttributeType
        {
        case .typeDirectory?: result += try files(directory, path)
        case .typeRegular?: result.append(path)
        default:
          throw TaskError(
            .dataChanged,
            "'\(path)' in '\(directory)' is neither a file nor a folder; remove '\(directory)' and start again"
          )
        }
      }
    } catch let error as TaskError {
      throw error
    } catch {
      throw TaskError(
        .unreadable, "cannot read '\(directory)/\(folder)'; check its permissions", cause: error)
    }
    return result
  }

  func write(to directory: String) throws {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .prettyPrinted]
    try encoder.encode(self).write(to: URL(fileURLWithPath: directory + "/" + Self.fileName))
  }

  /// Reads the manifest beside the data and compares every file with it.
  static func verify(_ directory: String) throws(TaskError) -> DataManifest {
    func changed(_ what: String) -> TaskError {
      TaskError(
        .dataChanged,
        "the prepared data changed: \(what); remove '\(directory)' and start again, they are made anew")
    }
    guard let bytes = FileManager.default.contents(atPath: directory + "/" + fileName),
      let manifest = try? JSONDecoder().decode(DataManifest.self, from: bytes), manifest.version == 1
    else { throw changed("its manifest cannot be read") }
    let now = try take(of: directory)
    if now == manifest { return manifest }
    let before = Dictionary(manifest.files.map { ($0.path, $0) }, uniquingKeysWith: { $1 })
    for entry in now.files where before[entry.path] != entry {
      throw changed(before[entry.path] == nil ? "'\(entry.path)' is new" : "'\(entry.path)' differs")
    }
    let present = Set(now.files.map(\.path))
    let lost = manifest.files.first { !present.contains($0.path) }
    throw changed("'\(lost?.path ?? "a file")' is missing")
  }
}
