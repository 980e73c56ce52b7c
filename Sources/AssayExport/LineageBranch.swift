public import AssayTrajectory
import Foundation

/// The kept lineage of a run as a stream for `git fast-import`: one commit a trial, from the baseline to the best.
public enum LineageBranch {
  /// - Parameters:
  ///   - path: positions from the baseline to the best.
  ///   - branch: name without `refs/heads/`.
  /// - Throws: `ExportError.nothingToExport` when the record holds no code of a trial on the path.
  public static func stream(_ record: any RunRecord, path: [Int], branch: String) async throws -> [UInt8] {
    let run = try await record.run()
    var bytes: [UInt8] = []
    for (mark, position) in path.enumerated() {
      guard let trial = try await record.trials(from: position, limit: 1).first, trial.position == position,
        let recipe = try await record.recipe(of: position), !recipe.isEmpty
      else {
        throw ExportError(
          .nothingToExport,
          "the record holds no code of trial \(position), which leads to the best; without it there is no branch to write."
        )
      }
      let message = message(trial, run)
      let time = (try? Date(trial.recordedAt, strategy: .iso8601)).map { Int($0.timeIntervalSince1970) } ?? 0
      let name = plain(trial.outcome == .baseline ? "baseline" : trial.specialist)
      let author = "\(name) <\(name)@assay.invalid> \(max(0, time)) +0000"
      bytes += Array(
        "commit refs/heads/\(branch)\nmark :\(mark + 1)\nauthor \(author)\ncommitter \(author)\n".utf8)
      bytes += data(Array(message.utf8))
      if mark > 0 { bytes += Array("from :\(mark)\n".utf8) }
      bytes += Array("deleteall\n".utf8)
      for (file, content) in recipe.sorted(by: { $0.key < $1.key }) {
        try check(file)
        bytes += Array("M 100644 inline \(quoted(file))\n".utf8) + data(content)
      }
      bytes.append(UInt8(ascii: "\n"))
    }
    return bytes + Array("done\n".utf8)
  }

  private static func message(_ trial: RecordedTrial, _ run: RecordedRun) -> String {
    let title = oneLine(trial.hypothesis)
    var lines = [
      "\(trial.outcome == .baseline ? "Baseline" : "Trial \(oneLine(trial.id))"): \(title.prefix(72))", "",
    ]
    if title.count > 72 { lines += [title, ""] }
    lines.append("Verdict: \(oneLine(trial.label))")
    if !trial.score.raw.isEmpty {
      lines.append("Score: \(oneLine(trial.score.raw)) \(oneLine(run.scoreName))")
    }
    if !trial.delta.raw.isEmpty { lines.append("Delta: \(oneLine(trial.delta.raw))") }
    if let reason = trial.extra["reason"] { lines.append("Reason: \(oneLine(reason))") }
    if !trial.specialist.isEmpty { lines.append("Specialist: \(oneLine(trial.specialist))") }
    lines.append("Provenance: \(run.provenance.rawValue)")
    return lines.joined(separator: "\n") + "\n"
  }

  /// Hypotheses are agents' words: no control characters reach a terminal through `git log`.
  private static func oneLine(_ text: String) -> String {
    var result = String.UnicodeScalarView()
    for scalar in text.unicodeScalars.prefix(4000) {
      switch scalar.value {
      case 9, 10, 13: result.append(" ")
      case 0..<0x20, 0x7F...0x9F, 0x200B...0x200F, 0x202A...0x202E, 0x2066...0x206F: continue
      default: result.append(scalar)
      }
    }
    return String(result)
  }

  private static func plain(_ text: String) -> String {
    let kept = text.filter {
      $0.isASCII && ($0.isLetter || $0.isNumber || $0 == "-" || $0 == "_" || $0 == ".")
    }
    return kept.isEmpty ? "specialist" : String(kept.prefix(64))
  }

  private static func check(_ path: String) throws {
    for part in path.split(separator: "/", omittingEmptySubsequences: false) {
      guard !part.isEmpty, part != ".", part != "..", part.lowercased() != ".git" else {
        throw ExportError(
          .nothingToExport, "a recipe has the path '\(oneLine(path))', which cannot be in a repository.")
      }
    }
  }

  private static func data(_ bytes: [UInt8]) -> [UInt8] { Array("data \(bytes.count)\n".utf8) + bytes + [10] }

  private static func quoted(_ path: String) -> String {
    "\"" + path.replacing("\\", with: "\\\\").replacing("\"", with: "\\\"").replacing("\n", with: "\\n")
      + "\""
  }
}
