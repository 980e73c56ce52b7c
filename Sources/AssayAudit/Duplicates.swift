import AssayTrajectory

/// Trials that repeat another one.
public struct Duplicates: Codable, Sendable, Equatable {
  public struct Group: Codable, Sendable, Equatable {
    /// `code`, `measurement` or `hypothesis`: what is equal.
    public var by: String
    public var ids: [String]
    /// Scores of the group in the same order; nil where there is none.
    public var scores: [Double?]
  }

  public var groups: [Group]

  public init(_ trajectory: Trajectory) {
    var code: [String: [Int]] = [:]
    var measured: [[Double]: [Int]] = [:]
    var hypotheses: [Int: [Int]] = [:]
    for (index, trial) in trajectory.trials.enumerated() where trial.isTrial {
      if let snapshot = trial.code { code[snapshot, default: []].append(index) }
      // Times have many digits: equal ones are one measurement written down twice.
      if let score = trial.score, let train = trial.trainSeconds, train != score,
        train != train.rounded() || trial.secondary != nil
      {
        measured[[score, train, trial.secondary ?? 0], default: []].append(index)
      }
      if trial.hypothesisHash != 0 { hypotheses[trial.hypothesisHash, default: []].append(index) }
    }
    func groups(_ by: String, _ found: some Collection<[Int]>) -> [Group] {
      found.filter { $0.count > 1 }.sorted { $0[0] < $1[0] }.map { group in
        Group(
          by: by, ids: group.map { trajectory.trials[$0].id },
          scores: group.map { trajectory.trials[$0].score })
      }
    }
    self.groups =
      groups("code", code.values) + groups("measurement", measured.values)
      + groups("hypothesis", hypotheses.values)
  }
}
