import AssayImport
import AssayRandom
import AssayTrajectory
import Foundation
import GRDB
import Glibc
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

  /// Whatever a program's file holds: it is imported as what it says, or refused with a typed error and nothing left behind.
  @Test(
    arguments: [
      (#"{}"#, true), (#"[]"#, false), (#""text""#, false), ("\u{FEFF}{}", nil), ("{\"id\": \"a\"", false),
      ("\0\0\0", false),
      (
        #"{"id": 5, "parent_id": ["x"], "code": {"a": 1}, "metrics": [1], "metadata": 7, "timestamp": "never"}"#,
        true
      ),
      (
        #"{"id": "a", "parent_id": "a", "timestamp": 1e300, "iteration_found": 1e300, "metrics": {"combined_score": 1e308}}"#,
        true
      ),
      (
        #"{"id": "../../x", "code": "\u0000\u001b[2J", "timestamp": -1e300, "iteration_found": -9223372036854775808}"#,
        true
      ),
      (#"{"id": "a", "metrics": {"combined_score": 1e999}}"#, nil),
      (#"{"id": "\ud800", "code": "\udfff"}"#, nil),
      (String(repeating: "[", count: 100_000), false),
      (
        "{\"metadata\": " + String(repeating: "[", count: 400) + String(repeating: "]", count: 400) + "}", nil
      ),
    ] as [(String, Bool?)]) func hostileProgramsOfOpenEvolve(_ text: String, _ isRead: Bool?) async throws
  {
    try await withFolder { folder in
      let programs = folder.appending(path: "programs")
      try FileManager.default.createDirectory(at: programs, withIntermediateDirectories: true)
      try Data(text.utf8).write(to: programs.appending(path: "p.json"))
      let place = folder.appending(path: "place")
      let report: ImportReport?
      do {
        report = try await EvolutionImport.openEvolve(folder, ImportOptions(folder: place, name: "hostile"))
      } catch {
        #expect(error is ImportError, "\(error)")
        #expect(!FileManager.default.fileExists(atPath: place.path))
        report = nil
      }
      if let isRead { #expect((report != nil) == isRead, "\(text.prefix(80))") }
      guard report != nil else { return }
      // What was read can be read again, and the bytes are as they were.
      let run = try ImportedRun(folder: place)
      #expect(try await run.all().count == 1)
      #expect(try await run.sourceLines(from: 1, limit: 1).first?.bytes == [UInt8](text.utf8))
    }
  }

  /// Pipes, devices and folders in the place of a program.
  @Test func whatIsNoFileIsNoProgram() async throws {
    for kind in 0..<3 {
      try await withFolder { folder in
        let programs = folder.appending(path: "programs")
        try FileManager.default.createDirectory(at: programs, withIntermediateDirectories: true)
        let file = programs.appending(path: "p.json")
        switch kind {
        case 0: #expect(mkfifo(file.path, 0o600) == 0)
        case 1:
          try FileManager.default.createSymbolicLink(at: file, withDestinationURL: URL(filePath: "/dev/zero"))
        default: try FileManager.default.createDirectory(at: file, withIntermediateDirectories: false)
        }
        let error = await #expect(throws: ImportError.self) {
          try await EvolutionImport.openEvolve(
            folder, ImportOptions(folder: folder.appending(path: "o"), name: "o"))
        }
        #expect(error?.message.contains("no plain file") == true)
      }
    }
    try await withFolder { folder in
      let file = folder.appending(path: "a.sqlite")
      #expect(mkfifo(file.path, 0o600) == 0)
      await #expect(throws: ImportError.self) {
        try await EvolutionImport.shinka(
          folder, ImportOptions(folder: folder.appending(path: "o"), name: "o"))
      }
    }
  }

  /// A database that is garbled anywhere is refused or read, and never more than that.
  @Test func garbledDatabasesOfShinka() async throws {
    try await withFolder { folder in
      let file = folder.appending(path: "evolution_db.sqlite")
      let queue = try DatabaseQueue(path: file.path)
      try await queue.write { database in
        try database.execute(
          sql:
            "CREATE TABLE programs (id, code, parent_id, generation, timestamp, combined_score, correct, text_feedback)"
        )
        for number in 0..<60 {
          try database.execute(
            sql: "INSERT INTO programs VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
            arguments: [
              number % 7 == 0 ? nil : "p\(number)", number % 5 == 0 ? Data([0xFF, 0]) : "x = \(number)\n",
              "p\(number - 1)", number % 11 == 0 ? "many" : number, number % 13 == 0 ? 1e308 : Double(number),
              number % 3 == 0 ? "0.5" : 0.5, number % 2, "\u{1B}[31m\0words",
            ])
        }
      }
      try queue.close()
      let whole = try Data(contentsOf: file)
      let report = try await EvolutionImport.shinka(
        file, ImportOptions(folder: folder.appending(path: "whole"), name: "whole"))
      #expect(report.rows == 60)
      #expect(try await ImportedRun(folder: folder.appending(path: "whole")).all().count == 60)
      var random = SeededGenerator(seed: 11)
      for round in 0..<60 {
        var bytes = whole
        for _ in 0..<Int.random(in: 1...40, using: &random) {
          bytes[Int.random(in: 0..<bytes.count, using: &random)] = UInt8.random(in: 0...255, using: &random)
        }
        if round % 6 == 0 { bytes = bytes.prefix(Int.random(in: 0..<bytes.count, using: &random)) }
        let garbled = folder.appending(path: "g\(round).sqlite")
        try bytes.write(to: garbled)
        let place = folder.appending(path: "place\(round)")
        do {
          let report = try await EvolutionImport.shinka(
            garbled, ImportOptions(folder: place, name: "garbled"))
          #expect(try await ImportedRun(folder: place).all().count == report.rows)
        } catch {
          #expect(error is ImportError, "\(round): \(error)")
          #expect(!FileManager.default.fileExists(atPath: place.path))
        }
      }
    }
  }
}
