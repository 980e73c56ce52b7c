public import Foundation

/// Where an imported run goes and how it is read.
public struct ImportOptions: Sendable {
  /// Folder of the imported run; made when it is not there.
  public var folder: URL
  /// Name that the run has from now on.
  public var name: String
  /// Whether lower scores are better; nil to tell from the score's name or the kept trials.
  public var lowerIsBetter: Bool?
  /// Called now and then with bytes read, bytes in all, and rows so far.
  public var progress: @Sendable (Int, Int, Int) -> Void

  public init(
    folder: URL, name: String, lowerIsBetter: Bool? = nil,
    progress: @escaping @Sendable (Int, Int, Int) -> Void = { _, _, _ in }
  ) {
    self.folder = folder
    self.name = name
    self.lowerIsBetter = lowerIsBetter
    self.progress = progress
  }

  /// The report of a record that is there already; nil when there is none.
  ///
  /// - Throws: `ImportError.nameTaken` when the folder holds something else.
  func existing(digest: String) async throws -> ImportReport? {
    let files = FileManager.default
    guard ImportedRun.exists(in: folder) else {
      let entries = (try? files.contentsOfDirectory(atPath: folder.path)) ?? []
      guard entries.allSatisfy({ $0.hasPrefix(ImportedRun.fileName) }) else {
        throw ImportError(
          .nameTaken, "\(folder.path) is in use and holds no imported run; choose another --name or --state.")
      }
      return nil
    }
    let archive = try ImportedRun(folder: folder)
    let run = try await archive.run()
    guard run.sourceDigest == digest else {
      throw ImportError(
        .nameTaken,
        "'\(name)' is the name of a record with other contents (\(run.trialCount) rows, digest \(run.sourceDigest?.prefix(12) ?? "-")). Import this one under another --name; what is there was not changed."
      )
    }
    return try await report(of: archive, already: true)
  }

  func report(of archive: ImportedRun, already: Bool) async throws -> ImportReport {
    let run = try await archive.run()
    return ImportReport(
      name: run.name, folder: folder.path, format: run.format, digest: run.sourceDigest ?? "",
      rows: run.trialCount,
      scoreName: run.scoreName, lowerIsBetter: run.lowerIsBetter,
      flags: Dictionary(
        try await archive.flagCounts().map { ($0.kind.rawValue, $0.count) }, uniquingKeysWith: +),
      alreadyImported: already)
  }
}
