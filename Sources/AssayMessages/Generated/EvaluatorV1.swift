// Generated from proto/ by tools/protos.sh. Do not edit.
// swift-format-ignore-file
internal import CAssayProto
internal import CProtobufC

/// Messages of package `assay.evaluator.v1`.
public enum EvaluatorV1 {}

extension EvaluatorV1 {
  public struct RunPhase: WireEnum {
    public var rawValue: Int32
    public init(rawValue: Int32) { self.rawValue = rawValue }
    public static let unspecified = RunPhase(rawValue: 0)
    public static let measuringBaseline = RunPhase(rawValue: 1)
    public static let accepting = RunPhase(rawValue: 2)
    /// No new submissions; those in flight end.
    public static let draining = RunPhase(rawValue: 3)
    public static let rescoring = RunPhase(rawValue: 4)
    public static let finished = RunPhase(rawValue: 5)
    /// The baseline could not be measured; reason says why.
    public static let failed = RunPhase(rawValue: 6)
    /// Every declared value with its name in the .proto.
    public static let declared: [(value: RunPhase, name: String)] = [
      (.unspecified, "RUN_PHASE_UNSPECIFIED"),
      (.measuringBaseline, "RUN_PHASE_MEASURING_BASELINE"),
      (.accepting, "RUN_PHASE_ACCEPTING"),
      (.draining, "RUN_PHASE_DRAINING"),
      (.rescoring, "RUN_PHASE_RESCORING"),
      (.finished, "RUN_PHASE_FINISHED"),
      (.failed, "RUN_PHASE_FAILED"),
    ]
  }

  /// The bounds of one phase, enforced from outside the sandbox. 0 means no bound.
  public struct PhaseBudget: WireMessage, PackedMessage {
    public var wallMs: UInt64 = 0
    public var cpuMs: UInt64 = 0
    public var memoryBytes: UInt64 = 0
    public var processes: UInt32 = 0
    public var diskBytes: UInt64 = 0
    public var outputBytes: UInt64 = 0
    /// Sum of the caps of the declared outputs.
    public var artifactBytes: UInt64 = 0
    public init() {}
    public static let fullName = "assay.evaluator.v1.PhaseBudget"
    public func serialized() -> [UInt8] { packed() }
    public init(serialized bytes: UnsafeRawBufferPointer) throws(MessageError) {
      self = try Self.unpacked(bytes)
    }
    typealias CStruct = Assay__Evaluator__V1__PhaseBudget
    static func initialize(_ pointer: UnsafeMutablePointer<Assay__Evaluator__V1__PhaseBudget>) { assay__evaluator__v1__phase_budget__init(pointer) }
    func fill(_ pointer: UnsafeMutablePointer<Assay__Evaluator__V1__PhaseBudget>, _ arena_: inout Arena) {
      pointer.pointee.wall_ms = wallMs
      pointer.pointee.cpu_ms = cpuMs
      pointer.pointee.memory_bytes = memoryBytes
      pointer.pointee.processes = processes
      pointer.pointee.disk_bytes = diskBytes
      pointer.pointee.output_bytes = outputBytes
      pointer.pointee.artifact_bytes = artifactBytes
    }
    init(_ pointer: UnsafePointer<Assay__Evaluator__V1__PhaseBudget>) throws(MessageError) {
      wallMs = pointer.pointee.wall_ms
      cpuMs = pointer.pointee.cpu_ms
      memoryBytes = pointer.pointee.memory_bytes
      processes = pointer.pointee.processes
      diskBytes = pointer.pointee.disk_bytes
      outputBytes = pointer.pointee.output_bytes
      artifactBytes = pointer.pointee.artifact_bytes
    }
  }

  /// One place a specialist may edit.
  public struct EditRegion: WireMessage, PackedMessage {
    public var file: String = ""
    /// Section names; empty means the whole file.
    public var sections: [String] = []
    public init() {}
    public static let fullName = "assay.evaluator.v1.EditRegion"
    public func serialized() -> [UInt8] { packed() }
    public init(serialized bytes: UnsafeRawBufferPointer) throws(MessageError) {
      self = try Self.unpacked(bytes)
    }
    typealias CStruct = Assay__Evaluator__V1__EditRegion
    static func initialize(_ pointer: UnsafeMutablePointer<Assay__Evaluator__V1__EditRegion>) { assay__evaluator__v1__edit_region__init(pointer) }
    func fill(_ pointer: UnsafeMutablePointer<Assay__Evaluator__V1__EditRegion>, _ arena_: inout Arena) {
      pointer.pointee.file = arena_.text(file)
      if !sections.isEmpty {
        let items_ = arena_.array(ProtobufCBinaryData.self, count: sections.count)
        for index_ in sections.indices { items_[index_] = arena_.text(sections[index_]) }
        pointer.pointee.n_sections = sections.count
        pointer.pointee.sections = items_
      }
    }
    init(_ pointer: UnsafePointer<Assay__Evaluator__V1__EditRegion>) throws(MessageError) {
      file = try decodeText(pointer.pointee.file, limit: 512, field: "file")
      let sectionsCount_ = try decodeCount(pointer.pointee.n_sections, limit: 256, field: "sections")
      if sectionsCount_ > 0, let items_ = pointer.pointee.sections {
        sections.reserveCapacity(sectionsCount_)
        for index_ in 0..<sectionsCount_ { sections.append(try decodeText(items_[index_], limit: 65536, field: "sections")) }
      }
    }
  }

  /// `assay.evaluator.v1.Partition`.
  public struct Partition: WireMessage, PackedMessage {
    public var name: String = ""
    public var title: String = ""
    public var regions: [EvaluatorV1.EditRegion] = []
    public init() {}
    public static let fullName = "assay.evaluator.v1.Partition"
    public func serialized() -> [UInt8] { packed() }
    public init(serialized bytes: UnsafeRawBufferPointer) throws(MessageError) {
      self = try Self.unpacked(bytes)
    }
    typealias CStruct = Assay__Evaluator__V1__Partition
    static func initialize(_ pointer: UnsafeMutablePointer<Assay__Evaluator__V1__Partition>) { assay__evaluator__v1__partition__init(pointer) }
    func fill(_ pointer: UnsafeMutablePointer<Assay__Evaluator__V1__Partition>, _ arena_: inout Arena) {
      pointer.pointee.name = arena_.text(name)
      pointer.pointee.title = arena_.text(title)
      if !regions.isEmpty {
        let items_ = arena_.array(UnsafeMutablePointer<Assay__Evaluator__V1__EditRegion>?.self, count: regions.count)
        for index_ in regions.indices { items_[index_] = arena_.message(regions[index_]) }
        pointer.pointee.n_regions = regions.count
        pointer.pointee.regions = items_
      }
    }
    init(_ pointer: UnsafePointer<Assay__Evaluator__V1__Partition>) throws(MessageError) {
      name = try decodeText(pointer.pointee.name, limit: 64, field: "name")
      title = try decodeText(pointer.pointee.title, limit: 200, field: "title")
      let regionsCount_ = try decodeCount(pointer.pointee.n_regions, limit: 256, field: "regions")
      if regionsCount_ > 0, let items_ = pointer.pointee.regions {
        regions.reserveCapacity(regionsCount_)
        for index_ in 0..<regionsCount_ { regions.append(try decodeMessage(items_[index_], field: "regions")) }
      }
    }
  }

  /// `assay.evaluator.v1.KnowledgeNote`.
  public struct KnowledgeNote: WireMessage, PackedMessage {
    public var path: String = ""
    public var text: String = ""
    public init() {}
    public static let fullName = "assay.evaluator.v1.KnowledgeNote"
    public func serialized() -> [UInt8] { packed() }
    public init(serialized bytes: UnsafeRawBufferPointer) throws(MessageError) {
      self = try Self.unpacked(bytes)
    }
    typealias CStruct = Assay__Evaluator__V1__KnowledgeNote
    static func initialize(_ pointer: UnsafeMutablePointer<Assay__Evaluator__V1__KnowledgeNote>) { assay__evaluator__v1__knowledge_note__init(pointer) }
    func fill(_ pointer: UnsafeMutablePointer<Assay__Evaluator__V1__KnowledgeNote>, _ arena_: inout Arena) {
      pointer.pointee.path = arena_.text(path)
      pointer.pointee.text = arena_.text(text)
    }
    init(_ pointer: UnsafePointer<Assay__Evaluator__V1__KnowledgeNote>) throws(MessageError) {
      path = try decodeText(pointer.pointee.path, limit: 512, field: "path")
      text = try decodeText(pointer.pointee.text, limit: 262144, field: "text")
    }
  }

  /// `assay.evaluator.v1.Gate`.
  public struct Gate: WireMessage, PackedMessage {
    public var metric: String = ""
    /// Decimal strings, empty when there is no such bound.
    public var atLeast: String = ""
    public var atMost: String = ""
    /// The one-sided confidence with which the bound has to hold, a decimal string; 0.5 asks for the mean alone.
    public var confidence: String = ""
    public init() {}
    public static let fullName = "assay.evaluator.v1.Gate"
    public func serialized() -> [UInt8] { packed() }
    public init(serialized bytes: UnsafeRawBufferPointer) throws(MessageError) {
      self = try Self.unpacked(bytes)
    }
    typealias CStruct = Assay__Evaluator__V1__Gate
    static func initialize(_ pointer: UnsafeMutablePointer<Assay__Evaluator__V1__Gate>) { assay__evaluator__v1__gate__init(pointer) }
    func fill(_ pointer: UnsafeMutablePointer<Assay__Evaluator__V1__Gate>, _ arena_: inout Arena) {
      pointer.pointee.metric = arena_.text(metric)
      pointer.pointee.at_least = arena_.text(atLeast)
      pointer.pointee.at_most = arena_.text(atMost)
      pointer.pointee.confidence = arena_.text(confidence)
    }
    init(_ pointer: UnsafePointer<Assay__Evaluator__V1__Gate>) throws(MessageError) {
      metric = try decodeText(pointer.pointee.metric, limit: 64, field: "metric")
      atLeast = try decodeText(pointer.pointee.at_least, limit: 32, field: "at_least")
      atMost = try decodeText(pointer.pointee.at_most, limit: 32, field: "at_most")
      confidence = try decodeText(pointer.pointee.confidence, limit: 32, field: "confidence")
    }
  }

  /// A cost that every trial has to keep to: what is compared is then what a recipe makes of it.
  public struct FixedCompute: WireMessage, PackedMessage {
    /// "train_cpu_seconds", "train_wall_seconds" or "train_memory_mb".
    public var quantity: String = ""
    /// Decimal strings: the amount, and the share of it by which a seed may miss it, such as "0.05".
    public var at: String = ""
    public var tolerance: String = ""
    public init() {}
    public static let fullName = "assay.evaluator.v1.FixedCompute"
    public func serialized() -> [UInt8] { packed() }
    public init(serialized bytes: UnsafeRawBufferPointer) throws(MessageError) {
      self = try Self.unpacked(bytes)
    }
    typealias CStruct = Assay__Evaluator__V1__FixedCompute
    static func initialize(_ pointer: UnsafeMutablePointer<Assay__Evaluator__V1__FixedCompute>) { assay__evaluator__v1__fixed_compute__init(pointer) }
    func fill(_ pointer: UnsafeMutablePointer<Assay__Evaluator__V1__FixedCompute>, _ arena_: inout Arena) {
      pointer.pointee.quantity = arena_.text(quantity)
      pointer.pointee.at = arena_.text(at)
      pointer.pointee.tolerance = arena_.text(tolerance)
    }
    init(_ pointer: UnsafePointer<Assay__Evaluator__V1__FixedCompute>) throws(MessageError) {
      quantity = try decodeText(pointer.pointee.quantity, limit: 64, field: "quantity")
      at = try decodeText(pointer.pointee.at, limit: 32, field: "at")
      tolerance = try decodeText(pointer.pointee.tolerance, limit: 32, field: "tolerance")
    }
  }

