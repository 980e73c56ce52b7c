// Generated from proto/ by tools/protos.sh. Do not edit.
// swift-format-ignore-file
internal import CAssayProto
internal import CProtobufC

/// Messages of package `assay.lineage.v1`.
public enum LineageV1 {}

extension LineageV1 {
  /// Whether a lower or a higher score is better.
  public struct Direction: WireEnum {
    public var rawValue: Int32
    public init(rawValue: Int32) { self.rawValue = rawValue }
    public static let unspecified = Direction(rawValue: 0)
    public static let minimize = Direction(rawValue: 1)
    public static let maximize = Direction(rawValue: 2)
    /// Every declared value with its name in the .proto.
    public static let declared: [(value: Direction, name: String)] = [
      (.unspecified, "DIRECTION_UNSPECIFIED"),
      (.minimize, "DIRECTION_MINIMIZE"),
      (.maximize, "DIRECTION_MAXIMIZE"),
    ]
  }

  /// The outcome of a trial. Every label but BASELINE, KEEP and DISCARD names what has to change.
  public struct VerdictLabel: WireEnum {
    public var rawValue: Int32
    public init(rawValue: Int32) { self.rawValue = rawValue }
    public static let unspecified = VerdictLabel(rawValue: 0)
    /// The unedited recipe, measured by the evaluator before any agent starts.
    public static let baseline = VerdictLabel(rawValue: 1)
    /// Better than the incumbent by more than the noise.
    public static let keep = VerdictLabel(rawValue: 2)
    /// Legal, but not better than the incumbent by more than the noise.
    public static let discard = VerdictLabel(rawValue: 3)
    /// The recipe failed while it ran, or left no usable artifact.
    public static let crash = VerdictLabel(rawValue: 4)
    /// Refused before any runner was used: syntax, scope, or an edit that does not apply.
    public static let preflightCrash = VerdictLabel(rawValue: 5)
    /// Recipe or artifact larger than the task allows.
    public static let sizeBlocked = VerdictLabel(rawValue: 6)
    public static let trainBudgetOverrun = VerdictLabel(rawValue: 7)
    public static let evalBudgetOverrun = VerdictLabel(rawValue: 8)
    /// Missed a gate of the task.
    public static let disqualified = VerdictLabel(rawValue: 9)
    /// Broke a rule of the task; rule and evidence are in the verdict.
    public static let illegal = VerdictLabel(rawValue: 10)
    /// Our failure, not the recipe's; never charged to the agent.
    public static let harnessAbort = VerdictLabel(rawValue: 11)
    /// Every declared value with its name in the .proto.
    public static let declared: [(value: VerdictLabel, name: String)] = [
      (.unspecified, "VERDICT_LABEL_UNSPECIFIED"),
      (.baseline, "VERDICT_LABEL_BASELINE"),
      (.keep, "VERDICT_LABEL_KEEP"),
      (.discard, "VERDICT_LABEL_DISCARD"),
      (.crash, "VERDICT_LABEL_CRASH"),
      (.preflightCrash, "VERDICT_LABEL_PREFLIGHT_CRASH"),
      (.sizeBlocked, "VERDICT_LABEL_SIZE_BLOCKED"),
      (.trainBudgetOverrun, "VERDICT_LABEL_TRAIN_BUDGET_OVERRUN"),
      (.evalBudgetOverrun, "VERDICT_LABEL_EVAL_BUDGET_OVERRUN"),
      (.disqualified, "VERDICT_LABEL_DISQUALIFIED"),
      (.illegal, "VERDICT_LABEL_ILLEGAL"),
      (.harnessAbort, "VERDICT_LABEL_HARNESS_ABORT"),
    ]
  }

  /// Whether a verdict holds.
  public struct TrialStanding: WireEnum {
    public var rawValue: Int32
    public init(rawValue: Int32) { self.rawValue = rawValue }
    public static let unspecified = TrialStanding(rawValue: 0)
    public static let stands = TrialStanding(rawValue: 1)
    public static let revoked = TrialStanding(rawValue: 2)
    /// Stands, and was edited from a trial that broke a rule, or from one that descends from it; it was screened itself.
    public static let descendsFromRevoked = TrialStanding(rawValue: 3)
    /// Descends from a trial that a person revoked: nothing shows that it is without what was wrong, so it cannot be the incumbent.
    public static let barred = TrialStanding(rawValue: 4)
    /// Every declared value with its name in the .proto.
    public static let declared: [(value: TrialStanding, name: String)] = [
      (.unspecified, "TRIAL_STANDING_UNSPECIFIED"),
      (.stands, "TRIAL_STANDING_STANDS"),
      (.revoked, "TRIAL_STANDING_REVOKED"),
      (.descendsFromRevoked, "TRIAL_STANDING_DESCENDS_FROM_REVOKED"),
      (.barred, "TRIAL_STANDING_BARRED"),
    ]
  }

  /// What carrying an orphaned win over to the incumbent comes to.
  public struct OrphanState: WireEnum {
    public var rawValue: Int32
    public init(rawValue: Int32) { self.rawValue = rawValue }
    public static let unspecified = OrphanState(rawValue: 0)
    /// Its change can be made on the incumbent's recipe as it is.
    public static let applies = OrphanState(rawValue: 1)
    /// The incumbent changed the same lines differently.
    public static let collides = OrphanState(rawValue: 2)
    /// Every declared value with its name in the .proto.
    public static let declared: [(value: OrphanState, name: String)] = [
      (.unspecified, "ORPHAN_STATE_UNSPECIFIED"),
      (.applies, "ORPHAN_STATE_APPLIES"),
      (.collides, "ORPHAN_STATE_COLLIDES"),
    ]
  }

  public struct EventKind: WireEnum {
    public var rawValue: Int32
    public init(rawValue: Int32) { self.rawValue = rawValue }
    public static let unspecified = EventKind(rawValue: 0)
    public static let runRegistered = EventKind(rawValue: 1)
    public static let trialRecorded = EventKind(rawValue: 2)
    public static let verdictRecorded = EventKind(rawValue: 3)
    public static let insightRecorded = EventKind(rawValue: 4)
    public static let runFinished = EventKind(rawValue: 5)
    public static let trialRevoked = EventKind(rawValue: 6)
    /// The run's trials were screened anew; trial is the number of the audit in the run, from 1.
    public static let runAudited = EventKind(rawValue: 7)
    /// Every declared value with its name in the .proto.
    public static let declared: [(value: EventKind, name: String)] = [
      (.unspecified, "EVENT_KIND_UNSPECIFIED"),
      (.runRegistered, "EVENT_KIND_RUN_REGISTERED"),
      (.trialRecorded, "EVENT_KIND_TRIAL_RECORDED"),
      (.verdictRecorded, "EVENT_KIND_VERDICT_RECORDED"),
      (.insightRecorded, "EVENT_KIND_INSIGHT_RECORDED"),
      (.runFinished, "EVENT_KIND_RUN_FINISHED"),
      (.trialRevoked, "EVENT_KIND_TRIAL_REVOKED"),
      (.runAudited, "EVENT_KIND_RUN_AUDITED"),
    ]
  }

  /// `assay.lineage.v1.Metric`.
  public struct Metric: WireMessage, PackedMessage {
    public var name: String = ""
    public var direction: LineageV1.Direction = .unspecified
    public var unit: String = ""
    /// Smallest difference that matters, a decimal string.
    public var smallestEffect: String = ""
    public init() {}
    public static let fullName = "assay.lineage.v1.Metric"
    public func serialized() -> [UInt8] { packed() }
    public init(serialized bytes: UnsafeRawBufferPointer) throws(MessageError) {
      self = try Self.unpacked(bytes)
    }
    typealias CStruct = Assay__Lineage__V1__Metric
    static func initialize(_ pointer: UnsafeMutablePointer<Assay__Lineage__V1__Metric>) { assay__lineage__v1__metric__init(pointer) }
    func fill(_ pointer: UnsafeMutablePointer<Assay__Lineage__V1__Metric>, _ arena_: inout Arena) {
      pointer.pointee.name = arena_.text(name)
      pointer.pointee.direction = Assay__Lineage__V1__Direction(rawValue: .init(truncatingIfNeeded: direction.rawValue))
      pointer.pointee.unit = arena_.text(unit)
      pointer.pointee.smallest_effect = arena_.text(smallestEffect)
    }
    init(_ pointer: UnsafePointer<Assay__Lineage__V1__Metric>) throws(MessageError) {
      name = try decodeText(pointer.pointee.name, limit: 64, field: "name")
      direction = try LineageV1.Direction.decoded(Int32(truncatingIfNeeded: pointer.pointee.direction.rawValue), field: "direction")
      unit = try decodeText(pointer.pointee.unit, limit: 64, field: "unit")
      smallestEffect = try decodeText(pointer.pointee.smallest_effect, limit: 32, field: "smallest_effect")
    }
  }

  /// A run: one search on one task. Immutable once registered.
  public struct Run: WireMessage, PackedMessage {
    public var runId: String = ""
    public var taskName: String = ""
    /// SHA-256 of the task folder without its data, lower-case hex.
    public var taskDigest: String = ""
    public var metric: LineageV1.Metric?
    /// Ed25519 public key (32 bytes) whose signature makes a verdict of this run valid.
    public var evaluatorKey: [UInt8] = []
    public var specialists: [String] = []
    public var seed: UInt64 = 0
    /// False when the run's agents are given no lineage.
    public var lineageEnabled: Bool = false
    /// Milliseconds since the Unix epoch, by the clock of whoever registered the run.
    public var createdAtMs: Int64 = 0
    /// Name of the arm; empty where each partition of the task has its specialist.
    public var arm: String = ""
    public init() {}
    public static let fullName = "assay.lineage.v1.Run"
    public func serialized() -> [UInt8] { packed() }
    public init(serialized bytes: UnsafeRawBufferPointer) throws(MessageError) {
      self = try Self.unpacked(bytes)
    }
    typealias CStruct = Assay__Lineage__V1__Run
    static func initialize(_ pointer: UnsafeMutablePointer<Assay__Lineage__V1__Run>) { assay__lineage__v1__run__init(pointer) }
    func fill(_ pointer: UnsafeMutablePointer<Assay__Lineage__V1__Run>, _ arena_: inout Arena) {
      pointer.pointee.run_id = arena_.text(runId)
      pointer.pointee.task_name = arena_.text(taskName)
      pointer.pointee.task_digest = arena_.text(taskDigest)
      if let value_ = metric { pointer.pointee.metric = arena_.message(value_) }
      pointer.pointee.evaluator_key = arena_.blob(evaluatorKey)
      if !specialists.isEmpty {
        let items_ = arena_.array(ProtobufCBinaryData.self, count: specialists.count)
        for index_ in specialists.indices { items_[index_] = arena_.text(specialists[index_]) }
        pointer.pointee.n_specialists = specialists.count
        pointer.pointee.specialists = items_
      }
      pointer.pointee.seed = seed
      pointer.pointee.lineage_enabled = lineageEnabled ? 1 : 0
      pointer.pointee.created_at_ms = createdAtMs
      pointer.pointee.arm = arena_.text(arm)
    }
    init(_ pointer: UnsafePointer<Assay__Lineage__V1__Run>) throws(MessageError) {
      runId = try decodeText(pointer.pointee.run_id, limit: 64, field: "run_id")
      taskName = try decodeText(pointer.pointee.task_name, limit: 64, field: "task_name")
      taskDigest = try decodeText(pointer.pointee.task_digest, limit: 64, field: "task_digest")
      if let value_ = pointer.pointee.metric { metric = try decodeMessage(value_, field: "metric") }
      evaluatorKey = try decodeBlob(pointer.pointee.evaluator_key, limit: 32, field: "evaluator_key")
      let specialistsCount_ = try decodeCount(pointer.pointee.n_specialists, limit: 256, field: "specialists")
      if specialistsCount_ > 0, let items_ = pointer.pointee.specialists {
        specialists.reserveCapacity(specialistsCount_)
        for index_ in 0..<specialistsCount_ { specialists.append(try decodeText(items_[index_], limit: 65536, field: "specialists")) }
      }
      seed = pointer.pointee.seed
      lineageEnabled = pointer.pointee.lineage_enabled != 0
      createdAtMs = pointer.pointee.created_at_ms
      arm = try decodeText(pointer.pointee.arm, limit: 64, field: "arm")
    }
  }

