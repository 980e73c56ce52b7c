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
    /// Where an author names none.
    public static let usualConfidence = "0.95"

    public var metric: String
    public var bound: Bound
    public var threshold: ExactDecimal
    /// One-sided, 0.5 to 0.9999: how sure it has to be that the recipe meets the gate; 0.5 asks for the mean of the seeds alone.
    public var confidence: ExactDecimal

    /// Whether a value meets it. Not a number does not.
    public func isMet(by value: Double) -> Bool {
      bound == .atLeast ? value >= threshold.value : value <= threshold.value
    }

    public var asksForMean: Bool { confidence.value <= 0.5 }

    public var description: String {
      "\(metric) \(bound == .atLeast ? "at least" : "at most") \(threshold)"
        + (asksForMean ? " in the mean" : " with confidence \(confidence)")
    }
  }

  /// A cost that every trial keeps to, so that what is compared is what a recipe makes of the same.
  public struct FixedCompute: Sendable, Hashable, CustomStringConvertible {
    /// What the runner measures of one seed's training, from outside the sandbox.
    public enum Quantity: String, Sendable, Hashable, CaseIterable {
      case trainCPUSeconds = "train_cpu_seconds"
      case trainWallSeconds = "train_wall_seconds"
      /// The most memory that it held, in millions of bytes.
      case trainMemoryMB = "train_memory_mb"
    }
    public var quantity: Quantity
    public var amount: ExactDecimal
    /// In hundredths of the amount.
    public var tolerancePercent: ExactDecimal

    public var range: ClosedRange<Double> {
      let slack = amount.value * tolerancePercent.value / 100
      return (amount.value - slack)...(amount.value + slack)
    }

    public var description: String { "\(quantity.rawValue) \(amount) within \(tolerancePercent) %" }
  }
}
