import AssayPatch
import Crypto
import Foundation

/// The files of a task folder as they are on disk. Links and special files are mistakes; caches of Python and
/// hidden files are passed over.
struct TaskFolder {
  static let maximumFiles = 2000
  static let maximumBytes = 256 << 20

  /// The absolute path, with links resolved.
  let directory: String
  /// Every regular file's size, by path relative to the folder.
  private(set) var sizes: [String: Int] = [:]
  private(set) var folders: Set<String> = []
  private(set) var diagnostics: [TaskDiagnostic] = []

  init(_ directory: String) throws(TaskError) {
    var isFolder: ObjCBool = false
    let path = URL(fileURLWithPath: directory).standardizedFileURL.resolvingSymlinksInPath().path
    guard FileManager.default.fileExists(atPath: path, isDirectory: &isFolder), isFolder.boolValue else {
      throw TaskError(
        .unreadable, "there is no task folder at '\(directory)'; 'assay task new NAME' makes one")
    }
    self.directory = path
    try walk("")
    if sizes.values.reduce(0, +) > Self.maximumBytes {
      diagnostics.append(
        TaskDiagnostic(
          file: ".", message: "the folder holds more than \(Self.maximumBytes >> 20) MiB",
          remedy: "make large data in data/prepare.py instead of keeping it in the folder"))
    }
  }

  private mutating func walk(_ folder: String) throws(TaskError) {
    let names: [String]
    do {
      names = try FileManager.default.contentsOfDirectory(atPath: absolute(folder)).sorted()
    } catch {
      throw TaskError(.unreadable, "cannot read '\(absolute(folder))'; check its permissions", cause: error)
    }
    for name in names where !name.hasPrefix(".") && name != "__pycache__" && !name.hasSuffix(".pyc") {
      let path = folder.isEmpty ? name : folder + "/" + name
      let attributes: [FileAttributeKey: Any]
      do {
        attributes = try FileManager.default.attributesOfItem(atPath: absolute(path))
      } catch {
        throw TaskError(.unreadable, "cannot read '\(absolute(path))'; check its permissions", cause: error)
      }
      switch attributes[.type] as? FileAttributeType {
      case .typeDirectory?:
        folders.insert(path)
        guard path.split(separator: "/").count < RecipePath.maximumDepth else {
          report(path, "the folders are too deep", "keep them less than \(RecipePath.maximumDepth) deep")
          continue
        }
        try walk(path)
      case .typeRegular?:
        guard sizes.count < Self.maximumFiles else {
          report(
            path, "the folder holds more than \(Self.maximumFiles) files",
            "make data in data/prepare.py instead")
          return
        }
        sizes[path] = (attributes[.size] as? NSNumber)?.intValue ?? 0
      case .typeSymbolicLink?:
        report(path, "symbolic links are not taken", "replace the link by a copy of the file that it names")
      default:
        report(path, "it is neither a file nor a folder", "remove it")
      }
    }
  }

  private mutating func report(_ path: String, _ message: String, _ remedy: String) {
    diagnostics.append(TaskDiagnostic(file: path, message: message, remedy: remedy))
  }

  func absolute(_ path: String) -> String { path.isEmpty ? directory : directory + "/" + path }

  func contains(_ path: String) -> Bool { sizes[path] != nil }

  /// The paths below a folder, relative to it, in bytewise order.
  func files(below folder: String) -> [String] {
    sizes.keys.filter { $0.hasPrefix(folder + "/") }.map { String($0.dropFirst(folder.count + 1)) }
      .sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
  }

  /// A file's bytes; nil where it is not there or larger than `limit`.
  func bytes(_ path: String, limit: Int = 8 << 20) -> [UInt8]? {
    guard let size = sizes[path], size <= limit else { return nil }
    return FileManager.default.contents(atPath: absolute(path)).map { Array($0) }
  }

  /// SHA-256 over the listing of these files, in the form of a snapshot digest.
  func digest(_ paths: some Sequence<String>) throws(TaskError) -> String {
    var listing = SHA256()
    for path in paths.sorted(by: { $0.utf8.lexicographicallyPrecedes($1.utf8) }) {
      let content = try FileDigest.sha256(absolute(path)).hex
      listing.update(data: Data(path.utf8) + [0])
      listing.update(data: Data(content.utf8) + [0x0a])
    }
    return FileDigest.hexadecimal(listing.finalize())
  }
}