  /// A rule that a recipe has to keep; a trial that breaks it is ILLEGAL.
  public struct Rule: WireMessage, PackedMessage {
    public var id: String = ""
    /// What it is for.
    public var why: String = ""
    public init() {}
    public static let fullName = "assay.evaluator.v1.Rule"
    public func serialized() -> [UInt8] { packed() }
    public init(serialized bytes: UnsafeRawBufferPointer) throws(MessageError) {
      self = try Self.unpacked(bytes)
    }
    typealias CStruct = Assay__Evaluator__V1__Rule
    static func initialize(_ pointer: UnsafeMutablePointer<Assay__Evaluator__V1__Rule>) { assay__evaluator__v1__rule__init(pointer) }
    func fill(_ pointer: UnsafeMutablePointer<Assay__Evaluator__V1__Rule>, _ arena_: inout Arena) {
      pointer.pointee.id = arena_.text(id)
      pointer.pointee.why = arena_.text(why)
    }
    init(_ pointer: UnsafePointer<Assay__Evaluator__V1__Rule>) throws(MessageError) {
      id = try decodeText(pointer.pointee.id, limit: 64, field: "id")
      why = try decodeText(pointer.pointee.why, limit: 1000, field: "why")
    }
  }

  /// `assay.evaluator.v1.TaskDescription`.
  public struct TaskDescription: WireMessage, PackedMessage {
    public var name: String = ""
    public var title: String = ""
    public var summary: String = ""
    public var taskDigest: String = ""
    public var metric: LineageV1.Metric?
    public var gates: [EvaluatorV1.Gate] = []
    public var partitions: [EvaluatorV1.Partition] = []
    public var baseline: LineageV1.Snapshot?
    public var recipeMaxBytes: UInt64 = 0
    public var train: EvaluatorV1.PhaseBudget?
    public var predict: EvaluatorV1.PhaseBudget?
    public var knowledge: [EvaluatorV1.KnowledgeNote] = []
    public var seedsPerTrial: UInt32 = 0
    /// Ed25519 public key of this evaluator, 32 bytes.
    public var evaluatorKey: [UInt8] = []
    /// Rises with every change of the rules.
    public var rulesVersion: UInt32 = 0
    public var rules: [EvaluatorV1.Rule] = []
    public var compute: [EvaluatorV1.FixedCompute] = []
    public init() {}
    public static let fullName = "assay.evaluator.v1.TaskDescription"
    public func serialized() -> [UInt8] { packed() }
    public init(serialized bytes: UnsafeRawBufferPointer) throws(MessageError) {
      self = try Self.unpacked(bytes)
    }
    typealias CStruct = Assay__Evaluator__V1__TaskDescription
    static func initialize(_ pointer: UnsafeMutablePointer<Assay__Evaluator__V1__TaskDescription>) { assay__evaluator__v1__task_description__init(pointer) }
    func fill(_ pointer: UnsafeMutablePointer<Assay__Evaluator__V1__TaskDescription>, _ arena_: inout Arena) {
      pointer.pointee.name = arena_.text(name)
      pointer.pointee.title = arena_.text(title)
      pointer.pointee.summary = arena_.text(summary)
      pointer.pointee.task_digest = arena_.text(taskDigest)
      if let value_ = metric { pointer.pointee.metric = arena_.message(value_) }
      if !gates.isEmpty {
        let items_ = arena_.array(UnsafeMutablePointer<Assay__Evaluator__V1__Gate>?.self, count: gates.count)
        for index_ in gates.indices { items_[index_] = arena_.message(gates[index_]) }
        pointer.pointee.n_gates = gates.count
        pointer.pointee.gates = items_
      }
      if !partitions.isEmpty {
        let items_ = arena_.array(UnsafeMutablePointer<Assay__Evaluator__V1__Partition>?.self, count: partitions.count)
        for index_ in partitions.indices { items_[index_] = arena_.message(partitions[index_]) }
        pointer.pointee.n_partitions = partitions.count
        pointer.pointee.partitions = items_
      }
      if let value_ = baseline { pointer.pointee.baseline = arena_.message(value_) }
      pointer.pointee.recipe_max_bytes = recipeMaxBytes
      if let value_ = train { pointer.pointee.train = arena_.message(value_) }
      if let value_ = predict { pointer.pointee.predict = arena_.message(value_) }
      if !knowledge.isEmpty {
        let items_ = arena_.array(UnsafeMutablePointer<Assay__Evaluator__V1__KnowledgeNote>?.self, count: knowledge.count)
        for index_ in knowledge.indices { items_[index_] = arena_.message(knowledge[index_]) }
        pointer.pointee.n_knowledge = knowledge.count
        pointer.pointee.knowledge = items_
      }
      pointer.pointee.seeds_per_trial = seedsPerTrial
      pointer.pointee.evaluator_key = arena_.blob(evaluatorKey)
      pointer.pointee.rules_version = rulesVersion
      if !rules.isEmpty {
        let items_ = arena_.array(UnsafeMutablePointer<Assay__Evaluator__V1__Rule>?.self, count: rules.count)
        for index_ in rules.indices { items_[index_] = arena_.message(rules[index_]) }
        pointer.pointee.n_rules = rules.count
        pointer.pointee.rules = items_
      }
      if !compute.isEmpty {
        let items_ = arena_.array(UnsafeMutablePointer<Assay__Evaluator__V1__FixedCompute>?.self, count: compute.count)
        for index_ in compute.indices { items_[index_] = arena_.message(compute[index_]) }
        pointer.pointee.n_compute = compute.count
        pointer.pointee.compute = items_
      }
    }
    init(_ pointer: UnsafePointer<Assay__Evaluator__V1__TaskDescription>) throws(MessageError) {
      name = try decodeText(pointer.pointee.name, limit: 64, field: "name")
      title = try decodeText(pointer.pointee.title, limit: 200, field: "title")
      summary = try decodeText(pointer.pointee.summary, limit: 8000, field: "summary")
      taskDigest = try decodeText(pointer.pointee.task_digest, limit: 64, field: "task_digest")
      if let value_ = pointer.pointee.metric { metric = try decodeMessage(value_, field: "metric") }
      let gatesCount_ = try decodeCount(pointer.pointee.n_gates, limit: 64, field: "gates")
      if gatesCount_ > 0, let items_ = pointer.pointee.gates {
        gates.reserveCapacity(gatesCount_)
        for index_ in 0..<gatesCount_ { gates.append(try decodeMessage(items_[index_], field: "gates")) }
      }
      let partitionsCount_ = try decodeCount(pointer.pointee.n_partitions, limit: 256, field: "partitions")
      if partitionsCount_ > 0, let items_ = pointer.pointee.partitions {
        partitions.reserveCapacity(partitionsCount_)
        for index_ in 0..<partitionsCount_ { partitions.append(try decodeMessage(items_[index_], field: "partitions")) }
      }
      if let value_ = pointer.pointee.baseline { baseline = try decodeMessage(value_, field: "baseline") }
      recipeMaxBytes = pointer.pointee.recipe_max_bytes
      if let value_ = pointer.pointee.train { train = try decodeMessage(value_, field: "train") }
      if let value_ = pointer.pointee.predict { predict = try decodeMessage(value_, field: "predict") }
      let knowledgeCount_ = try decodeCount(pointer.pointee.n_knowledge, limit: 64, field: "knowledge")
      if knowledgeCount_ > 0, let items_ = pointer.pointee.knowledge {
        knowledge.reserveCapacity(knowledgeCount_)
        for index_ in 0..<knowledgeCount_ { knowledge.append(try decodeMessage(items_[index_], field: "knowledge")) }
      }
      seedsPerTrial = pointer.pointee.seeds_per_trial
      evaluatorKey = try decodeBlob(pointer.pointee.evaluator_key, limit: 32, field: "evaluator_key")
      rulesVersion = pointer.pointee.rules_version
      let rulesCount_ = try decodeCount(pointer.pointee.n_rules, limit: 64, field: "rules")
      if rulesCount_ > 0, let items_ = pointer.pointee.rules {
        rules.reserveCapacity(rulesCount_)
        for index_ in 0..<rulesCount_ { rules.append(try decodeMessage(items_[index_], field: "rules")) }
      }
      let computeCount_ = try decodeCount(pointer.pointee.n_compute, limit: 16, field: "compute")
      if computeCount_ > 0, let items_ = pointer.pointee.compute {
        compute.reserveCapacity(computeCount_)
        for index_ in 0..<computeCount_ { compute.append(try decodeMessage(items_[index_], field: "compute")) }
      }
    }
  }

  /// `assay.evaluator.v1.DescribeTaskRequest`.
  public struct DescribeTaskRequest: WireMessage, PackedMessage {
    /// Empty when the evaluator owns one task.
    public var taskName: String = ""
    /// The task as the agents of this run see it: with the partitions of its arm. Empty for the task itself.
    public var runId: String = ""
    public init() {}
    public static let fullName = "assay.evaluator.v1.DescribeTaskRequest"
    public func serialized() -> [UInt8] { packed() }
    public init(serialized bytes: UnsafeRawBufferPointer) throws(MessageError) {
      self = try Self.unpacked(bytes)
    }
    typealias CStruct = Assay__Evaluator__V1__DescribeTaskRequest
    static func initialize(_ pointer: UnsafeMutablePointer<Assay__Evaluator__V1__DescribeTaskRequest>) { assay__evaluator__v1__describe_task_request__init(pointer) }
    func fill(_ pointer: UnsafeMutablePointer<Assay__Evaluator__V1__DescribeTaskRequest>, _ arena_: inout Arena) {
      pointer.pointee.task_name = arena_.text(taskName)
      pointer.pointee.run_id = arena_.text(runId)
    }
    init(_ pointer: UnsafePointer<Assay__Evaluator__V1__DescribeTaskRequest>) throws(MessageError) {
      taskName = try decodeText(pointer.pointee.task_name, limit: 64, field: "task_name")
      runId = try decodeText(pointer.pointee.run_id, limit: 64, field: "run_id")
    }
  }

  /// `assay.evaluator.v1.DescribeTaskResponse`.
  public struct DescribeTaskResponse: WireMessage, PackedMessage {
    public var task: EvaluatorV1.TaskDescription?
    public init() {}
    public static let fullName = "assay.evaluator.v1.DescribeTaskResponse"
    public func serialized() -> [UInt8] { packed() }
    public init(serialized bytes: UnsafeRawBufferPointer) throws(MessageError) {
      self = try Self.unpacked(bytes)
    }
    typealias CStruct = Assay__Evaluator__V1__DescribeTaskResponse
    static func initialize(_ pointer: UnsafeMutablePointer<Assay__Evaluator__V1__DescribeTaskResponse>) { assay__evaluator__v1__describe_task_response__init(pointer) }
    func fill(_ pointer: UnsafeMutablePointer<Assay__Evaluator__V1__DescribeTaskResponse>, _ arena_: inout Arena) {
      if let value_ = task { pointer.pointee.task = arena_.message(value_) }
    }
    init(_ pointer: UnsafePointer<Assay__Evaluator__V1__DescribeTaskResponse>) throws(MessageError) {
      if let value_ = pointer.pointee.task { task = try decodeMessage(value_, field: "task") }
    }
  }

