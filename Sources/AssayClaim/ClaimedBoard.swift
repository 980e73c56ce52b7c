import AssayImport
import AssayTrajectory
import Foundation
import Glibc

/// The record of claimed trials: a blackboard in the reference implementation's form, which grows by a row a trial, and beside it the
/// imported run that every reading command knows. It is an imported run and nothing else: unsigned, recipe-claimed, and no lineage,
/// evaluator or log can hold it.
struct ClaimedBoard: Sendable {
  /// A trial that is on record.
  struct Row: Sendable {
    var id: String
    var label: String
    var score: Double?
  }

  private static let lockFile = "claim.lock"

  let folder: URL
  let schema: ClaimedSchema
  private(set) var rows: [Row] = []
  private let lock: FolderLock

  private var board: URL { folder.appending(path: "blackboard") }
  private var results: URL { board.appending(path: "results.tsv") }

  var nextID: String { String(format: "%03d", rows.count) }
  /// The best claim so far: what a trial is compared with, as the reference does.
  var best: Row? { rows.last { ["keep", "baseline"].contains($0.label) } }

  /// Where a trial's folder is copied to, and run from.
  func snapshot(_ id: String) -> URL { board.appending(path: "snapshots/\(id)_claimed") }

  /// Opens a record, or begins one.
  ///
  /// - Parameter wanted: the score; nil for what the record has, or bits per byte.
  init(folder: URL, wanted: ClaimedSchema?) async throws {
    let files = FileManager.default
    let marker = folder.appending(path: Self.lockFile)
    if !files.fileExists(atPath: marker.path),
      let others = try? files.contentsOfDirectory(atPath: folder.path), !others.isEmpty
    {
      throw ClaimError(
        .stateConflict, "\(folder.path) holds something else than claimed trials; choose another --name.")
    }
    let board = folder.appending(path: "blackboard")
    do {
      try files.createDirectory(
        at: board.appending(path: "snapshots"), withIntermediateDirectories: true,
        attributes: [.posixPermissions: 0o700])
    } catch { throw ClaimError(.unavailable, "cannot write \(board.path): \(error.localizedDescription)") }
    guard let lock = FolderLock(marker) else {
      throw ClaimError(
        .stateConflict,
        "another trial is being run for \(folder.path); wait for it, or choose another --name.")
    }
    self.lock = lock
    self.folder = folder
    let results = board.appending(path: "results.tsv")
    var text = ""
    if files.fileExists(atPath: results.path) {
      guard let read = try? String(contentsOf: results, encoding: .utf8) else {
        throw ClaimError(.unavailable, "cannot read \(results.path).")
      }
      text = read
    }
    let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
    let found = ClaimedSchema.allCases.first { $0.columns.joined(separator: "\t") == lines.first ?? "" }
    guard found != nil || lines.count < 2 else {
      throw ClaimError(
        .stateConflict, "\(results.path) was not written by this command; choose another --name.")
    }
    if let found, let wanted, found != wanted {
      throw ClaimError(
        .usage, "the score of this record is \(found.rawValue); leave out --score, or choose another --name.")
    }
    schema = found ?? wanted ?? .valBPB
    guard found != nil, lines.count > 1 else { return }
    if let rest = lines.last, !rest.isEmpty {
      // A row that a killed process had begun was never acknowledged.
      try Data(text.utf8.dropLast(rest.utf8.count)).write(to: results, options: .atomic)
    }
    try await publish()
  }

  /// Adds a trial, durably, and shows it to readers.
  mutating func append(_ cells: [String: String]) async throws {
    let line = schema.columns.map { Self.cell(cells[$0] ?? "") }.joined(separator: "\t") + "\n"
    let header = rows.isEmpty ? schema.columns.joined(separator: "\t") + "\n" : ""
    let descriptor = open(results.path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC | O_NOFOLLOW, 0o600)
    guard descriptor >= 0 else { throw Self.failure(results) }
    defer { close(descriptor) }
    if rows.isEmpty, ftruncate(descriptor, 0) != 0 { throw Self.failure(results) }
    let bytes = [UInt8]((header + line).utf8)
    guard write(descriptor, bytes, bytes.count) == bytes.count, fsync(descriptor) == 0 else {
      throw Self.failure(results)
    }
    if rows.isEmpty {
      // Its name has to be on disk too.
      let directory = open(board.path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
      guard directory >= 0 else { throw Self.failure(board) }
      defer { close(directory) }
      guard fsync(directory) == 0 else { throw Self.failure(board) }
    }
    try await publish()
  }

  /// Reads the blackboard into a new archive, and puts that in the place of the old one at once.
  private mutating func publish() async throws {
    let fresh = folder.appending(path: "next")
    try? FileManager.default.removeItem(at: fresh)
    defer { try? FileManager.default.removeItem(at: fresh) }
    do {
      _ = try await AutoresearchImport.run(
        folder,
        ImportOptions(folder: fresh, name: folder.lastPathComponent, lowerIsBetter: schema.lowerIsBetter))
    } catch let error as ImportError { throw ClaimError(.unavailable, error.message) }
    let target = folder.appending(path: ImportedRun.fileName)
    guard rename(fresh.appending(path: ImportedRun.fileName).path, target.path) == 0 else {
      throw Self.failure(target)
    }
    let trials = try await ImportedRun(folder: folder).trials(from: 0, limit: .max)
    rows = trials.map { Row(id: $0.id, label: $0.label, score: $0.score.value) }
  }

  /// One cell: a line, without what ends cells and lines.
  private static func cell(_ text: String) -> String {
    let plain = String(
      String.UnicodeScalarView(
        text.unicodeScalars.map { $0.properties.generalCategory == .control || $0 == "\"" ? " " : $0 }))
    return String(plain.prefix(2000))
  }

  private static func failure(_ file: URL) -> ClaimError {
    ClaimError(.unavailable, "cannot write \(file.path): \(String(cString: strerror(errno)))")
  }
}
