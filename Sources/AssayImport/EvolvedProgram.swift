import AssayTrajectory
import Foundation

/// A program of an evolutionary search, as OpenEvolve and ShinkaEvolve store it.
struct EvolvedProgram {
  var id: String
  var parent: String
  var code: String
  var generation: Int
  /// Seconds since 1970.
  var timestamp: Double
  /// Nil where the record has none that can be read.
  var score: Double?
  /// Whether the program passed its tests; nil where the record does not say.
  var isCorrect: Bool?
  /// What was changed, in the words of the record.
  var changes: String
  var island: String
  /// Further fields, as JSON texts.
  var extra: [String: String]
  /// As it was stored.
  var raw: [UInt8]

  /// As a trial. The stores have no verdicts: a new best is read as kept, everything else as discarded.
  ///
  /// - Parameter best: the best score before it, which this one may become.
  func trial(line: Int, best: inout Double?) -> RecordedTrial {
    var trial = RecordedTrial(position: 0, id: id)
    trial.line = line
    trial.parent.raw = parent
    trial.specialist = island.isEmpty ? "" : "island-\(island)"
    trial.domain = trial.specialist
    trial.hypothesis = changes
    trial.recordedAt = Date(timeIntervalSince1970: min(max(timestamp, 0), 4e9)).formatted(.iso8601)
    trial.extra = extra
    trial.extra["generation"] = String(generation)
    if let score { trial.score = Reading(raw: "\(score)", value: score) }
    if isCorrect == false || score == nil {
      trial.label = isCorrect == false ? "disqualified" : "crash"
      if let score {
        trial.flags.append(
          .init(.scoreWithoutLegality, line: line, "\(trial.label) with a score of \(score)"))
      }
    } else if let score {
      if let held = best { trial.delta = Reading(raw: "\(score - held)", value: score - held) }
      let improves = best.map { score > $0 } ?? true
      trial.label = parent.isEmpty && best == nil ? "baseline" : improves ? "keep" : "discard"
      if improves { best = score }
    }
    trial.outcome = TrialOutcome(label: trial.label) ?? .unreadable
    return trial
  }
}
