import AssayTrajectory
import Foundation

extension AutoresearchReader {
  /// A row's cells as a trial. Cells that are missing at the end are empty.
  func trial(_ cells: [String], _ line: TSVLine, _ flags: [RecordFlag]) -> RecordedTrial {
    func cell(_ name: String) -> String {
      guard let place = schema.places[name], place < cells.count else { return "" }
      return cells[place]
    }
    var trial = RecordedTrial(position: 0, id: cell("exp_id"))
    trial.line = line.number
    trial.flags = flags
    if let flag = RecordedText(line.bytes).flag {
      trial.flags.append(
        .init(
          flag, line: line.number,
          flag == .invalidText ? "bytes that are no UTF-8" : "control characters in the text"))
    }
    trial.parent = ParentClaim(raw: cell("parent_exp"), position: nil)
    trial.specialist = cell("specialist")
    trial.domain = cell("domain")
    trial.hypothesis = cell("hypothesis")
    trial.notes = cell("notes")
    trial.recordedAt = cell("timestamp")
    trial.label = cell("status")
    let score = schema.score < cells.count ? cells[schema.score] : ""
    func number(_ name: String, _ text: String) -> Reading {
      let reading = Reading(text)
      if reading.value == nil, !text.isEmpty {
        trial.flags.append(.init(.nonnumericValue, line: line.number, "\(name): \(text.prefix(200))"))
      }
      return reading
    }
    trial.score = number(schema.scoreName, score)
    trial.delta = number("delta_vs_best", cell("delta_vs_best"))
    trial.artifactBytes = number("artifact_bytes", cell("artifact_bytes"))
    trial.trainSeconds =
      schema.scoreName == "train_s" ? trial.score : number("train_s", cell("train_s"))
    trial.evalSeconds = number("eval_s", cell("eval_s"))
    trial.totalSeconds = number("total_s", cell("total_s"))
    trial.expectedDelta = expectedDelta(cell("expected_delta"), &trial.flags, line.number)
    for (name, place) in schema.extras where place < cells.count && !cells[place].isEmpty {
      trial.extra[name] = cells[place]
    }
    judge(&trial, line.number)
    return trial
  }

  /// A prediction in words is read where it can only mean one number, and flagged.
  private func expectedDelta(_ text: String, _ flags: inout [RecordFlag], _ line: Int) -> Reading {
    var reading = Reading(text)
    guard reading.value == nil, !text.isEmpty else { return reading }
    flags.append(.init(.nonnumericDelta, line: line, String(text.prefix(200))))
    var bare = text[...]
    if bare.count > 2, bare.first == "\"", bare.last == "\"" { bare = bare.dropFirst().dropLast() }
    for word in ["minus_", "negative_"] where bare.hasPrefix(word) {
      reading.value = Reading.number(String(bare.dropFirst(word.count))).map { -$0 }
      return reading
    }
    reading.value = Reading.number(String(bare))
    return reading
  }

  /// The outcome, and what a reader has to know of the row by itself.
  private func judge(_ trial: inout RecordedTrial, _ line: Int) {
    func flag(_ kind: FlagKind, _ detail: String = "") {
      trial.flags.append(.init(kind, line: line, String(detail.prefix(400))))
    }
    if let outcome = TrialOutcome(label: trial.label), outcome != .inFlight, outcome != .revoked {
      trial.outcome = outcome
    } else if !trial.label.isEmpty {
      flag(.unknownLabel, trial.label)
    }
    if trial.outcome == .failed,
      trial.notes.range(of: "infrastructure sync failure", options: .caseInsensitive) != nil
    {
      trial.outcome = .infrastructure
    }
    if trial.outcome == .infrastructure {
      flag(.infraCounted, "counted as a trial with the label \(trial.label), and never ran")
    }
    if trial.notes.contains("[QUARANTINED") { flag(.quarantined, trial.notes) }
    if Self.residue(in: trial.hypothesis) { flag(.toolResidue, "hypothesis") }
    if Self.residue(in: trial.notes) { flag(.toolResidue, "notes") }
    if trial.outcome != .baseline {
      let words = trial.hypothesis.trimmingCharacters(in: .whitespacesAndNewlines)
      if words.isEmpty || words.lowercased() == "test" { flag(.placeholderHypothesis, words) }
      if schema.places["job_name"] != nil { judgeJob(trial, flag) }
    }
    if trial.outcome == .failed, trial.score.value != nil {
      flag(.scoreWithoutLegality, "\(trial.label) with \(schema.scoreName) \(trial.score.raw)")
    }
  }

  private func judgeJob(_ trial: RecordedTrial, _ flag: (FlagKind, String) -> Void) {
    guard let job = trial.extra["job_name"] else { return flag(.jobMissing, "no job ran for this row") }
    let digits = String(job.reversed().prefix { $0.isASCII && $0.isNumber }.reversed())
    if let number = Int(digits), let id = Int(trial.id), number != id { flag(.jobMismatch, job) }
  }

  /// Markup of a tool call that was cut into a text.
  static func residue(in text: String) -> Bool {
    guard text.utf8.contains(UInt8(ascii: "<")) else { return false }
    return ["hypothesis", "parameter", "notes", "invoke", "function_calls", "expected_delta"].contains {
      text.contains("</\($0)") || text.contains("<\($0) ") || text.contains("<\($0)>")
    }
  }
}
