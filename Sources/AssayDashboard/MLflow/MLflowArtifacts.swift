import AssayMessages
import AssayPatch
import Foundation

/// The files of a trial as MLflow's artifacts: verdict, proof, diff, log, recipe.
struct MLflowArtifacts: Sendable {
  var files: [String: [UInt8]] = [:]

  static func read(_ trial: UInt32, of mirror: RunMirror) async throws -> MLflowArtifacts {
    try await mirror.access.reading { lineage in
      let record = try await mirror.record(trial, lineage)
      var artifacts = MLflowArtifacts()
      if !record.envelope.isEmpty { artifacts.files["verdict.dsse.json"] = record.envelope }
      if let proof = try await mirror.proof(of: record, lineage) {
        artifacts.files["verdict.proof"] = Array(proof.text.utf8)
      }
      if !record.logExcerpt.isEmpty { artifacts.files["log.txt"] = Array(record.logExcerpt.utf8) }
      if let edit = record.trial?.proposal?.edit, !edit.isEmpty { artifacts.files["edit.patch"] = edit }
      guard let id = record.trial?.snapshotId, !id.isEmpty, let recipe = try await mirror.recipe(id, lineage)
      else { return artifacts }
      for path in recipe.paths { artifacts.files["recipe/" + path] = recipe[path] }
      if let before = record.trial?.parentSnapshotId, !before.isEmpty,
        let parent = try await mirror.recipe(before, lineage),
        let diff = try? UnifiedDiff.make(from: parent, to: recipe), !diff.files.isEmpty
      {
        artifacts.files["diff.patch"] = diff.bytes
      }
      return artifacts
    }
  }

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
