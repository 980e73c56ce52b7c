import AssayAgent

/// Which trials of a lineage to list.
enum TrialSelection: String, CaseIterable {
  case bestLineage = "best_lineage"
  case leaderboard, recent, failures
  case inFlight = "in_flight"
  case own, kept, subtree, orphaned

  /// The trials, in the order in which they are of use.
  func trials(
    of lineage: LineageKnowledge, specialist: String, metric: TaskKnowledge.Metric, root: Int
  ) -> [TrialKnowledge] {
    let all = lineage.trials
    switch self {
    case .bestLineage: return Self.ancestry(of: lineage.incumbent, in: lineage)
    case .leaderboard:
      return all.filter { $0.score != nil && $0.outcome?.isFailure == false }.sorted { left, right in
        let gain = metric.gain(from: right.score ?? 0, to: left.score ?? 0)
        return gain == 0 ? left.number < right.number : gain > 0
      }
    case .recent: return all.reversed()
    case .failures: return all.filter { $0.outcome?.isFailure == true }.reversed()
    case .inFlight: return all.filter { $0.outcome == nil && $0.number != 0 }
    case .own: return all.filter { $0.specialist == specialist }.reversed()
    case .kept: return all.filter { $0.outcome == .keep || $0.number == 0 }
    case .orphaned:
      // What the best recipe lacks takes merges to tell, which are the lineage service's.
      let line = Set(Self.ancestry(of: lineage.incumbent, in: lineage).map(\.number))
      return all.filter { $0.outcome == .keep && !line.contains($0.number) }
    case .subtree:
      var members: Set<Int> = [root]
      // Numbers rise from parent to child, so one pass finds all.
      return all.filter { trial in
        guard trial.number == root || (trial.number != 0 && members.contains(trial.parent)) else {
          return false
        }
        members.insert(trial.number)
        return true
      }
    }
  }

  /// From a trial up to the baseline.
  static func ancestry(of number: Int, in lineage: LineageKnowledge) -> [TrialKnowledge] {
    let byNumber = Dictionary(lineage.trials.map { ($0.number, $0) }, uniquingKeysWith: { one, _ in one })
    var line: [TrialKnowledge] = []
    var next: Int? = number
    while let current = next, let trial = byNumber[current] {
      line.append(trial)
      next = current == 0 || trial.parent >= current ? nil : trial.parent
    }
    return line
  }
}