  /// `assay.lineage.v1.RecipeFile`.
  public struct RecipeFile: WireMessage, PackedMessage {
    /// Relative path inside the recipe, '/' between components.
    public var path: String = ""
    public var content: [UInt8] = []
    public init() {}
    public static let fullName = "assay.lineage.v1.RecipeFile"
    public func serialized() -> [UInt8] { packed() }
    public init(serialized bytes: UnsafeRawBufferPointer) throws(MessageError) {
      self = try Self.unpacked(bytes)
    }
    typealias CStruct = Assay__Lineage__V1__RecipeFile
    static func initialize(_ pointer: UnsafeMutablePointer<Assay__Lineage__V1__RecipeFile>) { assay__lineage__v1__recipe_file__init(pointer) }
    func fill(_ pointer: UnsafeMutablePointer<Assay__Lineage__V1__RecipeFile>, _ arena_: inout Arena) {
      pointer.pointee.path = arena_.text(path)
      pointer.pointee.content = arena_.blob(content)
    }
    init(_ pointer: UnsafePointer<Assay__Lineage__V1__RecipeFile>) throws(MessageError) {
      path = try decodeText(pointer.pointee.path, limit: 512, field: "path")
      content = try decodeBlob(pointer.pointee.content, limit: 2097152, field: "content")
    }
  }

  /// A recipe tree. Its id is the SHA-256 of the canonical listing described in docs/wire-protocol.md.
  public struct Snapshot: WireMessage, PackedMessage {
    public var snapshotId: String = ""
    public var files: [LineageV1.RecipeFile] = []
    public init() {}
    public static let fullName = "assay.lineage.v1.Snapshot"
    public func serialized() -> [UInt8] { packed() }
    public init(serialized bytes: UnsafeRawBufferPointer) throws(MessageError) {
      self = try Self.unpacked(bytes)
    }
    typealias CStruct = Assay__Lineage__V1__Snapshot
    static func initialize(_ pointer: UnsafeMutablePointer<Assay__Lineage__V1__Snapshot>) { assay__lineage__v1__snapshot__init(pointer) }
    func fill(_ pointer: UnsafeMutablePointer<Assay__Lineage__V1__Snapshot>, _ arena_: inout Arena) {
      pointer.pointee.snapshot_id = arena_.text(snapshotId)
      if !files.isEmpty {
        let items_ = arena_.array(UnsafeMutablePointer<Assay__Lineage__V1__RecipeFile>?.self, count: files.count)
        for index_ in files.indices { items_[index_] = arena_.message(files[index_]) }
        pointer.pointee.n_files = files.count
        pointer.pointee.files = items_
      }
    }
    init(_ pointer: UnsafePointer<Assay__Lineage__V1__Snapshot>) throws(MessageError) {
      snapshotId = try decodeText(pointer.pointee.snapshot_id, limit: 64, field: "snapshot_id")
      let filesCount_ = try decodeCount(pointer.pointee.n_files, limit: 1024, field: "files")
      if filesCount_ > 0, let items_ = pointer.pointee.files {
        files.reserveCapacity(filesCount_)
        for index_ in 0..<filesCount_ { files.append(try decodeMessage(items_[index_], field: "files")) }
      }
    }
  }

  /// An accepted submission, as the evaluator records it.
  public struct Trial: WireMessage, PackedMessage {
    public var runId: String = ""
    /// Number within the run; 0 is the baseline.
    public var trial: UInt32 = 0
    public var proposal: AgentV1.Proposal?
    /// Snapshot of the parent that the edit was applied to.
    public var parentSnapshotId: String = ""
    /// Snapshot that was executed; empty when the edit did not apply.
    public var snapshotId: String = ""
    /// Identity name of the submitter, proven by its session.
    public var submittedBy: String = ""
    public var submittedAtMs: Int64 = 0
    /// SHA-256 of what the recipe says beyond comments and formatting (docs/lineage.md); empty where it was not read.
    public var meaning: String = ""
    /// SHA-256 of what the edit changed of that, wherever it stands; empty likewise, and for the baseline.
    public var change: String = ""
    public init() {}
    public static let fullName = "assay.lineage.v1.Trial"
    public func serialized() -> [UInt8] { packed() }
    public init(serialized bytes: UnsafeRawBufferPointer) throws(MessageError) {
      self = try Self.unpacked(bytes)
    }
    typealias CStruct = Assay__Lineage__V1__Trial
    static func initialize(_ pointer: UnsafeMutablePointer<Assay__Lineage__V1__Trial>) { assay__lineage__v1__trial__init(pointer) }
    func fill(_ pointer: UnsafeMutablePointer<Assay__Lineage__V1__Trial>, _ arena_: inout Arena) {
      pointer.pointee.run_id = arena_.text(runId)
      pointer.pointee.trial = trial
      if let value_ = proposal { pointer.pointee.proposal = arena_.message(value_) }
      pointer.pointee.parent_snapshot_id = arena_.text(parentSnapshotId)
      pointer.pointee.snapshot_id = arena_.text(snapshotId)
      pointer.pointee.submitted_by = arena_.text(submittedBy)
      pointer.pointee.submitted_at_ms = submittedAtMs
      pointer.pointee.meaning = arena_.text(meaning)
      pointer.pointee.change = arena_.text(change)
    }
    init(_ pointer: UnsafePointer<Assay__Lineage__V1__Trial>) throws(MessageError) {
      runId = try decodeText(pointer.pointee.run_id, limit: 64, field: "run_id")
      trial = pointer.pointee.trial
      if let value_ = pointer.pointee.proposal { proposal = try decodeMessage(value_, field: "proposal") }
      parentSnapshotId = try decodeText(pointer.pointee.parent_snapshot_id, limit: 64, field: "parent_snapshot_id")
      snapshotId = try decodeText(pointer.pointee.snapshot_id, limit: 64, field: "snapshot_id")
      submittedBy = try decodeText(pointer.pointee.submitted_by, limit: 128, field: "submitted_by")
      submittedAtMs = pointer.pointee.submitted_at_ms
      meaning = try decodeText(pointer.pointee.meaning, limit: 64, field: "meaning")
      change = try decodeText(pointer.pointee.change, limit: 64, field: "change")
    }
  }

  /// What a phase used, measured by the runner from outside the sandbox.
  public struct PhaseUsage: WireMessage, PackedMessage {
    /// "train", "predict" or "score".
    public var phase: String = ""
    public var seed: UInt64 = 0
    public var wallNs: UInt64 = 0
    public var cpuNs: UInt64 = 0
    public var maxMemoryBytes: UInt64 = 0
    public var artifactBytes: UInt64 = 0
    /// Limits that were in force; 0 means none.
    public var wallLimitNs: UInt64 = 0
    public var cpuLimitNs: UInt64 = 0
    public var artifactLimitBytes: UInt64 = 0
    public var runner: String = ""
    public init() {}
    public static let fullName = "assay.lineage.v1.PhaseUsage"
    public func serialized() -> [UInt8] { packed() }
    public init(serialized bytes: UnsafeRawBufferPointer) throws(MessageError) {
      self = try Self.unpacked(bytes)
    }
    typealias CStruct = Assay__Lineage__V1__PhaseUsage
    static func initialize(_ pointer: UnsafeMutablePointer<Assay__Lineage__V1__PhaseUsage>) { assay__lineage__v1__phase_usage__init(pointer) }
    func fill(_ pointer: UnsafeMutablePointer<Assay__Lineage__V1__PhaseUsage>, _ arena_: inout Arena) {
      pointer.pointee.phase = arena_.text(phase)
      pointer.pointee.seed = seed
      pointer.pointee.wall_ns = wallNs
      pointer.pointee.cpu_ns = cpuNs
      pointer.pointee.max_memory_bytes = maxMemoryBytes
      pointer.pointee.artifact_bytes = artifactBytes
      pointer.pointee.wall_limit_ns = wallLimitNs
      pointer.pointee.cpu_limit_ns = cpuLimitNs
      pointer.pointee.artifact_limit_bytes = artifactLimitBytes
      pointer.pointee.runner = arena_.text(runner)
    }
    init(_ pointer: UnsafePointer<Assay__Lineage__V1__PhaseUsage>) throws(MessageError) {
      phase = try decodeText(pointer.pointee.phase, limit: 32, field: "phase")
      seed = pointer.pointee.seed
      wallNs = pointer.pointee.wall_ns
      cpuNs = pointer.pointee.cpu_ns
      maxMemoryBytes = pointer.pointee.max_memory_bytes
      artifactBytes = pointer.pointee.artifact_bytes
      wallLimitNs = pointer.pointee.wall_limit_ns
      cpuLimitNs = pointer.pointee.cpu_limit_ns
      artifactLimitBytes = pointer.pointee.artifact_limit_bytes
      runner = try decodeText(pointer.pointee.runner, limit: 128, field: "runner")
    }
  }

  /// The indexed fields of a verdict. Authoritative is the signed statement they were read from.
  public struct Verdict: WireMessage, PackedMessage {
    public var runId: String = ""
    public var trial: UInt32 = 0
    public var label: LineageV1.VerdictLabel = .unspecified
    /// Decimal string; empty when the trial has no legal score.
    public var score: String = ""
    /// One sentence that a person can act on.
    public var reason: String = ""
    /// Rule id when the label is ILLEGAL, gate name when DISQUALIFIED.
    public var rule: String = ""
    /// Score minus the incumbent's score at the time of the verdict, decimal string; empty without a score.
    public var delta: String = ""
    /// Trial that was the incumbent when the verdict was reached.
    public var incumbent: UInt32 = 0
    public var seedScores: [String] = []
    public var usage: [LineageV1.PhaseUsage] = []
    public var decidedAtMs: Int64 = 0
    /// Half-width of the noise band used by the keep rule, decimal string.
    public var noise: String = ""
    /// Version of the task's rules when the label is ILLEGAL; 0 for a task without numbered rules.
    public var ruleVersion: UInt32 = 0
    /// What shows that the rule is broken: file and line with what stands there, or what a probe found.
    public var evidence: String = ""
    public init() {}
    public static let fullName = "assay.lineage.v1.Verdict"
    public func serialized() -> [UInt8] { packed() }
    public init(serialized bytes: UnsafeRawBufferPointer) throws(MessageError) {
      self = try Self.unpacked(bytes)
    }
    typealias CStruct = Assay__Lineage__V1__Verdict
    static func initialize(_ pointer: UnsafeMutablePointer<Assay__Lineage__V1__Verdict>) { assay__lineage__v1__verdict__init(pointer) }
    func fill(_ pointer: UnsafeMutablePointer<Assay__Lineage__V1__Verdict>, _ arena_: inout Arena) {
      pointer.pointee.run_id = arena_.text(runId)
      pointer.pointee.trial = trial
      pointer.pointee.label = Assay__Lineage__V1__VerdictLabel(rawValue: .init(truncatingIfNeeded: label.rawValue))
      pointer.pointee.score = arena_.text(score)
      pointer.pointee.reason = arena_.text(reason)
      pointer.pointee.rule = arena_.text(rule)
      pointer.pointee.delta = arena_.text(delta)
      pointer.pointee.incumbent = incumbent
      if !seedScores.isEmpty {
        let items_ = arena_.array(ProtobufCBinaryData.self, count: seedScores.count)
        for index_ in seedScores.indices { items_[index_] = arena_.text(seedScores[index_]) }
        pointer.pointee.n_seed_scores = seedScores.count
        pointer.pointee.seed_scores = items_
      }
      if !usage.isEmpty {
        let items_ = arena_.array(UnsafeMutablePointer<Assay__Lineage__V1__PhaseUsage>?.self, count: usage.count)
        for index_ in usage.indices { items_[index_] = arena_.message(usage[index_]) }
        pointer.pointee.n_usage = usage.count
        pointer.pointee.usage = items_
      }
      pointer.pointee.decided_at_ms = decidedAtMs
      pointer.pointee.noise = arena_.text(noise)
      pointer.pointee.rule_version = ruleVersion
      pointer.pointee.evidence = arena_.text(evidence)
    }
    init(_ pointer: UnsafePointer<Assay__Lineage__V1__Verdict>) throws(MessageError) {
      runId = try decodeText(pointer.pointee.run_id, limit: 64, field: "run_id")
      trial = pointer.pointee.trial
      label = try LineageV1.VerdictLabel.decoded(Int32(truncatingIfNeeded: pointer.pointee.label.rawValue), field: "label")
      score = try decodeText(pointer.pointee.score, limit: 64, field: "score")
      reason = try decodeText(pointer.pointee.reason, limit: 2000, field: "reason")
      rule = try decodeText(pointer.pointee.rule, limit: 128, field: "rule")
      delta = try decodeText(pointer.pointee.delta, limit: 64, field: "delta")
      incumbent = pointer.pointee.incumbent
      let seed_scoresCount_ = try decodeCount(pointer.pointee.n_seed_scores, limit: 256, field: "seed_scores")
      if seed_scoresCount_ > 0, let items_ = pointer.pointee.seed_scores {
        seedScores.reserveCapacity(seed_scoresCount_)
        for index_ in 0..<seed_scoresCount_ { seedScores.append(try decodeText(items_[index_], limit: 65536, field: "seed_scores")) }
      }
      let usageCount_ = try decodeCount(pointer.pointee.n_usage, limit: 1024, field: "usage")
      if usageCount_ > 0, let items_ = pointer.pointee.usage {
        usage.reserveCapacity(usageCount_)
        for index_ in 0..<usageCount_ { usage.append(try decodeMessage(items_[index_], field: "usage")) }
      }
      decidedAtMs = pointer.pointee.decided_at_ms
      noise = try decodeText(pointer.pointee.noise, limit: 64, field: "noise")
      ruleVersion = pointer.pointee.rule_version
      evidence = try decodeText(pointer.pointee.evidence, limit: 2000, field: "evidence")
    }
  }

