/// Reads the record of a run and says what it amounts to.
public protocol Analyst: Sendable {
  /// What to write after the first so many trials, all of them decided.
  func insights(_ trials: [TrialKnowledge], metric: TaskKnowledge.Metric) async throws(AgentError) -> [Lesson]
}

/// An insight before it is written.
public struct Lesson: Sendable, Hashable {
  public var text: String
  /// Trials that it speaks of, at most 32.
  public var trials: [Int]

  public init(text: String, trials: [Int]) {
    self.text = text
    self.trials = trials
  }

  /// The most bytes of a text in UTF-8; the record takes a little more.
  public static let maximumBytes = 900
  /// The most trials that an insight names.
  public static let maximumTrials = 32

  /// The insight as far as the record takes it, cut between characters.
  var bounded: Lesson {
    var text = ""
    var bytes = 0
    for character in self.text {
      bytes += character.utf8.count
      guard bytes <= Self.maximumBytes else { break }
      text.append(character)
    }
    return Lesson(text: text, trials: Array(trials.prefix(Self.maximumTrials)))
  }
}

/// Says which kinds of edits paid, which failed and how, and where nothing moves any more. The same record gives the same words.
public struct SummarisingAnalyst: Analyst {
  public init() {}

  public func insights(
    _ trials: [TrialKnowledge], metric: TaskKnowledge.Metric
  ) async throws(AgentError) -> [Lesson] {
    let charged = trials.filter { $0.number != 0 && $0.outcome != nil && $0.outcome != .harnessAbort }
    return [kinds(trials, charged, metric), failures(charged), saturation(charged, metric)].compactMap(\.self)
  }

  private func kinds(
    _ all: [TrialKnowledge], _ charged: [TrialKnowledge], _ metric: TaskKnowledge.Metric
  ) -> Lesson? {
    struct Kind {
      var tries = 0
      var keeps: [Int] = []
      var failures = 0
      var gain = 0.0
    }
    let scores = Dictionary(
      all.compactMap { trial in trial.score.map { (trial.number, $0) } }, uniquingKeysWith: { one, _ in one })
    var kinds: [String: Kind] = [:]
    for trial in charged {
      for name in Evidence.family(of: trial.motive) {
        var kind = kinds[name] ?? Kind()
        kind.tries += 1
        if trial.outcome?.isFailure == true { kind.failures += 1 }
        if trial.outcome == .keep {
          kind.keeps.append(trial.number)
          if let score = trial.score, let base = scores[trial.parent] {
            kind.gain += metric.gain(from: base, to: score)
          }
        }
        kinds[name] = kind
      }
    }
    guard !kinds.isEmpty else { return nil }
    let paid = kinds.filter { !$0.value.keeps.isEmpty }
      .sorted { ($0.value.gain, $1.key) > ($1.value.gain, $0.key) }.prefix(4)
    let idle = kinds.filter { $0.value.keeps.isEmpty && $0.value.tries >= 3 }
      .sorted { ($0.value.tries, $1.key) > ($1.value.tries, $0.key) }.prefix(3)
    let unit = metric.unit.isEmpty ? "" : " " + metric.unit
    var parts = paid.map {
      "\($0.key) edits were kept \($0.value.keeps.count) of \($0.value.tries) times, gaining \(shortNumber($0.value.gain))\(unit)"
    }
    parts += idle.map {
      "\($0.key) edits were never kept in \($0.value.tries) tries (\($0.value.failures) failed)"
    }
    guard !parts.isEmpty else { return nil }
    return Lesson(
      text: "After \(charged.count) trials: " + parts.joined(separator: "; ") + ".",
      trials: Array(Set(paid.flatMap(\.value.keeps)).sorted().suffix(32)))
  }

  private func failures(_ charged: [TrialKnowledge]) -> Lesson? {
    let failed = charged.filter { $0.outcome?.isFailure == true }
    guard failed.count >= 2 else { return nil }
    let groups = Dictionary(grouping: failed) { $0.outcome?.rawValue ?? "" }
      .sorted { ($0.value.count, $1.key) > ($1.value.count, $0.key) }
    let words = groups.prefix(4).map { label, trials in
      let by = Dictionary(grouping: trials, by: \.specialist)
        .sorted { ($0.value.count, $1.key) > ($1.value.count, $0.key) }.first
      return "\(trials.count) \(label)"
        + (by.map { $0.value.count > 1 ? " (\($0.value.count) of them by \($0.key))" : "" } ?? "")
    }
    return Lesson(
      text:
        "After \(charged.count) trials \(failed.count) have failed: \(words.joined(separator: ", ")). Read the reasons before coming near them again.",
      trials: failed.map(\.number).suffix(32).map(\.self))
  }

  private func saturation(_ charged: [TrialKnowledge], _ metric: TaskKnowledge.Metric) -> Lesson? {
    let since = Array(charged.suffix(while: { $0.outcome != .keep }))
    guard let warning = Saturation(trialsSinceKeep: since.count, of: charged.count) else { return nil }
    let lastOf = Dictionary(grouping: charged, by: \.specialist).mapValues { trials in
      trials.suffix(while: { $0.outcome != .keep }).count
    }
    let idle = lastOf.filter { $0.value >= 6 }.sorted { ($0.value, $1.key) > ($1.value, $0.key) }
    let margin = metric.keepMargin > 0 ? metric.keepMargin : 2 * metric.scale
    let unit = metric.unit.isEmpty ? "" : " " + metric.unit
    return Lesson(
      text: "\(warning.text), and a keep needs \(shortNumber(margin))\(unit)"
        + (idle.isEmpty
          ? ""
          : "; longest without one: \(idle.prefix(3).map { "\($0.key) (\($0.value) trials)" }.joined(separator: ", "))")
        + ". Small steps of what is there will not show beyond the noise: change the approach.",
      trials: since.map(\.number).suffix(32).map(\.self))
  }
}

/// Whether a search has stopped moving: by how long it takes to find something, not by a fixed number of trials.
struct Saturation: Sendable {
  var text: String

  /// Nil while a keep may well be near: fewer than 8 trials without one, or no longer than twice what a keep took so far.
  init?(trialsSinceKeep: Int, of trials: Int) {
    let before = trials - trialsSinceKeep
    guard trialsSinceKeep >= 8, trialsSinceKeep >= before else { return nil }
    text = "Saturated: the last \(trialsSinceKeep) of \(trials) trials brought no keep"
  }
}

extension Array {
  /// The longest end of the array whose elements all fulfil a condition.
  fileprivate func suffix(while condition: (Element) -> Bool) -> [Element] {
    var start = endIndex
    while start > startIndex, condition(self[start - 1]) { start -= 1 }
    return Array(self[start...])
  }
}
