import AssayTrajectory
import Foundation

/// A record in memory.
struct SampleRecord: RunRecord {
  var metadata = RecordedRun(
    name: "sample", provenance: .recipeClaimed, format: "test", scoreName: "loss", lowerIsBetter: true)
  var rows: [RecordedTrial]
  var recipes: [Int: [String: [UInt8]]] = [:]

  func run() async throws -> RecordedRun { metadata }
  func trials(from position: Int, limit: Int) async throws -> [RecordedTrial] {
    Array(rows.dropFirst(position).prefix(limit))
  }
  func recipe(of position: Int) async throws -> [String: [UInt8]]? { recipes[position] }

  static func trial(
    _ position: Int, _ label: String, _ score: String = "", parent: Int? = 0, hypothesis: String = "an idea"
  ) -> RecordedTrial {
    var trial = RecordedTrial(position: position, id: String(position))
    trial.label = label
    trial.outcome = TrialOutcome(label: label) ?? .unreadable
    trial.score = Reading(score)
    trial.parent = ParentClaim(
      raw: label == "baseline" ? "" : "\(parent ?? 0)", position: label == "baseline" ? nil : parent)
    trial.specialist = "opt"
    trial.hypothesis = hypothesis
    trial.recordedAt = "2026-04-22T01:0\(position % 10):00Z"
    trial.totalSeconds = Reading("10")
    return trial
  }

  static let hostile = "a,\"b\"\n<script>\u{1B}[31m|`x`\ttab"

  static let small = SampleRecord(rows: [
    trial(0, "baseline", "2.0"), trial(1, "keep", "1.9", hypothesis: hostile), trial(2, "crash"),
    trial(3, "keep", "1.8", parent: 1), trial(4, "discard", "1.95", parent: 3),
  ])
}

/// A folder that is gone at the end of a test.
func withFolder(_ body: (URL) async throws -> Void) async throws {
  let folder = FileManager.default.temporaryDirectory.appending(path: "assay-export-\(UUID().uuidString)")
  try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
  defer { try? FileManager.default.removeItem(at: folder) }
  try await body(folder)
}
