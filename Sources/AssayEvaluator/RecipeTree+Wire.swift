import AssayMessages
import AssayPatch

extension RecipeTree {
  /// The tree as a message.
  var wire: LineageV1.Snapshot {
    var snapshot = LineageV1.Snapshot()
    snapshot.snapshotId = digest
    snapshot.files = paths.map { path in
      var file = LineageV1.RecipeFile()
      file.path = path
      file.content = self[path] ?? []
      return file
    }
    return snapshot
  }

  init(_ snapshot: LineageV1.Snapshot) throws {
    try self.init(
      Dictionary(snapshot.files.map { ($0.path, $0.content) }, uniquingKeysWith: { first, _ in first }))
  }
}