  /// `assay.evaluator.v1.OpenRunRequest`.
  public struct OpenRunRequest: WireMessage, PackedMessage {
    public var runId: String = ""
    public var taskName: String = ""
    public var seed: UInt64 = 0
    /// Submissions accepted in all, not counting the baseline; 0 means no bound.
    public var maxTrials: UInt32 = 0
    /// False when the run's agents are given no lineage.
    public var lineageEnabled: Bool = false
    /// Opening again without bounds leaves them as they are; with others, replaces them.
    public var bounds: EvaluatorV1.RunBounds?
    /// Absent: each partition of the task has its specialist.
    public var arm: EvaluatorV1.Arm?
    public init() {}
    public static let fullName = "assay.evaluator.v1.OpenRunRequest"
    public func serialized() -> [UInt8] { packed() }
    public init(serialized bytes: UnsafeRawBufferPointer) throws(MessageError) {
      self = try Self.unpacked(bytes)
    }
    typealias CStruct = Assay__Evaluator__V1__OpenRunRequest
    static func initialize(_ pointer: UnsafeMutablePointer<Assay__Evaluator__V1__OpenRunRequest>) { assay__evaluator__v1__open_run_request__init(pointer) }
    func fill(_ pointer: UnsafeMutablePointer<Assay__Evaluator__V1__OpenRunRequest>, _ arena_: inout Arena) {
      pointer.pointee.run_id = arena_.text(runId)
      pointer.pointee.task_name = arena_.text(taskName)
      pointer.pointee.seed = seed
      pointer.pointee.max_trials = maxTrials
      pointer.pointee.lineage_enabled = lineageEnabled ? 1 : 0
      if let value_ = bounds { pointer.pointee.bounds = arena_.message(value_) }
      if let value_ = arm { pointer.pointee.arm = arena_.message(value_) }
    }
    init(_ pointer: UnsafePointer<Assay__Evaluator__V1__OpenRunRequest>) throws(MessageError) {
      runId = try decodeText(pointer.pointee.run_id, limit: 64, field: "run_id")
      taskName = try decodeText(pointer.pointee.task_name, limit: 64, field: "task_name")
      seed = pointer.pointee.seed
      maxTrials = pointer.pointee.max_trials
      lineageEnabled = pointer.pointee.lineage_enabled != 0
      if let value_ = pointer.pointee.bounds { bounds = try decodeMessage(value_, field: "bounds") }
      if let value_ = pointer.pointee.arm { arm = try decodeMessage(value_, field: "arm") }
    }
  }

  /// `assay.evaluator.v1.OpenRunResponse`.
  public struct OpenRunResponse: WireMessage, PackedMessage {
    public var state: EvaluatorV1.RunState?
    public init() {}
    public static let fullName = "assay.evaluator.v1.OpenRunResponse"
    public func serialized() -> [UInt8] { packed() }
    public init(serialized bytes: UnsafeRawBufferPointer) throws(MessageError) {
      self = try Self.unpacked(bytes)
    }
    typealias CStruct = Assay__Evaluator__V1__OpenRunResponse
    static func initialize(_ pointer: UnsafeMutablePointer<Assay__Evaluator__V1__OpenRunResponse>) { assay__evaluator__v1__open_run_response__init(pointer) }
    func fill(_ pointer: UnsafeMutablePointer<Assay__Evaluator__V1__OpenRunResponse>, _ arena_: inout Arena) {
      if let value_ = state { pointer.pointee.state = arena_.message(value_) }
    }
    init(_ pointer: UnsafePointer<Assay__Evaluator__V1__OpenRunResponse>) throws(MessageError) {
      if let value_ = pointer.pointee.state { state = try decodeMessage(value_, field: "state") }
    }
  }

  /// What may be spent, or was. In a bound, 0 means none.
  public struct Spend: WireMessage, PackedMessage {
    /// Trials whose end was not our failure.
    public var trials: UInt32 = 0
    /// CPU time of the trials' jobs, measured by runners; baseline and final report are not counted.
    public var cpuMs: UInt64 = 0
    /// Time of jobs times the GPUs that each of them held.
    public var gpuMs: UInt64 = 0
    /// Tokens of model requests, read from and written to a cache included.
    public var tokens: UInt64 = 0
    /// Billionths of a dollar, by the prices of whoever asks the model.
    public var nanodollars: UInt64 = 0
    public init() {}
    public static let fullName = "assay.evaluator.v1.Spend"
    public func serialized() -> [UInt8] { packed() }
    public init(serialized bytes: UnsafeRawBufferPointer) throws(MessageError) {
      self = try Self.unpacked(bytes)
    }
    typealias CStruct = Assay__Evaluator__V1__Spend
    static func initialize(_ pointer: UnsafeMutablePointer<Assay__Evaluator__V1__Spend>) { assay__evaluator__v1__spend__init(pointer) }
    func fill(_ pointer: UnsafeMutablePointer<Assay__Evaluator__V1__Spend>, _ arena_: inout Arena) {
      pointer.pointee.trials = trials
      pointer.pointee.cpu_ms = cpuMs
      pointer.pointee.gpu_ms = gpuMs
      pointer.pointee.tokens = tokens
      pointer.pointee.nanodollars = nanodollars
    }
    init(_ pointer: UnsafePointer<Assay__Evaluator__V1__Spend>) throws(MessageError) {
      trials = pointer.pointee.trials
      cpuMs = pointer.pointee.cpu_ms
      gpuMs = pointer.pointee.gpu_ms
      tokens = pointer.pointee.tokens
      nanodollars = pointer.pointee.nanodollars
    }
  }

  /// `assay.evaluator.v1.SpecialistBound`.
  public struct SpecialistBound: WireMessage, PackedMessage {
    /// Empty: each specialist without a bound of its own.
    public var specialist: String = ""
    public var bound: EvaluatorV1.Spend?
    public init() {}
    public static let fullName = "assay.evaluator.v1.SpecialistBound"
    public func serialized() -> [UInt8] { packed() }
    public init(serialized bytes: UnsafeRawBufferPointer) throws(MessageError) {
      self = try Self.unpacked(bytes)
    }
    typealias CStruct = Assay__Evaluator__V1__SpecialistBound
    static func initialize(_ pointer: UnsafeMutablePointer<Assay__Evaluator__V1__SpecialistBound>) { assay__evaluator__v1__specialist_bound__init(pointer) }
    func fill(_ pointer: UnsafeMutablePointer<Assay__Evaluator__V1__SpecialistBound>, _ arena_: inout Arena) {
      pointer.pointee.specialist = arena_.text(specialist)
      if let value_ = bound { pointer.pointee.bound = arena_.message(value_) }
    }
    init(_ pointer: UnsafePointer<Assay__Evaluator__V1__SpecialistBound>) throws(MessageError) {
      specialist = try decodeText(pointer.pointee.specialist, limit: 64, field: "specialist")
      if let value_ = pointer.pointee.bound { bound = try decodeMessage(value_, field: "bound") }
    }
  }

  /// When a run takes no more submissions. Those in flight end then, and the run with them. 0 and empty mean no bound.
  public struct RunBounds: WireMessage, PackedMessage {
    /// Its number of trials is max_trials of the run.
    public var run: EvaluatorV1.Spend?
    public var specialists: [EvaluatorV1.SpecialistBound] = []
    /// The model requests for one proposal.
    public var session: EvaluatorV1.Spend?
    /// Time since the run was first opened, pauses of the whole run not counted.
    public var wallMs: UInt64 = 0
    /// Trials, or time, since the last keep.
    public var patienceTrials: UInt32 = 0
    public var patienceMs: UInt64 = 0
    /// A kept score at least as good, a decimal string.
    public var target: String = ""
    public init() {}
    public static let fullName = "assay.evaluator.v1.RunBounds"
    public func serialized() -> [UInt8] { packed() }
    public init(serialized bytes: UnsafeRawBufferPointer) throws(MessageError) {
      self = try Self.unpacked(bytes)
    }
    typealias CStruct = Assay__Evaluator__V1__RunBounds
    static func initialize(_ pointer: UnsafeMutablePointer<Assay__Evaluator__V1__RunBounds>) { assay__evaluator__v1__run_bounds__init(pointer) }
    func fill(_ pointer: UnsafeMutablePointer<Assay__Evaluator__V1__RunBounds>, _ arena_: inout Arena) {
      if let value_ = run { pointer.pointee.run = arena_.message(value_) }
      if !specialists.isEmpty {
        let items_ = arena_.array(UnsafeMutablePointer<Assay__Evaluator__V1__SpecialistBound>?.self, count: specialists.count)
        for index_ in specialists.indices { items_[index_] = arena_.message(specialists[index_]) }
        pointer.pointee.n_specialists = specialists.count
        pointer.pointee.specialists = items_
      }
      if let value_ = session { pointer.pointee.session = arena_.message(value_) }
      pointer.pointee.wall_ms = wallMs
      pointer.pointee.patience_trials = patienceTrials
      pointer.pointee.patience_ms = patienceMs
      pointer.pointee.target = arena_.text(target)
    }
    init(_ pointer: UnsafePointer<Assay__Evaluator__V1__RunBounds>) throws(MessageError) {
      if let value_ = pointer.pointee.run { run = try decodeMessage(value_, field: "run") }
      let specialistsCount_ = try decodeCount(pointer.pointee.n_specialists, limit: 256, field: "specialists")
      if specialistsCount_ > 0, let items_ = pointer.pointee.specialists {
        specialists.reserveCapacity(specialistsCount_)
        for index_ in 0..<specialistsCount_ { specialists.append(try decodeMessage(items_[index_], field: "specialists")) }
      }
      if let value_ = pointer.pointee.session { session = try decodeMessage(value_, field: "session") }
      wallMs = pointer.pointee.wall_ms
      patienceTrials = pointer.pointee.patience_trials
      patienceMs = pointer.pointee.patience_ms
      target = try decodeText(pointer.pointee.target, limit: 64, field: "target")
    }
  }

  /// Who works in a run, and what they are shown.
  public struct Arm: WireMessage, PackedMessage {
    public var name: String = ""
    public var members: [EvaluatorV1.ArmMember] = []
    /// Agents that read and write insights, and may submit nothing.
    public var analysts: [String] = []
    /// True when agents are not given the task's notes.
    public var knowledgeWithheld: Bool = false
    public init() {}
    public static let fullName = "assay.evaluator.v1.Arm"
    public func serialized() -> [UInt8] { packed() }
    public init(serialized bytes: UnsafeRawBufferPointer) throws(MessageError) {
      self = try Self.unpacked(bytes)
    }
    typealias CStruct = Assay__Evaluator__V1__Arm
    static func initialize(_ pointer: UnsafeMutablePointer<Assay__Evaluator__V1__Arm>) { assay__evaluator__v1__arm__init(pointer) }
    func fill(_ pointer: UnsafeMutablePointer<Assay__Evaluator__V1__Arm>, _ arena_: inout Arena) {
      pointer.pointee.name = arena_.text(name)
      if !members.isEmpty {
        let items_ = arena_.array(UnsafeMutablePointer<Assay__Evaluator__V1__ArmMember>?.self, count: members.count)
        for index_ in members.indices { items_[index_] = arena_.message(members[index_]) }
        pointer.pointee.n_members = members.count
        pointer.pointee.members = items_
      }
      if !analysts.isEmpty {
        let items_ = arena_.array(ProtobufCBinaryData.self, count: analysts.count)
        for index_ in analysts.indices { items_[index_] = arena_.text(analysts[index_]) }
        pointer.pointee.n_analysts = analysts.count
        pointer.pointee.analysts = items_
      }
      pointer.pointee.knowledge_withheld = knowledgeWithheld ? 1 : 0
    }
    init(_ pointer: UnsafePointer<Assay__Evaluator__V1__Arm>) throws(MessageError) {
      name = try decodeText(pointer.pointee.name, limit: 64, field: "name")
      let membersCount_ = try decodeCount(pointer.pointee.n_members, limit: 256, field: "members")
      if membersCount_ > 0, let items_ = pointer.pointee.members {
        members.reserveCapacity(membersCount_)
        for index_ in 0..<membersCount_ { members.append(try decodeMessage(items_[index_], field: "members")) }
      }
      let analystsCount_ = try decodeCount(pointer.pointee.n_analysts, limit: 16, field: "analysts")
      if analystsCount_ > 0, let items_ = pointer.pointee.analysts {
        analysts.reserveCapacity(analystsCount_)
        for index_ in 0..<analystsCount_ { analysts.append(try decodeText(items_[index_], limit: 65536, field: "analysts")) }
      }
      knowledgeWithheld = pointer.pointee.knowledge_withheld != 0
    }
  }

