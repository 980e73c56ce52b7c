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

  /// A training with less to do: everything that is not said is as in `train`.
  mutating func readProbe(_ top: Fields, train: TaskFile.Phase?) -> TaskFile.Probe? {
    guard let node = top["probe"],
      let fields = mapping(
        node, "probe",
        [
          .required("budget_seconds", "1"), .required("cpu_seconds", "5"), .optional("predict"),
          .optional("enforce"),
        ])
    else { return nil }
    let budget = seconds(fields, "budget_seconds")
    let cpu = seconds(fields, "cpu_seconds")
    let predicts = flag(fields, "predict") ?? false
    let isEnforced = flag(fields, "enforce") ?? true
    guard var phase = train, let budget, let cpu else { return nil }
    if !phase.command.contains(where: { $0.contains("{budget}") }) {
      error(
        node, "a probe tells the recipe a smaller budget, and train.command has no {budget}",
        "pass {budget} on to the recipe, or leave the probe out")
    }
    if budget >= phase.budgetSeconds {
      error(
        fields["budget_seconds"], "'probe.budget_seconds' is not less than train.budget_seconds",
        "probe with a fraction of it")
    }
    if cpu >= phase.limits.cpuSeconds {
      error(
        fields["cpu_seconds"], "'probe.cpu_seconds' is not less than train.cpu_seconds",
        "a probe that costs as much as training saves nothing")
    }
    phase.budgetSeconds = budget
    phase.limits.cpuSeconds = cpu
    return .init(train: phase, predicts: predicts, isEnforced: isEnforced)
  }

  private mutating func flag(_ fields: Fields, _ key: String) -> Bool? {
    guard let node = fields[key] else { return nil }
    guard isPlain(node), let text = node.string, let value = Bool(text) else {
      error(node, "'\(fields.path(key))' is neither true nor false", "write \(key): true or \(key): false")
      return nil
    }
    return value
  }
}