  /// A verdict as it is stored: signed bytes plus an unsigned, cleaned excerpt of the trial's log.
  public struct SignedVerdict: WireMessage, PackedMessage {
    /// DSSE envelope (JSON) around an in-toto statement; see docs/verdict-format.md.
    public var envelope: [UInt8] = []
    /// Recipe's own output, untrusted text; its SHA-256 is in the statement.
    public var logExcerpt: String = ""
    /// What runners signed of the jobs that the verdict rests on (docs/provenance.md), in the order of the digests in the statement.
    public var provenance: [[UInt8]] = []
    public init() {}
    public static let fullName = "assay.lineage.v1.SignedVerdict"
    public func serialized() -> [UInt8] { packed() }
    public init(serialized bytes: UnsafeRawBufferPointer) throws(MessageError) {
      self = try Self.unpacked(bytes)
    }
    typealias CStruct = Assay__Lineage__V1__SignedVerdict
    static func initialize(_ pointer: UnsafeMutablePointer<Assay__Lineage__V1__SignedVerdict>) { assay__lineage__v1__signed_verdict__init(pointer) }
    func fill(_ pointer: UnsafeMutablePointer<Assay__Lineage__V1__SignedVerdict>, _ arena_: inout Arena) {
      pointer.pointee.envelope = arena_.blob(envelope)
      pointer.pointee.log_excerpt = arena_.text(logExcerpt)
      if !provenance.isEmpty {
        let items_ = arena_.array(ProtobufCBinaryData.self, count: provenance.count)
        for index_ in provenance.indices { items_[index_] = arena_.blob(provenance[index_]) }
        pointer.pointee.n_provenance = provenance.count
        pointer.pointee.provenance = items_
      }
    }
    init(_ pointer: UnsafePointer<Assay__Lineage__V1__SignedVerdict>) throws(MessageError) {
      envelope = try decodeBlob(pointer.pointee.envelope, limit: 1048576, field: "envelope")
      logExcerpt = try decodeText(pointer.pointee.log_excerpt, limit: 65536, field: "log_excerpt")
      let provenanceCount_ = try decodeCount(pointer.pointee.n_provenance, limit: 256, field: "provenance")
      if provenanceCount_ > 0, let items_ = pointer.pointee.provenance {
        provenance.reserveCapacity(provenanceCount_)
        for index_ in 0..<provenanceCount_ { provenance.append(try decodeBlob(items_[index_], limit: 4194304, field: "provenance")) }
      }
    }
  }

  /// Takes a verdict back. Authoritative is the signed statement it was read from.
  public struct Revocation: WireMessage, PackedMessage {
    public var runId: String = ""
    public var trial: UInt32 = 0
    /// SHA-256 of the envelope of the verdict that is taken back, hex.
    public var verdictSha256: String = ""
    public var reason: String = ""
    /// Rule that the recipe breaks, empty when a person decided.
    public var rule: String = ""
    public var rulesVersion: UInt32 = 0
    /// File and line with what stands there.
    public var evidence: String = ""
    /// SHA-256 of the envelope of the audit that found it, hex; empty when a person decided.
    public var auditSha256: String = ""
    /// Identity name of who asked for it.
    public var requestedBy: String = ""
    public var revokedAtMs: Int64 = 0
    public init() {}
    public static let fullName = "assay.lineage.v1.Revocation"
    public func serialized() -> [UInt8] { packed() }
    public init(serialized bytes: UnsafeRawBufferPointer) throws(MessageError) {
      self = try Self.unpacked(bytes)
    }
    typealias CStruct = Assay__Lineage__V1__Revocation
    static func initialize(_ pointer: UnsafeMutablePointer<Assay__Lineage__V1__Revocation>) { assay__lineage__v1__revocation__init(pointer) }
    func fill(_ pointer: UnsafeMutablePointer<Assay__Lineage__V1__Revocation>, _ arena_: inout Arena) {
      pointer.pointee.run_id = arena_.text(runId)
      pointer.pointee.trial = trial
      pointer.pointee.verdict_sha256 = arena_.text(verdictSha256)
      pointer.pointee.reason = arena_.text(reason)
      pointer.pointee.rule = arena_.text(rule)
      pointer.pointee.rules_version = rulesVersion
      pointer.pointee.evidence = arena_.text(evidence)
      pointer.pointee.audit_sha256 = arena_.text(auditSha256)
      pointer.pointee.requested_by = arena_.text(requestedBy)
      pointer.pointee.revoked_at_ms = revokedAtMs
    }
    init(_ pointer: UnsafePointer<Assay__Lineage__V1__Revocation>) throws(MessageError) {
      runId = try decodeText(pointer.pointee.run_id, limit: 64, field: "run_id")
      trial = pointer.pointee.trial
      verdictSha256 = try decodeText(pointer.pointee.verdict_sha256, limit: 64, field: "verdict_sha256")
      reason = try decodeText(pointer.pointee.reason, limit: 2000, field: "reason")
      rule = try decodeText(pointer.pointee.rule, limit: 64, field: "rule")
      rulesVersion = pointer.pointee.rules_version
      evidence = try decodeText(pointer.pointee.evidence, limit: 2000, field: "evidence")
      auditSha256 = try decodeText(pointer.pointee.audit_sha256, limit: 64, field: "audit_sha256")
      requestedBy = try decodeText(pointer.pointee.requested_by, limit: 128, field: "requested_by")
      revokedAtMs = pointer.pointee.revoked_at_ms
    }
  }

  /// A view of the record that the lineage service answered with.
  public struct Reading: WireMessage, PackedMessage {
    /// "best_lineage", "failures", ...: docs/lineage.md names them.
    public var view: String = ""
    public var requests: UInt32 = 0
    /// Bytes of the answers.
    public var bytes: UInt64 = 0
    public init() {}
    public static let fullName = "assay.lineage.v1.Reading"
    public func serialized() -> [UInt8] { packed() }
    public init(serialized bytes: UnsafeRawBufferPointer) throws(MessageError) {
      self = try Self.unpacked(bytes)
    }
    typealias CStruct = Assay__Lineage__V1__Reading
    static func initialize(_ pointer: UnsafeMutablePointer<Assay__Lineage__V1__Reading>) { assay__lineage__v1__reading__init(pointer) }
    func fill(_ pointer: UnsafeMutablePointer<Assay__Lineage__V1__Reading>, _ arena_: inout Arena) {
      pointer.pointee.view = arena_.text(view)
      pointer.pointee.requests = requests
      pointer.pointee.bytes = bytes
    }
    init(_ pointer: UnsafePointer<Assay__Lineage__V1__Reading>) throws(MessageError) {
      view = try decodeText(pointer.pointee.view, limit: 32, field: "view")
      requests = pointer.pointee.requests
      bytes = pointer.pointee.bytes
    }
  }

  /// What the submitter of a trial was answered between its trial before and this one, as the lineage service counted it.
  public struct Readings: WireMessage, PackedMessage {
    public var readings: [LineageV1.Reading] = []
    /// True when the service was started anew in between: what was answered before that is not known.
    public var partial: Bool = false
    public init() {}
    public static let fullName = "assay.lineage.v1.Readings"
    public func serialized() -> [UInt8] { packed() }
    public init(serialized bytes: UnsafeRawBufferPointer) throws(MessageError) {
      self = try Self.unpacked(bytes)
    }
    typealias CStruct = Assay__Lineage__V1__Readings
    static func initialize(_ pointer: UnsafeMutablePointer<Assay__Lineage__V1__Readings>) { assay__lineage__v1__readings__init(pointer) }
    func fill(_ pointer: UnsafeMutablePointer<Assay__Lineage__V1__Readings>, _ arena_: inout Arena) {
      if !readings.isEmpty {
        let items_ = arena_.array(UnsafeMutablePointer<Assay__Lineage__V1__Reading>?.self, count: readings.count)
        for index_ in readings.indices { items_[index_] = arena_.message(readings[index_]) }
        pointer.pointee.n_readings = readings.count
        pointer.pointee.readings = items_
      }
      pointer.pointee.partial = partial ? 1 : 0
    }
    init(_ pointer: UnsafePointer<Assay__Lineage__V1__Readings>) throws(MessageError) {
      let readingsCount_ = try decodeCount(pointer.pointee.n_readings, limit: 32, field: "readings")
      if readingsCount_ > 0, let items_ = pointer.pointee.readings {
        readings.reserveCapacity(readingsCount_)
        for index_ in 0..<readingsCount_ { readings.append(try decodeMessage(items_[index_], field: "readings")) }
      }
      partial = pointer.pointee.partial != 0
    }
  }

