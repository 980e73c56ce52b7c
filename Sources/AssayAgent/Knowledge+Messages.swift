public import AssayMessages
public import AssayPatch

extension WireMessage {
  /// A message with fields set.
  static func with(_ fill: (inout Self) -> Void) -> Self {
    var message = Self()
    fill(&message)
    return message
  }
}

extension RecipeTree {
  /// The files of a snapshot; nil where they are no valid recipe.
  public init?(snapshot: LineageV1.Snapshot?) {
    guard let snapshot else { return nil }
    var files: [String: [UInt8]] = [:]
    for file in snapshot.files { files[file.path] = file.content }
    guard files.count == snapshot.files.count, let tree = try? RecipeTree(files) else { return nil }
    self = tree
  }
}

extension TrialOutcome {
  /// Nil for a label that this version does not know.
  init?(_ label: LineageV1.VerdictLabel) {
    switch label {
    case .baseline: self = .baseline
    case .keep: self = .keep
    case .discard: self = .discard
    case .crash: self = .crash
    case .preflightCrash: self = .preflightCrash
    case .sizeBlocked: self = .sizeBlocked
    case .trainBudgetOverrun: self = .trainBudgetOverrun
    case .evalBudgetOverrun: self = .evalBudgetOverrun
    case .disqualified: self = .disqualified
    case .illegal: self = .illegal
    case .harnessAbort: self = .harnessAbort
    default: return nil
    }
  }
}

extension TrialKnowledge.Usage {
  /// The most that any seed used of each phase.
  init(_ phases: [LineageV1.PhaseUsage]) {
    self.init()
    for phase in phases {
      let measured = phase.cpuLimitNs > 0 || phase.wallLimitNs == 0
      let used = Double(measured ? phase.cpuNs : phase.wallNs) / 1e9
      let limit = Double(measured ? phase.cpuLimitNs : phase.wallLimitNs) / 1e9
      switch phase.phase {
      case "train":
        trainSeconds = max(trainSeconds, used)
        trainLimit = limit
        artifactBytes = max(artifactBytes, Double(phase.artifactBytes))
        if phase.artifactLimitBytes > 0 { artifactLimit = Double(phase.artifactLimitBytes) }
      case "probe-train" where artifactBytes == 0:
        // Of a trial that was answered by a prediction, a probe is all that was measured.
        artifactBytes = Double(phase.artifactBytes)
        artifactLimit = Double(phase.artifactLimitBytes)
      case "predict":
        predictSeconds = max(predictSeconds, used)
        predictLimit = limit
      default: break
      }
    }
  }
}

extension TrialKnowledge {
  /// A trial as the lineage or the evaluator tells of it, without its recipe.
  init(
    number: Int, specialist: String, parent: Int, hypothesis: String, motive: String,
    recipe: RecipeTree? = nil,
    verdict: LineageV1.Verdict?, log: String
  ) {
    self.init(
      number: number, specialist: specialist, parent: parent,
      outcome: verdict.flatMap { TrialOutcome($0.label) },
      score: verdict.flatMap { Double($0.score) }.flatMap { $0.isFinite ? $0 : nil }, recipe: recipe,
      hypothesis: String(hypothesis.prefix(4000)), motive: motive,
      usage: Usage(verdict?.usage ?? []), reason: verdict?.reason ?? "", log: String(log.suffix(16_000)))
  }

  /// A trial as the lineage has it, without its recipe.
  public init(record: LineageV1.TrialRecord) {
    let trial = record.trial ?? LineageV1.Trial()
    let proposal = trial.proposal ?? AgentV1.Proposal()
    var verdict = record.inFlight ? nil : record.verdict
    if record.standing == .revoked || record.standing == .barred {
      // Nothing is to be built on it, and its score counts for nothing.
      verdict?.label = .illegal
      verdict?.score = ""
      verdict?.reason =
        record.revocation?.reason ?? "it descends from trial \(record.revokedAncestor), which was revoked"
    }
    self.init(
      number: Int(trial.trial), specialist: proposal.specialist, parent: Int(proposal.parent),
      hypothesis: proposal.hypothesis, motive: proposal.motive,
      verdict: verdict,
      log: record.logExcerpt)
  }
}

extension TaskKnowledge {
  /// A task as an evaluator describes it, for one specialist.
  init(
    _ task: EvaluatorV1.TaskDescription, specialist: String, state: EvaluatorV1.RunState
  ) throws(AgentError) {
    guard let partition = task.partitions.first(where: { $0.name == specialist }) else {
      let names = task.partitions.map { "'\($0.name)'" }.joined(separator: ", ")
      throw AgentError(
        .refused,
        "the task '\(task.name)' has no partition '\(specialist)'; start an agent for one of \(names)")
    }
    var files: [String: EditScope.Extent] = [:]
    for region in partition.regions {
      if region.sections.isEmpty {
        files[region.file] = .whole
      } else if case .sections(let names)? = files[region.file] {
        files[region.file] = .sections(names.union(region.sections))
      } else if files[region.file] == nil {
        files[region.file] = .sections(Set(region.sections))
      }
    }
    try self.init(task, scope: EditScope(files: files), state: state)
  }

  /// A task as an evaluator describes it, for whoever may edit so much of it.
  init(
    _ task: EvaluatorV1.TaskDescription, scope: EditScope, state: EvaluatorV1.RunState
  ) throws(AgentError) {
    guard let baseline = RecipeTree(snapshot: task.baseline), !baseline.isEmpty else {
      throw AgentError(.badState, "the evaluator described the task '\(task.name)' without a valid recipe")
    }
    func number(_ text: String?) -> Double {
      text.flatMap { Double($0) }.flatMap { $0.isFinite ? abs($0) : nil } ?? 0
    }
    func seconds(_ budget: EvaluatorV1.PhaseBudget?) -> Double {
      guard let budget else { return 0 }
      return Double(budget.cpuMs > 0 ? budget.cpuMs : budget.wallMs) / 1000
    }
    self.init(
      name: task.name,
      metric: Metric(
        name: task.metric?.name ?? "score", unit: task.metric?.unit ?? "",
        lowerIsBetter: task.metric?.direction != .maximize,
        smallestEffect: number(task.metric?.smallestEffect),
        noise: number(state.noiseSd), keepMargin: number(state.keepMargin)),
      caps: Caps(
        artifactBytes: Double(task.train?.artifactBytes ?? 0), trainSeconds: seconds(task.train),
        predictSeconds: seconds(task.predict), recipeBytes: Int(clamping: task.recipeMaxBytes)),
      scope: scope, baseline: baseline)
  }
}
