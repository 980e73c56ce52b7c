import AssayTrajectory
import Foundation
import GRDB
import Glibc

/// Writes the archive of a run beside its place, and moves it there when it is whole: it is there entirely or not at all.
///
/// Parents are resolved while rows come in, by id among the earlier ones, so that memory does not grow with the texts.
final class ArchiveWriter {
  private let place: URL
  private let partial: URL
  private let queue: DatabaseQueue
  /// Locked for as long as this writes; what nobody locks is left over.
  private let hold: Int32
  /// Earlier position that each row names; -1 for none. Four bytes a row.
  private var parents: [Int32] = []
  private var lateParents: [(position: Int, raw: String)] = []
  private(set) var count = 0
  private var lastTime = ""

  init(place: URL) throws {
    self.place = place
    let folder = place.deletingLastPathComponent()
    // Each has a file of its own: another import of the same run may be under way.
    partial = folder.appending(
      path: "\(place.lastPathComponent).partial-\(String(UInt64.random(in: 0 ... .max), radix: 36))")
    try FileManager.default.createDirectory(
      at: folder, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
    Self.clearLeftovers(in: folder, of: place.lastPathComponent)
    hold = open(partial.path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
    guard hold >= 0, flock(hold, LOCK_EX | LOCK_NB) == 0 else {
      throw ImportError(.inputOutput, "cannot write \(partial.path): \(String(cString: strerror(errno)))")
    }
    // Nothing is promised before the file is moved, so the database needs no journal of its own.
    queue = try DatabaseQueue(path: partial.path)
    try queue.inDatabase { database in
      try database.execute(
        sql: "PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF; PRAGMA cache_size = -65536;")
      try database.execute(sql: ArchiveSchema.tables)
    }
  }

  deinit { if hold >= 0 { close(hold) } }

  /// Removes what imports left that were killed.
  private static func clearLeftovers(in folder: URL, of name: String) {
    let names = (try? FileManager.default.contentsOfDirectory(atPath: folder.path)) ?? []
    for left in names where left.hasPrefix("\(name).partial") {
      let path = folder.appending(path: left).path
      let descriptor = open(path, O_RDWR | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK)
      guard descriptor >= 0 else { continue }
      if flock(descriptor, LOCK_EX | LOCK_NB) == 0 { unlink(path) }
      close(descriptor)
    }
  }

  /// Gives up: nothing stays behind.
  func discard() {
    try? queue.close()
    try? FileManager.default.removeItem(at: partial)
    // Goes only when it is empty.
    rmdir(place.deletingLastPathComponent().path)
  }

  func transaction(_ body: (Database) throws -> Void) throws {
    try queue.inTransaction { database in
      try body(database)
      return .commit
    }
  }

  func addLine(_ line: TSVLine, in database: Database) throws {
    try database.cachedStatement(sql: "INSERT INTO source_line VALUES (?, ?, ?, ?, ?)").execute(
      arguments: [line.number, line.span, line.isEnded, line.omitted, Data(line.bytes)])
  }

  func addFile(_ name: String, _ content: Data, in database: Database) throws {
    try database.execute(sql: "INSERT OR IGNORE INTO file VALUES (?, ?)", arguments: [name, content])
  }

  func addRecipeFile(_ position: Int, _ path: String, _ content: Data, in database: Database) throws {
    try database.execute(
      sql: "INSERT OR IGNORE INTO recipe_file VALUES (?, ?, ?)", arguments: [position, path, content])
  }

  func addFlag(_ flag: RecordFlag, of position: Int?, in database: Database) throws {
    try database.cachedStatement(sql: "INSERT INTO flag VALUES (?, ?, ?, ?)").execute(
      arguments: [position, flag.kind.rawValue, flag.line, flag.detail])
  }

  /// First and last position of the trials with an id.
  func positions(of id: String, in database: Database) throws -> (first: Int, last: Int)? {
    let row = try Row.fetchOne(
      try database.cachedStatement(sql: "SELECT MIN(position), MAX(position) FROM trial WHERE id = ?"),
      arguments: [id])
    guard let first = row?[0] as Int?, let last = row?[1] as Int? else { return nil }
    return (first, last)
  }

  /// Appends a trial at the next position, with its parent resolved among the earlier ones.
  func add(_ trial: RecordedTrial, in database: Database) throws {
    var trial = trial
    trial.position = count
    let line = trial.line
    if try positions(of: trial.id, in: database) != nil {
      trial.flags.append(.init(.duplicateID, line: line, trial.id))
    }
    if !trial.recordedAt.isEmpty {
      if trial.recordedAt < lastTime, AutoresearchReader.isTime(trial.recordedAt) {
        trial.flags.append(.init(.clockReversal, line: line, "\(trial.recordedAt) after \(lastTime)"))
      }
      lastTime = max(lastTime, String(trial.recordedAt.prefix(40)))
    }
    try resolve(&trial, in: database)
    parents.append(Int32(trial.parent.position ?? -1))
    try insert(trial, in: database)
    for flag in trial.flags { try addFlag(flag, of: trial.position, in: database) }
    count += 1
  }

  private func resolve(_ trial: inout RecordedTrial, in database: Database) throws {
    let raw = trial.parent.raw
    guard !raw.isEmpty else { return }
    let line = trial.line
    if raw == trial.id {
      trial.flags.append(.init(.parentSelf, line: line, raw))
    } else if let found = try positions(of: raw, in: database) {
      trial.parent.position = found.last
    } else if raw.hasPrefix("exp_"), raw.dropFirst(4) != trial.id,
      let found = try positions(of: String(raw.dropFirst(4)), in: database)
    {
      trial.parent.position = found.last
      trial.flags.append(.init(.parentPrefixed, line: line, raw))
    } else {
      lateParents.append((trial.position, raw))
    }
  }

  private func insert(_ trial: RecordedTrial, in database: Database) throws {
    let extra =
      trial.extra.isEmpty
      ? nil
      : String(
        decoding: try JSONSerialization.data(withJSONObject: trial.extra, options: [.sortedKeys]),
        as: UTF8.self)
    try database.cachedStatement(
      sql: "INSERT INTO trial VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?)"
    ).execute(arguments: [
      trial.position, trial.id, trial.parent.raw, trial.parent.position, trial.specialist, trial.domain,
      trial.label, trial.outcome.rawValue, trial.score.raw, trial.score.value, trial.delta.raw,
      trial.delta.value, trial.expectedDelta.raw, trial.expectedDelta.value, trial.artifactBytes.raw,
      trial.artifactBytes.value, trial.trainSeconds.raw, trial.trainSeconds.value, trial.evalSeconds.raw,
      trial.evalSeconds.value, trial.totalSeconds.raw, trial.totalSeconds.value, trial.recordedAt,
      trial.hypothesis, trial.notes, extra, trial.line,
    ])
  }

  /// Parents that stand later in the record or nowhere, and chains that come back to themselves.
  func resolveLateParents(in database: Database) throws {
    var forward: [Int] = []
    for (position, raw) in lateParents {
      let line = try Int.fetchOne(
        database, sql: "SELECT line FROM trial WHERE position = ?", arguments: [position])
      let bare = raw.hasPrefix("exp_") ? String(raw.dropFirst(4)) : raw
      let direct = try positions(of: raw, in: database)
      guard let found = try direct ?? positions(of: bare, in: database), found.first != position else {
        try addFlag(.init(.parentUnresolved, line: line, String(raw.prefix(400))), of: position, in: database)
        continue
      }
      if direct == nil { try addFlag(.init(.parentPrefixed, line: line, raw), of: position, in: database) }
      try addFlag(
        .init(.parentForward, line: line, "\(raw.prefix(64)) comes later in the record"), of: position,
        in: database)
      try database.execute(
        sql: "UPDATE trial SET parent = ? WHERE position = ?", arguments: [found.first, position])
      parents[position] = Int32(found.first)
      forward.append(position)
    }
    for position in cycles(from: forward) {
      let line = try Int.fetchOne(
        database, sql: "SELECT line FROM trial WHERE position = ?", arguments: [position])
      try addFlag(
        .init(.parentCycle, line: line, "its ancestors lead back to itself"), of: position, in: database)
    }
    try database.execute(
      sql: """
        INSERT INTO flag SELECT t.position, '\(FlagKind.parentFailed.rawValue)', t.line, 'edited from ' || p.id || ', which is ' || p.label
        FROM trial t JOIN trial p ON p.position = t.parent WHERE p.outcome NOT IN ('baseline', 'kept')
        """)
  }

  /// Trials on a cycle. Every cycle has a parent that comes later, so walks from those find all; each walk is marked with its
  /// own number and stops at what is marked.
  private func cycles(from starts: [Int]) -> [Int] {
    var marks = [Int32](repeating: 0, count: starts.isEmpty ? 0 : parents.count)
    var found: [Int] = []
    for (number, start) in starts.enumerated() {
      let mark = Int32(number + 1)
      var next = Int32(start)
      while next >= 0, marks[Int(next)] == 0 {
        marks[Int(next)] = mark
        next = parents[Int(next)]
      }
      guard next >= 0, marks[Int(next)] == mark else { continue }
      let first = next
      repeat {
        found.append(Int(next))
        next = parents[Int(next)]
      } while next != first
    }
    return found
  }

  /// Writes what the run is, seals the archive and puts it in its place, durably.
  func finish(_ run: RecordedRun, in body: (Database) throws -> Void) throws {
    try transaction { database in
      try body(database)
      for notice in run.notices { try addFlag(notice, of: nil, in: database) }
      var bare = run
      bare.notices = []
      let encoder = JSONEncoder()
      encoder.outputFormatting = .sortedKeys
      try database.execute(
        sql: "INSERT INTO meta VALUES ('run', ?)",
        arguments: [String(decoding: try encoder.encode(bare), as: UTF8.self)])
    }
    try queue.inDatabase { try $0.execute(sql: ArchiveSchema.seal) }
    try queue.close()
    chmod(partial.path, 0o600)
    try Self.sync(partial.path)
    // Unlike a renaming, this replaces nothing: another import may have been quicker.
    guard link(partial.path, place.path) == 0 else {
      if errno == EEXIST { throw ImportError(.nameTaken, "\(place.path) was written meanwhile.") }
      throw ImportError(
        .inputOutput, "cannot put the archive at \(place.path): \(String(cString: strerror(errno)))")
    }
    unlink(partial.path)
    try Self.sync(place.deletingLastPathComponent().path)
  }

  private static func sync(_ path: String) throws {
    let descriptor = open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else {
      throw ImportError(.inputOutput, "cannot open \(path): \(String(cString: strerror(errno)))")
    }
    defer { close(descriptor) }
    guard fsync(descriptor) == 0 else {
      throw ImportError(.inputOutput, "cannot write \(path) to disk: \(String(cString: strerror(errno)))")
    }
  }
}