  /// A trial with everything known of it.
  public struct TrialRecord: WireMessage, PackedMessage {
    public var trial: LineageV1.Trial?
    public var verdict: LineageV1.Verdict?
    public var inFlight: Bool = false
    public var logExcerpt: String = ""
    /// DSSE envelope of the verdict, empty while in flight. Left out of lists.
    public var envelope: [UInt8] = []
    /// True when the trial is the run's incumbent.
    public var incumbent: Bool = false
    /// Sequence number of the event that recorded the trial.
    public var sequence: UInt64 = 0
    /// The earliest trial of the run that made the same change, on whatever parent; 0 when no earlier one did.
    public var repeats: UInt32 = 0
    /// Of a kept trial whose change the incumbent lacks; set in TRIAL_VIEW_ORPHANED alone.
    public var orphan: LineageV1.OrphanState = .unspecified
    /// UNSPECIFIED while in flight.
    public var standing: LineageV1.TrialStanding = .unspecified
    public var revocation: LineageV1.Revocation?
    /// DSSE envelope of the revocation. Left out of lists.
    public var revocationEnvelope: [UInt8] = []
    /// The revoked trial that it descends from, when its standing says so.
    public var revokedAncestor: UInt32 = 0
    /// Absent for trials that no agent submitted, and for those recorded before readings were counted.
    public var readings: LineageV1.Readings?
    public init() {}
    public static let fullName = "assay.lineage.v1.TrialRecord"
    public func serialized() -> [UInt8] { packed() }
    public init(serialized bytes: UnsafeRawBufferPointer) throws(MessageError) {
      self = try Self.unpacked(bytes)
    }
    typealias CStruct = Assay__Lineage__V1__TrialRecord
    static func initialize(_ pointer: UnsafeMutablePointer<Assay__Lineage__V1__TrialRecord>) { assay__lineage__v1__trial_record__init(pointer) }
    func fill(_ pointer: UnsafeMutablePointer<Assay__Lineage__V1__TrialRecord>, _ arena_: inout Arena) {
      if let value_ = trial { pointer.pointee.trial = arena_.message(value_) }
      if let value_ = verdict { pointer.pointee.verdict = arena_.message(value_) }
      pointer.pointee.in_flight = inFlight ? 1 : 0
      pointer.pointee.log_excerpt = arena_.text(logExcerpt)
      pointer.pointee.envelope = arena_.blob(envelope)
      pointer.pointee.incumbent = incumbent ? 1 : 0
      pointer.pointee.sequence = sequence
      pointer.pointee.repeats = repeats
      pointer.pointee.orphan = Assay__Lineage__V1__OrphanState(rawValue: .init(truncatingIfNeeded: orphan.rawValue))
      pointer.pointee.standing = Assay__Lineage__V1__TrialStanding(rawValue: .init(truncatingIfNeeded: standing.rawValue))
      if let value_ = revocation { pointer.pointee.revocation = arena_.message(value_) }
      pointer.pointee.revocation_envelope = arena_.blob(revocationEnvelope)
      pointer.pointee.revoked_ancestor = revokedAncestor
      if let value_ = readings { pointer.pointee.readings = arena_.message(value_) }
    }
    init(_ pointer: UnsafePointer<Assay__Lineage__V1__TrialRecord>) throws(MessageError) {
      if let value_ = pointer.pointee.trial { trial = try decodeMessage(value_, field: "trial") }
      if let value_ = pointer.pointee.verdict { verdict = try decodeMessage(value_, field: "verdict") }
      inFlight = pointer.pointee.in_flight != 0
      logExcerpt = try decodeText(pointer.pointee.log_excerpt, limit: 65536, field: "log_excerpt")
      envelope = try decodeBlob(pointer.pointee.envelope, limit: 1048576, field: "envelope")
      incumbent = pointer.pointee.incumbent != 0
      sequence = pointer.pointee.sequence
      repeats = pointer.pointee.repeats
      orphan = try LineageV1.OrphanState.decoded(Int32(truncatingIfNeeded: pointer.pointee.orphan.rawValue), field: "orphan")
      standing = try LineageV1.TrialStanding.decoded(Int32(truncatingIfNeeded: pointer.pointee.standing.rawValue), field: "standing")
      if let value_ = pointer.pointee.revocation { revocation = try decodeMessage(value_, field: "revocation") }
      revocationEnvelope = try decodeBlob(pointer.pointee.revocation_envelope, limit: 1048576, field: "revocation_envelope")
      revokedAncestor = pointer.pointee.revoked_ancestor
      if let value_ = pointer.pointee.readings { readings = try decodeMessage(value_, field: "readings") }
    }
  }

  /// One entry of the append-only event feed.
  public struct Event: WireMessage, PackedMessage {
    /// Dense and increasing over the whole store, starting at 1.
    public var sequence: UInt64 = 0
    public var runId: String = ""
    public var kind: LineageV1.EventKind = .unspecified
    public var trial: UInt32 = 0
    public var recordedAtMs: Int64 = 0
    public init() {}
    public static let fullName = "assay.lineage.v1.Event"
    public func serialized() -> [UInt8] { packed() }
    public init(serialized bytes: UnsafeRawBufferPointer) throws(MessageError) {
      self = try Self.unpacked(bytes)
    }
    typealias CStruct = Assay__Lineage__V1__Event
    static func initialize(_ pointer: UnsafeMutablePointer<Assay__Lineage__V1__Event>) { assay__lineage__v1__event__init(pointer) }
    func fill(_ pointer: UnsafeMutablePointer<Assay__Lineage__V1__Event>, _ arena_: inout Arena) {
      pointer.pointee.sequence = sequence
      pointer.pointee.run_id = arena_.text(runId)
      pointer.pointee.kind = Assay__Lineage__V1__EventKind(rawValue: .init(truncatingIfNeeded: kind.rawValue))
      pointer.pointee.trial = trial
      pointer.pointee.recorded_at_ms = recordedAtMs
    }
    init(_ pointer: UnsafePointer<Assay__Lineage__V1__Event>) throws(MessageError) {
      sequence = pointer.pointee.sequence
      runId = try decodeText(pointer.pointee.run_id, limit: 64, field: "run_id")
      kind = try LineageV1.EventKind.decoded(Int32(truncatingIfNeeded: pointer.pointee.kind.rawValue), field: "kind")
      trial = pointer.pointee.trial
      recordedAtMs = pointer.pointee.recorded_at_ms
    }
  }

  public struct TrialView: WireEnum {
    public var rawValue: Int32
    public init(rawValue: Int32) { self.rawValue = rawValue }
    public static let unspecified = TrialView(rawValue: 0)
    /// All trials by number, ascending; after_trial resumes.
    public static let all = TrialView(rawValue: 1)
    /// Best legal scores first; revoked trials are left out.
    public static let leaderboard = TrialView(rawValue: 2)
    /// From the incumbent up to the baseline.
    public static let bestLineage = TrialView(rawValue: 3)
    /// A trial and all that descend from it.
    public static let subtree = TrialView(rawValue: 4)
    /// Newest first.
    public static let recent = TrialView(rawValue: 5)
    /// One specialist's trials, newest first.
    public static let specialist = TrialView(rawValue: 6)
    public static let inFlight = TrialView(rawValue: 7)
    /// Failures, newest first; label narrows.
    public static let failures = TrialView(rawValue: 8)
    /// Kept trials by number, ascending; revoked ones are left out.
    public static let kept = TrialView(rawValue: 9)
    /// Kept trials that are no ancestors of the incumbent and whose change its recipe lacks, by number, ascending.
    public static let orphaned = TrialView(rawValue: 10)
    /// Trials that made the change of an earlier one, by number, ascending.
    public static let repeated = TrialView(rawValue: 11)
    /// Revoked trials, newest first.
    public static let revoked = TrialView(rawValue: 12)
    /// Every declared value with its name in the .proto.
    public static let declared: [(value: TrialView, name: String)] = [
      (.unspecified, "TRIAL_VIEW_UNSPECIFIED"),
      (.all, "TRIAL_VIEW_ALL"),
      (.leaderboard, "TRIAL_VIEW_LEADERBOARD"),
      (.bestLineage, "TRIAL_VIEW_BEST_LINEAGE"),
      (.subtree, "TRIAL_VIEW_SUBTREE"),
      (.recent, "TRIAL_VIEW_RECENT"),
      (.specialist, "TRIAL_VIEW_SPECIALIST"),
      (.inFlight, "TRIAL_VIEW_IN_FLIGHT"),
      (.failures, "TRIAL_VIEW_FAILURES"),
      (.kept, "TRIAL_VIEW_KEPT"),
      (.orphaned, "TRIAL_VIEW_ORPHANED"),
      (.repeated, "TRIAL_VIEW_REPEATED"),
      (.revoked, "TRIAL_VIEW_REVOKED"),
    ]
  }

  /// `assay.lineage.v1.RegisterRunRequest`.
  public struct RegisterRunRequest: WireMessage, PackedMessage {
    public var run: LineageV1.Run?
    /// DSSE envelope around the evaluator's policy statement, the first entry of the run's log; empty when there is none.
    public var policy: [UInt8] = []
    public init() {}
    public static let fullName = "assay.lineage.v1.RegisterRunRequest"
    public func serialized() -> [UInt8] { packed() }
    public init(serialized bytes: UnsafeRawBufferPointer) throws(MessageError) {
      self = try Self.unpacked(bytes)
    }
    typealias CStruct = Assay__Lineage__V1__RegisterRunRequest
    static func initialize(_ pointer: UnsafeMutablePointer<Assay__Lineage__V1__RegisterRunRequest>) { assay__lineage__v1__register_run_request__init(pointer) }
    func fill(_ pointer: UnsafeMutablePointer<Assay__Lineage__V1__RegisterRunRequest>, _ arena_: inout Arena) {
      if let value_ = run { pointer.pointee.run = arena_.message(value_) }
      pointer.pointee.policy = arena_.blob(policy)
    }
    init(_ pointer: UnsafePointer<Assay__Lineage__V1__RegisterRunRequest>) throws(MessageError) {
      if let value_ = pointer.pointee.run { run = try decodeMessage(value_, field: "run") }
      policy = try decodeBlob(pointer.pointee.policy, limit: 1048576, field: "policy")
    }
  }

  /// `assay.lineage.v1.RegisterRunResponse`.
  public struct RegisterRunResponse: WireMessage, PackedMessage {
    public var sequence: UInt64 = 0
    public init() {}
    public static let fullName = "assay.lineage.v1.RegisterRunResponse"
    public func serialized() -> [UInt8] { packed() }
    public init(serialized bytes: UnsafeRawBufferPointer) throws(MessageError) {
      self = try Self.unpacked(bytes)
    }
    typealias CStruct = Assay__Lineage__V1__RegisterRunResponse
    static func initialize(_ pointer: UnsafeMutablePointer<Assay__Lineage__V1__RegisterRunResponse>) { assay__lineage__v1__register_run_response__init(pointer) }
    func fill(_ pointer: UnsafeMutablePointer<Assay__Lineage__V1__RegisterRunResponse>, _ arena_: inout Arena) {
      pointer.pointee.sequence = sequence
    }
    init(_ pointer: UnsafePointer<Assay__Lineage__V1__RegisterRunResponse>) throws(MessageError) {
      sequence = pointer.pointee.sequence
    }
  }

  /// `assay.lineage.v1.AppendTrialRequest`.
  public struct AppendTrialRequest: WireMessage, PackedMessage {
    public var trial: LineageV1.Trial?
    /// The executed recipe; absent when the edit did not apply.
    public var snapshot: LineageV1.Snapshot?
    public init() {}
    public static let fullName = "assay.lineage.v1.AppendTrialRequest"
    public func serialized() -> [UInt8] { packed() }
    public init(serialized bytes: UnsafeRawBufferPointer) throws(MessageError) {
      self = try Self.unpacked(bytes)
    }
    typealias CStruct = Assay__Lineage__V1__AppendTrialRequest
    static func initialize(_ pointer: UnsafeMutablePointer<Assay__Lineage__V1__AppendTrialRequest>) { assay__lineage__v1__append_trial_request__init(pointer) }
    func fill(_ pointer: UnsafeMutablePointer<Assay__Lineage__V1__AppendTrialRequest>, _ arena_: inout Arena) {
      if let value_ = trial { pointer.pointee.trial = arena_.message(value_) }
      if let value_ = snapshot { pointer.pointee.snapshot = arena_.message(value_) }
    }
    init(_ pointer: UnsafePointer<Assay__Lineage__V1__AppendTrialRequest>) throws(MessageError) {
      if let value_ = pointer.pointee.trial { trial = try decodeMessage(value_, field: "trial") }
      if let value_ = pointer.pointee.snapshot { snapshot = try decodeMessage(value_, field: "snapshot") }
    }
  }

  /// `assay.lineage.v1.AppendTrialResponse`.
  public struct AppendTrialResponse: WireMessage, PackedMessage {
    public var sequence: UInt64 = 0
    public init() {}
    public static let fullName = "assay.lineage.v1.AppendTrialResponse"
    public func serialized() -> [UInt8] { packed() }
    public init(serialized bytes: UnsafeRawBufferPointer) throws(MessageError) {
      self = try Self.unpacked(bytes)
    }
    typealias CStruct = Assay__Lineage__V1__AppendTrialResponse
    static func initialize(_ pointer: UnsafeMutablePointer<Assay__Lineage__V1__AppendTrialResponse>) { assay__lineage__v1__append_trial_response__init(pointer) }
    func fill(_ pointer: UnsafeMutablePointer<Assay__Lineage__V1__AppendTrialResponse>, _ arena_: inout Arena) {
      pointer.pointee.sequence = sequence
    }
    init(_ pointer: UnsafePointer<Assay__Lineage__V1__AppendTrialResponse>) throws(MessageError) {
      sequence = pointer.pointee.sequence
    }
  }

