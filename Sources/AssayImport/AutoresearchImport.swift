import AssayTrajectory
public import Foundation
import GRDB

/// Imports the blackboard of the autoresearch reference implementation: what it says, beside what is to be doubted about it.
public struct AutoresearchImport {
  private let source: BlackboardFolder
  private let options: ImportOptions

  private var shift = ColumnShift()
  private var keptDeltas = (lower: 0, higher: 0)
  private var baselineGate: (seen: Bool, hasValue: Bool) = (false, false)
  private var gateSeen = false
  private var best: (id: String, score: Reading)?

  /// Imports a folder.
  ///
  /// - Parameter directory: a folder with `results.tsv`, or with `blackboard/results.tsv`.
  /// - Returns: what was found; the same source again changes nothing and says so.
  /// - Throws: `ImportError`; then nothing was changed.
  public static func run(_ directory: URL, _ options: ImportOptions) async throws -> ImportReport {
    let source = try BlackboardFolder(directory)
    let digest = try source.digest()
    if let existing = try await options.existing(digest: digest) { return existing }
    var this = AutoresearchImport(source: source, options: options)
    do {
      try this.write(digest: digest)
    } catch let error as ImportError where error.code == .nameTaken {
      if let existing = try await options.existing(digest: digest) { return existing }
      throw error
    }
    return try await options.report(of: ImportedRun(folder: options.folder), already: false)
  }

  private init(source: BlackboardFolder, options: ImportOptions) {
    self.source = source
    self.options = options
  }

  private mutating func write(digest: String) throws {
    let writer = try ArchiveWriter(place: options.folder.appending(path: ImportedRun.fileName))
    do {
      let schema = try rows(into: writer)
      var run = RecordedRun(
        name: options.name, provenance: .recipeClaimed, format: "autoresearch", scoreName: schema.scoreName,
        lowerIsBetter: true, columns: schema.columns, sourceDigest: digest, trialCount: writer.count)
      let direction = options.lowerIsBetter ?? schema.knownDirection
      run.lowerIsBetter = direction ?? (keptDeltas.lower >= keptDeltas.higher)
      if direction == nil {
        run.notices.append(
          .init(
            .directionInferred,
            "\(schema.scoreName) is read as \(run.lowerIsBetter ? "lower" : "higher") is better, by the deltas of kept trials; --direction says it for certain"
          ))
      }
      for name in schema.unknownColumns {
        run.notices.append(.init(.unknownColumn, String(name.prefix(200))))
      }
      run.insights = source.insights()
      if gateSeen, baselineGate.seen, !baselineGate.hasValue {
        run.notices.append(
          .init(
            .baselineUngated,
            "the baseline records no accuracy, so that nothing shows that it passes the gate"))
      }
      try writer.finish(run) { database in
        try writer.resolveLateParents(in: database)
        if let (position, before, after) = shift.change() {
          try writer.addFlag(
            .init(
              .columnMeaning,
              line: try Int.fetchOne(
                database, sql: "SELECT line FROM trial WHERE position = ?", arguments: [position]),
              "eval_s: total_s - train_s - eval_s is \(Int(before.lowerBound)) to \(Int(before.upperBound)) s before this row and \(Int(after.lowerBound)) to \(Int(after.upperBound)) s from it on"
            ), of: position, in: database)
        }
        try BlackboardFiles(source: source, writer: writer).add(
          best: best, scoreName: schema.scoreName, in: database)
        if try source.digest() != digest {
          throw ImportError(.sourceChanged, "\(source.root.path) changed while it was read; import it again.")
        }
      }
    } catch {
      writer.discard()
      throw error
    }
  }

  private mutating func rows(into writer: ArchiveWriter) throws -> AutoresearchSchema {
    let total = FileReading.size(of: source.results)
    var scanner = TSVScanner()
    var reader: AutoresearchReader?
    var ready: [TSVLine] = []
    var done = 0
    var idWidth = 3
    func flush() throws {
      guard !ready.isEmpty else { return }
      let batch = ready
      ready.removeAll(keepingCapacity: true)
      try writer.transaction { database in
        for line in batch {
          try writer.addLine(line, in: database)
          guard let current = reader else {
            reader = try AutoresearchReader(header: line)
            continue
          }
          // An empty line is no row; the source's lines keep it.
          if line.bytes.isEmpty || line.bytes == [UInt8(ascii: "\r")] { continue }
          for trial in current.read(line, idWidth: idWidth) {
            if !trial.id.isEmpty { idWidth = min(trial.id.utf8.count, 9) }
            note(trial, at: writer.count)
            try writer.add(trial, in: database)
          }
        }
      }
    }
    var lineEnds = false
    try FileReading.chunks(of: source.results) { chunk in
      scanner.feed(chunk) {
        if $0.bytes.last == UInt8(ascii: "\r") { lineEnds = true }
        ready.append($0)
      }
      done += chunk.count
      if ready.count >= 500 {
        try flush()
        options.progress(done, total, writer.count)
      }
    }
    scanner.finish { ready.append($0) }
    try flush()
    options.progress(done, total, writer.count)
    guard let reader else {
      throw ImportError(.malformed, "\(source.results.path) is empty; nothing was imported.")
    }
    if lineEnds {
      try writer.transaction {
        try writer.addFlag(.init(.lineEnds, "lines end in CR LF"), of: nil, in: $0)
      }
    }
    return reader.schema
  }

  /// What can be said only when all rows are known.
  private mutating func note(_ trial: RecordedTrial, at position: Int) {
    shift.add(
      position, total: trial.totalSeconds.value, train: trial.trainSeconds.value,
      eval: trial.evalSeconds.value)
    let gate = trial.extra["accuracy"] != nil
    switch trial.outcome {
    case .baseline: baselineGate = (true, gate)
    case .kept:
      if let delta = trial.delta.value, delta != 0 {
        if delta < 0 { keptDeltas.lower += 1 } else { keptDeltas.higher += 1 }
      }
      best = (trial.id, trial.score)
    default: break
    }
    if gate, trial.outcome != .baseline { gateSeen = true }
  }
}
