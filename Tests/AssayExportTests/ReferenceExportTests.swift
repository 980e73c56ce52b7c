import AssayExport
import AssayImport
import AssayTrajectory
import Foundation
import Testing

/// Golden files: what the reference implementation rendered from the same rows.
@Suite(.enabled(if: PaperRuns.isThere)) struct ReferenceExportTests {
  private struct Exported {
    var source: URL
    var folder: URL
    func original(_ name: String) throws -> Data { try Data(contentsOf: source.appending(path: name)) }
    func isSame(_ name: String) throws -> Bool { try written(name) == original(name) }
    func written(_ name: String) throws -> Data { try Data(contentsOf: folder.appending(path: name)) }
  }

  private func exported(_ name: String, _ body: (Exported) throws -> Void) async throws {
    let source = try #require(PaperRuns.folder).appending(path: name)
    let place = FileManager.default.temporaryDirectory.appending(path: "assay-golden-\(UUID().uuidString)")
    defer { try? FileManager.default.removeItem(at: place) }
    let archive = place.appending(path: "archive")
    _ = try await AutoresearchImport.run(source, ImportOptions(folder: archive, name: name))
    let folder = place.appending(path: "out")
    // KNOWLEDGE.md names the absolute path of tree.tsv on the machine that wrote it.
    let knowledge = String(
      decoding: try Data(contentsOf: source.appending(path: "KNOWLEDGE.md")), as: UTF8.self)
    let path = knowledge.split(separator: "`").first { $0.hasSuffix("/tree.tsv") }.map(String.init)
    try await ReferenceExport.write(ImportedRun(folder: archive), to: folder, treePath: path)
    try body(Exported(source: source, folder: folder))
  }

  @Test func lineageOffIsByteForByteTheSame() async throws {
    try await exported("pg_ablation_lineage_off") { files in
      for name in ["results.tsv", "tree.tsv", "LEADERBOARD.md", "KNOWLEDGE.md", "best.json"] {
        let isSame = try files.isSame(name)
        #expect(isSame, "\(name)")
      }
    }
  }

  @Test func cifarsLeaderboardIsByteForByteTheSame() async throws {
    try await exported("cifar") { files in
      for name in ["results.tsv", "LEADERBOARD.md", "best.json", "KNOWLEDGE.md"] {
        let isSame = try files.isSame(name)
        #expect(isSame, "\(name)")
      }
    }
  }

  @Test(arguments: ["pg_ablation_lineage_on"]) func wholeRecordsComeBack(_ name: String)
    async throws
  {
    try await exported(name) { files in
      for name in ["results.tsv", "best.json"] {
        let isSame = try files.isSame(name)
        #expect(isSame, "\(name)")
      }
    }
  }

  /// Where lines were mangled, the rows are written whole, and quotes that nothing in a cell needs are left out; all others are the
  /// same bytes.
  @Test func mangledRowsAreWrittenWhole() async throws {
    try await exported("pg_main") { files in
      let before = String(decoding: try files.original("results.tsv"), as: UTF8.self).split(separator: "\n")
      let after = String(decoding: try files.written("results.tsv"), as: UTF8.self).split(separator: "\n")
      #expect(before.count == after.count)
      let changed = zip(before, after).filter { $0 != $1 }
      let (mangled, quoted) = changed.reduce(into: ([(Substring, Substring)](), [(Substring, Substring)]())) {
        if $1.0.split(separator: "\t", omittingEmptySubsequences: false).count == 7 {
          $0.0.append($1)
        } else {
          $0.1.append($1)
        }
      }
      #expect(mangled.count == 46)
      #expect(mangled.allSatisfy { TSVCell.split(Array($0.1.utf8)).count == 18 })
      #expect(quoted.count == 7)
      #expect(
        quoted.allSatisfy { before, after in
          TSVCell.split(Array(before.utf8)).map(\.text) == TSVCell.split(Array(after.utf8)).map(\.text)
        })
      #expect(try files.isSame("best.json"))
    }
  }
}
