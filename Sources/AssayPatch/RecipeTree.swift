/// The files of a recipe: relative paths and their bytes. A value; every path in it is valid.
public struct RecipeTree: Sendable, Hashable {
  /// The most files a tree may hold.
  public static let maximumFiles = 256
  /// The most bytes a tree may hold over all its files.
  public static let maximumBytes = 8 << 20

  private var files: [String: [UInt8]]

  /// A tree without files.
  public init() { files = [:] }

  /// A tree of these files. Refuses invalid paths, a name that is both file and folder, and too much of it.
  public init(_ files: [String: [UInt8]]) throws(PatchError) {
    for path in files.keys.sorted(by: RecipePath.precedes) { try RecipePath.validate(path) }
    self.files = files
    try checkWhole()
  }

  /// The paths, in bytewise order.
  public var paths: [String] { files.keys.sorted(by: RecipePath.precedes) }

  /// The number of files.
  public var count: Int { files.count }

  public var isEmpty: Bool { files.isEmpty }

  /// The bytes over all files.
  public var byteCount: Int { files.values.reduce(0) { $0 + $1.count } }

  /// A file's bytes; nil where the tree has no such file.
  public subscript(path: String) -> [UInt8]? { files[path] }

  /// A file's text; nil where the tree has no such file, or it is not UTF-8.
  public func text(_ path: String) -> String? {
    guard let bytes = files[path] else { return nil }
    return String(validating: bytes, as: UTF8.self)
  }

  /// The tree with this file added or replaced.
  public func setting(_ path: String, to bytes: [UInt8]) throws(PatchError) -> RecipeTree {
    try RecipePath.validate(path)
    var copy = self
    copy.files[path] = bytes
    try copy.checkWhole()
    return copy
  }

  /// The tree without this file.
  public func removing(_ path: String) -> RecipeTree {
    var copy = self
    copy.files[path] = nil
    return copy
  }

  /// The snapshot id of these files: see ``SnapshotDigest``.
  public var digest: String { SnapshotDigest.hex(of: self) }

  private func checkWhole() throws(PatchError) {
    guard files.count <= Self.maximumFiles else {
      throw PatchError(
        .tooLarge,
        "the recipe has \(files.count) files, the limit is \(Self.maximumFiles); merge or delete files")
    }
    let total = byteCount
    guard total <= Self.maximumBytes else {
      throw PatchError(
        .tooLarge, "the recipe has \(total) bytes, the limit is \(Self.maximumBytes); make its files smaller")
    }
    for path in files.keys {
      var folder = ""
      for part in path.split(separator: "/").dropLast() {
        folder += folder.isEmpty ? String(part) : "/" + part
        if files[folder] != nil {
          throw PatchError(
            .badPath, "'\(folder)' is a file and also the folder of '\(path)'; rename one of them", file: path
          )
        }
      }
    }
  }
}
