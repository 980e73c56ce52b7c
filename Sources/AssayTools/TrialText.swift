import AssayAgent
import AssayPatch

/// A trial in words: the evaluator's facts first, an agent's words quoted behind them.
enum TrialText {
  static func line(_ trial: TrialKnowledge, incumbent: Int, limit: Int = 400) -> String {
    var text = "\(trial.number)"
    if trial.number == 0 {
      text += " baseline"
    } else {
      text += " \(UntrustedText.line(trial.specialist, limit: 32)) on \(trial.parent): "
      text += trial.outcome?.rawValue ?? "in flight"
    }
    if let score = trial.score { text += " \(number(score))" }
    if trial.number == incumbent { text += " (best so far)" }
    if trial.outcome?.isFailure == true, !trial.reason.isEmpty {
      text += " - \(UntrustedText.line(trial.reason, limit: 160))"
    }
    let room = limit - text.count - 1
    guard trial.number != 0, !trial.hypothesis.isEmpty, room > 20 else { return text }
    return text + " " + UntrustedText.quoted(trial.hypothesis, limit: min(room, 200))
  }

  static func usage(_ usage: TrialKnowledge.Usage) -> [String] {
    func line(_ name: String, _ used: Double, _ limit: Double, _ unit: String) -> String? {
      guard used > 0 || limit > 0 else { return nil }
      var text = "\(name): \(number(used)) \(unit)"
      if limit > 0 { text += " of \(number(limit)), \(number((limit - used) / limit * 100)) % left" }
      return text
    }
    return [
      line("artifact", usage.artifactBytes, usage.artifactLimit, "bytes"),
      line("training", usage.trainSeconds, usage.trainLimit, "s"),
      line("prediction", usage.predictSeconds, usage.predictLimit, "s"),
    ].compactMap(\.self)
  }

  /// A number with six significant digits at most.
  static func number(_ value: Double) -> String {
    guard value.isFinite else { return "unknown" }
    if value == value.rounded(), abs(value) < 1e15 { return "\(Int64(value))" }
    var scale = 1.0
    while abs(value) * scale < 100_000, scale < 1e12 { scale *= 10 }
    return "\((value * scale).rounded() / scale)"
  }

  /// A diff as text, at most so many lines.
  static func diff(from old: RecipeTree, to new: RecipeTree, lines limit: Int) -> String {
    guard old != new else { return "(no difference)" }
    guard let diff = try? UnifiedDiff.make(from: old, to: new) else {
      return "(a difference that cannot be shown as text)"
    }
    let lines = String(decoding: diff.bytes, as: UTF8.self).split(
      separator: "\n", omittingEmptySubsequences: false)
    let shown = lines.prefix(limit).joined(separator: "\n")
    return lines.count > limit ? shown + "\n[\(lines.count - limit) more lines]" : shown
  }

  /// A part of a file with numbered lines.
  static func page(_ bytes: [UInt8], path: String, first: Int, count: Int) -> String {
    let lines = String(decoding: bytes, as: UTF8.self).split(
      separator: "\n", omittingEmptySubsequences: false)
    let last = bytes.last == 0x0a ? lines.count - 1 : lines.count
    guard first <= max(last, 1) else { return "\(path) has \(last) lines; ask for an earlier one" }
    var text = "\(path), \(last) lines, \(bytes.count) bytes:\n"
    for index in (first - 1)..<min(last, first - 1 + count) {
      let number = String(index + 1)
      let line = "\(String(repeating: " ", count: max(0, 5 - number.count)))\(number)\t\(lines[index])\n"
      guard text.count + line.count <= ToolOutcome.maximumCharacters - 400 else {
        return text + "[cut here; go on with first_line \(index + 1)]"
      }
      text += line
    }
    return text
  }
}
