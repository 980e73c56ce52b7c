import AssayPatch

/// What a lineage says about kinds of edits, places and directions.
struct Evidence: Sendable {
  /// One named constant that a trial changed.
  struct Step: Sendable, Hashable {
    var key: String
    var old: LiteralValue
    var new: LiteralValue

    /// 1 where the number grew, -1 where it shrank, 0 otherwise.
    var direction: Int {
      guard let a = old.number, let b = new.number else {
        return old == .flag(false) ? 1 : old == .flag(true) ? -1 : 0
      }
      return b > a ? 1 : b < a ? -1 : 0
    }
  }

  /// A trial, compared with its parent.
  struct Account: Sendable {
    var trial: TrialKnowledge
    var steps: [Step]
    var sections: [EditScope.Edited]
    /// Improvement over the parent in the metric's unit; nil without both scores.
    var gain: Double?
    var normalised: String?
  }

  /// How often a kind of edit was tried and what came of it.
  struct Record: Sendable {
    var tries = 0
    var wins = 0
    var near = 0
    var failures = 0
    var gain = 0.0
    /// Seconds of training and prediction, and how many tries that is known of.
    var seconds = 0.0
    var timed = 0

    var meanSeconds: Double? { timed > 0 ? seconds / Double(timed) : nil }
  }

  let metric: TaskKnowledge.Metric
  private(set) var accounts: [Int: Account] = [:]
  /// Accounts by number, and those of trials that changed at most three constants by constant.
  private(set) var ordered: [Account] = []
  private var byKey: [String: [Account]] = [:]
  private(set) var families: [String: Record] = [:]
  private(set) var keys: [String: Record] = [:]
  /// All kinds together.
  private(set) var everything = Record()
  /// Normalised digests of everything that was ever proposed.
  private(set) var known: Set<String> = []
  let incumbent: Int

  /// Weighs a lineage; `inspections` belong to the trials' recipes in the same order, nil without a recipe.
  init(
    task: TaskKnowledge, lineage: LineageKnowledge?, inspections: [Int: RecipeReader.Inspection],
    others: [RecipeReader.Inspection]
  ) {
    metric = task.metric
    incumbent = lineage?.incumbent ?? 0
    for inspection in inspections.values { known.insert(inspection.digest) }
    for inspection in others { known.insert(inspection.digest) }
    guard let lineage else { return }
    let byNumber = Dictionary(lineage.trials.map { ($0.number, $0) }, uniquingKeysWith: { a, _ in a })
    for trial in lineage.trials.sorted(by: { $0.number < $1.number }) where trial.number != 0 {
      let parent = byNumber[trial.parent]
      let before = inspections[trial.parent]
      let after = inspections[trial.number]
      var steps: [Step] = []
      if let before, let after {
        for key in after.values.keys.sorted() {
          if let old = before.values[key], let new = after.values[key], old != new {
            steps.append(Step(key: key, old: old, new: new))
          }
        }
        // Constants without a name are counted through; where one came or went they all seem to change.
        if steps.count > 6 { steps.removeAll { $0.key.contains("@") } }
      }
      var sections: [EditScope.Edited] = []
      if let old = parent?.recipe, let new = trial.recipe {
        sections = EditScope.editedSections(before: old, after: new)
      }
      var gain: Double?
      if let score = trial.score, let base = parent?.score, trial.outcome?.isFailure == false {
        gain = metric.gain(from: base, to: score)
      }
      let account = Account(
        trial: trial, steps: steps, sections: sections, gain: gain, normalised: after?.digest)
      accounts[trial.number] = account
      ordered.append(account)
      for step in steps where steps.count <= 3 { byKey[step.key, default: []].append(account) }
      guard let outcome = trial.outcome, outcome != .harnessAbort, outcome != .baseline else { continue }
      let family = Self.family(of: trial.motive)
      let seconds = trial.usage.trainSeconds + trial.usage.predictSeconds
      for word in family { families[word, default: Record()].add(outcome, gain, metric, seconds: seconds) }
      everything.add(outcome, gain, metric, seconds: seconds)
      for step in steps where steps.count <= 3 {
        keys[step.key, default: Record()].add(outcome, gain, metric, seconds: seconds)
      }
    }
  }