  /// `assay.evaluator.v1.ArmMember`.
  public struct ArmMember: WireMessage, PackedMessage {
    public var specialist: String = ""
    /// The task's partitions that it may edit.
    public var partitions: [String] = []
    public init() {}
    public static let fullName = "assay.evaluator.v1.ArmMember"
    public func serialized() -> [UInt8] { packed() }
    public init(serialized bytes: UnsafeRawBufferPointer) throws(MessageError) {
      self = try Self.unpacked(bytes)
    }
    typealias CStruct = Assay__Evaluator__V1__ArmMember
    static func initialize(_ pointer: UnsafeMutablePointer<Assay__Evaluator__V1__ArmMember>) { assay__evaluator__v1__arm_member__init(pointer) }
    func fill(_ pointer: UnsafeMutablePointer<Assay__Evaluator__V1__ArmMember>, _ arena_: inout Arena) {
      pointer.pointee.specialist = arena_.text(specialist)
      if !partitions.isEmpty {
        let items_ = arena_.array(ProtobufCBinaryData.self, count: partitions.count)
        for index_ in partitions.indices { items_[index_] = arena_.text(partitions[index_]) }
        pointer.pointee.n_partitions = partitions.count
        pointer.pointee.partitions = items_
      }
    }
    init(_ pointer: UnsafePointer<Assay__Evaluator__V1__ArmMember>) throws(MessageError) {
      specialist = try decodeText(pointer.pointee.specialist, limit: 64, field: "specialist")
      let partitionsCount_ = try decodeCount(pointer.pointee.n_partitions, limit: 256, field: "partitions")
      if partitionsCount_ > 0, let items_ = pointer.pointee.partitions {
        partitions.reserveCapacity(partitionsCount_)
        for index_ in 0..<partitionsCount_ { partitions.append(try decodeText(items_[index_], limit: 65536, field: "partitions")) }
      }
    }
  }

  /// `assay.evaluator.v1.RunState`.
  public struct RunState: WireMessage, PackedMessage {
    public var runId: String = ""
    public var phase: EvaluatorV1.RunPhase = .unspecified
    public var reason: String = ""
    public var accepted: UInt32 = 0
    public var decided: UInt32 = 0
    public var maxTrials: UInt32 = 0
    public var incumbent: UInt32 = 0
    public var incumbentScore: String = ""
    public var baselineScore: String = ""
    /// Standard deviation of one trial's score, from the baseline's seeds.
    public var noiseSd: String = ""
    /// Improvement over the incumbent that a keep needs.
    public var keepMargin: String = ""
    public var queuedJobs: UInt32 = 0
    public var leasedJobs: UInt32 = 0
    public var runners: UInt32 = 0
    /// Grows with every change; wait on it.
    public var version: UInt64 = 0
    public var finalReport: EvaluatorV1.FinalReport?
    /// Trials that were answered by a prediction (docs/cheap-gates.md).
    public var predicted: UInt32 = 0
    /// Trials that were predicted to fail and run in full all the same, and those of them that did not fail so.
    public var predictionsChecked: UInt32 = 0
    public var predictionsWrong: UInt32 = 0
    /// Trials that ended by our failure: they count for no bound.
    public var refunded: UInt32 = 0
    public var bounds: EvaluatorV1.RunBounds?
    public var spent: EvaluatorV1.Spend?
    /// Set aside for what is in flight.
    public var reserved: EvaluatorV1.Spend?
    public var specialists: [EvaluatorV1.SpecialistState] = []
    public var paused: Bool = false
    /// Why it takes no more: "trials", "deadline", "budget", "patience", "target" or "operator"; empty while it does.
    public var stop: String = ""
    /// Milliseconds since the Unix epoch; 0 for none. Moves while the run is paused.
    public var deadlineMs: Int64 = 0
    public var arm: EvaluatorV1.Arm?
    /// What it is measured on, such as "AMD EPYC 7763, 2 x NVIDIA H100"; empty before its first job, and where runners do not tell.
    public var hardware: String = ""
    public init() {}
    public static let fullName = "assay.evaluator.v1.RunState"
    public func serialized() -> [UInt8] { packed() }
    public init(serialized bytes: UnsafeRawBufferPointer) throws(MessageError) {
      self = try Self.unpacked(bytes)
    }
    typealias CStruct = Assay__Evaluator__V1__RunState
    static func initialize(_ pointer: UnsafeMutablePointer<Assay__Evaluator__V1__RunState>) { assay__evaluator__v1__run_state__init(pointer) }
    func fill(_ pointer: UnsafeMutablePointer<Assay__Evaluator__V1__RunState>, _ arena_: inout Arena) {
      pointer.pointee.run_id = arena_.text(runId)
      pointer.pointee.phase = Assay__Evaluator__V1__RunPhase(rawValue: .init(truncatingIfNeeded: phase.rawValue))
      pointer.pointee.reason = arena_.text(reason)
      pointer.pointee.accepted = accepted
      pointer.pointee.decided = decided
      pointer.pointee.max_trials = maxTrials
      pointer.pointee.incumbent = incumbent
      pointer.pointee.incumbent_score = arena_.text(incumbentScore)
      pointer.pointee.baseline_score = arena_.text(baselineScore)
      pointer.pointee.noise_sd = arena_.text(noiseSd)
      pointer.pointee.keep_margin = arena_.text(keepMargin)
      pointer.pointee.queued_jobs = queuedJobs
      pointer.pointee.leased_jobs = leasedJobs
      pointer.pointee.runners = runners
      pointer.pointee.version = version
      if let value_ = finalReport { pointer.pointee.final_report = arena_.message(value_) }
      pointer.pointee.predicted = predicted
      pointer.pointee.predictions_checked = predictionsChecked
      pointer.pointee.predictions_wrong = predictionsWrong
      pointer.pointee.refunded = refunded
      if let value_ = bounds { pointer.pointee.bounds = arena_.message(value_) }
      if let value_ = spent { pointer.pointee.spent = arena_.message(value_) }
      if let value_ = reserved { pointer.pointee.reserved = arena_.message(value_) }
      if !specialists.isEmpty {
        let items_ = arena_.array(UnsafeMutablePointer<Assay__Evaluator__V1__SpecialistState>?.self, count: specialists.count)
        for index_ in specialists.indices { items_[index_] = arena_.message(specialists[index_]) }
        pointer.pointee.n_specialists = specialists.count
        pointer.pointee.specialists = items_
      }
      pointer.pointee.paused = paused ? 1 : 0
      pointer.pointee.stop = arena_.text(stop)
      pointer.pointee.deadline_ms = deadlineMs
      if let value_ = arm { pointer.pointee.arm = arena_.message(value_) }
      pointer.pointee.hardware = arena_.text(hardware)
    }
    init(_ pointer: UnsafePointer<Assay__Evaluator__V1__RunState>) throws(MessageError) {
      runId = try decodeText(pointer.pointee.run_id, limit: 64, field: "run_id")
      phase = try EvaluatorV1.RunPhase.decoded(Int32(truncatingIfNeeded: pointer.pointee.phase.rawValue), field: "phase")
      reason = try decodeText(pointer.pointee.reason, limit: 2000, field: "reason")
      accepted = pointer.pointee.accepted
      decided = pointer.pointee.decided
      maxTrials = pointer.pointee.max_trials
      incumbent = pointer.pointee.incumbent
      incumbentScore = try decodeText(pointer.pointee.incumbent_score, limit: 64, field: "incumbent_score")
      baselineScore = try decodeText(pointer.pointee.baseline_score, limit: 64, field: "baseline_score")
      noiseSd = try decodeText(pointer.pointee.noise_sd, limit: 64, field: "noise_sd")
      keepMargin = try decodeText(pointer.pointee.keep_margin, limit: 64, field: "keep_margin")
      queuedJobs = pointer.pointee.queued_jobs
      leasedJobs = pointer.pointee.leased_jobs
      runners = pointer.pointee.runners
      version = pointer.pointee.version
      if let value_ = pointer.pointee.final_report { finalReport = try decodeMessage(value_, field: "final_report") }
      predicted = pointer.pointee.predicted
      predictionsChecked = pointer.pointee.predictions_checked
      predictionsWrong = pointer.pointee.predictions_wrong
      refunded = pointer.pointee.refunded
      if let value_ = pointer.pointee.bounds { bounds = try decodeMessage(value_, field: "bounds") }
      if let value_ = pointer.pointee.spent { spent = try decodeMessage(value_, field: "spent") }
      if let value_ = pointer.pointee.reserved { reserved = try decodeMessage(value_, field: "reserved") }
      let specialistsCount_ = try decodeCount(pointer.pointee.n_specialists, limit: 300, field: "specialists")
      if specialistsCount_ > 0, let items_ = pointer.pointee.specialists {
        specialists.reserveCapacity(specialistsCount_)
        for index_ in 0..<specialistsCount_ { specialists.append(try decodeMessage(items_[index_], field: "specialists")) }
      }
      paused = pointer.pointee.paused != 0
      stop = try decodeText(pointer.pointee.stop, limit: 32, field: "stop")
      deadlineMs = pointer.pointee.deadline_ms
      if let value_ = pointer.pointee.arm { arm = try decodeMessage(value_, field: "arm") }
      hardware = try decodeText(pointer.pointee.hardware, limit: 300, field: "hardware")
    }
  }

  /// `assay.evaluator.v1.SpecialistState`.
  public struct SpecialistState: WireMessage, PackedMessage {
    public var specialist: String = ""
    public var paused: Bool = false
    /// It has spent what it may.
    public var exhausted: Bool = false
    public var spent: EvaluatorV1.Spend?
    public var reserved: EvaluatorV1.Spend?
    /// Submissions that were refused because their recipe was tried before; each attempt under one key is one.
    public var duplicatesRefused: UInt32 = 0
    public init() {}
    public static let fullName = "assay.evaluator.v1.SpecialistState"
    public func serialized() -> [UInt8] { packed() }
    public init(serialized bytes: UnsafeRawBufferPointer) throws(MessageError) {
      self = try Self.unpacked(bytes)
    }
    typealias CStruct = Assay__Evaluator__V1__SpecialistState
    static func initialize(_ pointer: UnsafeMutablePointer<Assay__Evaluator__V1__SpecialistState>) { assay__evaluator__v1__specialist_state__init(pointer) }
    func fill(_ pointer: UnsafeMutablePointer<Assay__Evaluator__V1__SpecialistState>, _ arena_: inout Arena) {
      pointer.pointee.specialist = arena_.text(specialist)
      pointer.pointee.paused = paused ? 1 : 0
      pointer.pointee.exhausted = exhausted ? 1 : 0
      if let value_ = spent { pointer.pointee.spent = arena_.message(value_) }
      if let value_ = reserved { pointer.pointee.reserved = arena_.message(value_) }
      pointer.pointee.duplicates_refused = duplicatesRefused
    }
    init(_ pointer: UnsafePointer<Assay__Evaluator__V1__SpecialistState>) throws(MessageError) {
      specialist = try decodeText(pointer.pointee.specialist, limit: 64, field: "specialist")
      paused = pointer.pointee.paused != 0
      exhausted = pointer.pointee.exhausted != 0
      if let value_ = pointer.pointee.spent { spent = try decodeMessage(value_, field: "spent") }
      if let value_ = pointer.pointee.reserved { reserved = try decodeMessage(value_, field: "reserved") }
      duplicatesRefused = pointer.pointee.duplicates_refused
    }
  }

