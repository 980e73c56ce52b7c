import AssayMessages
import AssayPatch
import AssayTask

/// A task that this evaluator owns: its folder, its prepared data and its scorer.
public struct OwnedTask: Sendable {
  public var task: ResearchTask
  public var prepared: PreparedTask
  public var scorer: any TaskScorer

  public init(task: ResearchTask, prepared: PreparedTask, scorer: any TaskScorer) {
    self.task = task
    self.prepared = prepared
    self.scorer = scorer
  }
}

extension OwnedTask {
  var metric: LineageV1.Metric {
    var metric = LineageV1.Metric()
    metric.name = task.metric.name
    metric.direction = task.metric.direction == .minimize ? .minimize : .maximize
    metric.unit = task.metric.unit
    metric.smallestEffect = task.metric.smallestEffect.text
    return metric
  }

  /// What agents may know of the task.
  func description(evaluatorKey: [UInt8]) -> EvaluatorV1.TaskDescription {
    var description = EvaluatorV1.TaskDescription()
    description.name = task.name
    description.title = task.file.title
    description.summary = task.file.summary
    description.taskDigest = task.digest
    description.metric = metric
    description.gates = task.file.gates.map { gate in
      var wire = EvaluatorV1.Gate()
      wire.metric = gate.metric
      switch gate.bound {
      case .atLeast: wire.atLeast = gate.threshold.text
      case .atMost: wire.atMost = gate.threshold.text
      }
      wire.confidence = gate.confidence.text
      return wire
    }
    description.compute = task.file.compute.map { fixed in
      var wire = EvaluatorV1.FixedCompute()
      wire.quantity = fixed.quantity.rawValue
      wire.at = fixed.amount.text
      wire.tolerance = Quantity.decimal(fixed.tolerancePercent.value / 100)
      return wire
    }
    description.partitions = task.partitions.map(Self.wire)
    description.baseline = task.baseline.wire
    description.recipeMaxBytes = UInt64(task.file.recipeMaximumBytes)
    description.train = Self.budget(task.file.train)
    description.predict = Self.budget(task.file.predict)
    description.knowledge = task.knowledge.map { note in
      var wire = EvaluatorV1.KnowledgeNote()
      wire.path = note.path
      wire.text = note.text
      return wire
    }
    description.seedsPerTrial = UInt32(clamping: task.file.seeds.perTrial)
    description.evaluatorKey = evaluatorKey
    description.rulesVersion = UInt32(clamping: task.file.rules.version)
    description.rules = task.file.rules.statics.map { rule in
      var wire = EvaluatorV1.Rule()
      wire.id = rule.id
      wire.why = rule.why
      return wire
    }
    return description
  }

  static func wire(_ partition: TaskFile.Partition) -> EvaluatorV1.Partition {
    var wire = EvaluatorV1.Partition()
    wire.name = partition.name
    wire.title = Bounded.text(partition.title, 190)
    wire.regions = partition.scope.files.sorted { $0.key < $1.key }.map { file, extent in
      var region = EvaluatorV1.EditRegion()
      region.file = file
      if case .sections(let names) = extent { region.sections = names.sorted() }
      return region
    }
    return wire
  }

  static func budget(_ phase: TaskFile.Phase) -> EvaluatorV1.PhaseBudget {
    var budget = EvaluatorV1.PhaseBudget()
    budget.wallMs = UInt64(max(0, phase.limits.wallSeconds) * 1000)
    budget.cpuMs = UInt64(max(0, phase.limits.cpuSeconds) * 1000)
    budget.memoryBytes = UInt64(max(0, phase.limits.memoryBytes))
    budget.processes = UInt32(clamping: phase.limits.processes)
    budget.diskBytes = UInt64(max(0, phase.limits.diskBytes))
    budget.outputBytes = UInt64(max(0, phase.limits.outputBytes))
    budget.artifactBytes = phase.outputs.reduce(0) { $0 + UInt64(max(0, $1.maximumBytes)) }
    return budget
  }
}