  /// The kinds of edit that a motive names: `mutate.optimizer+constant.rate` names two.
  static func family(of motive: String) -> [String] {
    guard motive.hasPrefix("mutate.") else { return motive.isEmpty ? [] : [motive] }
    return motive.dropFirst("mutate.".count).split(separator: "+").map(String.init)
  }

  /// Nil while a keep may well be near.
  var saturation: Saturation? {
    let decided = ordered.filter { $0.trial.outcome != nil && $0.trial.outcome != .harnessAbort }
    let since = decided.reversed().prefix { $0.trial.outcome != .keep }.count
    return Saturation(trialsSinceKeep: since, of: decided.count)
  }

  /// How much a kind of edit should be favoured for what its trials take: 1 at the mean of all, up to 2 for cheap kinds, down to a
  /// half for dear ones. So what is drawn is gain for time, not gain alone.
  func thrift(of kind: String) -> Double {
    guard let own = families[kind]?.meanSeconds, let mean = everything.meanSeconds, own > 0 else { return 1 }
    return min(2, max(0.5, (mean / own).squareRoot()))
  }

  /// How much a place and direction should be favoured: above 1 where it paid, below where it cost.
  func favour(key: String, direction: Int) -> Double {
    var factor = 1.0
    for account in byKey[key] ?? [] {
      guard let step = account.steps.first(where: { $0.key == key }) else { continue }
      guard let outcome = account.trial.outcome else {
        factor *= step.direction == direction ? 0.02 : 0.3
        continue
      }
      let same = direction != 0 && step.direction == direction
      let opposite = direction != 0 && step.direction == -direction
      if outcome.isFailure {
        factor *= same ? 0.25 : opposite ? 1.0 : 0.6
      } else if let gain = account.gain {
        let units = gain / metric.scale
        if units > 1 {
          factor *= same ? 3 : opposite ? 0.3 : 1
        } else if units < -1 {
          factor *= same ? 0.2 : opposite ? 1.3 : 0.6
        } else {
          factor *= 0.6
        }
      }
    }
    return min(factor, 9)
  }

  /// What the lineage says about a place, in words; nil where it says nothing.
  func words(key: String, direction: Int) -> String? {
    var best: (weight: Double, text: String)?
    for account in byKey[key] ?? [] {
      guard account.steps.count == 1, let step = account.steps.first, step.key == key else { continue }
      let what = "\(step.old.shown) -> \(step.new.shown) in trial \(account.trial.number)"
      if let gain = account.gain {
        let amount = shortNumber(abs(gain)) + (metric.unit.isEmpty ? "" : " " + metric.unit)
        // What speaks against the move is not left out.
        let contrary = direction != 0 && step.direction != 0 && (step.direction == direction) != (gain >= 0)
        let text =
          (contrary ? "although " : "") + (gain >= 0 ? "\(what) gained \(amount)" : "\(what) cost \(amount)")
        if best.map({ abs(gain) / metric.scale > $0.weight }) ?? true {
          best = (abs(gain) / metric.scale, text)
        }
      } else if let outcome = account.trial.outcome, outcome.isFailure, best == nil {
        best = (0, "\(what) ended as \(outcome.rawValue)")
      }
    }
    return best?.text
  }

  /// The chain of parents from a trial to the baseline, the trial included.
  func ancestry(of number: Int) -> Set<Int> {
    var seen: Set<Int> = [number]
    var current = number
    while let account = accounts[current], seen.insert(account.trial.parent).inserted {
      current = account.trial.parent
    }
    return seen
  }
}

extension Evidence.Record {
  mutating func add(
    _ outcome: TrialOutcome, _ gain: Double?, _ metric: TaskKnowledge.Metric, seconds: Double
  ) {
    tries += 1
    if seconds > 0 {
      self.seconds += seconds
      timed += 1
    }
    if outcome.isFailure {
      failures += 1
    } else if let gain {
      let units = gain / metric.scale
      if outcome == .keep || units > 2 {
        wins += 1
        self.gain += max(0, gain)
      } else if units > 0 {
        near += 1
      }
    }
  }
}

/// A number with three significant digits.
func shortNumber(_ value: Double) -> String {
  guard value.isFinite else { return "\(value)" }
  if value == 0 { return "0" }
  var scale = 1.0
  var size = abs(value)
  while size < 100 {
    size *= 10
    scale *= 10
    if scale > 1e12 { break }
  }
  let text = "\((value * scale).rounded() / scale)"
  return text.hasSuffix(".0") ? String(text.dropLast(2)) : text
}
