import AssayMessages

extension TrialStateMachine {
  /// What each phase used, for the record.
  var usage: [LineageV1.PhaseUsage] {
    var usage: [LineageV1.PhaseUsage] = []
    for (seed, report) in zip(seeds, trained) {
      if let report { usage.append(report.usage("train", seed: seed)) }
    }
    for (seed, groups) in zip(seeds, predicted) {
      for (_, report) in groups.sorted(by: { $0.key < $1.key }) {
        usage.append(report.usage("predict", seed: seed))
      }
    }
    return Array(usage.prefix(1024))
  }

  /// What training printed: of the seed that failed where one did, else of the first. Prediction's output is never shown,
  /// as it has seen held-out inputs.
  var log: String {
    let reports = trained.compactMap(\.self)
    return (reports.first { $0.failure(in: .train) != nil } ?? reports.first)?.log ?? ""
  }

  /// For people who wait.
  func stageName(leased: Bool) -> String {
    switch stage {
    case .preflight: "queued"
    case .training: leased || trained.contains { $0 != nil } ? "training" : "queued"
    case .inputs, .predicting: "predicting"
    case .judging, .decided: "scoring"
    }
  }
}

extension JobReport {
  func usage(_ phase: String, seed: UInt64) -> LineageV1.PhaseUsage {
    var usage = LineageV1.PhaseUsage()
    usage.phase = phase
    usage.seed = seed
    usage.wallNs = wallNanoseconds
    usage.cpuNs = cpuNanoseconds
    usage.maxMemoryBytes = memoryBytes
    usage.artifactBytes = phase == "train" ? artifactBytes : 0
    usage.wallLimitNs = wallLimitNanoseconds
    usage.cpuLimitNs = cpuLimitNanoseconds
    usage.artifactLimitBytes = phase == "train" ? artifactLimit : 0
    usage.runner = Bounded.text(runner, 120)
    return usage
  }
}
