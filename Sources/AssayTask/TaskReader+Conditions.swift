import Yams

/// What a trial has to meet beside its score.
extension TaskReader {
  mutating func readGates(_ top: Fields) -> [TaskFile.Gate] {
    var gates: [TaskFile.Gate] = []
    for (index, node) in list(top, "gates").enumerated() {
      let path = "gates[\(index)]"
      guard
        let fields = mapping(
          node, path,
          [
            .required("metric", "accuracy"), .optional("at_least"), .optional("at_most"),
            .optional("confidence"),
          ])
      else { continue }
      let name = metricName(fields, "metric")
      let least = decimal(fields, "at_least")
      let most = decimal(fields, "at_most")
      var confidence = ExactDecimal(TaskFile.Gate.usualConfidence)
      if fields["confidence"] != nil {
        confidence = decimal(fields, "confidence")
        if let given = confidence, !(0.5...0.9999).contains(given.value) {
          error(
            fields["confidence"], "'\(path).confidence' is \(given)",
            "write 0.95, up to 0.9999, or 0.5 for the mean alone")
          confidence = nil
        }
      }
      guard (fields["at_least"] == nil) != (fields["at_most"] == nil) else {
        error(node, "'\(path)' needs exactly one bound", "write at_least: \"0.9\" or at_most: \"0.1\"")
        continue
      }
      guard let name, let threshold = least ?? most, let confidence else { continue }
      gates.append(
        .init(
          metric: name, bound: least == nil ? .atMost : .atLeast, threshold: threshold, confidence: confidence
        ))
    }
    return gates
  }

  mutating func readCompute(
    _ top: Fields, train: TaskFile.Phase?, metric: TaskFile.Metric?
  ) -> [TaskFile.FixedCompute] {
    var fixed: [TaskFile.FixedCompute] = []
    for (index, node) in list(top, "compute").enumerated() {
      let path = "compute[\(index)]"
      guard
        let fields = mapping(
          node, path,
          [
            .required("fix", "train_cpu_seconds"), .required("at", "\"10\""),
            .required("tolerance", "\"5%\""),
          ])
      else { continue }
      let quantity: TaskFile.FixedCompute.Quantity? = choice(fields, "fix")
      let amount = decimal(fields, "at")
      if let amount, amount.value <= 0 {
        error(fields["at"], "'\(path).at' is \(amount)", "write an amount greater than zero")
      }
      guard let tolerance = readTolerance(fields), let quantity, let amount else { continue }
      if fixed.contains(where: { $0.quantity == quantity }) {
        error(node, "'\(quantity.rawValue)' is fixed twice", "fix it once")
      }
      let entry = TaskFile.FixedCompute(quantity: quantity, amount: amount, tolerancePercent: tolerance)
      check(entry, fields, path, train: train, metric: metric)
      fixed.append(entry)
    }
    return fixed
  }

  private mutating func readTolerance(_ fields: Fields) -> ExactDecimal? {
    guard let text = string(fields, "tolerance") else { return nil }
    guard text.hasSuffix("%"), let value = ExactDecimal(String(text.dropLast())), value.value > 0,
      value.value <= 50
    else {
      error(
        fields["tolerance"], "'\(fields.path("tolerance"))' is '\(shown(text))'",
        "write a share of up to a half, such as \"5%\"")
      return nil
    }
    return value
  }

  /// What is held equal can be reached, and is not itself the score.
  private mutating func check(
    _ entry: TaskFile.FixedCompute, _ fields: Fields, _ path: String, train: TaskFile.Phase?,
    metric: TaskFile.Metric?
  ) {
    if metric?.source.rawValue == entry.quantity.rawValue {
      error(
        fields["fix"], "'\(path)' fixes what the metric measures",
        "fix something else, or score something else")
    }
    guard let limits = train?.limits else { return }
    let (cap, key): (Double, String) =
      switch entry.quantity {
      case .trainCPUSeconds: (limits.cpuSeconds, "train.cpu_seconds")
      case .trainWallSeconds: (limits.wallSeconds, "train.wall_seconds")
      case .trainMemoryMB: (Double(limits.memoryBytes) / 1e6, "train.memory_mb")
      }
    if entry.range.upperBound > cap {
      error(
        fields["at"], "'\(path)' allows more than \(key)",
        "raise \(key), so that training is not stopped before it is over what is allowed")
    }
  }
}
