public import AssayTrajectory
public import Foundation

/// Writes a run as the reference implementation's blackboard.
public enum ReferenceExport {
  /// - Parameter treePath: where KNOWLEDGE.md says that tree.tsv is; nil for where it is.
  public static func write(_ record: any RunRecord, to folder: URL, treePath: String? = nil) async throws {
    try ExportPlace.folder(folder)
    let run = try await record.run()
    let results = ReferenceResults(run)
    let file = try FileWriter(folder.appending(path: "results.tsv"))
    try file.write(results.header)
    try await record.forEachTrial { trial in
      if trial.outcome != .inFlight { try file.write(results.row(trial)) }
    }
    try file.close()
    let views = try await ReferenceViews(reading: record)
    let tree = try FileWriter(folder.appending(path: "tree.tsv"))
    try views.tree { try tree.write($0) }
    try tree.close()
    try text(views.leaderboard, folder, "LEADERBOARD.md")
    try text(
      views.knowledge(treeAt: treePath ?? folder.appending(path: "tree.tsv").path), folder, "KNOWLEDGE.md")
    if let best = views.bestJSON { try text(best, folder, "best.json") }
  }

  private static func text(_ text: String, _ folder: URL, _ name: String) throws {
    let file = try FileWriter(folder.appending(path: name))
    try file.write(text)
    try file.close()
  }
}