  /// `assay.lineage.v1.AppendVerdictRequest`.
  public struct AppendVerdictRequest: WireMessage, PackedMessage {
    public var verdict: LineageV1.SignedVerdict?
    public init() {}
    public static let fullName = "assay.lineage.v1.AppendVerdictRequest"
    public func serialized() -> [UInt8] { packed() }
    public init(serialized bytes: UnsafeRawBufferPointer) throws(MessageError) {
      self = try Self.unpacked(bytes)
    }
    typealias CStruct = Assay__Lineage__V1__AppendVerdictRequest
    static func initialize(_ pointer: UnsafeMutablePointer<Assay__Lineage__V1__AppendVerdictRequest>) { assay__lineage__v1__append_verdict_request__init(pointer) }
    func fill(_ pointer: UnsafeMutablePointer<Assay__Lineage__V1__AppendVerdictRequest>, _ arena_: inout Arena) {
      if let value_ = verdict { pointer.pointee.verdict = arena_.message(value_) }
    }
    init(_ pointer: UnsafePointer<Assay__Lineage__V1__AppendVerdictRequest>) throws(MessageError) {
      if let value_ = pointer.pointee.verdict { verdict = try decodeMessage(value_, field: "verdict") }
    }
  }

  /// `assay.lineage.v1.AppendVerdictResponse`.
  public struct AppendVerdictResponse: WireMessage, PackedMessage {
    public var sequence: UInt64 = 0
    public init() {}
    public static let fullName = "assay.lineage.v1.AppendVerdictResponse"
    public func serialized() -> [UInt8] { packed() }
    public init(serialized bytes: UnsafeRawBufferPointer) throws(MessageError) {
      self = try Self.unpacked(bytes)
    }
    typealias CStruct = Assay__Lineage__V1__AppendVerdictResponse
    static func initialize(_ pointer: UnsafeMutablePointer<Assay__Lineage__V1__AppendVerdictResponse>) { assay__lineage__v1__append_verdict_response__init(pointer) }
    func fill(_ pointer: UnsafeMutablePointer<Assay__Lineage__V1__AppendVerdictResponse>, _ arena_: inout Arena) {
      pointer.pointee.sequence = sequence
    }
    init(_ pointer: UnsafePointer<Assay__Lineage__V1__AppendVerdictResponse>) throws(MessageError) {
      sequence = pointer.pointee.sequence
    }
  }

  /// `assay.lineage.v1.AppendStatementRequest`.
  public struct AppendStatementRequest: WireMessage, PackedMessage {
    public var runId: String = ""
    /// DSSE envelope around a statement of a kind that docs/verdict-format.md names.
    public var envelope: [UInt8] = []
    public init() {}
    public static let fullName = "assay.lineage.v1.AppendStatementRequest"
    public func serialized() -> [UInt8] { packed() }
    public init(serialized bytes: UnsafeRawBufferPointer) throws(MessageError) {
      self = try Self.unpacked(bytes)
    }
    typealias CStruct = Assay__Lineage__V1__AppendStatementRequest
    static func initialize(_ pointer: UnsafeMutablePointer<Assay__Lineage__V1__AppendStatementRequest>) { assay__lineage__v1__append_statement_request__init(pointer) }
    func fill(_ pointer: UnsafeMutablePointer<Assay__Lineage__V1__AppendStatementRequest>, _ arena_: inout Arena) {
      pointer.pointee.run_id = arena_.text(runId)
      pointer.pointee.envelope = arena_.blob(envelope)
    }
    init(_ pointer: UnsafePointer<Assay__Lineage__V1__AppendStatementRequest>) throws(MessageError) {
      runId = try decodeText(pointer.pointee.run_id, limit: 64, field: "run_id")
      envelope = try decodeBlob(pointer.pointee.envelope, limit: 1048576, field: "envelope")
    }
  }

  /// `assay.lineage.v1.AppendStatementResponse`.
  public struct AppendStatementResponse: WireMessage, PackedMessage {
    public var sequence: UInt64 = 0
    public init() {}
    public static let fullName = "assay.lineage.v1.AppendStatementResponse"
    public func serialized() -> [UInt8] { packed() }
    public init(serialized bytes: UnsafeRawBufferPointer) throws(MessageError) {
      self = try Self.unpacked(bytes)
    }
    typealias CStruct = Assay__Lineage__V1__AppendStatementResponse
    static func initialize(_ pointer: UnsafeMutablePointer<Assay__Lineage__V1__AppendStatementResponse>) { assay__lineage__v1__append_statement_response__init(pointer) }
    func fill(_ pointer: UnsafeMutablePointer<Assay__Lineage__V1__AppendStatementResponse>, _ arena_: inout Arena) {
      pointer.pointee.sequence = sequence
    }
    init(_ pointer: UnsafePointer<Assay__Lineage__V1__AppendStatementResponse>) throws(MessageError) {
      sequence = pointer.pointee.sequence
    }
  }

  /// `assay.lineage.v1.AppendInsightRequest`.
  public struct AppendInsightRequest: WireMessage, PackedMessage {
    public var runId: String = ""
    public var insight: AgentV1.Insight?
    public init() {}
    public static let fullName = "assay.lineage.v1.AppendInsightRequest"
    public func serialized() -> [UInt8] { packed() }
    public init(serialized bytes: UnsafeRawBufferPointer) throws(MessageError) {
      self = try Self.unpacked(bytes)
    }
    typealias CStruct = Assay__Lineage__V1__AppendInsightRequest
    static func initialize(_ pointer: UnsafeMutablePointer<Assay__Lineage__V1__AppendInsightRequest>) { assay__lineage__v1__append_insight_request__init(pointer) }
    func fill(_ pointer: UnsafeMutablePointer<Assay__Lineage__V1__AppendInsightRequest>, _ arena_: inout Arena) {
      pointer.pointee.run_id = arena_.text(runId)
      if let value_ = insight { pointer.pointee.insight = arena_.message(value_) }
    }
    init(_ pointer: UnsafePointer<Assay__Lineage__V1__AppendInsightRequest>) throws(MessageError) {
      runId = try decodeText(pointer.pointee.run_id, limit: 64, field: "run_id")
      if let value_ = pointer.pointee.insight { insight = try decodeMessage(value_, field: "insight") }
    }
  }

  /// `assay.lineage.v1.AppendInsightResponse`.
  public struct AppendInsightResponse: WireMessage, PackedMessage {
    public var sequence: UInt64 = 0
    public init() {}
    public static let fullName = "assay.lineage.v1.AppendInsightResponse"
    public func serialized() -> [UInt8] { packed() }
    public init(serialized bytes: UnsafeRawBufferPointer) throws(MessageError) {
      self = try Self.unpacked(bytes)
    }
    typealias CStruct = Assay__Lineage__V1__AppendInsightResponse
    static func initialize(_ pointer: UnsafeMutablePointer<Assay__Lineage__V1__AppendInsightResponse>) { assay__lineage__v1__append_insight_response__init(pointer) }
    func fill(_ pointer: UnsafeMutablePointer<Assay__Lineage__V1__AppendInsightResponse>, _ arena_: inout Arena) {
      pointer.pointee.sequence = sequence
    }
    init(_ pointer: UnsafePointer<Assay__Lineage__V1__AppendInsightResponse>) throws(MessageError) {
      sequence = pointer.pointee.sequence
    }
  }

  /// `assay.lineage.v1.FinishRunRequest`.
  public struct FinishRunRequest: WireMessage, PackedMessage {
    public var runId: String = ""
    /// DSSE envelope around the final report.
    public var report: [UInt8] = []
    public init() {}
    public static let fullName = "assay.lineage.v1.FinishRunRequest"
    public func serialized() -> [UInt8] { packed() }
    public init(serialized bytes: UnsafeRawBufferPointer) throws(MessageError) {
      self = try Self.unpacked(bytes)
    }
    typealias CStruct = Assay__Lineage__V1__FinishRunRequest
    static func initialize(_ pointer: UnsafeMutablePointer<Assay__Lineage__V1__FinishRunRequest>) { assay__lineage__v1__finish_run_request__init(pointer) }
    func fill(_ pointer: UnsafeMutablePointer<Assay__Lineage__V1__FinishRunRequest>, _ arena_: inout Arena) {
      pointer.pointee.run_id = arena_.text(runId)
      pointer.pointee.report = arena_.blob(report)
    }
    init(_ pointer: UnsafePointer<Assay__Lineage__V1__FinishRunRequest>) throws(MessageError) {
      runId = try decodeText(pointer.pointee.run_id, limit: 64, field: "run_id")
      report = try decodeBlob(pointer.pointee.report, limit: 1048576, field: "report")
    }
  }

  /// `assay.lineage.v1.FinishRunResponse`.
  public struct FinishRunResponse: WireMessage, PackedMessage {
    public var sequence: UInt64 = 0
    public init() {}
    public static let fullName = "assay.lineage.v1.FinishRunResponse"
    public func serialized() -> [UInt8] { packed() }
    public init(serialized bytes: UnsafeRawBufferPointer) throws(MessageError) {
      self = try Self.unpacked(bytes)
    }
    typealias CStruct = Assay__Lineage__V1__FinishRunResponse
    static func initialize(_ pointer: UnsafeMutablePointer<Assay__Lineage__V1__FinishRunResponse>) { assay__lineage__v1__finish_run_response__init(pointer) }
    func fill(_ pointer: UnsafeMutablePointer<Assay__Lineage__V1__FinishRunResponse>, _ arena_: inout Arena) {
      pointer.pointee.sequence = sequence
    }
    init(_ pointer: UnsafePointer<Assay__Lineage__V1__FinishRunResponse>) throws(MessageError) {
      sequence = pointer.pointee.sequence
    }
  }

  /// `assay.lineage.v1.GetRunRequest`.
  public struct GetRunRequest: WireMessage, PackedMessage {
    public var runId: String = ""
    public init() {}
    public static let fullName = "assay.lineage.v1.GetRunRequest"
    public func serialized() -> [UInt8] { packed() }
    public init(serialized bytes: UnsafeRawBufferPointer) throws(MessageError) {
      self = try Self.unpacked(bytes)
    }
    typealias CStruct = Assay__Lineage__V1__GetRunRequest
    static func initialize(_ pointer: UnsafeMutablePointer<Assay__Lineage__V1__GetRunRequest>) { assay__lineage__v1__get_run_request__init(pointer) }
    func fill(_ pointer: UnsafeMutablePointer<Assay__Lineage__V1__GetRunRequest>, _ arena_: inout Arena) {
      pointer.pointee.run_id = arena_.text(runId)
    }
    init(_ pointer: UnsafePointer<Assay__Lineage__V1__GetRunRequest>) throws(MessageError) {
      runId = try decodeText(pointer.pointee.run_id, limit: 64, field: "run_id")
    }
  }