  /// The re-score of the best recipe on fresh seeds and the sealed split, beside the baseline's.
  public struct FinalReport: WireMessage, PackedMessage {
    public var best: UInt32 = 0
    public var bestScores: [String] = []
    public var baselineScores: [String] = []
    public var bestMean: String = ""
    public var baselineMean: String = ""
    /// Improvement (positive is better) and the half-width of its 95 % interval.
    public var improvement: String = ""
    public var halfWidth: String = ""
    public var betterBeyondNoise: Bool = false
    /// "sealed" or "held-out".
    public var split: String = ""
    /// DSSE envelope of the same facts.
    public var envelope: [UInt8] = []
    public init() {}
    public static let fullName = "assay.evaluator.v1.FinalReport"
    public func serialized() -> [UInt8] { packed() }
    public init(serialized bytes: UnsafeRawBufferPointer) throws(MessageError) {
      self = try Self.unpacked(bytes)
    }
    typealias CStruct = Assay__Evaluator__V1__FinalReport
    static func initialize(_ pointer: UnsafeMutablePointer<Assay__Evaluator__V1__FinalReport>) { assay__evaluator__v1__final_report__init(pointer) }
    func fill(_ pointer: UnsafeMutablePointer<Assay__Evaluator__V1__FinalReport>, _ arena_: inout Arena) {
      pointer.pointee.best = best
      if !bestScores.isEmpty {
        let items_ = arena_.array(ProtobufCBinaryData.self, count: bestScores.count)
        for index_ in bestScores.indices { items_[index_] = arena_.text(bestScores[index_]) }
        pointer.pointee.n_best_scores = bestScores.count
        pointer.pointee.best_scores = items_
      }
      if !baselineScores.isEmpty {
        let items_ = arena_.array(ProtobufCBinaryData.self, count: baselineScores.count)
        for index_ in baselineScores.indices { items_[index_] = arena_.text(baselineScores[index_]) }
        pointer.pointee.n_baseline_scores = baselineScores.count
        pointer.pointee.baseline_scores = items_
      }
      pointer.pointee.best_mean = arena_.text(bestMean)
      pointer.pointee.baseline_mean = arena_.text(baselineMean)
      pointer.pointee.improvement = arena_.text(improvement)
      pointer.pointee.half_width = arena_.text(halfWidth)
      pointer.pointee.better_beyond_noise = betterBeyondNoise ? 1 : 0
      pointer.pointee.split = arena_.text(split)
      pointer.pointee.envelope = arena_.blob(envelope)
    }
    init(_ pointer: UnsafePointer<Assay__Evaluator__V1__FinalReport>) throws(MessageError) {
      best = pointer.pointee.best
      let best_scoresCount_ = try decodeCount(pointer.pointee.n_best_scores, limit: 256, field: "best_scores")
      if best_scoresCount_ > 0, let items_ = pointer.pointee.best_scores {
        bestScores.reserveCapacity(best_scoresCount_)
        for index_ in 0..<best_scoresCount_ { bestScores.append(try decodeText(items_[index_], limit: 65536, field: "best_scores")) }
      }
      let baseline_scoresCount_ = try decodeCount(pointer.pointee.n_baseline_scores, limit: 256, field: "baseline_scores")
      if baseline_scoresCount_ > 0, let items_ = pointer.pointee.baseline_scores {
        baselineScores.reserveCapacity(baseline_scoresCount_)
        for index_ in 0..<baseline_scoresCount_ { baselineScores.append(try decodeText(items_[index_], limit: 65536, field: "baseline_scores")) }
      }
      bestMean = try decodeText(pointer.pointee.best_mean, limit: 64, field: "best_mean")
      baselineMean = try decodeText(pointer.pointee.baseline_mean, limit: 64, field: "baseline_mean")
      improvement = try decodeText(pointer.pointee.improvement, limit: 64, field: "improvement")
      halfWidth = try decodeText(pointer.pointee.half_width, limit: 64, field: "half_width")
      betterBeyondNoise = pointer.pointee.better_beyond_noise != 0
      split = try decodeText(pointer.pointee.split, limit: 32, field: "split")
      envelope = try decodeBlob(pointer.pointee.envelope, limit: 1048576, field: "envelope")
    }
  }

  /// `assay.evaluator.v1.GetRunStateRequest`.
  public struct GetRunStateRequest: WireMessage, PackedMessage {
    /// Empty for the newest run that takes trials, or will once its baseline is measured; NOT_FOUND / NO_OPEN_RUN when there is none
    /// within wait_ms.
    public var runId: String = ""
    /// Return when the state's version is higher than this, or after wait_ms (at most 30000).
    public var afterVersion: UInt64 = 0
    public var waitMs: UInt32 = 0
    public init() {}
    public static let fullName = "assay.evaluator.v1.GetRunStateRequest"
    public func serialized() -> [UInt8] { packed() }
    public init(serialized bytes: UnsafeRawBufferPointer) throws(MessageError) {
      self = try Self.unpacked(bytes)
    }
    typealias CStruct = Assay__Evaluator__V1__GetRunStateRequest
    static func initialize(_ pointer: UnsafeMutablePointer<Assay__Evaluator__V1__GetRunStateRequest>) { assay__evaluator__v1__get_run_state_request__init(pointer) }
    func fill(_ pointer: UnsafeMutablePointer<Assay__Evaluator__V1__GetRunStateRequest>, _ arena_: inout Arena) {
      pointer.pointee.run_id = arena_.text(runId)
      pointer.pointee.after_version = afterVersion
      pointer.pointee.wait_ms = waitMs
    }
    init(_ pointer: UnsafePointer<Assay__Evaluator__V1__GetRunStateRequest>) throws(MessageError) {
      runId = try decodeText(pointer.pointee.run_id, limit: 64, field: "run_id")
      afterVersion = pointer.pointee.after_version
      waitMs = pointer.pointee.wait_ms
    }
  }

  /// `assay.evaluator.v1.GetRunStateResponse`.
  public struct GetRunStateResponse: WireMessage, PackedMessage {
    public var state: EvaluatorV1.RunState?
    public init() {}
    public static let fullName = "assay.evaluator.v1.GetRunStateResponse"
    public func serialized() -> [UInt8] { packed() }
    public init(serialized bytes: UnsafeRawBufferPointer) throws(MessageError) {
      self = try Self.unpacked(bytes)
    }
    typealias CStruct = Assay__Evaluator__V1__GetRunStateResponse
    static func initialize(_ pointer: UnsafeMutablePointer<Assay__Evaluator__V1__GetRunStateResponse>) { assay__evaluator__v1__get_run_state_response__init(pointer) }
    func fill(_ pointer: UnsafeMutablePointer<Assay__Evaluator__V1__GetRunStateResponse>, _ arena_: inout Arena) {
      if let value_ = state { pointer.pointee.state = arena_.message(value_) }
    }
    init(_ pointer: UnsafePointer<Assay__Evaluator__V1__GetRunStateResponse>) throws(MessageError) {
      if let value_ = pointer.pointee.state { state = try decodeMessage(value_, field: "state") }
    }
  }

  /// `assay.evaluator.v1.SubmitTrialRequest`.
  public struct SubmitTrialRequest: WireMessage, PackedMessage {
    public var runId: String = ""
    public var proposal: AgentV1.Proposal?
    public init() {}
    public static let fullName = "assay.evaluator.v1.SubmitTrialRequest"
    public func serialized() -> [UInt8] { packed() }
    public init(serialized bytes: UnsafeRawBufferPointer) throws(MessageError) {
      self = try Self.unpacked(bytes)
    }
    typealias CStruct = Assay__Evaluator__V1__SubmitTrialRequest
    static func initialize(_ pointer: UnsafeMutablePointer<Assay__Evaluator__V1__SubmitTrialRequest>) { assay__evaluator__v1__submit_trial_request__init(pointer) }
    func fill(_ pointer: UnsafeMutablePointer<Assay__Evaluator__V1__SubmitTrialRequest>, _ arena_: inout Arena) {
      pointer.pointee.run_id = arena_.text(runId)
      if let value_ = proposal { pointer.pointee.proposal = arena_.message(value_) }
    }
    init(_ pointer: UnsafePointer<Assay__Evaluator__V1__SubmitTrialRequest>) throws(MessageError) {
      runId = try decodeText(pointer.pointee.run_id, limit: 64, field: "run_id")
      if let value_ = pointer.pointee.proposal { proposal = try decodeMessage(value_, field: "proposal") }
    }
  }

  /// `assay.evaluator.v1.SubmitTrialResponse`.
  public struct SubmitTrialResponse: WireMessage, PackedMessage {
    public var trial: UInt32 = 0
    public init() {}
    public static let fullName = "assay.evaluator.v1.SubmitTrialResponse"
    public func serialized() -> [UInt8] { packed() }
    public init(serialized bytes: UnsafeRawBufferPointer) throws(MessageError) {
      self = try Self.unpacked(bytes)
    }
    typealias CStruct = Assay__Evaluator__V1__SubmitTrialResponse
    static func initialize(_ pointer: UnsafeMutablePointer<Assay__Evaluator__V1__SubmitTrialResponse>) { assay__evaluator__v1__submit_trial_response__init(pointer) }
    func fill(_ pointer: UnsafeMutablePointer<Assay__Evaluator__V1__SubmitTrialResponse>, _ arena_: inout Arena) {
      pointer.pointee.trial = trial
    }
    init(_ pointer: UnsafePointer<Assay__Evaluator__V1__SubmitTrialResponse>) throws(MessageError) {
      trial = pointer.pointee.trial
    }
  }

  /// `assay.evaluator.v1.WaitVerdictRequest`.
  public struct WaitVerdictRequest: WireMessage, PackedMessage {
    public var runId: String = ""
    public var trial: UInt32 = 0
    /// At most 30000; 0 answers at once.
    public var waitMs: UInt32 = 0
    public init() {}
    public static let fullName = "assay.evaluator.v1.WaitVerdictRequest"
    public func serialized() -> [UInt8] { packed() }
    public init(serialized bytes: UnsafeRawBufferPointer) throws(MessageError) {
      self = try Self.unpacked(bytes)
    }
    typealias CStruct = Assay__Evaluator__V1__WaitVerdictRequest
    static func initialize(_ pointer: UnsafeMutablePointer<Assay__Evaluator__V1__WaitVerdictRequest>) { assay__evaluator__v1__wait_verdict_request__init(pointer) }
    func fill(_ pointer: UnsafeMutablePointer<Assay__Evaluator__V1__WaitVerdictRequest>, _ arena_: inout Arena) {
      pointer.pointee.run_id = arena_.text(runId)
      pointer.pointee.trial = trial
      pointer.pointee.wait_ms = waitMs
    }
    init(_ pointer: UnsafePointer<Assay__Evaluator__V1__WaitVerdictRequest>) throws(MessageError) {
      runId = try decodeText(pointer.pointee.run_id, limit: 64, field: "run_id")
      trial = pointer.pointee.trial
      waitMs = pointer.pointee.wait_ms
    }
  }

