import AssayTrajectory

/// Labels over the time of a run: equal parts of its trials, in order.
public struct FailureMix: Codable, Sendable, Equatable {
  public struct Part: Codable, Sendable, Equatable {
    /// Id of the first and last trial of the part.
    public var first: String
    public var last: String
    public var labels: [String: Int]
  }

  public var parts: [Part]

  /// - Parameter count: parts at most.
  public init(_ trajectory: Trajectory, parts count: Int = 10) {
    let trials = trajectory.countedTrials
    let number = min(max(count, 1), trials.count)
    parts = (0..<number).map { part in
      let slice = trials[(part * trials.count / number)..<((part + 1) * trials.count / number)]
      return Part(
        first: slice.first?.id ?? "", last: slice.last?.id ?? "",
        labels: Dictionary(slice.map { ($0.label, 1) }, uniquingKeysWith: +))
    }
  }
}