  /// `assay.lineage.v1.GetRunResponse`.
  public struct GetRunResponse: WireMessage, PackedMessage {
    public var run: LineageV1.Run?
    public var finished: Bool = false
    public var report: [UInt8] = []
    /// Highest event sequence of the store at the time of the answer.
    public var sequence: UInt64 = 0
    /// DSSE envelopes of the newest audits of its trials, in the order in which they were made.
    public var audits: [[UInt8]] = []
    public init() {}
    public static let fullName = "assay.lineage.v1.GetRunResponse"
    public func serialized() -> [UInt8] { packed() }
    public init(serialized bytes: UnsafeRawBufferPointer) throws(MessageError) {
      self = try Self.unpacked(bytes)
    }
    typealias CStruct = Assay__Lineage__V1__GetRunResponse
    static func initialize(_ pointer: UnsafeMutablePointer<Assay__Lineage__V1__GetRunResponse>) { assay__lineage__v1__get_run_response__init(pointer) }
    func fill(_ pointer: UnsafeMutablePointer<Assay__Lineage__V1__GetRunResponse>, _ arena_: inout Arena) {
      if let value_ = run { pointer.pointee.run = arena_.message(value_) }
      pointer.pointee.finished = finished ? 1 : 0
      pointer.pointee.report = arena_.blob(report)
      pointer.pointee.sequence = sequence
      if !audits.isEmpty {
        let items_ = arena_.array(ProtobufCBinaryData.self, count: audits.count)
        for index_ in audits.indices { items_[index_] = arena_.blob(audits[index_]) }
        pointer.pointee.n_audits = audits.count
        pointer.pointee.audits = items_
      }
    }
    init(_ pointer: UnsafePointer<Assay__Lineage__V1__GetRunResponse>) throws(MessageError) {
      if let value_ = pointer.pointee.run { run = try decodeMessage(value_, field: "run") }
      finished = pointer.pointee.finished != 0
      report = try decodeBlob(pointer.pointee.report, limit: 1048576, field: "report")
      sequence = pointer.pointee.sequence
      let auditsCount_ = try decodeCount(pointer.pointee.n_audits, limit: 16, field: "audits")
      if auditsCount_ > 0, let items_ = pointer.pointee.audits {
        audits.reserveCapacity(auditsCount_)
        for index_ in 0..<auditsCount_ { audits.append(try decodeBlob(items_[index_], limit: 4194304, field: "audits")) }
      }
    }
  }

  /// `assay.lineage.v1.ListRunsRequest`.
  public struct ListRunsRequest: WireMessage, PackedMessage {
    public var pageSize: UInt32 = 0
    public var pageToken: String = ""
    public init() {}
    public static let fullName = "assay.lineage.v1.ListRunsRequest"
    public func serialized() -> [UInt8] { packed() }
    public init(serialized bytes: UnsafeRawBufferPointer) throws(MessageError) {
      self = try Self.unpacked(bytes)
    }
    typealias CStruct = Assay__Lineage__V1__ListRunsRequest
    static func initialize(_ pointer: UnsafeMutablePointer<Assay__Lineage__V1__ListRunsRequest>) { assay__lineage__v1__list_runs_request__init(pointer) }
    func fill(_ pointer: UnsafeMutablePointer<Assay__Lineage__V1__ListRunsRequest>, _ arena_: inout Arena) {
      pointer.pointee.page_size = pageSize
      pointer.pointee.page_token = arena_.text(pageToken)
    }
    init(_ pointer: UnsafePointer<Assay__Lineage__V1__ListRunsRequest>) throws(MessageError) {
      pageSize = pointer.pointee.page_size
      pageToken = try decodeText(pointer.pointee.page_token, limit: 256, field: "page_token")
    }
  }

  /// `assay.lineage.v1.ListRunsResponse`.
  public struct ListRunsResponse: WireMessage, PackedMessage {
    public var runs: [LineageV1.Run] = []
    public var nextPageToken: String = ""
    public init() {}
    public static let fullName = "assay.lineage.v1.ListRunsResponse"
    public func serialized() -> [UInt8] { packed() }
    public init(serialized bytes: UnsafeRawBufferPointer) throws(MessageError) {
      self = try Self.unpacked(bytes)
    }
    typealias CStruct = Assay__Lineage__V1__ListRunsResponse
    static func initialize(_ pointer: UnsafeMutablePointer<Assay__Lineage__V1__ListRunsResponse>) { assay__lineage__v1__list_runs_response__init(pointer) }
    func fill(_ pointer: UnsafeMutablePointer<Assay__Lineage__V1__ListRunsResponse>, _ arena_: inout Arena) {
      if !runs.isEmpty {
        let items_ = arena_.array(UnsafeMutablePointer<Assay__Lineage__V1__Run>?.self, count: runs.count)
        for index_ in runs.indices { items_[index_] = arena_.message(runs[index_]) }
        pointer.pointee.n_runs = runs.count
        pointer.pointee.runs = items_
      }
      pointer.pointee.next_page_token = arena_.text(nextPageToken)
    }
    init(_ pointer: UnsafePointer<Assay__Lineage__V1__ListRunsResponse>) throws(MessageError) {
      let runsCount_ = try decodeCount(pointer.pointee.n_runs, limit: 1000, field: "runs")
      if runsCount_ > 0, let items_ = pointer.pointee.runs {
        runs.reserveCapacity(runsCount_)
        for index_ in 0..<runsCount_ { runs.append(try decodeMessage(items_[index_], field: "runs")) }
      }
      nextPageToken = try decodeText(pointer.pointee.next_page_token, limit: 256, field: "next_page_token")
    }
  }

  /// `assay.lineage.v1.GetTrialRequest`.
  public struct GetTrialRequest: WireMessage, PackedMessage {
    public var runId: String = ""
    public var trial: UInt32 = 0
    /// Add what runners signed of its jobs.
    public var provenance: Bool = false
    /// The answer is put before a proposer; without it, it is counted as an agent's copy of the record.
    public var shown: Bool = false
    public init() {}
    public static let fullName = "assay.lineage.v1.GetTrialRequest"
    public func serialized() -> [UInt8] { packed() }
    public init(serialized bytes: UnsafeRawBufferPointer) throws(MessageError) {
      self = try Self.unpacked(bytes)
    }
    typealias CStruct = Assay__Lineage__V1__GetTrialRequest
    static func initialize(_ pointer: UnsafeMutablePointer<Assay__Lineage__V1__GetTrialRequest>) { assay__lineage__v1__get_trial_request__init(pointer) }
    func fill(_ pointer: UnsafeMutablePointer<Assay__Lineage__V1__GetTrialRequest>, _ arena_: inout Arena) {
      pointer.pointee.run_id = arena_.text(runId)
      pointer.pointee.trial = trial
      pointer.pointee.provenance = provenance ? 1 : 0
      pointer.pointee.shown = shown ? 1 : 0
    }
    init(_ pointer: UnsafePointer<Assay__Lineage__V1__GetTrialRequest>) throws(MessageError) {
      runId = try decodeText(pointer.pointee.run_id, limit: 64, field: "run_id")
      trial = pointer.pointee.trial
      provenance = pointer.pointee.provenance != 0
      shown = pointer.pointee.shown != 0
    }
  }

  /// `assay.lineage.v1.GetTrialResponse`.
  public struct GetTrialResponse: WireMessage, PackedMessage {
    public var record: LineageV1.TrialRecord?
    /// DSSE envelopes in the order of the digests in the verdict; docs/provenance.md.
    public var provenance: [[UInt8]] = []
    public init() {}
    public static let fullName = "assay.lineage.v1.GetTrialResponse"
    public func serialized() -> [UInt8] { packed() }
    public init(serialized bytes: UnsafeRawBufferPointer) throws(MessageError) {
      self = try Self.unpacked(bytes)
    }
    typealias CStruct = Assay__Lineage__V1__GetTrialResponse
    static func initialize(_ pointer: UnsafeMutablePointer<Assay__Lineage__V1__GetTrialResponse>) { assay__lineage__v1__get_trial_response__init(pointer) }
    func fill(_ pointer: UnsafeMutablePointer<Assay__Lineage__V1__GetTrialResponse>, _ arena_: inout Arena) {
      if let value_ = record { pointer.pointee.record = arena_.message(value_) }
      if !provenance.isEmpty {
        let items_ = arena_.array(ProtobufCBinaryData.self, count: provenance.count)
        for index_ in provenance.indices { items_[index_] = arena_.blob(provenance[index_]) }
        pointer.pointee.n_provenance = provenance.count
        pointer.pointee.provenance = items_
      }
    }
    init(_ pointer: UnsafePointer<Assay__Lineage__V1__GetTrialResponse>) throws(MessageError) {
      if let value_ = pointer.pointee.record { record = try decodeMessage(value_, field: "record") }
      let provenanceCount_ = try decodeCount(pointer.pointee.n_provenance, limit: 256, field: "provenance")
      if provenanceCount_ > 0, let items_ = pointer.pointee.provenance {
        provenance.reserveCapacity(provenanceCount_)
        for index_ in 0..<provenanceCount_ { provenance.append(try decodeBlob(items_[index_], limit: 4194304, field: "provenance")) }
      }
    }
  }

  /// `assay.lineage.v1.ListTrialsRequest`.
  public struct ListTrialsRequest: WireMessage, PackedMessage {
    public var runId: String = ""
    public var view: LineageV1.TrialView = .unspecified
    /// Root of SUBTREE.
    public var root: UInt32 = 0
    /// Specialist of SPECIALIST; empty elsewhere.
    public var specialist: String = ""
    /// Label of FAILURES; UNSPECIFIED for all failures.
    public var label: LineageV1.VerdictLabel = .unspecified
    /// At most 500; 0 means 100.
    public var pageSize: UInt32 = 0
    public var pageToken: String = ""
    /// Leave out edits and log excerpts.
    public var brief: Bool = false
    /// The answer is put before a proposer; without it, it is counted as an agent's copy of the record.
    public var shown: Bool = false
    public init() {}
    public static let fullName = "assay.lineage.v1.ListTrialsRequest"
    public func serialized() -> [UInt8] { packed() }
    public init(serialized bytes: UnsafeRawBufferPointer) throws(MessageError) {
      self = try Self.unpacked(bytes)
    }
    typealias CStruct = Assay__Lineage__V1__ListTrialsRequest
    static func initialize(_ pointer: UnsafeMutablePointer<Assay__Lineage__V1__ListTrialsRequest>) { assay__lineage__v1__list_trials_request__init(pointer) }
    func fill(_ pointer: UnsafeMutablePointer<Assay__Lineage__V1__ListTrialsRequest>, _ arena_: inout Arena) {
      pointer.pointee.run_id = arena_.text(runId)
      pointer.pointee.view = Assay__Lineage__V1__TrialView(rawValue: .init(truncatingIfNeeded: view.rawValue))
      pointer.pointee.root = root
      pointer.pointee.specialist = arena_.text(specialist)
      pointer.pointee.label = Assay__Lineage__V1__VerdictLabel(rawValue: .init(truncatingIfNeeded: label.rawValue))
      pointer.pointee.page_size = pageSize
      pointer.pointee.page_token = arena_.text(pageToken)
      pointer.pointee.brief = brief ? 1 : 0
      pointer.pointee.shown = shown ? 1 : 0
    }
    init(_ pointer: UnsafePointer<Assay__Lineage__V1__ListTrialsRequest>) throws(MessageError) {
      runId = try decodeText(pointer.pointee.run_id, limit: 64, field: "run_id")
      view = try LineageV1.TrialView.decoded(Int32(truncatingIfNeeded: pointer.pointee.view.rawValue), field: "view")
      root = pointer.pointee.root
      specialist = try decodeText(pointer.pointee.specialist, limit: 64, field: "specialist")
      label = try LineageV1.VerdictLabel.decoded(Int32(truncatingIfNeeded: pointer.pointee.label.rawValue), field: "label")
      pageSize = pointer.pointee.page_size
      pageToken = try decodeText(pointer.pointee.page_token, limit: 256, field: "page_token")
      brief = pointer.pointee.brief != 0
      shown = pointer.pointee.shown != 0
    }
  }

  /// `assay.lineage.v1.ListTrialsResponse`.
  public struct ListTrialsResponse: WireMessage, PackedMessage {
    public var records: [LineageV1.TrialRecord] = []
    public var nextPageToken: String = ""
    /// Highest event sequence of the store at the time of the answer.
    public var sequence: UInt64 = 0
    public init() {}
    public static let fullName = "assay.lineage.v1.ListTrialsResponse"
    public func serialized() -> [UInt8] { packed() }
    public init(serialized bytes: UnsafeRawBufferPointer) throws(MessageError) {
      self = try Self.unpacked(bytes)
    }
    typealias CStruct = Assay__Lineage__V1__ListTrialsResponse
    static func initialize(_ pointer: UnsafeMutablePointer<Assay__Lineage__V1__ListTrialsResponse>) { assay__lineage__v1__list_trials_response__init(pointer) }
    func fill(_ pointer: UnsafeMutablePointer<Assay__Lineage__V1__ListTrialsResponse>, _ arena_: inout Arena) {
      if !records.isEmpty {
        let items_ = arena_.array(UnsafeMutablePointer<Assay__Lineage__V1__TrialRecord>?.self, count: records.count)
        for index_ in records.indices { items_[index_] = arena_.message(records[index_]) }
        pointer.pointee.n_records = records.count
        pointer.pointee.records = items_
      }
      pointer.pointee.next_page_token = arena_.text(nextPageToken)
      pointer.pointee.sequence = sequence
    }
    init(_ pointer: UnsafePointer<Assay__Lineage__V1__ListTrialsResponse>) throws(MessageError) {
      let recordsCount_ = try decodeCount(pointer.pointee.n_records, limit: 500, field: "records")
      if recordsCount_ > 0, let items_ = pointer.pointee.records {
        records.reserveCapacity(recordsCount_)
        for index_ in 0..<recordsCount_ { records.append(try decodeMessage(items_[index_], field: "records")) }
      }
      nextPageToken = try decodeText(pointer.pointee.next_page_token, limit: 256, field: "next_page_token")
      sequence = pointer.pointee.sequence
    }
  }

