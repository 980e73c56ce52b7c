import AssayImport
import AssayRandom
import AssayTrajectory
import Foundation
import Glibc
import Testing

@Suite struct BadInputTests {
  @Test func theSameRecordAgainChangesNothing() async throws {
    var board = Blackboard()
    board.lines.append(Blackboard.row("001"))
    let source = try board.written()
    let place = FileManager.default.temporaryDirectory.appending(path: "assay-import-\(UUID().uuidString)")
    defer {
      try? FileManager.default.removeItem(at: source)
      try? FileManager.default.removeItem(at: place)
    }
    let options = ImportOptions(folder: place, name: "twice")
    let first = try await AutoresearchImport.run(source, options)
    let bytes = try Data(contentsOf: place.appending(path: ImportedRun.fileName))
    let second = try await AutoresearchImport.run(source, options)
    #expect(!first.alreadyImported && second.alreadyImported && second.rows == first.rows)
    #expect(try Data(contentsOf: place.appending(path: ImportedRun.fileName)) == bytes)
    // Other contents under the same name are refused, and what is there stays.
    try Data((board.lines.joined(separator: "\n") + "\n" + Blackboard.row("002") + "\n").utf8).write(
      to: source.appending(path: "results.tsv"))
    let error = try await #require(throws: ImportError.self) {
      _ = try await AutoresearchImport.run(source, options)
    }
    #expect(error.code == .nameTaken && error.message.contains("--name"))
    #expect(try Data(contentsOf: place.appending(path: ImportedRun.fileName)) == bytes)
  }

  @Test(arguments: [
    "", "hello\n", "exp_id\tstatus\n", "exp_id\texp_id\thypothesis\tstatus\tval_bpb\n",
    "exp_id\thypothesis\tstatus\n",
    "\u{0}\u{1}\u{2}", "exp_id\thypothesis\tstatus\tscore", "\"exp_id\thypothesis\n\tstatus\tscore\n",
  ]) func whatIsNoRecordIsRefusedAndLeavesNothing(_ text: String) async throws {
    let source = FileManager.default.temporaryDirectory.appending(
      path: "assay-blackboard-\(UUID().uuidString)")
    let place = FileManager.default.temporaryDirectory.appending(path: "assay-import-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: source, withIntermediateDirectories: true)
    defer {
      try? FileManager.default.removeItem(at: source)
      try? FileManager.default.removeItem(at: place)
    }
    try Data(text.utf8).write(to: source.appending(path: "results.tsv"))
    let options = ImportOptions(folder: place, name: "bad")
    if text.hasSuffix("score") {
      // A header alone is a record without rows.
      #expect(try await AutoresearchImport.run(source, options).rows == 0)
      return
    }
    let error = try await #require(throws: ImportError.self) {
      _ = try await AutoresearchImport.run(source, options)
    }
    #expect(error.code == .malformed)
    #expect(((try? FileManager.default.contentsOfDirectory(atPath: place.path)) ?? []).isEmpty)
  }

  /// Two at once of the same source: the place holds one whole archive at the end, whoever wrote it.
  @Test func twoImportsAtOnceLeaveOneWholeArchive() async throws {
    var board = Blackboard()
    for number in 1...800 { board.lines.append(Blackboard.row(String(format: "%03d", number))) }
    let source = try board.written()
    let place = FileManager.default.temporaryDirectory.appending(path: "assay-import-\(UUID().uuidString)")
    defer {
      try? FileManager.default.removeItem(at: source)
      try? FileManager.default.removeItem(at: place)
    }
    let options = ImportOptions(folder: place, name: "both")
    // What a killed one left is cleared away, what a running one writes is not.
    try FileManager.default.createDirectory(at: place, withIntermediateDirectories: true)
    try Data("half".utf8).write(to: place.appending(path: ImportedRun.fileName + ".partial-old"))
    let reports = try await withThrowingTaskGroup(of: ImportReport.self) { group in
      for _ in 0..<4 { group.addTask { try await AutoresearchImport.run(source, options) } }
      return try await group.reduce(into: []) { $0.append($1) }
    }
    #expect(reports.allSatisfy { $0.rows == 801 })
    #expect(reports.count { !$0.alreadyImported } == 1)
    let last = try await AutoresearchImport.run(source, options)
    #expect(last.rows == 801)
    #expect(try FileManager.default.contentsOfDirectory(atPath: place.path) == [ImportedRun.fileName])
    #expect(try await ImportedRun(folder: place).all().count == 801)
  }

  /// Stopped by its caller in the middle: nothing is there, and the same import again is whole.
  @Test func aCancelledImportLeavesNothing() async throws {
    var board = Blackboard()
    for number in 1...3000 { board.lines.append(Blackboard.row(String(format: "%04d", number))) }
    let source = try board.written()
    let place = FileManager.default.temporaryDirectory.appending(path: "assay-import-\(UUID().uuidString)")
    defer {
      try? FileManager.default.removeItem(at: source)
      try? FileManager.default.removeItem(at: place)
    }
    let stopping = ImportOptions(folder: place, name: "stopped") { _, _, rows in
      if rows > 0 { withUnsafeCurrentTask { $0?.cancel() } }
    }
    await withTaskGroup(of: Void.self) { group in
      group.addTask {
        await #expect(throws: CancellationError.self) { try await AutoresearchImport.run(source, stopping) }
      }
    }
    #expect(!FileManager.default.fileExists(atPath: place.path))
    let report = try await AutoresearchImport.run(source, ImportOptions(folder: place, name: "stopped"))
    #expect(report.rows == 3001)
  }

  /// Pipes and devices never end; nothing waits for one.
  @Test func whatIsNoPlainFileIsRefused() async throws {
    for name in ["results.tsv", "KNOWLEDGE.md", "tree.tsv"] {
      let source = try Blackboard().written()
      let place = FileManager.default.temporaryDirectory.appending(path: "assay-import-\(UUID().uuidString)")
      defer {
        try? FileManager.default.removeItem(at: source)
        try? FileManager.default.removeItem(at: place)
      }
      let file = source.appending(path: name)
      try? FileManager.default.removeItem(at: file)
      #expect(mkfifo(file.path, 0o600) == 0)
      let error = await #expect(throws: ImportError.self) {
        try await AutoresearchImport.run(source, ImportOptions(folder: place, name: "pipe"))
      }
      #expect(error?.message.contains("no plain file") == true, "\(name): \(error?.message ?? "")")
      #expect(!FileManager.default.fileExists(atPath: place.path))
    }
  }

  @Test func garbledBytesAreFlaggedAndKept() async throws {
    var board = Blackboard()
    board.lines += [Blackboard.row("001", hypothesis: "BYTES"), Blackboard.row("002")]
    let source = try board.written()
    let place = FileManager.default.temporaryDirectory.appending(path: "assay-import-\(UUID().uuidString)")
    defer {
      try? FileManager.default.removeItem(at: source)
      try? FileManager.default.removeItem(at: place)
    }
    var bytes = try Data(contentsOf: source.appending(path: "results.tsv"))
    let spot = try #require(bytes.range(of: Data("BYTES".utf8)))
    bytes.replaceSubrange(spot, with: [0xFF, 0x00, 0xC3, 0x28])
    try bytes.write(to: source.appending(path: "results.tsv"))
    let report = try await AutoresearchImport.run(source, ImportOptions(folder: place, name: "garbled"))
    #expect(report.rows == 3 && report.flags["invalid_utf8"] == 1)
    let run = try ImportedRun(folder: place)
    #expect(try await run.source() == [UInt8](bytes))
    #expect(try await run.all()[1].hypothesis == "\u{FFFD}\u{2400}\u{FFFD}(")
  }

  @Test func anEndlessLineIsCutAndCounted() async throws {
    var board = Blackboard()
    board.lines += [
      Blackboard.row("001", notes: String(repeating: "x", count: 3 << 20)), Blackboard.row("002"),
    ]
    let (report, run) = try await board.imported()
    #expect(report.rows == 3 && report.flags["oversized_line"] == 1)
    let line = try #require(try await run.sourceLines(from: 3, limit: 1).first)
    #expect(line.bytes.count == 1 << 20 && line.omitted > 2 << 20)
    #expect(try await run.all()[2].id == "002")
  }

  @Test func longChainsAndLargeIds() async throws {
    var board = Blackboard()
    for number in 1...20_000 {
      board.lines.append(Blackboard.row(id(number), parent: id(number - 1)))
    }
    let (report, run) = try await board.imported()
    #expect(report.rows == 20_001 && report.flags["parent_cycle"] == nil)
    #expect(report.flags["job_mismatch"] == nil && report.flags["duplicate_id"] == nil)
    let last = try await run.trials(from: 20_000, limit: 10)
    #expect(last.map(\.id) == ["20000"] && last[0].parent.position == 19_999)
  }

  private func id(_ number: Int) -> String {
    let text = String(number)
    return String(repeating: "0", count: max(0, 3 - text.count)) + text
  }

  /// Whatever the bytes are, and however they arrive in pieces, the lines give them all back.
  @Test func scanningLosesNothing() {
    var generator = SeededGenerator(seed: 7)
    let alphabet = Array("ab\t\t\n\n\"\" \r0".utf8)
    for _ in 0..<2000 {
      let bytes = (0..<Int.random(in: 0...60, using: &generator)).map { _ in
        alphabet[Int.random(in: 0..<alphabet.count, using: &generator)]
      }
      let limit = [8, 16, 1 << 20].randomElement(using: &generator) ?? 8
      let whole = lines(bytes, limit, pieces: [bytes.count])
      let cuts = (0..<3).map { _ in Int.random(in: 0...bytes.count, using: &generator) }
      #expect(lines(bytes, limit, pieces: cuts) == whole)
      #expect(whole.reduce(0) { $0 + $1.bytes.count + $1.omitted + ($1.isEnded ? 1 : 0) } == bytes.count)
      if whole.allSatisfy({ $0.omitted == 0 }) {
        #expect(whole.flatMap { $0.bytes + ($0.isEnded ? [UInt8(ascii: "\n")] : []) } == bytes)
      }
      #expect(whole.first.map { $0.number == 1 } ?? true)
    }
  }

  private func lines(_ bytes: [UInt8], _ limit: Int, pieces: [Int]) -> [TSVLine] {
    var scanner = TSVScanner(limit: limit)
    var lines: [TSVLine] = []
    var start = 0
    for cut in pieces.sorted() + [bytes.count] {
      scanner.feed(Array(bytes[start..<cut])) { lines.append($0) }
      start = cut
    }
    scanner.finish { lines.append($0) }
    return lines
  }

  /// What RFC 4180 can write is read back.
  @Test func quotingComesBack() {
    var generator = SeededGenerator(seed: 11)
    let alphabet = ["a", "\t", "\n", "\"", "é", " ", "</hypothesis>"]
    for _ in 0..<1000 {
      let cells = (0..<4).map { _ in
        (0..<Int.random(in: 0...6, using: &generator)).map { _ in
          alphabet.randomElement(using: &generator) ?? ""
        }
        .joined()
      }
      let text = cells.map(TSVCell.quoted).joined(separator: "\t")
      let read = lines(Array((text + "\n").utf8), 1 << 20, pieces: [])
      #expect(read.count == 1)
      #expect(TSVCell.split(read[0].bytes).map { String(decoding: $0.text, as: UTF8.self) } == cells)
    }
  }
}
