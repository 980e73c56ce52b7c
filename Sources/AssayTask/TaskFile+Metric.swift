extension TaskFile {
  /// What a trial is judged by.
  public struct Metric: Sendable, Hashable {
    public enum Direction: String, Sendable, Hashable, Codable, CaseIterable {
      case minimize, maximize
    }
    /// Where the value comes from.
    public enum Source: String, Sendable, Hashable, Codable, CaseIterable {
      /// The scorer's `metrics[name]`.
      case score
      /// The CPU seconds of training, measured by the runner.
      case trainCPUSeconds = "train_cpu_seconds"
      /// The wall-clock seconds of training, measured by the runner.
      case trainWallSeconds = "train_wall_seconds"
    }
    public var name: String
    public var direction: Direction
    public var unit: String
    /// A difference smaller than this does not matter, in the metric's unit.
    public var smallestEffect: ExactDecimal
    public var source: Source

    /// Whether one value is better than another.
    public func isBetter(_ value: Double, than other: Double) -> Bool {
      direction == .minimize ? value < other : value > other
    }
  }

  /// A condition on a metric.
  public struct Gate: Sendable, Hashable, CustomStringConvertible {
    public enum Bound: String, Sendable, Hashable, Codable {
      case atLeast = "at_least"
      case atMost = "at_most"
    }
    public var metric: String
    public var bound: Bound
    public var threshold: ExactDecimal

    /// Whether a value, the mean of the trial's seeds, meets it. Not a number does not.
    public func isMet(by value: Double) -> Bool {
      bound == .atLeast ? value >= threshold.value : value <= threshold.value
    }

    public var description: String { "\(metric) \(bound == .atLeast ? "at least" : "at most") \(threshold)" }
  }
}