  /// `assay.lineage.v1.GetSnapshotRequest`.
  public struct GetSnapshotRequest: WireMessage, PackedMessage {
    public var runId: String = ""
    public var snapshotId: String = ""
    /// The answer is put before a proposer; without it, it is counted as an agent's copy of the record.
    public var shown: Bool = false
    public init() {}
    public static let fullName = "assay.lineage.v1.GetSnapshotRequest"
    public func serialized() -> [UInt8] { packed() }
    public init(serialized bytes: UnsafeRawBufferPointer) throws(MessageError) {
      self = try Self.unpacked(bytes)
    }
    typealias CStruct = Assay__Lineage__V1__GetSnapshotRequest
    static func initialize(_ pointer: UnsafeMutablePointer<Assay__Lineage__V1__GetSnapshotRequest>) { assay__lineage__v1__get_snapshot_request__init(pointer) }
    func fill(_ pointer: UnsafeMutablePointer<Assay__Lineage__V1__GetSnapshotRequest>, _ arena_: inout Arena) {
      pointer.pointee.run_id = arena_.text(runId)
      pointer.pointee.snapshot_id = arena_.text(snapshotId)
      pointer.pointee.shown = shown ? 1 : 0
    }
    init(_ pointer: UnsafePointer<Assay__Lineage__V1__GetSnapshotRequest>) throws(MessageError) {
      runId = try decodeText(pointer.pointee.run_id, limit: 64, field: "run_id")
      snapshotId = try decodeText(pointer.pointee.snapshot_id, limit: 64, field: "snapshot_id")
      shown = pointer.pointee.shown != 0
    }
  }

  /// `assay.lineage.v1.GetSnapshotResponse`.
  public struct GetSnapshotResponse: WireMessage, PackedMessage {
    public var snapshot: LineageV1.Snapshot?
    public init() {}
    public static let fullName = "assay.lineage.v1.GetSnapshotResponse"
    public func serialized() -> [UInt8] { packed() }
    public init(serialized bytes: UnsafeRawBufferPointer) throws(MessageError) {
      self = try Self.unpacked(bytes)
    }
    typealias CStruct = Assay__Lineage__V1__GetSnapshotResponse
    static func initialize(_ pointer: UnsafeMutablePointer<Assay__Lineage__V1__GetSnapshotResponse>) { assay__lineage__v1__get_snapshot_response__init(pointer) }
    func fill(_ pointer: UnsafeMutablePointer<Assay__Lineage__V1__GetSnapshotResponse>, _ arena_: inout Arena) {
      if let value_ = snapshot { pointer.pointee.snapshot = arena_.message(value_) }
    }
    init(_ pointer: UnsafePointer<Assay__Lineage__V1__GetSnapshotResponse>) throws(MessageError) {
      if let value_ = pointer.pointee.snapshot { snapshot = try decodeMessage(value_, field: "snapshot") }
    }
  }

  /// `assay.lineage.v1.RenderViewRequest`.
  public struct RenderViewRequest: WireMessage, PackedMessage {
    public var runId: String = ""
    public var specialist: String = ""
    /// Budget in characters, at least 4000; 0 means 16000.
    public var maxCharacters: UInt32 = 0
    public init() {}
    public static let fullName = "assay.lineage.v1.RenderViewRequest"
    public func serialized() -> [UInt8] { packed() }
    public init(serialized bytes: UnsafeRawBufferPointer) throws(MessageError) {
      self = try Self.unpacked(bytes)
    }
    typealias CStruct = Assay__Lineage__V1__RenderViewRequest
    static func initialize(_ pointer: UnsafeMutablePointer<Assay__Lineage__V1__RenderViewRequest>) { assay__lineage__v1__render_view_request__init(pointer) }
    func fill(_ pointer: UnsafeMutablePointer<Assay__Lineage__V1__RenderViewRequest>, _ arena_: inout Arena) {
      pointer.pointee.run_id = arena_.text(runId)
      pointer.pointee.specialist = arena_.text(specialist)
      pointer.pointee.max_characters = maxCharacters
    }
    init(_ pointer: UnsafePointer<Assay__Lineage__V1__RenderViewRequest>) throws(MessageError) {
      runId = try decodeText(pointer.pointee.run_id, limit: 64, field: "run_id")
      specialist = try decodeText(pointer.pointee.specialist, limit: 64, field: "specialist")
      maxCharacters = pointer.pointee.max_characters
    }
  }

  /// `assay.lineage.v1.RenderViewResponse`.
  public struct RenderViewResponse: WireMessage, PackedMessage {
    public var text: String = ""
    public var sequence: UInt64 = 0
    public init() {}
    public static let fullName = "assay.lineage.v1.RenderViewResponse"
    public func serialized() -> [UInt8] { packed() }
    public init(serialized bytes: UnsafeRawBufferPointer) throws(MessageError) {
      self = try Self.unpacked(bytes)
    }
    typealias CStruct = Assay__Lineage__V1__RenderViewResponse
    static func initialize(_ pointer: UnsafeMutablePointer<Assay__Lineage__V1__RenderViewResponse>) { assay__lineage__v1__render_view_response__init(pointer) }
    func fill(_ pointer: UnsafeMutablePointer<Assay__Lineage__V1__RenderViewResponse>, _ arena_: inout Arena) {
      pointer.pointee.text = arena_.text(text)
      pointer.pointee.sequence = sequence
    }
    init(_ pointer: UnsafePointer<Assay__Lineage__V1__RenderViewResponse>) throws(MessageError) {
      text = try decodeText(pointer.pointee.text, limit: 1048576, field: "text")
      sequence = pointer.pointee.sequence
    }
  }

  /// `assay.lineage.v1.FollowEventsRequest`.
  public struct FollowEventsRequest: WireMessage, PackedMessage {
    /// Empty for all runs.
    public var runId: String = ""
    public init() {}
    public static let fullName = "assay.lineage.v1.FollowEventsRequest"
    public func serialized() -> [UInt8] { packed() }
    public init(serialized bytes: UnsafeRawBufferPointer) throws(MessageError) {
      self = try Self.unpacked(bytes)
    }
    typealias CStruct = Assay__Lineage__V1__FollowEventsRequest
    static func initialize(_ pointer: UnsafeMutablePointer<Assay__Lineage__V1__FollowEventsRequest>) { assay__lineage__v1__follow_events_request__init(pointer) }
    func fill(_ pointer: UnsafeMutablePointer<Assay__Lineage__V1__FollowEventsRequest>, _ arena_: inout Arena) {
      pointer.pointee.run_id = arena_.text(runId)
    }
    init(_ pointer: UnsafePointer<Assay__Lineage__V1__FollowEventsRequest>) throws(MessageError) {
      runId = try decodeText(pointer.pointee.run_id, limit: 64, field: "run_id")
    }
  }

  /// Its sequence number in the stream is the event's.
  public struct FollowEventsResponse: WireMessage, PackedMessage {
    public var event: LineageV1.Event?
    public init() {}
    public static let fullName = "assay.lineage.v1.FollowEventsResponse"
    public func serialized() -> [UInt8] { packed() }
    public init(serialized bytes: UnsafeRawBufferPointer) throws(MessageError) {
      self = try Self.unpacked(bytes)
    }
    typealias CStruct = Assay__Lineage__V1__FollowEventsResponse
    static func initialize(_ pointer: UnsafeMutablePointer<Assay__Lineage__V1__FollowEventsResponse>) { assay__lineage__v1__follow_events_response__init(pointer) }
    func fill(_ pointer: UnsafeMutablePointer<Assay__Lineage__V1__FollowEventsResponse>, _ arena_: inout Arena) {
      if let value_ = event { pointer.pointee.event = arena_.message(value_) }
    }
    init(_ pointer: UnsafePointer<Assay__Lineage__V1__FollowEventsResponse>) throws(MessageError) {
      if let value_ = pointer.pointee.event { event = try decodeMessage(value_, field: "event") }
    }
  }

  /// `assay.lineage.v1.SummarizeRequest`.
  public struct SummarizeRequest: WireMessage, PackedMessage {
    public var runId: String = ""
    public init() {}
    public static let fullName = "assay.lineage.v1.SummarizeRequest"
    public func serialized() -> [UInt8] { packed() }
    public init(serialized bytes: UnsafeRawBufferPointer) throws(MessageError) {
      self = try Self.unpacked(bytes)
    }
    typealias CStruct = Assay__Lineage__V1__SummarizeRequest
    static func initialize(_ pointer: UnsafeMutablePointer<Assay__Lineage__V1__SummarizeRequest>) { assay__lineage__v1__summarize_request__init(pointer) }
    func fill(_ pointer: UnsafeMutablePointer<Assay__Lineage__V1__SummarizeRequest>, _ arena_: inout Arena) {
      pointer.pointee.run_id = arena_.text(runId)
    }
    init(_ pointer: UnsafePointer<Assay__Lineage__V1__SummarizeRequest>) throws(MessageError) {
      runId = try decodeText(pointer.pointee.run_id, limit: 64, field: "run_id")
    }
  }

  /// `assay.lineage.v1.LabelCount`.
  public struct LabelCount: WireMessage, PackedMessage {
    public var label: LineageV1.VerdictLabel = .unspecified
    public var count: UInt32 = 0
    public init() {}
    public static let fullName = "assay.lineage.v1.LabelCount"
    public func serialized() -> [UInt8] { packed() }
    public init(serialized bytes: UnsafeRawBufferPointer) throws(MessageError) {
      self = try Self.unpacked(bytes)
    }
    typealias CStruct = Assay__Lineage__V1__LabelCount
    static func initialize(_ pointer: UnsafeMutablePointer<Assay__Lineage__V1__LabelCount>) { assay__lineage__v1__label_count__init(pointer) }
    func fill(_ pointer: UnsafeMutablePointer<Assay__Lineage__V1__LabelCount>, _ arena_: inout Arena) {
      pointer.pointee.label = Assay__Lineage__V1__VerdictLabel(rawValue: .init(truncatingIfNeeded: label.rawValue))
      pointer.pointee.count = count
    }
    init(_ pointer: UnsafePointer<Assay__Lineage__V1__LabelCount>) throws(MessageError) {
      label = try LineageV1.VerdictLabel.decoded(Int32(truncatingIfNeeded: pointer.pointee.label.rawValue), field: "label")
      count = pointer.pointee.count
    }
  }

  /// `assay.lineage.v1.SpecialistSummary`.
  public struct SpecialistSummary: WireMessage, PackedMessage {
    public var specialist: String = ""
    public var trials: UInt32 = 0
    public var kept: UInt32 = 0
    public var inFlight: UInt32 = 0
    public init() {}
    public static let fullName = "assay.lineage.v1.SpecialistSummary"
    public func serialized() -> [UInt8] { packed() }
    public init(serialized bytes: UnsafeRawBufferPointer) throws(MessageError) {
      self = try Self.unpacked(bytes)
    }
    typealias CStruct = Assay__Lineage__V1__SpecialistSummary
    static func initialize(_ pointer: UnsafeMutablePointer<Assay__Lineage__V1__SpecialistSummary>) { assay__lineage__v1__specialist_summary__init(pointer) }
    func fill(_ pointer: UnsafeMutablePointer<Assay__Lineage__V1__SpecialistSummary>, _ arena_: inout Arena) {
      pointer.pointee.specialist = arena_.text(specialist)
      pointer.pointee.trials = trials
      pointer.pointee.kept = kept
      pointer.pointee.in_flight = inFlight
    }
    init(_ pointer: UnsafePointer<Assay__Lineage__V1__SpecialistSummary>) throws(MessageError) {
      specialist = try decodeText(pointer.pointee.specialist, limit: 64, field: "specialist")
      trials = pointer.pointee.trials
      kept = pointer.pointee.kept
      inFlight = pointer.pointee.in_flight
    }
  }

