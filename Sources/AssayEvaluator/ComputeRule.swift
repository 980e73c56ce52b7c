import AssayTask

/// Decides whether a recipe kept to a cost that the task holds equal: on every seed, what the runner measured has to lie within the
/// tolerance. A run on less would be compared for what it saves, one on more for what it spends.
struct ComputeRule: Hashable, Sendable {
  /// In policies and verdicts.
  static let name = "within-tolerance-each-seed/v1"
  static let ruleID = "compute"

  var fixed: TaskFile.FixedCompute

  /// What is wrong, nil when nothing is.
  func failure(_ measured: Measured) -> TrialFailure? {
    let values: [Double] =
      switch fixed.quantity {
      case .trainCPUSeconds: measured.cpuSeconds
      case .trainWallSeconds: measured.wallSeconds
      case .trainMemoryMB: (measured.memoryBytes ?? []).map { Double($0) / 1e6 }
      }
    let range = fixed.range
    guard let seed = values.firstIndex(where: { !range.contains($0) }) else { return nil }
    let value = values[seed]
    return TrialFailure(
      .disqualified,
      "\(fixed.quantity.rawValue) is \(Quantity.decimal(value)) on seed \(seed + 1) of \(values.count); this task holds it at "
        + "\(fixed.amount), from \(Quantity.decimal(range.lowerBound)) to \(Quantity.decimal(range.upperBound)): use "
        + (value < range.lowerBound ? "more" : "less"), rule: Self.ruleID)
  }
}
