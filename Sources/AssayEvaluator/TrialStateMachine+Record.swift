import AssayMessages

extension TrialStateMachine {
  /// What each phase used, for the record.
  ///
  /// - Parameter prefix: of the names of phases, by the position of the seed.
  func usage(prefix: (Int) -> String = { _ in "" }) -> [LineageV1.PhaseUsage] {
    var usage: [LineageV1.PhaseUsage] = []
    for position in seeds.indices {
      if let report = trained[position] {
        usage.append(report.usage("train", prefix: prefix(position), seed: seeds[position]))
      }
    }
    for position in seeds.indices {
      for (_, report) in predicted[position].sorted(by: { $0.key < $1.key }) {
        usage.append(report.usage("predict", prefix: prefix(position), seed: seeds[position]))
      }
    }
    for (position, report) in (probes?.trained ?? [:]).sorted(by: { $0.key < $1.key }) {
      usage.append(report.usage("train", prefix: "probe-", seed: seeds[position]))
    }
    for (position, report) in (probes?.predicted ?? [:]).sorted(by: { $0.key < $1.key }) {
      usage.append(report.usage("predict", prefix: "probe-", seed: seeds[position]))
    }
    return Array(usage.prefix(1024))
  }

  /// Digests of the artifacts that training left.
  ///
  /// - Parameter isCounted: by the position of the seed.
  func artifacts(where isCounted: (Int) -> Bool = { _ in true }) -> [String] {
    seeds.indices.filter(isCounted).compactMap { trained[$0] }.flatMap(\.outputs)
      .filter { $0.state == .present }.map(\.digest)
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
    case .probing: leased || probes?.trained.isEmpty == false ? "training" : "queued"
    case .training: leased || trained.contains { $0 != nil } ? "training" : "queued"
    case .inputs, .predicting: "predicting"
    case .judging, .decided: "scoring"
    }
  }
}

extension JobReport {
  func usage(_ phase: String, prefix: String, seed: UInt64) -> LineageV1.PhaseUsage {
    var usage = LineageV1.PhaseUsage()
    usage.phase = prefix + phase
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