  /// `assay.evaluator.v1.WaitVerdictResponse`.
  public struct WaitVerdictResponse: WireMessage, PackedMessage {
    public var decided: Bool = false
    public var verdict: LineageV1.Verdict?
    /// Recipe's own output, cleaned and bounded; untrusted text.
    public var logExcerpt: String = ""
    public var envelope: [UInt8] = []
    /// What is happening to the trial while it is not decided: "queued", "training", "predicting", "scoring", "confirming".
    public var stage: String = ""
    public init() {}
    public static let fullName = "assay.evaluator.v1.WaitVerdictResponse"
    public func serialized() -> [UInt8] { packed() }
    public init(serialized bytes: UnsafeRawBufferPointer) throws(MessageError) {
      self = try Self.unpacked(bytes)
    }
    typealias CStruct = Assay__Evaluator__V1__WaitVerdictResponse
    static func initialize(_ pointer: UnsafeMutablePointer<Assay__Evaluator__V1__WaitVerdictResponse>) { assay__evaluator__v1__wait_verdict_response__init(pointer) }
    func fill(_ pointer: UnsafeMutablePointer<Assay__Evaluator__V1__WaitVerdictResponse>, _ arena_: inout Arena) {
      pointer.pointee.decided = decided ? 1 : 0
      if let value_ = verdict { pointer.pointee.verdict = arena_.message(value_) }
      pointer.pointee.log_excerpt = arena_.text(logExcerpt)
      pointer.pointee.envelope = arena_.blob(envelope)
      pointer.pointee.stage = arena_.text(stage)
    }
    init(_ pointer: UnsafePointer<Assay__Evaluator__V1__WaitVerdictResponse>) throws(MessageError) {
      decided = pointer.pointee.decided != 0
      if let value_ = pointer.pointee.verdict { verdict = try decodeMessage(value_, field: "verdict") }
      logExcerpt = try decodeText(pointer.pointee.log_excerpt, limit: 65536, field: "log_excerpt")
      envelope = try decodeBlob(pointer.pointee.envelope, limit: 1048576, field: "envelope")
      stage = try decodeText(pointer.pointee.stage, limit: 32, field: "stage")
    }
  }

  /// `assay.evaluator.v1.CloseRunRequest`.
  public struct CloseRunRequest: WireMessage, PackedMessage {
    public var runId: String = ""
    public init() {}
    public static let fullName = "assay.evaluator.v1.CloseRunRequest"
    public func serialized() -> [UInt8] { packed() }
    public init(serialized bytes: UnsafeRawBufferPointer) throws(MessageError) {
      self = try Self.unpacked(bytes)
    }
    typealias CStruct = Assay__Evaluator__V1__CloseRunRequest
    static func initialize(_ pointer: UnsafeMutablePointer<Assay__Evaluator__V1__CloseRunRequest>) { assay__evaluator__v1__close_run_request__init(pointer) }
    func fill(_ pointer: UnsafeMutablePointer<Assay__Evaluator__V1__CloseRunRequest>, _ arena_: inout Arena) {
      pointer.pointee.run_id = arena_.text(runId)
    }
    init(_ pointer: UnsafePointer<Assay__Evaluator__V1__CloseRunRequest>) throws(MessageError) {
      runId = try decodeText(pointer.pointee.run_id, limit: 64, field: "run_id")
    }
  }

  /// `assay.evaluator.v1.CloseRunResponse`.
  public struct CloseRunResponse: WireMessage, PackedMessage {
    public var state: EvaluatorV1.RunState?
    public init() {}
    public static let fullName = "assay.evaluator.v1.CloseRunResponse"
    public func serialized() -> [UInt8] { packed() }
    public init(serialized bytes: UnsafeRawBufferPointer) throws(MessageError) {
      self = try Self.unpacked(bytes)
    }
    typealias CStruct = Assay__Evaluator__V1__CloseRunResponse
    static func initialize(_ pointer: UnsafeMutablePointer<Assay__Evaluator__V1__CloseRunResponse>) { assay__evaluator__v1__close_run_response__init(pointer) }
    func fill(_ pointer: UnsafeMutablePointer<Assay__Evaluator__V1__CloseRunResponse>, _ arena_: inout Arena) {
      if let value_ = state { pointer.pointee.state = arena_.message(value_) }
    }
    init(_ pointer: UnsafePointer<Assay__Evaluator__V1__CloseRunResponse>) throws(MessageError) {
      if let value_ = pointer.pointee.state { state = try decodeMessage(value_, field: "state") }
    }
  }

  /// `assay.evaluator.v1.AuditRunRequest`.
  public struct AuditRunRequest: WireMessage, PackedMessage {
    public var runId: String = ""
    /// Find, and change nothing.
    public var dryRun: Bool = false
    public init() {}
    public static let fullName = "assay.evaluator.v1.AuditRunRequest"
    public func serialized() -> [UInt8] { packed() }
    public init(serialized bytes: UnsafeRawBufferPointer) throws(MessageError) {
      self = try Self.unpacked(bytes)
    }
    typealias CStruct = Assay__Evaluator__V1__AuditRunRequest
    static func initialize(_ pointer: UnsafeMutablePointer<Assay__Evaluator__V1__AuditRunRequest>) { assay__evaluator__v1__audit_run_request__init(pointer) }
    func fill(_ pointer: UnsafeMutablePointer<Assay__Evaluator__V1__AuditRunRequest>, _ arena_: inout Arena) {
      pointer.pointee.run_id = arena_.text(runId)
      pointer.pointee.dry_run = dryRun ? 1 : 0
    }
    init(_ pointer: UnsafePointer<Assay__Evaluator__V1__AuditRunRequest>) throws(MessageError) {
      runId = try decodeText(pointer.pointee.run_id, limit: 64, field: "run_id")
      dryRun = pointer.pointee.dry_run != 0
    }
  }

  /// A trial that breaks a rule.
  public struct AuditFinding: WireMessage, PackedMessage {
    public var trial: UInt32 = 0
    public var rule: String = ""
    /// File and line with what stands there.
    public var evidence: String = ""
    /// What it was decided as; UNSPECIFIED for a trial in flight, which ends as ILLEGAL.
    public var label: LineageV1.VerdictLabel = .unspecified
    /// True when it was revoked before this call.
    public var revokedBefore: Bool = false
    public init() {}
    public static let fullName = "assay.evaluator.v1.AuditFinding"
    public func serialized() -> [UInt8] { packed() }
    public init(serialized bytes: UnsafeRawBufferPointer) throws(MessageError) {
      self = try Self.unpacked(bytes)
    }
    typealias CStruct = Assay__Evaluator__V1__AuditFinding
    static func initialize(_ pointer: UnsafeMutablePointer<Assay__Evaluator__V1__AuditFinding>) { assay__evaluator__v1__audit_finding__init(pointer) }
    func fill(_ pointer: UnsafeMutablePointer<Assay__Evaluator__V1__AuditFinding>, _ arena_: inout Arena) {
      pointer.pointee.trial = trial
      pointer.pointee.rule = arena_.text(rule)
      pointer.pointee.evidence = arena_.text(evidence)
      pointer.pointee.label = Assay__Lineage__V1__VerdictLabel(rawValue: .init(truncatingIfNeeded: label.rawValue))
      pointer.pointee.revoked_before = revokedBefore ? 1 : 0
    }
    init(_ pointer: UnsafePointer<Assay__Evaluator__V1__AuditFinding>) throws(MessageError) {
      trial = pointer.pointee.trial
      rule = try decodeText(pointer.pointee.rule, limit: 64, field: "rule")
      evidence = try decodeText(pointer.pointee.evidence, limit: 2000, field: "evidence")
      label = try LineageV1.VerdictLabel.decoded(Int32(truncatingIfNeeded: pointer.pointee.label.rawValue), field: "label")
      revokedBefore = pointer.pointee.revoked_before != 0
    }
  }

  /// `assay.evaluator.v1.AuditRunResponse`.
  public struct AuditRunResponse: WireMessage, PackedMessage {
    /// False while recipes are still to be screened.
    public var complete: Bool = false
    public var screened: UInt32 = 0
    public var total: UInt32 = 0
    public var rulesVersion: UInt32 = 0
    /// Of the task with these rules.
    public var taskDigest: String = ""
    /// By trial; at most the first 4096.
    public var findings: [EvaluatorV1.AuditFinding] = []
    public var incumbent: UInt32 = 0
    /// How many statements were signed and go to the record, by this call.
    public var statements: UInt32 = 0
    public init() {}
    public static let fullName = "assay.evaluator.v1.AuditRunResponse"
    public func serialized() -> [UInt8] { packed() }
    public init(serialized bytes: UnsafeRawBufferPointer) throws(MessageError) {
      self = try Self.unpacked(bytes)
    }
    typealias CStruct = Assay__Evaluator__V1__AuditRunResponse
    static func initialize(_ pointer: UnsafeMutablePointer<Assay__Evaluator__V1__AuditRunResponse>) { assay__evaluator__v1__audit_run_response__init(pointer) }
    func fill(_ pointer: UnsafeMutablePointer<Assay__Evaluator__V1__AuditRunResponse>, _ arena_: inout Arena) {
      pointer.pointee.complete = complete ? 1 : 0
      pointer.pointee.screened = screened
      pointer.pointee.total = total
      pointer.pointee.rules_version = rulesVersion
      pointer.pointee.task_digest = arena_.text(taskDigest)
      if !findings.isEmpty {
        let items_ = arena_.array(UnsafeMutablePointer<Assay__Evaluator__V1__AuditFinding>?.self, count: findings.count)
        for index_ in findings.indices { items_[index_] = arena_.message(findings[index_]) }
        pointer.pointee.n_findings = findings.count
        pointer.pointee.findings = items_
      }
      pointer.pointee.incumbent = incumbent
      pointer.pointee.statements = statements
    }
    init(_ pointer: UnsafePointer<Assay__Evaluator__V1__AuditRunResponse>) throws(MessageError) {
      complete = pointer.pointee.complete != 0
      screened = pointer.pointee.screened
      total = pointer.pointee.total
      rulesVersion = pointer.pointee.rules_version
      taskDigest = try decodeText(pointer.pointee.task_digest, limit: 64, field: "task_digest")
      let findingsCount_ = try decodeCount(pointer.pointee.n_findings, limit: 4096, field: "findings")
      if findingsCount_ > 0, let items_ = pointer.pointee.findings {
        findings.reserveCapacity(findingsCount_)
        for index_ in 0..<findingsCount_ { findings.append(try decodeMessage(items_[index_], field: "findings")) }
      }
      incumbent = pointer.pointee.incumbent
      statements = pointer.pointee.statements
    }
  }

  /// `assay.evaluator.v1.RevokeTrialRequest`.
  public struct RevokeTrialRequest: WireMessage, PackedMessage {
    public var runId: String = ""
    public var trial: UInt32 = 0
    /// Why, in a sentence or two; signed and published.
    public var reason: String = ""
    public init() {}
    public static let fullName = "assay.evaluator.v1.RevokeTrialRequest"
    public func serialized() -> [UInt8] { packed() }
    public init(serialized bytes: UnsafeRawBufferPointer) throws(MessageError) {
      self = try Self.unpacked(bytes)
    }
    typealias CStruct = Assay__Evaluator__V1__RevokeTrialRequest
    static func initialize(_ pointer: UnsafeMutablePointer<Assay__Evaluator__V1__RevokeTrialRequest>) { assay__evaluator__v1__revoke_trial_request__init(pointer) }
    func fill(_ pointer: UnsafeMutablePointer<Assay__Evaluator__V1__RevokeTrialRequest>, _ arena_: inout Arena) {
      pointer.pointee.run_id = arena_.text(runId)
      pointer.pointee.trial = trial
      pointer.pointee.reason = arena_.text(reason)
    }
    init(_ pointer: UnsafePointer<Assay__Evaluator__V1__RevokeTrialRequest>) throws(MessageError) {
      runId = try decodeText(pointer.pointee.run_id, limit: 64, field: "run_id")
      trial = pointer.pointee.trial
      reason = try decodeText(pointer.pointee.reason, limit: 1000, field: "reason")
    }
  }

