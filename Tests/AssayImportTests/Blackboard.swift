import AssayImport
import AssayTrajectory
import Foundation

/// A small blackboard, made by hand, with rows that a test spoils.
struct Blackboard {
  static let columns = [
    "exp_id", "timestamp", "specialist", "parent_exp", "baseline_exp", "domain", "hypothesis",
    "expected_delta",
    "status", "val_bpb", "delta_vs_best", "artifact_bytes", "train_s", "eval_s", "total_s", "job_name",
    "snapshot_path", "notes",
  ]

  var lines: [String] = [
    columns.joined(separator: "\t"), row("000", parent: "", status: "baseline", score: "1.0810"),
  ]
  /// Other files by name.
  var files: [String: String] = [:]
  /// Appended after the last line, without a line end.
  var tail = ""
  var lineEnd = "\n"

  /// A whole row. Time and job follow from the id.
  static func row(
    _ id: String, parent: String = "000", specialist: String = "opt", hypothesis: String = "Raise the rate",
    expected: String = "-0.001", status: String = "discard", score: String = "1.0900",
    delta: String = "0.009000",
    train: String = "588.5", eval: String = "500.1", total: String = "1300", job: String? = nil,
    notes: String = ""
  ) -> String {
    let number = Int(id) ?? 0
    let time = "2026-04-\(22 + number / 1440 % 7)T\(pad(number / 60 % 24)):\(pad(number % 60)):00Z"
    let baseline = status == "baseline"
    let cells = [
      id, time, baseline ? "baseline" : specialist, parent, "000", baseline ? "baseline" : specialist,
      hypothesis,
      expected, status, score, baseline ? "" : delta, baseline ? "" : "15990000", baseline ? "" : train,
      baseline ? "" : eval, baseline ? "" : total, baseline ? "" : job ?? "apg-\(specialist)-\(id)",
      status == "keep" ? "snapshots/\(id)_\(specialist)" : "", notes,
    ]
    return cells.joined(separator: "\t")
  }

  private static func pad(_ number: Int) -> String { number < 10 ? "0\(number)" : "\(number)" }

  static func keep(
    _ id: String, parent: String = "000", specialist: String = "opt", score: String, delta: String
  )
    -> String
  {
    row(id, parent: parent, specialist: specialist, status: "keep", score: score, delta: delta)
  }

  /// Writes the folder and imports it.
  func imported(as name: String = "sample", lowerIsBetter: Bool? = nil) async throws -> (
    ImportReport, ImportedRun
  ) {
    let folder = try written()
    let place = FileManager.default.temporaryDirectory.appending(path: "assay-import-\(UUID().uuidString)")
    // The archive stays open and readable after its file is gone.
    defer {
      for url in [folder, place] { try? FileManager.default.removeItem(at: url) }
    }
    let report = try await AutoresearchImport.run(
      folder, ImportOptions(folder: place, name: name, lowerIsBetter: lowerIsBetter))
    return (report, try ImportedRun(folder: place))
  }

  func written() throws -> URL {
    let folder = FileManager.default.temporaryDirectory.appending(
      path: "assay-blackboard-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    try Data((lines.joined(separator: lineEnd) + lineEnd + tail).utf8).write(
      to: folder.appending(path: "results.tsv"))
    for (name, text) in files {
      let url = folder.appending(path: name)
      try FileManager.default.createDirectory(
        at: url.deletingLastPathComponent(), withIntermediateDirectories: true)
      try Data(text.utf8).write(to: url)
    }
    return folder
  }
}

extension ImportedRun {
  func all() async throws -> [RecordedTrial] { try await trials(from: 0, limit: .max) }

  /// The whole source again, from the lines as they were kept.
  func source() async throws -> [UInt8] {
    var bytes: [UInt8] = []
    for line in try await sourceLines(from: 1, limit: .max) {
      bytes += line.bytes
      if line.isEnded { bytes.append(UInt8(ascii: "\n")) }
    }
    return bytes
  }
}

extension [RecordedTrial] {
  subscript(id id: String) -> RecordedTrial? { first { $0.id == id } }
}