  /// `assay.lineage.v1.SummarizeResponse`.
  public struct SummarizeResponse: WireMessage, PackedMessage {
    public var trials: UInt32 = 0
    public var inFlight: UInt32 = 0
    public var labels: [LineageV1.LabelCount] = []
    public var specialists: [LineageV1.SpecialistSummary] = []
    public var incumbent: UInt32 = 0
    public var incumbentScore: String = ""
    public var baselineScore: String = ""
    /// Trials that were revoked; the labels count them as they were decided.
    public var revoked: UInt32 = 0
    public init() {}
    public static let fullName = "assay.lineage.v1.SummarizeResponse"
    public func serialized() -> [UInt8] { packed() }
    public init(serialized bytes: UnsafeRawBufferPointer) throws(MessageError) {
      self = try Self.unpacked(bytes)
    }
    typealias CStruct = Assay__Lineage__V1__SummarizeResponse
    static func initialize(_ pointer: UnsafeMutablePointer<Assay__Lineage__V1__SummarizeResponse>) { assay__lineage__v1__summarize_response__init(pointer) }
    func fill(_ pointer: UnsafeMutablePointer<Assay__Lineage__V1__SummarizeResponse>, _ arena_: inout Arena) {
      pointer.pointee.trials = trials
      pointer.pointee.in_flight = inFlight
      if !labels.isEmpty {
        let items_ = arena_.array(UnsafeMutablePointer<Assay__Lineage__V1__LabelCount>?.self, count: labels.count)
        for index_ in labels.indices { items_[index_] = arena_.message(labels[index_]) }
        pointer.pointee.n_labels = labels.count
        pointer.pointee.labels = items_
      }
      if !specialists.isEmpty {
        let items_ = arena_.array(UnsafeMutablePointer<Assay__Lineage__V1__SpecialistSummary>?.self, count: specialists.count)
        for index_ in specialists.indices { items_[index_] = arena_.message(specialists[index_]) }
        pointer.pointee.n_specialists = specialists.count
        pointer.pointee.specialists = items_
      }
      pointer.pointee.incumbent = incumbent
      pointer.pointee.incumbent_score = arena_.text(incumbentScore)
      pointer.pointee.baseline_score = arena_.text(baselineScore)
      pointer.pointee.revoked = revoked
    }
    init(_ pointer: UnsafePointer<Assay__Lineage__V1__SummarizeResponse>) throws(MessageError) {
      trials = pointer.pointee.trials
      inFlight = pointer.pointee.in_flight
      let labelsCount_ = try decodeCount(pointer.pointee.n_labels, limit: 64, field: "labels")
      if labelsCount_ > 0, let items_ = pointer.pointee.labels {
        labels.reserveCapacity(labelsCount_)
        for index_ in 0..<labelsCount_ { labels.append(try decodeMessage(items_[index_], field: "labels")) }
      }
      let specialistsCount_ = try decodeCount(pointer.pointee.n_specialists, limit: 256, field: "specialists")
      if specialistsCount_ > 0, let items_ = pointer.pointee.specialists {
        specialists.reserveCapacity(specialistsCount_)
        for index_ in 0..<specialistsCount_ { specialists.append(try decodeMessage(items_[index_], field: "specialists")) }
      }
      incumbent = pointer.pointee.incumbent
      incumbentScore = try decodeText(pointer.pointee.incumbent_score, limit: 64, field: "incumbent_score")
      baselineScore = try decodeText(pointer.pointee.baseline_score, limit: 64, field: "baseline_score")
      revoked = pointer.pointee.revoked
    }
  }

  /// `assay.lineage.v1.GetCheckpointRequest`.
  public struct GetCheckpointRequest: WireMessage, PackedMessage {
    public var runId: String = ""
    /// True for the log's own newest checkpoint, whether cosigned or not.
    public var newest: Bool = false
    public init() {}
    public static let fullName = "assay.lineage.v1.GetCheckpointRequest"
    public func serialized() -> [UInt8] { packed() }
    public init(serialized bytes: UnsafeRawBufferPointer) throws(MessageError) {
      self = try Self.unpacked(bytes)
    }
    typealias CStruct = Assay__Lineage__V1__GetCheckpointRequest
    static func initialize(_ pointer: UnsafeMutablePointer<Assay__Lineage__V1__GetCheckpointRequest>) { assay__lineage__v1__get_checkpoint_request__init(pointer) }
    func fill(_ pointer: UnsafeMutablePointer<Assay__Lineage__V1__GetCheckpointRequest>, _ arena_: inout Arena) {
      pointer.pointee.run_id = arena_.text(runId)
      pointer.pointee.newest = newest ? 1 : 0
    }
    init(_ pointer: UnsafePointer<Assay__Lineage__V1__GetCheckpointRequest>) throws(MessageError) {
      runId = try decodeText(pointer.pointee.run_id, limit: 64, field: "run_id")
      newest = pointer.pointee.newest != 0
    }
  }

  /// `assay.lineage.v1.GetCheckpointResponse`.
  public struct GetCheckpointResponse: WireMessage, PackedMessage {
    /// See docs/proof-format.md.
    public var note: [UInt8] = []
    public init() {}
    public static let fullName = "assay.lineage.v1.GetCheckpointResponse"
    public func serialized() -> [UInt8] { packed() }
    public init(serialized bytes: UnsafeRawBufferPointer) throws(MessageError) {
      self = try Self.unpacked(bytes)
    }
    typealias CStruct = Assay__Lineage__V1__GetCheckpointResponse
    static func initialize(_ pointer: UnsafeMutablePointer<Assay__Lineage__V1__GetCheckpointResponse>) { assay__lineage__v1__get_checkpoint_response__init(pointer) }
    func fill(_ pointer: UnsafeMutablePointer<Assay__Lineage__V1__GetCheckpointResponse>, _ arena_: inout Arena) {
      pointer.pointee.note = arena_.blob(note)
    }
    init(_ pointer: UnsafePointer<Assay__Lineage__V1__GetCheckpointResponse>) throws(MessageError) {
      note = try decodeBlob(pointer.pointee.note, limit: 65536, field: "note")
    }
  }

  /// `assay.lineage.v1.CosignCheckpointRequest`.
  public struct CosignCheckpointRequest: WireMessage, PackedMessage {
    public var runId: String = ""
    /// The log's note with the evaluator's line added.
    public var note: [UInt8] = []
    public init() {}
    public static let fullName = "assay.lineage.v1.CosignCheckpointRequest"
    public func serialized() -> [UInt8] { packed() }
    public init(serialized bytes: UnsafeRawBufferPointer) throws(MessageError) {
      self = try Self.unpacked(bytes)
    }
    typealias CStruct = Assay__Lineage__V1__CosignCheckpointRequest
    static func initialize(_ pointer: UnsafeMutablePointer<Assay__Lineage__V1__CosignCheckpointRequest>) { assay__lineage__v1__cosign_checkpoint_request__init(pointer) }
    func fill(_ pointer: UnsafeMutablePointer<Assay__Lineage__V1__CosignCheckpointRequest>, _ arena_: inout Arena) {
      pointer.pointee.run_id = arena_.text(runId)
      pointer.pointee.note = arena_.blob(note)
    }
    init(_ pointer: UnsafePointer<Assay__Lineage__V1__CosignCheckpointRequest>) throws(MessageError) {
      runId = try decodeText(pointer.pointee.run_id, limit: 64, field: "run_id")
      note = try decodeBlob(pointer.pointee.note, limit: 65536, field: "note")
    }
  }

  /// `assay.lineage.v1.CosignCheckpointResponse`.
  public struct CosignCheckpointResponse: WireMessage, PackedMessage {
    public init() {}
    public static let fullName = "assay.lineage.v1.CosignCheckpointResponse"
    public func serialized() -> [UInt8] { packed() }
    public init(serialized bytes: UnsafeRawBufferPointer) throws(MessageError) {
      self = try Self.unpacked(bytes)
    }
    typealias CStruct = Assay__Lineage__V1__CosignCheckpointResponse
    static func initialize(_ pointer: UnsafeMutablePointer<Assay__Lineage__V1__CosignCheckpointResponse>) { assay__lineage__v1__cosign_checkpoint_response__init(pointer) }
    func fill(_ pointer: UnsafeMutablePointer<Assay__Lineage__V1__CosignCheckpointResponse>, _ arena_: inout Arena) {
    }
    init(_ pointer: UnsafePointer<Assay__Lineage__V1__CosignCheckpointResponse>) throws(MessageError) {
    }
  }

  /// `assay.lineage.v1.ListStatementsRequest`.
  public struct ListStatementsRequest: WireMessage, PackedMessage {
    public var runId: String = ""
    /// Index of the first; the policy is 0.
    public var first: UInt64 = 0
    public init() {}
    public static let fullName = "assay.lineage.v1.ListStatementsRequest"
    public func serialized() -> [UInt8] { packed() }
    public init(serialized bytes: UnsafeRawBufferPointer) throws(MessageError) {
      self = try Self.unpacked(bytes)
    }
    typealias CStruct = Assay__Lineage__V1__ListStatementsRequest
    static func initialize(_ pointer: UnsafeMutablePointer<Assay__Lineage__V1__ListStatementsRequest>) { assay__lineage__v1__list_statements_request__init(pointer) }
    func fill(_ pointer: UnsafeMutablePointer<Assay__Lineage__V1__ListStatementsRequest>, _ arena_: inout Arena) {
      pointer.pointee.run_id = arena_.text(runId)
      pointer.pointee.first = first
    }
    init(_ pointer: UnsafePointer<Assay__Lineage__V1__ListStatementsRequest>) throws(MessageError) {
      runId = try decodeText(pointer.pointee.run_id, limit: 64, field: "run_id")
      first = pointer.pointee.first
    }
  }

  /// `assay.lineage.v1.ListStatementsResponse`.
  public struct ListStatementsResponse: WireMessage, PackedMessage {
    /// DSSE envelopes; none when there are no more.
    public var envelopes: [[UInt8]] = []
    public init() {}
    public static let fullName = "assay.lineage.v1.ListStatementsResponse"
    public func serialized() -> [UInt8] { packed() }
    public init(serialized bytes: UnsafeRawBufferPointer) throws(MessageError) {
      self = try Self.unpacked(bytes)
    }
    typealias CStruct = Assay__Lineage__V1__ListStatementsResponse
    static func initialize(_ pointer: UnsafeMutablePointer<Assay__Lineage__V1__ListStatementsResponse>) { assay__lineage__v1__list_statements_response__init(pointer) }
    func fill(_ pointer: UnsafeMutablePointer<Assay__Lineage__V1__ListStatementsResponse>, _ arena_: inout Arena) {
      if !envelopes.isEmpty {
        let items_ = arena_.array(ProtobufCBinaryData.self, count: envelopes.count)
        for index_ in envelopes.indices { items_[index_] = arena_.blob(envelopes[index_]) }
        pointer.pointee.n_envelopes = envelopes.count
        pointer.pointee.envelopes = items_
      }
    }
    init(_ pointer: UnsafePointer<Assay__Lineage__V1__ListStatementsResponse>) throws(MessageError) {
      let envelopesCount_ = try decodeCount(pointer.pointee.n_envelopes, limit: 500, field: "envelopes")
      if envelopesCount_ > 0, let items_ = pointer.pointee.envelopes {
        envelopes.reserveCapacity(envelopesCount_)
        for index_ in 0..<envelopesCount_ { envelopes.append(try decodeBlob(items_[index_], limit: 4194304, field: "envelopes")) }
      }
    }
  }

}
