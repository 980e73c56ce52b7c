import ArgumentParser
import AssayAudit
import AssayImport
import AssayRandom
import Crypto
import Foundation
import Glibc

/// Importing a record of a million rows, beside the floor: reading the file and hashing it once.
enum ImportBenchmark {
  /// - Parameter page: a page whose table of imports is replaced by what was measured; nil for none.
  static func run(rows: Int, page: String? = nil) async throws {
    let folder = FileManager.default.temporaryDirectory.appending(path: "assay-import-\(UUID().uuidString)")
    defer { try? FileManager.default.removeItem(at: folder) }
    let source = folder.appending(path: "source")
    try FileManager.default.createDirectory(at: source, withIntermediateDirectories: true)
    let bytes = try write(rows: rows, to: source.appending(path: "results.tsv"))
    var (floor, imported, read, audited) = (Samples(), Samples(), Samples(), Samples())
    try await floor.measure {
      let handle = try FileHandle(forReadingFrom: source.appending(path: "results.tsv"))
      var hash = SHA256()
      while let part = try handle.read(upToCount: 1 << 18), !part.isEmpty { hash.update(data: part) }
      _ = hash.finalize()
    }
    let place = folder.appending(path: "place")
    try await imported.measure {
      _ = try await AutoresearchImport.run(source, ImportOptions(folder: place, name: "large"))
    }
    let peak = peakMegabytes()
    var trajectory: Trajectory?
    try await read.measure { trajectory = try await Trajectory(reading: ImportedRun(folder: place)) }
    await audited.measure { if let trajectory { _ = RunAudit(trajectory) } }
    var loads = [0.0]
    getloadavg(&loads, 1)
    let seconds = imported.microseconds(0.5) / 1e6
    let table = [
      "\(Self.title)\(rows) rows, \(bytes / 1_000_000) MB, one line in 200 mangled (one round; load \(cell(loads[0], 1)) on \(ProcessInfo.processInfo.activeProcessorCount) cores)",
      "| read and hash s | import s | rows/s | peak MB | read for an audit s | audit s | peak MB |",
      "|---|---|---|---|---|---|---|",
      "| \(cell(floor.microseconds(0.5) / 1e6, 2)) | \(cell(seconds, 1)) | \(Int(Double(rows) / seconds)) | \(peak) | \(cell(read.microseconds(0.5) / 1e6, 1)) | \(cell(audited.microseconds(0.5) / 1e6, 1)) | \(peakMegabytes()) |",
    ]
    report("\n" + table.joined(separator: "\n"))
    if let page { try replace(table, in: page) }
  }

  private static let title = "importing "

  /// Puts a table in the place of the one that begins alike; the rest of the page stays as it is.
  private static func replace(_ table: [String], in page: String) throws {
    var lines = try String(contentsOfFile: page, encoding: .utf8).split(
      separator: "\n", omittingEmptySubsequences: false
    ).map(String.init)
    guard let start = lines.firstIndex(where: { $0.hasPrefix(title) }) else {
      throw ValidationError("\(page) has no table of imports: no line of it begins with '\(title)'")
    }
    let end = lines[start...].firstIndex(of: "") ?? lines.endIndex
    lines.replaceSubrange(start..<end, with: table)
    try lines.joined(separator: "\n").write(toFile: page, atomically: true, encoding: .utf8)
    report("written to \(page)")
  }

  private static func peakMegabytes() -> Int {
    var usage = rusage()
    getrusage(0, &usage)
    return Int(usage.ru_maxrss) / 1024
  }

  /// A record in the shape of the released ones.
  private static func write(rows: Int, to file: URL) throws -> Int {
    try Data().write(to: file)
    let handle = try FileHandle(forWritingTo: file)
    let words =
      "raise lower the rate of muon warmup decay head embedding window clip sigma block batch loss weight depth"
      .split(separator: " ")
    var generator = SeededGenerator(seed: 1)
    func sentences(_ length: Int) -> [String] {
      (0..<500).map { _ in
        (0..<length).map { _ in String(words[Int.random(in: 0..<words.count, using: &generator)]) }
          .joined(separator: " ")
      }
    }
    let (hypotheses, notes) = (sentences(30), sentences(60))
    var text =
      "exp_id\ttimestamp\tspecialist\tparent_exp\tbaseline_exp\tdomain\thypothesis\texpected_delta\tstatus\tval_bpb\tdelta_vs_best\tartifact_bytes\ttrain_s\teval_s\ttotal_s\tjob_name\tsnapshot_path\tnotes\n000\t2026-04-22T00:00:00Z\tbaseline\t\t\tbaseline\tseed\t0\tbaseline\t1.081000\t\t\t\t\t\t\t\t\n"
    var bytes = 0
    var best = "000"
    for number in 1...rows {
      let id = String(repeating: "0", count: max(0, 3 - String(number).count)) + String(number)
      let kept = number % max(1, rows / 400) == 0
      let label = kept ? "keep" : ["discard", "size_blocked", "crash"][number % 3]
      let score = label == "crash" ? "" : String(1_081_000 - number / max(1, rows / 400) + (kept ? 0 : 500))
      let value = score.isEmpty ? "" : "1." + score.suffix(6)
      let after =
        "-0.001\t\(label)\t\(value)\t\(kept ? "-0.000001" : "0.000500")\t15990000\t588.\(100 + number % 900)\t500.1\t1400\tapg-opt-\(number)\t\t\(notes[number % 500])"
      let before = "\(id)\t2026-04-22T00:00:00Z\topt\t\(best)\t000\topt\t"
      if number % 200 == 0 {
        text +=
          before + "\"\(hypotheses[number % 500])</hypothesis>\" " + after.replacing("\t", with: " ") + "\n"
      } else {
        text += before + hypotheses[number % 500] + "\t" + after + "\n"
      }
      if kept { best = id }
      if text.utf8.count > 1 << 20 || number == rows {
        bytes += text.utf8.count
        try handle.write(contentsOf: Data(text.utf8))
        text = ""
      }
    }
    try handle.close()
    return bytes
  }
}