  /// `assay.evaluator.v1.RevokeTrialResponse`.
  public struct RevokeTrialResponse: WireMessage, PackedMessage {
    public var revocation: LineageV1.Revocation?
    public var incumbent: UInt32 = 0
    /// How many statements were signed and go to the record, by this call.
    public var statements: UInt32 = 0
    public init() {}
    public static let fullName = "assay.evaluator.v1.RevokeTrialResponse"
    public func serialized() -> [UInt8] { packed() }
    public init(serialized bytes: UnsafeRawBufferPointer) throws(MessageError) {
      self = try Self.unpacked(bytes)
    }
    typealias CStruct = Assay__Evaluator__V1__RevokeTrialResponse
    static func initialize(_ pointer: UnsafeMutablePointer<Assay__Evaluator__V1__RevokeTrialResponse>) { assay__evaluator__v1__revoke_trial_response__init(pointer) }
    func fill(_ pointer: UnsafeMutablePointer<Assay__Evaluator__V1__RevokeTrialResponse>, _ arena_: inout Arena) {
      if let value_ = revocation { pointer.pointee.revocation = arena_.message(value_) }
      pointer.pointee.incumbent = incumbent
      pointer.pointee.statements = statements
    }
    init(_ pointer: UnsafePointer<Assay__Evaluator__V1__RevokeTrialResponse>) throws(MessageError) {
      if let value_ = pointer.pointee.revocation { revocation = try decodeMessage(value_, field: "revocation") }
      incumbent = pointer.pointee.incumbent
      statements = pointer.pointee.statements
    }
  }

  /// `assay.evaluator.v1.PauseRunRequest`.
  public struct PauseRunRequest: WireMessage, PackedMessage {
    public var runId: String = ""
    /// Empty for the whole run.
    public var specialist: String = ""
    public var paused: Bool = false
    public init() {}
    public static let fullName = "assay.evaluator.v1.PauseRunRequest"
    public func serialized() -> [UInt8] { packed() }
    public init(serialized bytes: UnsafeRawBufferPointer) throws(MessageError) {
      self = try Self.unpacked(bytes)
    }
    typealias CStruct = Assay__Evaluator__V1__PauseRunRequest
    static func initialize(_ pointer: UnsafeMutablePointer<Assay__Evaluator__V1__PauseRunRequest>) { assay__evaluator__v1__pause_run_request__init(pointer) }
    func fill(_ pointer: UnsafeMutablePointer<Assay__Evaluator__V1__PauseRunRequest>, _ arena_: inout Arena) {
      pointer.pointee.run_id = arena_.text(runId)
      pointer.pointee.specialist = arena_.text(specialist)
      pointer.pointee.paused = paused ? 1 : 0
    }
    init(_ pointer: UnsafePointer<Assay__Evaluator__V1__PauseRunRequest>) throws(MessageError) {
      runId = try decodeText(pointer.pointee.run_id, limit: 64, field: "run_id")
      specialist = try decodeText(pointer.pointee.specialist, limit: 64, field: "specialist")
      paused = pointer.pointee.paused != 0
    }
  }

  /// `assay.evaluator.v1.PauseRunResponse`.
  public struct PauseRunResponse: WireMessage, PackedMessage {
    public var state: EvaluatorV1.RunState?
    public init() {}
    public static let fullName = "assay.evaluator.v1.PauseRunResponse"
    public func serialized() -> [UInt8] { packed() }
    public init(serialized bytes: UnsafeRawBufferPointer) throws(MessageError) {
      self = try Self.unpacked(bytes)
    }
    typealias CStruct = Assay__Evaluator__V1__PauseRunResponse
    static func initialize(_ pointer: UnsafeMutablePointer<Assay__Evaluator__V1__PauseRunResponse>) { assay__evaluator__v1__pause_run_response__init(pointer) }
    func fill(_ pointer: UnsafeMutablePointer<Assay__Evaluator__V1__PauseRunResponse>, _ arena_: inout Arena) {
      if let value_ = state { pointer.pointee.state = arena_.message(value_) }
    }
    init(_ pointer: UnsafePointer<Assay__Evaluator__V1__PauseRunResponse>) throws(MessageError) {
      if let value_ = pointer.pointee.state { state = try decodeMessage(value_, field: "state") }
    }
  }

  /// Tokens as a model's server counts them.
  public struct ModelUsage: WireMessage, PackedMessage {
    public var inputTokens: UInt64 = 0
    public var outputTokens: UInt64 = 0
    public var cacheReadTokens: UInt64 = 0
    public var cacheWriteTokens: UInt64 = 0
    public init() {}
    public static let fullName = "assay.evaluator.v1.ModelUsage"
    public func serialized() -> [UInt8] { packed() }
    public init(serialized bytes: UnsafeRawBufferPointer) throws(MessageError) {
      self = try Self.unpacked(bytes)
    }
    typealias CStruct = Assay__Evaluator__V1__ModelUsage
    static func initialize(_ pointer: UnsafeMutablePointer<Assay__Evaluator__V1__ModelUsage>) { assay__evaluator__v1__model_usage__init(pointer) }
    func fill(_ pointer: UnsafeMutablePointer<Assay__Evaluator__V1__ModelUsage>, _ arena_: inout Arena) {
      pointer.pointee.input_tokens = inputTokens
      pointer.pointee.output_tokens = outputTokens
      pointer.pointee.cache_read_tokens = cacheReadTokens
      pointer.pointee.cache_write_tokens = cacheWriteTokens
    }
    init(_ pointer: UnsafePointer<Assay__Evaluator__V1__ModelUsage>) throws(MessageError) {
      inputTokens = pointer.pointee.input_tokens
      outputTokens = pointer.pointee.output_tokens
      cacheReadTokens = pointer.pointee.cache_read_tokens
      cacheWriteTokens = pointer.pointee.cache_write_tokens
    }
  }

  /// `assay.evaluator.v1.ReserveSpendRequest`.
  public struct ReserveSpendRequest: WireMessage, PackedMessage {
    public var runId: String = ""
    /// Names the request, once in a run.
    public var request: String = ""
    /// The proposal that it is made for: what belongs to one session has one bound.
    public var session: String = ""
    public var provider: String = ""
    public var model: String = ""
    /// What it is for, such as "propose" or "analyse".
    public var purpose: String = ""
    public var usage: EvaluatorV1.ModelUsage?
    public var nanodollars: UInt64 = 0
    /// False when the model has no price: then no bound in dollars can be kept, and where there is one the request is refused.
    public var priced: Bool = false
    public init() {}
    public static let fullName = "assay.evaluator.v1.ReserveSpendRequest"
    public func serialized() -> [UInt8] { packed() }
    public init(serialized bytes: UnsafeRawBufferPointer) throws(MessageError) {
      self = try Self.unpacked(bytes)
    }
    typealias CStruct = Assay__Evaluator__V1__ReserveSpendRequest
    static func initialize(_ pointer: UnsafeMutablePointer<Assay__Evaluator__V1__ReserveSpendRequest>) { assay__evaluator__v1__reserve_spend_request__init(pointer) }
    func fill(_ pointer: UnsafeMutablePointer<Assay__Evaluator__V1__ReserveSpendRequest>, _ arena_: inout Arena) {
      pointer.pointee.run_id = arena_.text(runId)
      pointer.pointee.request = arena_.text(request)
      pointer.pointee.session = arena_.text(session)
      pointer.pointee.provider = arena_.text(provider)
      pointer.pointee.model = arena_.text(model)
      pointer.pointee.purpose = arena_.text(purpose)
      if let value_ = usage { pointer.pointee.usage = arena_.message(value_) }
      pointer.pointee.nanodollars = nanodollars
      pointer.pointee.priced = priced ? 1 : 0
    }
    init(_ pointer: UnsafePointer<Assay__Evaluator__V1__ReserveSpendRequest>) throws(MessageError) {
      runId = try decodeText(pointer.pointee.run_id, limit: 64, field: "run_id")
      request = try decodeText(pointer.pointee.request, limit: 256, field: "request")
      session = try decodeText(pointer.pointee.session, limit: 256, field: "session")
      provider = try decodeText(pointer.pointee.provider, limit: 64, field: "provider")
      model = try decodeText(pointer.pointee.model, limit: 128, field: "model")
      purpose = try decodeText(pointer.pointee.purpose, limit: 32, field: "purpose")
      if let value_ = pointer.pointee.usage { usage = try decodeMessage(value_, field: "usage") }
      nanodollars = pointer.pointee.nanodollars
      priced = pointer.pointee.priced != 0
    }
  }

  /// `assay.evaluator.v1.ReserveSpendResponse`.
  public struct ReserveSpendResponse: WireMessage, PackedMessage {
    public init() {}
    public static let fullName = "assay.evaluator.v1.ReserveSpendResponse"
    public func serialized() -> [UInt8] { packed() }
    public init(serialized bytes: UnsafeRawBufferPointer) throws(MessageError) {
      self = try Self.unpacked(bytes)
    }
    typealias CStruct = Assay__Evaluator__V1__ReserveSpendResponse
    static func initialize(_ pointer: UnsafeMutablePointer<Assay__Evaluator__V1__ReserveSpendResponse>) { assay__evaluator__v1__reserve_spend_response__init(pointer) }
    func fill(_ pointer: UnsafeMutablePointer<Assay__Evaluator__V1__ReserveSpendResponse>, _ arena_: inout Arena) {
    }
    init(_ pointer: UnsafePointer<Assay__Evaluator__V1__ReserveSpendResponse>) throws(MessageError) {
    }
  }

  /// `assay.evaluator.v1.SettleSpendRequest`.
  public struct SettleSpendRequest: WireMessage, PackedMessage {
    public var runId: String = ""
    public var request: String = ""
    /// The request was not sent, or its server did no work on it: nothing is charged.
    public var refunded: Bool = false
    public var model: String = ""
    public var usage: EvaluatorV1.ModelUsage?
    public var nanodollars: UInt64 = 0
    /// The server did not say all of it.
    public var estimated: Bool = false
    public init() {}
    public static let fullName = "assay.evaluator.v1.SettleSpendRequest"
    public func serialized() -> [UInt8] { packed() }
    public init(serialized bytes: UnsafeRawBufferPointer) throws(MessageError) {
      self = try Self.unpacked(bytes)
    }
    typealias CStruct = Assay__Evaluator__V1__SettleSpendRequest
    static func initialize(_ pointer: UnsafeMutablePointer<Assay__Evaluator__V1__SettleSpendRequest>) { assay__evaluator__v1__settle_spend_request__init(pointer) }
    func fill(_ pointer: UnsafeMutablePointer<Assay__Evaluator__V1__SettleSpendRequest>, _ arena_: inout Arena) {
      pointer.pointee.run_id = arena_.text(runId)
      pointer.pointee.request = arena_.text(request)
      pointer.pointee.refunded = refunded ? 1 : 0
      pointer.pointee.model = arena_.text(model)
      if let value_ = usage { pointer.pointee.usage = arena_.message(value_) }
      pointer.pointee.nanodollars = nanodollars
      pointer.pointee.estimated = estimated ? 1 : 0
    }
    init(_ pointer: UnsafePointer<Assay__Evaluator__V1__SettleSpendRequest>) throws(MessageError) {
      runId = try decodeText(pointer.pointee.run_id, limit: 64, field: "run_id")
      request = try decodeText(pointer.pointee.request, limit: 256, field: "request")
      refunded = pointer.pointee.refunded != 0
      model = try decodeText(pointer.pointee.model, limit: 128, field: "model")
      if let value_ = pointer.pointee.usage { usage = try decodeMessage(value_, field: "usage") }
      nanodollars = pointer.pointee.nanodollars
      estimated = pointer.pointee.estimated != 0
    }
  }

