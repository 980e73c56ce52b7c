import AssayTrajectory
import Foundation
import GRDB

/// The files beside the results: kept verbatim, and compared with what the results say.
struct BlackboardFiles {
  let source: BlackboardFolder
  let writer: ArchiveWriter

  func add(best: (id: String, score: Reading)?, scoreName: String, in database: Database) throws {
    for name in BlackboardFolder.kept {
      let url = source.root.appending(path: name)
      guard FileManager.default.fileExists(atPath: url.path) else { continue }
      guard let content = FileReading.contents(of: url, limit: BlackboardFolder.largestKept) else {
        try writer.addFlag(
          .init(.unreadableFile, "\(name) was left out: \(FileReading.size(of: url)) bytes"), of: nil,
          in: database)
        continue
      }
      try writer.addFile(name, content, in: database)
      if name == "best.json" { try compare(best, with: content, scoreName, in: database) }
    }
    try compareTree(scoreName, in: database)
    try addSnapshots(in: database)
  }

  private func compare(
    _ best: (id: String, score: Reading)?, with content: Data, _ scoreName: String, in database: Database
  ) throws {
    guard let object = (try? JSONSerialization.jsonObject(with: content)) as? [String: Any] else {
      return try writer.addFlag(.init(.bestMismatch, "best.json is not JSON"), of: nil, in: database)
    }
    let id = object["exp_id"] as? String
    let score = (object[scoreName] as? NSNumber)?.doubleValue
    if id != best?.id || score != best?.score.value {
      try writer.addFlag(
        .init(
          .bestMismatch,
          "best.json names \(id?.prefix(64) ?? "nothing") with \(score.map { "\($0)" } ?? "no score"), the last kept row is \(best?.id.prefix(64) ?? "none") with \(best?.score.raw.prefix(64) ?? "no score")"
        ), of: nil, in: database)
    }
  }

  /// tree.tsv repeats status, score and delta of every row; it was rendered when the row was whole.
  private func compareTree(_ scoreName: String, in database: Database) throws {
    guard FileManager.default.fileExists(atPath: source.tree.path) else { return }
    var scanner = TSVScanner()
    var places: [String: Int]?
    var rows = 0
    func compare(_ line: TSVLine) throws {
      let cells = TSVCell.split(line.bytes).map { RecordedText($0.text).text }
      guard let known = places else {
        places = Dictionary(cells.enumerated().map { ($1, $0) }, uniquingKeysWith: { first, _ in first })
        return
      }
      func cell(_ name: String) -> String? { known[name].flatMap { $0 < cells.count ? cells[$0] : nil } }
      guard let id = cell("exp_id"), !id.isEmpty else { return }
      rows += 1
      guard let position = try writer.positions(of: id, in: database)?.last,
        let row = try Row.fetchOne(
          try database.cachedStatement(
            sql: "SELECT label, score_raw, delta_raw FROM trial WHERE position = ?"),
          arguments: [position])
      else {
        return try writer.addFlag(
          .init(.treeMismatch, line: line.number, "tree.tsv has \(id.prefix(64)), results.tsv has not"),
          of: nil,
          in: database)
      }
      for (name, column) in [("status", "label"), (scoreName, "score_raw"), ("delta_vs_best", "delta_raw")] {
        guard let there = cell(name), there != row[column] as String else { continue }
        try writer.addFlag(
          .init(
            .treeMismatch, line: line.number,
            "\(name): tree.tsv has '\(there.prefix(64))', results.tsv '\((row[column] as String).prefix(64))'"
          ),
          of: position, in: database)
      }
    }
    try FileReading.chunks(of: source.tree) { try scanner.feed($0, compare) }
    try scanner.finish(compare)
    if rows != writer.count {
      try writer.addFlag(
        .init(.treeMismatch, "tree.tsv has \(rows) rows, results.tsv \(writer.count)"), of: nil, in: database)
    }
  }

  /// Code that the reference kept: `snapshots/all/ID.py` for every trial, `snapshots/ID_DOMAIN/` for kept ones.
  private func addSnapshots(in database: Database) throws {
    let folder = source.root.appending(path: "snapshots")
    let files = FileManager.default
    for name in (try? files.contentsOfDirectory(atPath: folder.appending(path: "all").path)) ?? []
    where name.hasSuffix(".py") {
      guard let position = try writer.positions(of: String(name.dropLast(3)), in: database)?.last else {
        continue
      }
      try add(folder.appending(path: "all/\(name)"), as: "recipe.py", of: position, in: database)
    }
    for name in (try? files.contentsOfDirectory(atPath: folder.path)) ?? [] where name != "all" {
      let id = String(name.prefix { $0 != "_" })
      guard let position = try writer.positions(of: id, in: database)?.last else { continue }
      let root = folder.appending(path: name)
      for path in (files.enumerator(atPath: root.path)?.allObjects as? [String] ?? []).prefix(1000)
      where path.hasSuffix(".py") && !path.hasSuffix("_packed.py") && !path.hasPrefix("eval/") {
        try add(root.appending(path: path), as: path, of: position, in: database)
      }
    }
  }

  private func add(_ url: URL, as path: String, of position: Int, in database: Database) throws {
    let type = try? FileManager.default.attributesOfItem(atPath: url.path)[.type] as? FileAttributeType
    guard type == .typeRegular else { return }
    guard let content = FileReading.contents(of: url, limit: BlackboardFolder.largestKept) else {
      return try writer.addFlag(
        .init(.unreadableFile, "\(path) was left out: \(FileReading.size(of: url)) bytes"), of: position,
        in: database)
    }
    try writer.addRecipeFile(position, path, content, in: database)
  }
}
