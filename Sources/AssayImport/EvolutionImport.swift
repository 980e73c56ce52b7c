import AssayTrajectory
import Crypto
public import Foundation
import GRDB

/// Imports the result stores of evolutionary searches.
public enum EvolutionImport {
  /// A checkpoint of OpenEvolve: a folder with `programs/ID.json`, or a run's folder with `checkpoints/checkpoint_N`.
  ///
  /// - Throws: `ImportError`; then nothing was changed.
  public static func openEvolve(_ folder: URL, _ options: ImportOptions) async throws -> ImportReport {
    let programs = try OpenEvolveStore.programs(in: folder)
    return try await run(programs, format: "openevolve", options)
  }

  /// A database of ShinkaEvolve: the SQLite file, or a folder with one in it.
  ///
  /// - Throws: `ImportError`; then nothing was changed.
  public static func shinka(_ source: URL, _ options: ImportOptions) async throws -> ImportReport {
    try await run(try ShinkaStore.programs(in: source), format: "shinka", options)
  }

  private static func run(_ found: [EvolvedProgram], format: String, _ options: ImportOptions) async throws
    -> ImportReport
  {
    let programs = found.sorted {
      ($0.generation, $0.timestamp, $0.id) < ($1.generation, $1.timestamp, $1.id)
    }
    guard !programs.isEmpty else {
      throw ImportError(.malformed, "the store holds no program; nothing was imported.")
    }
    var hash = SHA256()
    for program in programs {
      hash.update(data: Data("\(program.raw.count)\n".utf8))
      hash.update(data: program.raw)
    }
    let digest = hash.finalize().map { String($0 >> 4, radix: 16) + String($0 & 15, radix: 16) }.joined()
    if let existing = try await options.existing(digest: digest) { return existing }
    let writer = try ArchiveWriter(place: options.folder.appending(path: ImportedRun.fileName))
    do {
      var best: Double?
      try writer.transaction { database in
        for (index, program) in programs.enumerated() {
          try Task.checkCancellation()
          try writer.addLine(TSVLine(number: index + 1, bytes: program.raw), in: database)
          try writer.add(program.trial(line: index + 1, best: &best), in: database)
          if !program.code.isEmpty {
            try writer.addRecipeFile(index, "recipe.py", Data(program.code.utf8), in: database)
          }
          if index % 1000 == 0 { options.progress(index, programs.count, index) }
        }
      }
      let run = RecordedRun(
        name: options.name, provenance: .recipeClaimed, format: format, scoreName: "combined_score",
        lowerIsBetter: options.lowerIsBetter ?? false, sourceDigest: digest, trialCount: writer.count,
        notices: [
          .init(
            .labelsDerived, "the store has no verdicts: a new best is read as kept, all else as discarded")
        ])
      try writer.finish(run) { try writer.resolveLateParents(in: $0) }
    } catch {
      writer.discard()
      if (error as? ImportError)?.code == .nameTaken,
        let existing = try await options.existing(digest: digest)
      {
        return existing
      }
      throw error
    }
    return try await options.report(of: ImportedRun(folder: options.folder), already: false)
  }
}