  /// `assay.evaluator.v1.SettleSpendResponse`.
  public struct SettleSpendResponse: WireMessage, PackedMessage {
    public init() {}
    public static let fullName = "assay.evaluator.v1.SettleSpendResponse"
    public func serialized() -> [UInt8] { packed() }
    public init(serialized bytes: UnsafeRawBufferPointer) throws(MessageError) {
      self = try Self.unpacked(bytes)
    }
    typealias CStruct = Assay__Evaluator__V1__SettleSpendResponse
    static func initialize(_ pointer: UnsafeMutablePointer<Assay__Evaluator__V1__SettleSpendResponse>) { assay__evaluator__v1__settle_spend_response__init(pointer) }
    func fill(_ pointer: UnsafeMutablePointer<Assay__Evaluator__V1__SettleSpendResponse>, _ arena_: inout Arena) {
    }
    init(_ pointer: UnsafePointer<Assay__Evaluator__V1__SettleSpendResponse>) throws(MessageError) {
    }
  }

  /// `assay.evaluator.v1.GetCostsRequest`.
  public struct GetCostsRequest: WireMessage, PackedMessage {
    public var runId: String = ""
    public init() {}
    public static let fullName = "assay.evaluator.v1.GetCostsRequest"
    public func serialized() -> [UInt8] { packed() }
    public init(serialized bytes: UnsafeRawBufferPointer) throws(MessageError) {
      self = try Self.unpacked(bytes)
    }
    typealias CStruct = Assay__Evaluator__V1__GetCostsRequest
    static func initialize(_ pointer: UnsafeMutablePointer<Assay__Evaluator__V1__GetCostsRequest>) { assay__evaluator__v1__get_costs_request__init(pointer) }
    func fill(_ pointer: UnsafeMutablePointer<Assay__Evaluator__V1__GetCostsRequest>, _ arena_: inout Arena) {
      pointer.pointee.run_id = arena_.text(runId)
    }
    init(_ pointer: UnsafePointer<Assay__Evaluator__V1__GetCostsRequest>) throws(MessageError) {
      runId = try decodeText(pointer.pointee.run_id, limit: 64, field: "run_id")
    }
  }

  /// `assay.evaluator.v1.ModelCost`.
  public struct ModelCost: WireMessage, PackedMessage {
    public var specialist: String = ""
    public var provider: String = ""
    public var model: String = ""
    public var purpose: String = ""
    public var requests: UInt32 = 0
    /// Of these, requests whose use is not known: they are charged as reserved.
    public var unsettled: UInt32 = 0
    public var refunded: UInt32 = 0
    public var usage: EvaluatorV1.ModelUsage?
    public var nanodollars: UInt64 = 0
    /// Requests without a price, whose dollars are not known.
    public var unpriced: UInt32 = 0
    public init() {}
    public static let fullName = "assay.evaluator.v1.ModelCost"
    public func serialized() -> [UInt8] { packed() }
    public init(serialized bytes: UnsafeRawBufferPointer) throws(MessageError) {
      self = try Self.unpacked(bytes)
    }
    typealias CStruct = Assay__Evaluator__V1__ModelCost
    static func initialize(_ pointer: UnsafeMutablePointer<Assay__Evaluator__V1__ModelCost>) { assay__evaluator__v1__model_cost__init(pointer) }
    func fill(_ pointer: UnsafeMutablePointer<Assay__Evaluator__V1__ModelCost>, _ arena_: inout Arena) {
      pointer.pointee.specialist = arena_.text(specialist)
      pointer.pointee.provider = arena_.text(provider)
      pointer.pointee.model = arena_.text(model)
      pointer.pointee.purpose = arena_.text(purpose)
      pointer.pointee.requests = requests
      pointer.pointee.unsettled = unsettled
      pointer.pointee.refunded = refunded
      if let value_ = usage { pointer.pointee.usage = arena_.message(value_) }
      pointer.pointee.nanodollars = nanodollars
      pointer.pointee.unpriced = unpriced
    }
    init(_ pointer: UnsafePointer<Assay__Evaluator__V1__ModelCost>) throws(MessageError) {
      specialist = try decodeText(pointer.pointee.specialist, limit: 64, field: "specialist")
      provider = try decodeText(pointer.pointee.provider, limit: 64, field: "provider")
      model = try decodeText(pointer.pointee.model, limit: 128, field: "model")
      purpose = try decodeText(pointer.pointee.purpose, limit: 32, field: "purpose")
      requests = pointer.pointee.requests
      unsettled = pointer.pointee.unsettled
      refunded = pointer.pointee.refunded
      if let value_ = pointer.pointee.usage { usage = try decodeMessage(value_, field: "usage") }
      nanodollars = pointer.pointee.nanodollars
      unpriced = pointer.pointee.unpriced
    }
  }

  /// `assay.evaluator.v1.GetCostsResponse`.
  public struct GetCostsResponse: WireMessage, PackedMessage {
    public var models: [EvaluatorV1.ModelCost] = []
    public var specialists: [EvaluatorV1.SpecialistState] = []
    public init() {}
    public static let fullName = "assay.evaluator.v1.GetCostsResponse"
    public func serialized() -> [UInt8] { packed() }
    public init(serialized bytes: UnsafeRawBufferPointer) throws(MessageError) {
      self = try Self.unpacked(bytes)
    }
    typealias CStruct = Assay__Evaluator__V1__GetCostsResponse
    static func initialize(_ pointer: UnsafeMutablePointer<Assay__Evaluator__V1__GetCostsResponse>) { assay__evaluator__v1__get_costs_response__init(pointer) }
    func fill(_ pointer: UnsafeMutablePointer<Assay__Evaluator__V1__GetCostsResponse>, _ arena_: inout Arena) {
      if !models.isEmpty {
        let items_ = arena_.array(UnsafeMutablePointer<Assay__Evaluator__V1__ModelCost>?.self, count: models.count)
        for index_ in models.indices { items_[index_] = arena_.message(models[index_]) }
        pointer.pointee.n_models = models.count
        pointer.pointee.models = items_
      }
      if !specialists.isEmpty {
        let items_ = arena_.array(UnsafeMutablePointer<Assay__Evaluator__V1__SpecialistState>?.self, count: specialists.count)
        for index_ in specialists.indices { items_[index_] = arena_.message(specialists[index_]) }
        pointer.pointee.n_specialists = specialists.count
        pointer.pointee.specialists = items_
      }
    }
    init(_ pointer: UnsafePointer<Assay__Evaluator__V1__GetCostsResponse>) throws(MessageError) {
      let modelsCount_ = try decodeCount(pointer.pointee.n_models, limit: 10000, field: "models")
      if modelsCount_ > 0, let items_ = pointer.pointee.models {
        models.reserveCapacity(modelsCount_)
        for index_ in 0..<modelsCount_ { models.append(try decodeMessage(items_[index_], field: "models")) }
      }
      let specialistsCount_ = try decodeCount(pointer.pointee.n_specialists, limit: 300, field: "specialists")
      if specialistsCount_ > 0, let items_ = pointer.pointee.specialists {
        specialists.reserveCapacity(specialistsCount_)
        for index_ in 0..<specialistsCount_ { specialists.append(try decodeMessage(items_[index_], field: "specialists")) }
      }
    }
  }

  /// `assay.evaluator.v1.SmokeRunRequest`.
  public struct SmokeRunRequest: WireMessage, PackedMessage {
    public var runId: String = ""
    /// The trial whose recipe is edited.
    public var parent: UInt32 = 0
    /// Unified diff against its recipe; empty for the recipe as it is.
    public var edit: [UInt8] = []
    /// How long it may take; 0 for 20. At most 120, and at most what the task gives training.
    public var seconds: UInt32 = 0
    /// How long to wait for its end, at most 30000.
    public var waitMs: UInt32 = 0
    public init() {}
    public static let fullName = "assay.evaluator.v1.SmokeRunRequest"
    public func serialized() -> [UInt8] { packed() }
    public init(serialized bytes: UnsafeRawBufferPointer) throws(MessageError) {
      self = try Self.unpacked(bytes)
    }
    typealias CStruct = Assay__Evaluator__V1__SmokeRunRequest
    static func initialize(_ pointer: UnsafeMutablePointer<Assay__Evaluator__V1__SmokeRunRequest>) { assay__evaluator__v1__smoke_run_request__init(pointer) }
    func fill(_ pointer: UnsafeMutablePointer<Assay__Evaluator__V1__SmokeRunRequest>, _ arena_: inout Arena) {
      pointer.pointee.run_id = arena_.text(runId)
      pointer.pointee.parent = parent
      pointer.pointee.edit = arena_.blob(edit)
      pointer.pointee.seconds = seconds
      pointer.pointee.wait_ms = waitMs
    }
    init(_ pointer: UnsafePointer<Assay__Evaluator__V1__SmokeRunRequest>) throws(MessageError) {
      runId = try decodeText(pointer.pointee.run_id, limit: 64, field: "run_id")
      parent = pointer.pointee.parent
      edit = try decodeBlob(pointer.pointee.edit, limit: 1048576, field: "edit")
      seconds = pointer.pointee.seconds
      waitMs = pointer.pointee.wait_ms
    }
  }

  /// `assay.evaluator.v1.SmokeRunResponse`.
  public struct SmokeRunResponse: WireMessage, PackedMessage {
    /// False while it is not over: ask again.
    public var ended: Bool = false
    /// "exited", "signal", "time limit", "memory limit", "process limit", "disk limit", "output limit", "cancelled"
    /// when the run took no more trials, or "failed", which is ours.
    public var ending: String = ""
    public var exitCode: Int32 = 0
    public var signal: Int32 = 0
    /// Measured by the runner, from outside.
    public var wallNs: UInt64 = 0
    public var cpuNs: UInt64 = 0
    public var maxMemoryBytes: UInt64 = 0
    /// What it left of its declared outputs.
    public var artifactBytes: UInt64 = 0
    /// The time that it had.
    public var seconds: UInt32 = 0
    /// The end of the recipe's own output, cleaned and bounded; untrusted text.
    public var logExcerpt: String = ""
    /// How many more the specialist may make before it submits a trial.
    public var left: UInt32 = 0
    public init() {}
    public static let fullName = "assay.evaluator.v1.SmokeRunResponse"
    public func serialized() -> [UInt8] { packed() }
    public init(serialized bytes: UnsafeRawBufferPointer) throws(MessageError) {
      self = try Self.unpacked(bytes)
    }
    typealias CStruct = Assay__Evaluator__V1__SmokeRunResponse
    static func initialize(_ pointer: UnsafeMutablePointer<Assay__Evaluator__V1__SmokeRunResponse>) { assay__evaluator__v1__smoke_run_response__init(pointer) }
    func fill(_ pointer: UnsafeMutablePointer<Assay__Evaluator__V1__SmokeRunResponse>, _ arena_: inout Arena) {
      pointer.pointee.ended = ended ? 1 : 0
      pointer.pointee.ending = arena_.text(ending)
      pointer.pointee.exit_code = exitCode
      pointer.pointee.signal = signal
      pointer.pointee.wall_ns = wallNs
      pointer.pointee.cpu_ns = cpuNs
      pointer.pointee.max_memory_bytes = maxMemoryBytes
      pointer.pointee.artifact_bytes = artifactBytes
      pointer.pointee.seconds = seconds
      pointer.pointee.log_excerpt = arena_.text(logExcerpt)
      pointer.pointee.left = left
    }
    init(_ pointer: UnsafePointer<Assay__Evaluator__V1__SmokeRunResponse>) throws(MessageError) {
      ended = pointer.pointee.ended != 0
      ending = try decodeText(pointer.pointee.ending, limit: 32, field: "ending")
      exitCode = pointer.pointee.exit_code
      signal = pointer.pointee.signal
      wallNs = pointer.pointee.wall_ns
      cpuNs = pointer.pointee.cpu_ns
      maxMemoryBytes = pointer.pointee.max_memory_bytes
      artifactBytes = pointer.pointee.artifact_bytes
      seconds = pointer.pointee.seconds
      logExcerpt = try decodeText(pointer.pointee.log_excerpt, limit: 65536, field: "log_excerpt")
      left = pointer.pointee.left
    }
  }

}
