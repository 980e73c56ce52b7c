import AssayTrajectory

/// What became of failures. Infrastructure failures are none of the recipe's and are left out.
public struct RepairFigures: Codable, Sendable, Equatable {
  /// Counts of failures of one kind.
  public struct Row: Codable, Sendable, Equatable {
    public var failures = 0
    /// The same specialist's next trial has a legal score.
    public var nextValid = 0
    /// The same specialist's next trial fails with the same label.
    public var repeated = 0
    /// A later trial with a legal score names the failed one.
    public var citedValid = 0
    /// A later kept trial names the failed one.
    public var citedKept = 0
    /// A descendant by parent has a legal score.
    public var descendantValid = 0

    private enum CodingKeys: String, CodingKey {
      case failures
      case nextValid = "next_valid"
      case repeated
      case citedValid = "cited_valid"
      case citedKept = "cited_kept"
      case descendantValid = "child_valid"
    }
  }

  public var total: Row
  public var byLabel: [String: Row]
  /// Next trial of the same specialist valid, of all failures; nil without failures.
  public var repairRate: Double?

  public init(_ trajectory: Trajectory) {
    let trials = trajectory.realTrials
    var next = [Int?](repeating: nil, count: trials.count)
    var latest: [String: Int] = [:]
    for index in trials.indices.reversed() {
      next[index] = latest[trials[index].specialist]
      latest[trials[index].specialist] = index
    }
    // A failure is cited by the place it has, not by its id alone: ids may stand twice.
    var places: [String: [Int]] = [:]
    for (index, trial) in trials.enumerated() where trial.outcome == .failed {
      places[Self.key(trial.id), default: []].append(index)
    }
    var citedValid = Set<Int>()
    var citedKept = Set<Int>()
    var childValid = Set<Int>()
    for (index, trial) in trials.enumerated() where trial.outcome.isValid {
      if let parent = trial.parent { childValid.insert(parent) }
      for id in trial.cited {
        guard let place = places[Self.key(id)]?.last(where: { $0 < index }) else { continue }
        citedValid.insert(place)
        if trial.outcome == .kept { citedKept.insert(place) }
      }
    }
    var total = Row()
    var rows: [String: Row] = [:]
    for (index, trial) in trials.enumerated() where trial.outcome == .failed {
      var row = rows[trial.label] ?? Row()
      func add(_ path: WritableKeyPath<Row, Int>) {
        row[keyPath: path] += 1
        total[keyPath: path] += 1
      }
      add(\.failures)
      if let following = next[index] {
        if trials[following].outcome.isValid { add(\.nextValid) }
        if trials[following].label == trial.label { add(\.repeated) }
      }
      if citedValid.contains(index) { add(\.citedValid) }
      if citedKept.contains(index) { add(\.citedKept) }
      if childValid.contains(trial.position) { add(\.descendantValid) }
      rows[trial.label] = row
    }
    self.total = total
    byLabel = rows
    repairRate = total.failures == 0 ? nil : Double(total.nextValid) / Double(total.failures)
  }

  /// Ids are numbers with or without zeros in front.
  private static func key(_ id: String) -> String {
    let bare = id.drop { $0 == "0" }
    return bare.isEmpty ? "0" : String(bare)
  }

  private enum CodingKeys: String, CodingKey {
    case total
    case byLabel = "by_label"
    case repairRate = "repair_rate"
  }
}
