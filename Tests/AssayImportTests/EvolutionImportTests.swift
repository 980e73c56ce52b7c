import AssayImport
import AssayTrajectory
import Foundation
import GRDB
import Testing

@Suite struct EvolutionImportTests {
  private func withFolder(_ body: (URL) async throws -> Void) async throws {
    let folder = FileManager.default.temporaryDirectory.appending(
      path: "assay-evolution-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    try await body(folder)
  }

  private func check(_ report: ImportReport, _ place: URL) async throws {
    #expect(report.rows == 4 && !report.lowerIsBetter && report.flags["labels_derived"] == 1)
    let run = try ImportedRun(folder: place)
    let trials = try await run.all()
    #expect(trials.map(\.id) == ["seed", "better", "worse", "broken"])
    #expect(trials.map(\.outcome.rawValue).prefix(3) == ["baseline", "kept", "discarded"])
    #expect(trials[3].outcome == .failed)
    #expect(trials.map(\.parent.position) == [nil, 0, 1, nil])
    #expect(trials[3].has(.parentUnresolved))
    #expect(trials[1].score.value == 0.75 && trials[1].delta.value == 0.25)
    #expect(try await run.recipe(of: 2) == ["recipe.py": Array("worse = 1\n".utf8)])
    #expect(try await run.run().provenance == .recipeClaimed)
  }

  @Test func aCheckpointOfOpenEvolve() async throws {
    try await withFolder { folder in
      let programs = folder.appending(path: "output/checkpoints/checkpoint_20/programs")
      for stale in ["output/checkpoints/checkpoint_3/programs"] {
        try FileManager.default.createDirectory(
          at: folder.appending(path: stale), withIntermediateDirectories: true)
      }
      try FileManager.default.createDirectory(at: programs, withIntermediateDirectories: true)
      for (number, (id, parent, metrics)) in [
        ("seed", "null", "{\"combined_score\": 0.5}"),
        ("better", "\"seed\"", "{\"a\": 0.5, \"b\": 1.0, \"note\": \"x\"}"),
        ("worse", "\"better\"", "{\"combined_score\": 0.25}"), ("broken", "\"gone\"", "{}"),
      ].enumerated() {
        let text =
          "{\"id\": \"\(id)\", \"parent_id\": \(parent), \"code\": \"\(id) = 1\\n\", \"language\": \"python\", \"iteration_found\": \(number), \"timestamp\": \(1_780_000_000 + number), \"metrics\": \(metrics), \"metadata\": {\"island\": 1, \"changes\": \"change\"}}"
        try Data(text.utf8).write(to: programs.appending(path: "\(id).json"))
      }
      let place = folder.appending(path: "place")
      let options = ImportOptions(folder: place, name: "evolved")
      let report = try await EvolutionImport.openEvolve(folder.appending(path: "output"), options)
      try await check(report, place)
      #expect(try await EvolutionImport.openEvolve(folder.appending(path: "output"), options).alreadyImported)
      try Data("{".utf8).write(to: programs.appending(path: "torn.json"))
      await #expect(throws: ImportError.self) {
        _ = try await EvolutionImport.openEvolve(
          folder.appending(path: "output"),
          ImportOptions(folder: folder.appending(path: "other"), name: "other"))
      }
      #expect(!FileManager.default.fileExists(atPath: folder.appending(path: "other").path))
    }
  }

  @Test func aDatabaseOfShinka() async throws {
    try await withFolder { folder in
      let file = folder.appending(path: "evolution_db.sqlite")
      let queue = try DatabaseQueue(path: file.path)
      try await queue.write { database in
        try database.execute(
          sql:
            "CREATE TABLE programs (id TEXT PRIMARY KEY, code TEXT, language TEXT, parent_id TEXT, generation INTEGER, timestamp REAL, combined_score REAL, public_metrics TEXT, text_feedback TEXT, correct BOOLEAN, island_idx INTEGER)"
        )
        let programs: [(String, String?, Double, Int)] = [
          ("seed", nil, 0.5, 1), ("better", "seed", 0.75, 1), ("worse", "better", 0.25, 1),
          ("broken", "gone", 0.9, 0),
        ]
        for (number, (id, parent, score, correct)) in programs.enumerated() {
          try database.execute(
            sql: "INSERT INTO programs VALUES (?, ?, 'python', ?, ?, ?, ?, '{}', 'change', ?, 0)",
            arguments: [id, "\(id) = 1\n", parent, number, 1_780_000_000.5 + Double(number), score, correct])
        }
      }
      try queue.close()
      let place = folder.appending(path: "place")
      let report = try await EvolutionImport.shinka(file, ImportOptions(folder: place, name: "evolved"))
      try await check(report, place)
      try Data("no database at all, but long enough to be read as one".utf8).write(to: file)
      await #expect(throws: ImportError.self) {
        _ = try await EvolutionImport.shinka(
          file, ImportOptions(folder: folder.appending(path: "other"), name: "other"))
      }
    }
  }
}
