/// The files of a trial as MLflow's artifacts.
struct MLflowArtifacts: Sendable {
  var files: [String: [UInt8]]

  /// What lies directly in a folder, by last name, as MLflow's server tells it; nothing for a file's path.
  func list(_ folder: String) -> [MLflowWire.File] {
    let prefix = folder.isEmpty ? "" : folder + "/"
    var found: [String: MLflowWire.File] = [:]
    for (path, bytes) in files where path.hasPrefix(prefix) {
      let parts = path.dropFirst(prefix.count).split(separator: "/")
      guard let name = parts.first.map(String.init) else { continue }
      let isFolder = parts.count > 1
      found[name] = MLflowWire.File(path: name, isDir: isFolder, fileSize: isFolder ? nil : bytes.count)
    }
    return found.values.sorted { $0.path < $1.path }
  }
}
