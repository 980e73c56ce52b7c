// Generated from proto/ by tools/protos.sh. Do not edit.
// swift-format-ignore-file
internal import CAssayProto
internal import CProtobufC

/// Messages of package `assay.runner.v1`.
public enum RunnerV1 {}

extension RunnerV1 {
  public struct JobOutcome: WireEnum {
    public var rawValue: Int32
    public init(rawValue: Int32) { self.rawValue = rawValue }
    public static let unspecified = JobOutcome(rawValue: 0)
    /// The main process ended by itself; see exit_code and signal.
    public static let exited = JobOutcome(rawValue: 1)
    public static let wallLimit = JobOutcome(rawValue: 2)
    public static let cpuLimit = JobOutcome(rawValue: 3)
    public static let memoryLimit = JobOutcome(rawValue: 4)
    public static let processLimit = JobOutcome(rawValue: 5)
    public static let diskLimit = JobOutcome(rawValue: 6)
    public static let outputLimit = JobOutcome(rawValue: 7)
    /// The runner or its host failed; never the recipe's fault.
    public static let infrastructure = JobOutcome(rawValue: 8)
    /// Every declared value with its name in the .proto.
    public static let declared: [(value: JobOutcome, name: String)] = [
      (.unspecified, "JOB_OUTCOME_UNSPECIFIED"),
      (.exited, "JOB_OUTCOME_EXITED"),
      (.wallLimit, "JOB_OUTCOME_WALL_LIMIT"),
      (.cpuLimit, "JOB_OUTCOME_CPU_LIMIT"),
      (.memoryLimit, "JOB_OUTCOME_MEMORY_LIMIT"),
      (.processLimit, "JOB_OUTCOME_PROCESS_LIMIT"),
      (.diskLimit, "JOB_OUTCOME_DISK_LIMIT"),
      (.outputLimit, "JOB_OUTCOME_OUTPUT_LIMIT"),
      (.infrastructure, "JOB_OUTCOME_INFRASTRUCTURE"),
    ]
  }

  public struct OutputState: WireEnum {
    public var rawValue: Int32
    public init(rawValue: Int32) { self.rawValue = rawValue }
    public static let unspecified = OutputState(rawValue: 0)
    public static let present = OutputState(rawValue: 1)
    public static let missing = OutputState(rawValue: 2)
    public static let tooLarge = OutputState(rawValue: 3)
    /// A link, device, folder or anything but a plain file.
    public static let notAFile = OutputState(rawValue: 4)
    /// Every declared value with its name in the .proto.
    public static let declared: [(value: OutputState, name: String)] = [
      (.unspecified, "OUTPUT_STATE_UNSPECIFIED"),
      (.present, "OUTPUT_STATE_PRESENT"),
      (.missing, "OUTPUT_STATE_MISSING"),
      (.tooLarge, "OUTPUT_STATE_TOO_LARGE"),
      (.notAFile, "OUTPUT_STATE_NOT_A_FILE"),
    ]
  }

  /// A tar-free bundle: files by digest, placed below a mount point, read-only.
  public struct JobFile: WireMessage, PackedMessage {
    /// Absolute path inside the sandbox, below one of /recipe /harness /artifact /inputs.
    public var path: String = ""
    /// SHA-256, lower-case hex.
    public var digest: String = ""
    public var size: UInt64 = 0
    public init() {}
    public static let fullName = "assay.runner.v1.JobFile"
    public func serialized() -> [UInt8] { packed() }
    public init(serialized bytes: UnsafeRawBufferPointer) throws(MessageError) {
      self = try Self.unpacked(bytes)
    }
    typealias CStruct = Assay__Runner__V1__JobFile
    static func initialize(_ pointer: UnsafeMutablePointer<Assay__Runner__V1__JobFile>) { assay__runner__v1__job_file__init(pointer) }
    func fill(_ pointer: UnsafeMutablePointer<Assay__Runner__V1__JobFile>, _ arena_: inout Arena) {
      pointer.pointee.path = arena_.text(path)
      pointer.pointee.digest = arena_.text(digest)
      pointer.pointee.size = size
    }
    init(_ pointer: UnsafePointer<Assay__Runner__V1__JobFile>) throws(MessageError) {
      path = try decodeText(pointer.pointee.path, limit: 512, field: "path")
      digest = try decodeText(pointer.pointee.digest, limit: 64, field: "digest")
      size = pointer.pointee.size
    }
  }

  /// A folder on the runner's host that the task prepared: the environment or the training split.
  public struct HostMount: WireMessage, PackedMessage {
    /// Name the runner resolves in its own configuration: "env" or "data".
    public var name: String = ""
    /// Task and preparation digest that the folder must belong to.
    public var taskName: String = ""
    public var taskDigest: String = ""
    /// Absolute path inside the sandbox.
    public var path: String = ""
    public init() {}
    public static let fullName = "assay.runner.v1.HostMount"
    public func serialized() -> [UInt8] { packed() }
    public init(serialized bytes: UnsafeRawBufferPointer) throws(MessageError) {
      self = try Self.unpacked(bytes)
    }
    typealias CStruct = Assay__Runner__V1__HostMount
    static func initialize(_ pointer: UnsafeMutablePointer<Assay__Runner__V1__HostMount>) { assay__runner__v1__host_mount__init(pointer) }
    func fill(_ pointer: UnsafeMutablePointer<Assay__Runner__V1__HostMount>, _ arena_: inout Arena) {
      pointer.pointee.name = arena_.text(name)
      pointer.pointee.task_name = arena_.text(taskName)
      pointer.pointee.task_digest = arena_.text(taskDigest)
      pointer.pointee.path = arena_.text(path)
    }
    init(_ pointer: UnsafePointer<Assay__Runner__V1__HostMount>) throws(MessageError) {
      name = try decodeText(pointer.pointee.name, limit: 64, field: "name")
      taskName = try decodeText(pointer.pointee.task_name, limit: 64, field: "task_name")
      taskDigest = try decodeText(pointer.pointee.task_digest, limit: 64, field: "task_digest")
      path = try decodeText(pointer.pointee.path, limit: 512, field: "path")
    }
  }

  /// `assay.runner.v1.JobOutput`.
  public struct JobOutput: WireMessage, PackedMessage {
    /// Path below /out.
    public var path: String = ""
    public var maxBytes: UInt64 = 0
    public init() {}
    public static let fullName = "assay.runner.v1.JobOutput"
    public func serialized() -> [UInt8] { packed() }
    public init(serialized bytes: UnsafeRawBufferPointer) throws(MessageError) {
      self = try Self.unpacked(bytes)
    }
    typealias CStruct = Assay__Runner__V1__JobOutput
    static func initialize(_ pointer: UnsafeMutablePointer<Assay__Runner__V1__JobOutput>) { assay__runner__v1__job_output__init(pointer) }
    func fill(_ pointer: UnsafeMutablePointer<Assay__Runner__V1__JobOutput>, _ arena_: inout Arena) {
      pointer.pointee.path = arena_.text(path)
      pointer.pointee.max_bytes = maxBytes
    }
    init(_ pointer: UnsafePointer<Assay__Runner__V1__JobOutput>) throws(MessageError) {
      path = try decodeText(pointer.pointee.path, limit: 512, field: "path")
      maxBytes = pointer.pointee.max_bytes
    }
  }

  /// `assay.runner.v1.EnvironmentVariable`.
  public struct EnvironmentVariable: WireMessage, PackedMessage {
    public var name: String = ""
    public var value: String = ""
    public init() {}
    public static let fullName = "assay.runner.v1.EnvironmentVariable"
    public func serialized() -> [UInt8] { packed() }
    public init(serialized bytes: UnsafeRawBufferPointer) throws(MessageError) {
      self = try Self.unpacked(bytes)
    }
    typealias CStruct = Assay__Runner__V1__EnvironmentVariable
    static func initialize(_ pointer: UnsafeMutablePointer<Assay__Runner__V1__EnvironmentVariable>) { assay__runner__v1__environment_variable__init(pointer) }
    func fill(_ pointer: UnsafeMutablePointer<Assay__Runner__V1__EnvironmentVariable>, _ arena_: inout Arena) {
      pointer.pointee.name = arena_.text(name)
      pointer.pointee.value = arena_.text(value)
    }
    init(_ pointer: UnsafePointer<Assay__Runner__V1__EnvironmentVariable>) throws(MessageError) {
      name = try decodeText(pointer.pointee.name, limit: 128, field: "name")
      value = try decodeText(pointer.pointee.value, limit: 4096, field: "value")
    }
  }

  /// GPUs that a job asks for: one may be a partition (MIG), several are whole devices of one model on one host.
  public struct GPUNeed: WireMessage, PackedMessage {
    public var count: UInt32 = 0
    /// Of each; 0 for any.
    public var memoryBytes: UInt64 = 0
    /// The least CUDA compute capability, such as "9.0"; empty for any.
    public var computeCapability: String = ""
    /// The model that the run is measured on; empty while none is.
    public var model: String = ""
    public init() {}
    public static let fullName = "assay.runner.v1.GPUNeed"
    public func serialized() -> [UInt8] { packed() }
    public init(serialized bytes: UnsafeRawBufferPointer) throws(MessageError) {
      self = try Self.unpacked(bytes)
    }
    typealias CStruct = Assay__Runner__V1__GPUNeed
    static func initialize(_ pointer: UnsafeMutablePointer<Assay__Runner__V1__GPUNeed>) { assay__runner__v1__gpuneed__init(pointer) }
    func fill(_ pointer: UnsafeMutablePointer<Assay__Runner__V1__GPUNeed>, _ arena_: inout Arena) {
      pointer.pointee.count = count
      pointer.pointee.memory_bytes = memoryBytes
      pointer.pointee.compute_capability = arena_.text(computeCapability)
      pointer.pointee.model = arena_.text(model)
    }
    init(_ pointer: UnsafePointer<Assay__Runner__V1__GPUNeed>) throws(MessageError) {
      count = pointer.pointee.count
      memoryBytes = pointer.pointee.memory_bytes
      computeCapability = try decodeText(pointer.pointee.compute_capability, limit: 16, field: "compute_capability")
      model = try decodeText(pointer.pointee.model, limit: 96, field: "model")
    }
  }

  /// What a scheduler has of one kind of GPUs. Jobs wait there for their turn: it is asked for more of them at a time than there are.
  public struct ScheduledGPUs: WireMessage, PackedMessage {
    /// The most that one node has: no job is given more.
    public var perNode: UInt32 = 0
    /// On all nodes; 0 where it is not known.
    public var total: UInt32 = 0
    public init() {}
    public static let fullName = "assay.runner.v1.ScheduledGPUs"
    public func serialized() -> [UInt8] { packed() }
    public init(serialized bytes: UnsafeRawBufferPointer) throws(MessageError) {
      self = try Self.unpacked(bytes)
    }
    typealias CStruct = Assay__Runner__V1__ScheduledGPUs
    static func initialize(_ pointer: UnsafeMutablePointer<Assay__Runner__V1__ScheduledGPUs>) { assay__runner__v1__scheduled_gpus__init(pointer) }
    func fill(_ pointer: UnsafeMutablePointer<Assay__Runner__V1__ScheduledGPUs>, _ arena_: inout Arena) {
      pointer.pointee.per_node = perNode
      pointer.pointee.total = total
    }
    init(_ pointer: UnsafePointer<Assay__Runner__V1__ScheduledGPUs>) throws(MessageError) {
      perNode = pointer.pointee.per_node
      total = pointer.pointee.total
    }
  }

  /// A GPU of a host, as its driver tells it.
  public struct GPU: WireMessage, PackedMessage {
    public var uuid: String = ""
    public var model: String = ""
    public var memoryBytes: UInt64 = 0
    public var computeCapability: String = ""
    /// A partition of a device (MIG).
    public var partition: Bool = false
    /// Why it is given to no job; empty for one in service.
    public var outOfService: String = ""
    /// Present where this stands for all GPUs of one kind that a scheduler gives: uuid is then the scheduler's name of the kind.
    public var scheduled: RunnerV1.ScheduledGPUs?
    public init() {}
    public static let fullName = "assay.runner.v1.GPU"
    public func serialized() -> [UInt8] { packed() }
    public init(serialized bytes: UnsafeRawBufferPointer) throws(MessageError) {
      self = try Self.unpacked(bytes)
    }
    typealias CStruct = Assay__Runner__V1__GPU
    static func initialize(_ pointer: UnsafeMutablePointer<Assay__Runner__V1__GPU>) { assay__runner__v1__gpu__init(pointer) }
    func fill(_ pointer: UnsafeMutablePointer<Assay__Runner__V1__GPU>, _ arena_: inout Arena) {
      pointer.pointee.uuid = arena_.text(uuid)
      pointer.pointee.model = arena_.text(model)
      pointer.pointee.memory_bytes = memoryBytes
      pointer.pointee.compute_capability = arena_.text(computeCapability)
      pointer.pointee.partition = partition ? 1 : 0
      pointer.pointee.out_of_service = arena_.text(outOfService)
      if let value_ = scheduled { pointer.pointee.scheduled = arena_.message(value_) }
    }
    init(_ pointer: UnsafePointer<Assay__Runner__V1__GPU>) throws(MessageError) {
      uuid = try decodeText(pointer.pointee.uuid, limit: 96, field: "uuid")
      model = try decodeText(pointer.pointee.model, limit: 96, field: "model")
      memoryBytes = pointer.pointee.memory_bytes
      computeCapability = try decodeText(pointer.pointee.compute_capability, limit: 16, field: "compute_capability")
      partition = pointer.pointee.partition != 0
      outOfService = try decodeText(pointer.pointee.out_of_service, limit: 500, field: "out_of_service")
      if let value_ = pointer.pointee.scheduled { scheduled = try decodeMessage(value_, field: "scheduled") }
    }
  }

  /// `assay.runner.v1.Job`.
  public struct Job: WireMessage, PackedMessage {
    public var jobId: String = ""
    /// Rises with every lease of the job.
    public var fencingToken: UInt64 = 0
    /// "train" or "predict".
    public var phase: String = ""
    public var runId: String = ""
    public var trial: UInt32 = 0
    public var command: [String] = []
    public var environment: [RunnerV1.EnvironmentVariable] = []
    public var files: [RunnerV1.JobFile] = []
    public var mounts: [RunnerV1.HostMount] = []
    public var outputs: [RunnerV1.JobOutput] = []
    public var budget: EvaluatorV1.PhaseBudget?
    public var cores: UInt32 = 0
    public var leaseMs: UInt32 = 0
    public var heartbeatMs: UInt32 = 0
    /// Absent for a job that needs no GPU.
    public var gpus: RunnerV1.GPUNeed?
    public init() {}
    public static let fullName = "assay.runner.v1.Job"
    public func serialized() -> [UInt8] { packed() }
    public init(serialized bytes: UnsafeRawBufferPointer) throws(MessageError) {
      self = try Self.unpacked(bytes)
    }
    typealias CStruct = Assay__Runner__V1__Job
    static func initialize(_ pointer: UnsafeMutablePointer<Assay__Runner__V1__Job>) { assay__runner__v1__job__init(pointer) }
    func fill(_ pointer: UnsafeMutablePointer<Assay__Runner__V1__Job>, _ arena_: inout Arena) {
      pointer.pointee.job_id = arena_.text(jobId)
      pointer.pointee.fencing_token = fencingToken
      pointer.pointee.phase = arena_.text(phase)
      pointer.pointee.run_id = arena_.text(runId)
      pointer.pointee.trial = trial
      if !command.isEmpty {
        let items_ = arena_.array(ProtobufCBinaryData.self, count: command.count)
        for index_ in command.indices { items_[index_] = arena_.text(command[index_]) }
        pointer.pointee.n_command = command.count
        pointer.pointee.command = items_
      }
      if !environment.isEmpty {
        let items_ = arena_.array(UnsafeMutablePointer<Assay__Runner__V1__EnvironmentVariable>?.self, count: environment.count)
        for index_ in environment.indices { items_[index_] = arena_.message(environment[index_]) }
        pointer.pointee.n_environment = environment.count
        pointer.pointee.environment = items_
      }
      if !files.isEmpty {
        let items_ = arena_.array(UnsafeMutablePointer<Assay__Runner__V1__JobFile>?.self, count: files.count)
        for index_ in files.indices { items_[index_] = arena_.message(files[index_]) }
        pointer.pointee.n_files = files.count
        pointer.pointee.files = items_
      }
      if !mounts.isEmpty {
        let items_ = arena_.array(UnsafeMutablePointer<Assay__Runner__V1__HostMount>?.self, count: mounts.count)
        for index_ in mounts.indices { items_[index_] = arena_.message(mounts[index_]) }
        pointer.pointee.n_mounts = mounts.count
        pointer.pointee.mounts = items_
      }
      if !outputs.isEmpty {
        let items_ = arena_.array(UnsafeMutablePointer<Assay__Runner__V1__JobOutput>?.self, count: outputs.count)
        for index_ in outputs.indices { items_[index_] = arena_.message(outputs[index_]) }
        pointer.pointee.n_outputs = outputs.count
        pointer.pointee.outputs = items_
      }
      if let value_ = budget { pointer.pointee.budget = arena_.message(value_) }
      pointer.pointee.cores = cores
      pointer.pointee.lease_ms = leaseMs
      pointer.pointee.heartbeat_ms = heartbeatMs
      if let value_ = gpus { pointer.pointee.gpus = arena_.message(value_) }
    }
    init(_ pointer: UnsafePointer<Assay__Runner__V1__Job>) throws(MessageError) {
      jobId = try decodeText(pointer.pointee.job_id, limit: 128, field: "job_id")
      fencingToken = pointer.pointee.fencing_token
      phase = try decodeText(pointer.pointee.phase, limit: 32, field: "phase")
      runId = try decodeText(pointer.pointee.run_id, limit: 64, field: "run_id")
      trial = pointer.pointee.trial
      let commandCount_ = try decodeCount(pointer.pointee.n_command, limit: 256, field: "command")
      if commandCount_ > 0, let items_ = pointer.pointee.command {
        command.reserveCapacity(commandCount_)
        for index_ in 0..<commandCount_ { command.append(try decodeText(items_[index_], limit: 65536, field: "command")) }
      }
      let environmentCount_ = try decodeCount(pointer.pointee.n_environment, limit: 256, field: "environment")
      if environmentCount_ > 0, let items_ = pointer.pointee.environment {
        environment.reserveCapacity(environmentCount_)
        for index_ in 0..<environmentCount_ { environment.append(try decodeMessage(items_[index_], field: "environment")) }
      }
      let filesCount_ = try decodeCount(pointer.pointee.n_files, limit: 4096, field: "files")
      if filesCount_ > 0, let items_ = pointer.pointee.files {
        files.reserveCapacity(filesCount_)
        for index_ in 0..<filesCount_ { files.append(try decodeMessage(items_[index_], field: "files")) }
      }
      let mountsCount_ = try decodeCount(pointer.pointee.n_mounts, limit: 16, field: "mounts")
      if mountsCount_ > 0, let items_ = pointer.pointee.mounts {
        mounts.reserveCapacity(mountsCount_)
        for index_ in 0..<mountsCount_ { mounts.append(try decodeMessage(items_[index_], field: "mounts")) }
      }
      let outputsCount_ = try decodeCount(pointer.pointee.n_outputs, limit: 64, field: "outputs")
      if outputsCount_ > 0, let items_ = pointer.pointee.outputs {
        outputs.reserveCapacity(outputsCount_)
        for index_ in 0..<outputsCount_ { outputs.append(try decodeMessage(items_[index_], field: "outputs")) }
      }
      if let value_ = pointer.pointee.budget { budget = try decodeMessage(value_, field: "budget") }
      cores = pointer.pointee.cores
      leaseMs = pointer.pointee.lease_ms
      heartbeatMs = pointer.pointee.heartbeat_ms
      if let value_ = pointer.pointee.gpus { gpus = try decodeMessage(value_, field: "gpus") }
    }
  }

  /// `assay.runner.v1.LeaseJobRequest`.
  public struct LeaseJobRequest: WireMessage, PackedMessage {
    /// Stable name of the runner's slot, such as "host-1/0".
    public var runner: String = ""
    /// How long to wait for a job, at most 30000.
    public var waitMs: UInt32 = 0
    /// What isolation the runner got, for the record.
    public var isolation: String = ""
    /// What the host offers, as "name=value"; jobs that ask for labels go only where all of them are.
    public var labels: [String] = []
    /// Memory that one slot may use; 0 when it is not known.
    public var memoryBytes: UInt64 = 0
    /// All GPUs of the host, those in use too.
    public var gpus: [RunnerV1.GPU] = []
    /// Model of the processor that jobs run on; empty when it is not known.
    public var processor: String = ""
    public init() {}
    public static let fullName = "assay.runner.v1.LeaseJobRequest"
    public func serialized() -> [UInt8] { packed() }
    public init(serialized bytes: UnsafeRawBufferPointer) throws(MessageError) {
      self = try Self.unpacked(bytes)
    }
    typealias CStruct = Assay__Runner__V1__LeaseJobRequest
    static func initialize(_ pointer: UnsafeMutablePointer<Assay__Runner__V1__LeaseJobRequest>) { assay__runner__v1__lease_job_request__init(pointer) }
    func fill(_ pointer: UnsafeMutablePointer<Assay__Runner__V1__LeaseJobRequest>, _ arena_: inout Arena) {
      pointer.pointee.runner = arena_.text(runner)
      pointer.pointee.wait_ms = waitMs
      pointer.pointee.isolation = arena_.text(isolation)
      if !labels.isEmpty {
        let items_ = arena_.array(ProtobufCBinaryData.self, count: labels.count)
        for index_ in labels.indices { items_[index_] = arena_.text(labels[index_]) }
        pointer.pointee.n_labels = labels.count
        pointer.pointee.labels = items_
      }
      pointer.pointee.memory_bytes = memoryBytes
      if !gpus.isEmpty {
        let items_ = arena_.array(UnsafeMutablePointer<Assay__Runner__V1__GPU>?.self, count: gpus.count)
        for index_ in gpus.indices { items_[index_] = arena_.message(gpus[index_]) }
        pointer.pointee.n_gpus = gpus.count
        pointer.pointee.gpus = items_
      }
      pointer.pointee.processor = arena_.text(processor)
    }
    init(_ pointer: UnsafePointer<Assay__Runner__V1__LeaseJobRequest>) throws(MessageError) {
      runner = try decodeText(pointer.pointee.runner, limit: 128, field: "runner")
      waitMs = pointer.pointee.wait_ms
      isolation = try decodeText(pointer.pointee.isolation, limit: 1000, field: "isolation")
      let labelsCount_ = try decodeCount(pointer.pointee.n_labels, limit: 64, field: "labels")
      if labelsCount_ > 0, let items_ = pointer.pointee.labels {
        labels.reserveCapacity(labelsCount_)
        for index_ in 0..<labelsCount_ { labels.append(try decodeText(items_[index_], limit: 65536, field: "labels")) }
      }
      memoryBytes = pointer.pointee.memory_bytes
      let gpusCount_ = try decodeCount(pointer.pointee.n_gpus, limit: 1024, field: "gpus")
      if gpusCount_ > 0, let items_ = pointer.pointee.gpus {
        gpus.reserveCapacity(gpusCount_)
        for index_ in 0..<gpusCount_ { gpus.append(try decodeMessage(items_[index_], field: "gpus")) }
      }
      processor = try decodeText(pointer.pointee.processor, limit: 128, field: "processor")
    }
  }

  /// `assay.runner.v1.LeaseJobResponse`.
  public struct LeaseJobResponse: WireMessage, PackedMessage {
    /// Absent when there was no job.
    public var job: RunnerV1.Job?
    public init() {}
    public static let fullName = "assay.runner.v1.LeaseJobResponse"
    public func serialized() -> [UInt8] { packed() }
    public init(serialized bytes: UnsafeRawBufferPointer) throws(MessageError) {
      self = try Self.unpacked(bytes)
    }
    typealias CStruct = Assay__Runner__V1__LeaseJobResponse
    static func initialize(_ pointer: UnsafeMutablePointer<Assay__Runner__V1__LeaseJobResponse>) { assay__runner__v1__lease_job_response__init(pointer) }
    func fill(_ pointer: UnsafeMutablePointer<Assay__Runner__V1__LeaseJobResponse>, _ arena_: inout Arena) {
      if let value_ = job { pointer.pointee.job = arena_.message(value_) }
    }
    init(_ pointer: UnsafePointer<Assay__Runner__V1__LeaseJobResponse>) throws(MessageError) {
      if let value_ = pointer.pointee.job { job = try decodeMessage(value_, field: "job") }
    }
  }

  /// `assay.runner.v1.HeartbeatRequest`.
  public struct HeartbeatRequest: WireMessage, PackedMessage {
    public var jobId: String = ""
    public var fencingToken: UInt64 = 0
    public var runner: String = ""
    public init() {}
    public static let fullName = "assay.runner.v1.HeartbeatRequest"
    public func serialized() -> [UInt8] { packed() }
    public init(serialized bytes: UnsafeRawBufferPointer) throws(MessageError) {
      self = try Self.unpacked(bytes)
    }
    typealias CStruct = Assay__Runner__V1__HeartbeatRequest
    static func initialize(_ pointer: UnsafeMutablePointer<Assay__Runner__V1__HeartbeatRequest>) { assay__runner__v1__heartbeat_request__init(pointer) }
    func fill(_ pointer: UnsafeMutablePointer<Assay__Runner__V1__HeartbeatRequest>, _ arena_: inout Arena) {
      pointer.pointee.job_id = arena_.text(jobId)
      pointer.pointee.fencing_token = fencingToken
      pointer.pointee.runner = arena_.text(runner)
    }
    init(_ pointer: UnsafePointer<Assay__Runner__V1__HeartbeatRequest>) throws(MessageError) {
      jobId = try decodeText(pointer.pointee.job_id, limit: 128, field: "job_id")
      fencingToken = pointer.pointee.fencing_token
      runner = try decodeText(pointer.pointee.runner, limit: 128, field: "runner")
    }
  }

  /// `assay.runner.v1.HeartbeatResponse`.
  public struct HeartbeatResponse: WireMessage, PackedMessage {
    /// True when the job must be killed: its lease is lost or nobody wants it any more.
    public var cancel: Bool = false
    public var leaseMs: UInt32 = 0
    public init() {}
    public static let fullName = "assay.runner.v1.HeartbeatResponse"
    public func serialized() -> [UInt8] { packed() }
    public init(serialized bytes: UnsafeRawBufferPointer) throws(MessageError) {
      self = try Self.unpacked(bytes)
    }
    typealias CStruct = Assay__Runner__V1__HeartbeatResponse
    static func initialize(_ pointer: UnsafeMutablePointer<Assay__Runner__V1__HeartbeatResponse>) { assay__runner__v1__heartbeat_response__init(pointer) }
    func fill(_ pointer: UnsafeMutablePointer<Assay__Runner__V1__HeartbeatResponse>, _ arena_: inout Arena) {
      pointer.pointee.cancel = cancel ? 1 : 0
      pointer.pointee.lease_ms = leaseMs
    }
    init(_ pointer: UnsafePointer<Assay__Runner__V1__HeartbeatResponse>) throws(MessageError) {
      cancel = pointer.pointee.cancel != 0
      leaseMs = pointer.pointee.lease_ms
    }
  }

  /// `assay.runner.v1.CollectedOutput`.
  public struct CollectedOutput: WireMessage, PackedMessage {
    public var path: String = ""
    public var state: RunnerV1.OutputState = .unspecified
    public var digest: String = ""
    public var size: UInt64 = 0
    public init() {}
    public static let fullName = "assay.runner.v1.CollectedOutput"
    public func serialized() -> [UInt8] { packed() }
    public init(serialized bytes: UnsafeRawBufferPointer) throws(MessageError) {
      self = try Self.unpacked(bytes)
    }
    typealias CStruct = Assay__Runner__V1__CollectedOutput
    static func initialize(_ pointer: UnsafeMutablePointer<Assay__Runner__V1__CollectedOutput>) { assay__runner__v1__collected_output__init(pointer) }
    func fill(_ pointer: UnsafeMutablePointer<Assay__Runner__V1__CollectedOutput>, _ arena_: inout Arena) {
      pointer.pointee.path = arena_.text(path)
      pointer.pointee.state = Assay__Runner__V1__OutputState(rawValue: .init(truncatingIfNeeded: state.rawValue))
      pointer.pointee.digest = arena_.text(digest)
      pointer.pointee.size = size
    }
    init(_ pointer: UnsafePointer<Assay__Runner__V1__CollectedOutput>) throws(MessageError) {
      path = try decodeText(pointer.pointee.path, limit: 512, field: "path")
      state = try RunnerV1.OutputState.decoded(Int32(truncatingIfNeeded: pointer.pointee.state.rawValue), field: "state")
      digest = try decodeText(pointer.pointee.digest, limit: 64, field: "digest")
      size = pointer.pointee.size
    }
  }

  /// `assay.runner.v1.CompleteJobRequest`.
  public struct CompleteJobRequest: WireMessage, PackedMessage {
    public var jobId: String = ""
    public var fencingToken: UInt64 = 0
    public var runner: String = ""
    public var outcome: RunnerV1.JobOutcome = .unspecified
    public var exitCode: Int32 = 0
    public var signal: Int32 = 0
    public var wallNs: UInt64 = 0
    public var cpuNs: UInt64 = 0
    public var maxMemoryBytes: UInt64 = 0
    public var outputs: [RunnerV1.CollectedOutput] = []
    /// Head and tail of standard output and error, untrusted bytes made valid UTF-8.
    public var log: String = ""
    /// What failed, when the outcome is INFRASTRUCTURE.
    public var infrastructureReason: String = ""
    /// DSSE envelope around a SLSA provenance statement of this job, signed with the runner's own key; docs/provenance.md. Empty when
    /// the outcome is INFRASTRUCTURE.
    public var provenance: [UInt8] = []
    /// The runner gives the job back unfinished because it stops: nothing failed, and it counts as no attempt.
    public var handedBack: Bool = false
    public init() {}
    public static let fullName = "assay.runner.v1.CompleteJobRequest"
    public func serialized() -> [UInt8] { packed() }
    public init(serialized bytes: UnsafeRawBufferPointer) throws(MessageError) {
      self = try Self.unpacked(bytes)
    }
    typealias CStruct = Assay__Runner__V1__CompleteJobRequest
    static func initialize(_ pointer: UnsafeMutablePointer<Assay__Runner__V1__CompleteJobRequest>) { assay__runner__v1__complete_job_request__init(pointer) }
    func fill(_ pointer: UnsafeMutablePointer<Assay__Runner__V1__CompleteJobRequest>, _ arena_: inout Arena) {
      pointer.pointee.job_id = arena_.text(jobId)
      pointer.pointee.fencing_token = fencingToken
      pointer.pointee.runner = arena_.text(runner)
      pointer.pointee.outcome = Assay__Runner__V1__JobOutcome(rawValue: .init(truncatingIfNeeded: outcome.rawValue))
      pointer.pointee.exit_code = exitCode
      pointer.pointee.signal = signal
      pointer.pointee.wall_ns = wallNs
      pointer.pointee.cpu_ns = cpuNs
      pointer.pointee.max_memory_bytes = maxMemoryBytes
      if !outputs.isEmpty {
        let items_ = arena_.array(UnsafeMutablePointer<Assay__Runner__V1__CollectedOutput>?.self, count: outputs.count)
        for index_ in outputs.indices { items_[index_] = arena_.message(outputs[index_]) }
        pointer.pointee.n_outputs = outputs.count
        pointer.pointee.outputs = items_
      }
      pointer.pointee.log = arena_.text(log)
      pointer.pointee.infrastructure_reason = arena_.text(infrastructureReason)
      pointer.pointee.provenance = arena_.blob(provenance)
      pointer.pointee.handed_back = handedBack ? 1 : 0
    }
    init(_ pointer: UnsafePointer<Assay__Runner__V1__CompleteJobRequest>) throws(MessageError) {
      jobId = try decodeText(pointer.pointee.job_id, limit: 128, field: "job_id")
      fencingToken = pointer.pointee.fencing_token
      runner = try decodeText(pointer.pointee.runner, limit: 128, field: "runner")
      outcome = try RunnerV1.JobOutcome.decoded(Int32(truncatingIfNeeded: pointer.pointee.outcome.rawValue), field: "outcome")
      exitCode = pointer.pointee.exit_code
      signal = pointer.pointee.signal
      wallNs = pointer.pointee.wall_ns
      cpuNs = pointer.pointee.cpu_ns
      maxMemoryBytes = pointer.pointee.max_memory_bytes
      let outputsCount_ = try decodeCount(pointer.pointee.n_outputs, limit: 64, field: "outputs")
      if outputsCount_ > 0, let items_ = pointer.pointee.outputs {
        outputs.reserveCapacity(outputsCount_)
        for index_ in 0..<outputsCount_ { outputs.append(try decodeMessage(items_[index_], field: "outputs")) }
      }
      log = try decodeText(pointer.pointee.log, limit: 262144, field: "log")
      infrastructureReason = try decodeText(pointer.pointee.infrastructure_reason, limit: 2000, field: "infrastructure_reason")
      provenance = try decodeBlob(pointer.pointee.provenance, limit: 65536, field: "provenance")
      handedBack = pointer.pointee.handed_back != 0
    }
  }

  /// `assay.runner.v1.CompleteJobResponse`.
  public struct CompleteJobResponse: WireMessage, PackedMessage {
    public init() {}
    public static let fullName = "assay.runner.v1.CompleteJobResponse"
    public func serialized() -> [UInt8] { packed() }
    public init(serialized bytes: UnsafeRawBufferPointer) throws(MessageError) {
      self = try Self.unpacked(bytes)
    }
    typealias CStruct = Assay__Runner__V1__CompleteJobResponse
    static func initialize(_ pointer: UnsafeMutablePointer<Assay__Runner__V1__CompleteJobResponse>) { assay__runner__v1__complete_job_response__init(pointer) }
    func fill(_ pointer: UnsafeMutablePointer<Assay__Runner__V1__CompleteJobResponse>, _ arena_: inout Arena) {
    }
    init(_ pointer: UnsafePointer<Assay__Runner__V1__CompleteJobResponse>) throws(MessageError) {
    }
  }

  /// `assay.runner.v1.GetBlobRequest`.
  public struct GetBlobRequest: WireMessage, PackedMessage {
    public var jobId: String = ""
    public var fencingToken: UInt64 = 0
    public var digest: String = ""
    public var offset: UInt64 = 0
    /// At most 1048576.
    public var maxBytes: UInt32 = 0
    public init() {}
    public static let fullName = "assay.runner.v1.GetBlobRequest"
    public func serialized() -> [UInt8] { packed() }
    public init(serialized bytes: UnsafeRawBufferPointer) throws(MessageError) {
      self = try Self.unpacked(bytes)
    }
    typealias CStruct = Assay__Runner__V1__GetBlobRequest
    static func initialize(_ pointer: UnsafeMutablePointer<Assay__Runner__V1__GetBlobRequest>) { assay__runner__v1__get_blob_request__init(pointer) }
    func fill(_ pointer: UnsafeMutablePointer<Assay__Runner__V1__GetBlobRequest>, _ arena_: inout Arena) {
      pointer.pointee.job_id = arena_.text(jobId)
      pointer.pointee.fencing_token = fencingToken
      pointer.pointee.digest = arena_.text(digest)
      pointer.pointee.offset = offset
      pointer.pointee.max_bytes = maxBytes
    }
    init(_ pointer: UnsafePointer<Assay__Runner__V1__GetBlobRequest>) throws(MessageError) {
      jobId = try decodeText(pointer.pointee.job_id, limit: 128, field: "job_id")
      fencingToken = pointer.pointee.fencing_token
      digest = try decodeText(pointer.pointee.digest, limit: 64, field: "digest")
      offset = pointer.pointee.offset
      maxBytes = pointer.pointee.max_bytes
    }
  }

  /// `assay.runner.v1.GetBlobResponse`.
  public struct GetBlobResponse: WireMessage, PackedMessage {
    public var data: [UInt8] = []
    public var size: UInt64 = 0
    public init() {}
    public static let fullName = "assay.runner.v1.GetBlobResponse"
    public func serialized() -> [UInt8] { packed() }
    public init(serialized bytes: UnsafeRawBufferPointer) throws(MessageError) {
      self = try Self.unpacked(bytes)
    }
    typealias CStruct = Assay__Runner__V1__GetBlobResponse
    static func initialize(_ pointer: UnsafeMutablePointer<Assay__Runner__V1__GetBlobResponse>) { assay__runner__v1__get_blob_response__init(pointer) }
    func fill(_ pointer: UnsafeMutablePointer<Assay__Runner__V1__GetBlobResponse>, _ arena_: inout Arena) {
      pointer.pointee.data = arena_.blob(data)
      pointer.pointee.size = size
    }
    init(_ pointer: UnsafePointer<Assay__Runner__V1__GetBlobResponse>) throws(MessageError) {
      data = try decodeBlob(pointer.pointee.data, limit: 1048576, field: "data")
      size = pointer.pointee.size
    }
  }

  /// `assay.runner.v1.PutBlobRequest`.
  public struct PutBlobRequest: WireMessage, PackedMessage {
    public var jobId: String = ""
    public var fencingToken: UInt64 = 0
    public var digest: String = ""
    public var size: UInt64 = 0
    public var offset: UInt64 = 0
    public var data: [UInt8] = []
    /// The bytes lie on the artifact volume under their digest, and data is empty: the server takes them from there, some at a time. When it
    /// has no volume, or does not find them there, it holds no more than before, and they have to be sent.
    public var published: Bool = false
    public init() {}
    public static let fullName = "assay.runner.v1.PutBlobRequest"
    public func serialized() -> [UInt8] { packed() }
    public init(serialized bytes: UnsafeRawBufferPointer) throws(MessageError) {
      self = try Self.unpacked(bytes)
    }
    typealias CStruct = Assay__Runner__V1__PutBlobRequest
    static func initialize(_ pointer: UnsafeMutablePointer<Assay__Runner__V1__PutBlobRequest>) { assay__runner__v1__put_blob_request__init(pointer) }
    func fill(_ pointer: UnsafeMutablePointer<Assay__Runner__V1__PutBlobRequest>, _ arena_: inout Arena) {
      pointer.pointee.job_id = arena_.text(jobId)
      pointer.pointee.fencing_token = fencingToken
      pointer.pointee.digest = arena_.text(digest)
      pointer.pointee.size = size
      pointer.pointee.offset = offset
      pointer.pointee.data = arena_.blob(data)
      pointer.pointee.published = published ? 1 : 0
    }
    init(_ pointer: UnsafePointer<Assay__Runner__V1__PutBlobRequest>) throws(MessageError) {
      jobId = try decodeText(pointer.pointee.job_id, limit: 128, field: "job_id")
      fencingToken = pointer.pointee.fencing_token
      digest = try decodeText(pointer.pointee.digest, limit: 64, field: "digest")
      size = pointer.pointee.size
      offset = pointer.pointee.offset
      data = try decodeBlob(pointer.pointee.data, limit: 1048576, field: "data")
      published = pointer.pointee.published != 0
    }
  }

  /// `assay.runner.v1.PutBlobResponse`.
  public struct PutBlobResponse: WireMessage, PackedMessage {
    /// Bytes that the server holds; continue from here.
    public var received: UInt64 = 0
    public var complete: Bool = false
    public init() {}
    public static let fullName = "assay.runner.v1.PutBlobResponse"
    public func serialized() -> [UInt8] { packed() }
    public init(serialized bytes: UnsafeRawBufferPointer) throws(MessageError) {
      self = try Self.unpacked(bytes)
    }
    typealias CStruct = Assay__Runner__V1__PutBlobResponse
    static func initialize(_ pointer: UnsafeMutablePointer<Assay__Runner__V1__PutBlobResponse>) { assay__runner__v1__put_blob_response__init(pointer) }
    func fill(_ pointer: UnsafeMutablePointer<Assay__Runner__V1__PutBlobResponse>, _ arena_: inout Arena) {
      pointer.pointee.received = received
      pointer.pointee.complete = complete ? 1 : 0
    }
    init(_ pointer: UnsafePointer<Assay__Runner__V1__PutBlobResponse>) throws(MessageError) {
      received = pointer.pointee.received
      complete = pointer.pointee.complete != 0
    }
  }

  public struct RunnerState: WireEnum {
    public var rawValue: Int32
    public init(rawValue: Int32) { self.rawValue = rawValue }
    public static let unspecified = RunnerState(rawValue: 0)
    /// Gets jobs.
    public static let active = RunnerState(rawValue: 1)
    /// Gets no new jobs; those that it runs may end.
    public static let cordoned = RunnerState(rawValue: 2)
    /// Gets no new jobs; those that it ran went back to the queue.
    public static let drained = RunnerState(rawValue: 3)
    /// Failed more than once where other hosts did not; gets no jobs until an operator has looked at it.
    public static let quarantined = RunnerState(rawValue: 4)
    /// Every declared value with its name in the .proto.
    public static let declared: [(value: RunnerState, name: String)] = [
      (.unspecified, "RUNNER_STATE_UNSPECIFIED"),
      (.active, "RUNNER_STATE_ACTIVE"),
      (.cordoned, "RUNNER_STATE_CORDONED"),
      (.drained, "RUNNER_STATE_DRAINED"),
      (.quarantined, "RUNNER_STATE_QUARANTINED"),
    ]
  }

  /// `assay.runner.v1.RunnerSlot`.
  public struct RunnerSlot: WireMessage, PackedMessage {
    /// As the runner names it, such as "host-1/0".
    public var name: String = ""
    /// Milliseconds since the Unix epoch; 0 for a slot that has not called since the evaluator started.
    public var seenAtMs: Int64 = 0
    /// What it runs; empty when it waits.
    public var jobId: String = ""
    public var phase: String = ""
    public var runId: String = ""
    public var trial: UInt32 = 0
    /// GPUs that its job was given.
    public var gpus: UInt32 = 0
    public init() {}
    public static let fullName = "assay.runner.v1.RunnerSlot"
    public func serialized() -> [UInt8] { packed() }
    public init(serialized bytes: UnsafeRawBufferPointer) throws(MessageError) {
      self = try Self.unpacked(bytes)
    }
    typealias CStruct = Assay__Runner__V1__RunnerSlot
    static func initialize(_ pointer: UnsafeMutablePointer<Assay__Runner__V1__RunnerSlot>) { assay__runner__v1__runner_slot__init(pointer) }
    func fill(_ pointer: UnsafeMutablePointer<Assay__Runner__V1__RunnerSlot>, _ arena_: inout Arena) {
      pointer.pointee.name = arena_.text(name)
      pointer.pointee.seen_at_ms = seenAtMs
      pointer.pointee.job_id = arena_.text(jobId)
      pointer.pointee.phase = arena_.text(phase)
      pointer.pointee.run_id = arena_.text(runId)
      pointer.pointee.trial = trial
      pointer.pointee.gpus = gpus
    }
    init(_ pointer: UnsafePointer<Assay__Runner__V1__RunnerSlot>) throws(MessageError) {
      name = try decodeText(pointer.pointee.name, limit: 128, field: "name")
      seenAtMs = pointer.pointee.seen_at_ms
      jobId = try decodeText(pointer.pointee.job_id, limit: 128, field: "job_id")
      phase = try decodeText(pointer.pointee.phase, limit: 32, field: "phase")
      runId = try decodeText(pointer.pointee.run_id, limit: 64, field: "run_id")
      trial = pointer.pointee.trial
      gpus = pointer.pointee.gpus
    }
  }

  /// `assay.runner.v1.MeasuredTrial`.
  public struct MeasuredTrial: WireMessage, PackedMessage {
    public var runId: String = ""
    public var trial: UInt32 = 0
    public init() {}
    public static let fullName = "assay.runner.v1.MeasuredTrial"
    public func serialized() -> [UInt8] { packed() }
    public init(serialized bytes: UnsafeRawBufferPointer) throws(MessageError) {
      self = try Self.unpacked(bytes)
    }
    typealias CStruct = Assay__Runner__V1__MeasuredTrial
    static func initialize(_ pointer: UnsafeMutablePointer<Assay__Runner__V1__MeasuredTrial>) { assay__runner__v1__measured_trial__init(pointer) }
    func fill(_ pointer: UnsafeMutablePointer<Assay__Runner__V1__MeasuredTrial>, _ arena_: inout Arena) {
      pointer.pointee.run_id = arena_.text(runId)
      pointer.pointee.trial = trial
    }
    init(_ pointer: UnsafePointer<Assay__Runner__V1__MeasuredTrial>) throws(MessageError) {
      runId = try decodeText(pointer.pointee.run_id, limit: 64, field: "run_id")
      trial = pointer.pointee.trial
    }
  }

  /// `assay.runner.v1.RunnerHost`.
  public struct RunnerHost: WireMessage, PackedMessage {
    /// The slots' name without their number.
    public var name: String = ""
    /// Proven by its session.
    public var identity: String = ""
    public var state: RunnerV1.RunnerState = .unspecified
    /// Why it has this state: the operator's words, or what failed.
    public var reason: String = ""
    public var changedAtMs: Int64 = 0
    public var labels: [String] = []
    public var memoryBytes: UInt64 = 0
    public var isolation: String = ""
    public var slots: [RunnerV1.RunnerSlot] = []
    public var jobsDone: UInt64 = 0
    public var failures: UInt64 = 0
    /// Failed jobs that another host then finished.
    public var failuresAlone: UInt64 = 0
    /// Of a quarantined host: the trials that it measured, the newest 256.
    public var doubtful: [RunnerV1.MeasuredTrial] = []
    public var gpus: [RunnerV1.GPU] = []
    /// How many of them jobs hold, those included that may not have ended yet.
    public var gpusHeld: UInt32 = 0
    /// The kind of jobs that the host is kept for, until one starts; absent for none.
    public var keptFor: RunnerV1.GPUNeed?
    public init() {}
    public static let fullName = "assay.runner.v1.RunnerHost"
    public func serialized() -> [UInt8] { packed() }
    public init(serialized bytes: UnsafeRawBufferPointer) throws(MessageError) {
      self = try Self.unpacked(bytes)
    }
    typealias CStruct = Assay__Runner__V1__RunnerHost
    static func initialize(_ pointer: UnsafeMutablePointer<Assay__Runner__V1__RunnerHost>) { assay__runner__v1__runner_host__init(pointer) }
    func fill(_ pointer: UnsafeMutablePointer<Assay__Runner__V1__RunnerHost>, _ arena_: inout Arena) {
      pointer.pointee.name = arena_.text(name)
      pointer.pointee.identity = arena_.text(identity)
      pointer.pointee.state = Assay__Runner__V1__RunnerState(rawValue: .init(truncatingIfNeeded: state.rawValue))
      pointer.pointee.reason = arena_.text(reason)
      pointer.pointee.changed_at_ms = changedAtMs
      if !labels.isEmpty {
        let items_ = arena_.array(ProtobufCBinaryData.self, count: labels.count)
        for index_ in labels.indices { items_[index_] = arena_.text(labels[index_]) }
        pointer.pointee.n_labels = labels.count
        pointer.pointee.labels = items_
      }
      pointer.pointee.memory_bytes = memoryBytes
      pointer.pointee.isolation = arena_.text(isolation)
      if !slots.isEmpty {
        let items_ = arena_.array(UnsafeMutablePointer<Assay__Runner__V1__RunnerSlot>?.self, count: slots.count)
        for index_ in slots.indices { items_[index_] = arena_.message(slots[index_]) }
        pointer.pointee.n_slots = slots.count
        pointer.pointee.slots = items_
      }
      pointer.pointee.jobs_done = jobsDone
      pointer.pointee.failures = failures
      pointer.pointee.failures_alone = failuresAlone
      if !doubtful.isEmpty {
        let items_ = arena_.array(UnsafeMutablePointer<Assay__Runner__V1__MeasuredTrial>?.self, count: doubtful.count)
        for index_ in doubtful.indices { items_[index_] = arena_.message(doubtful[index_]) }
        pointer.pointee.n_doubtful = doubtful.count
        pointer.pointee.doubtful = items_
      }
      if !gpus.isEmpty {
        let items_ = arena_.array(UnsafeMutablePointer<Assay__Runner__V1__GPU>?.self, count: gpus.count)
        for index_ in gpus.indices { items_[index_] = arena_.message(gpus[index_]) }
        pointer.pointee.n_gpus = gpus.count
        pointer.pointee.gpus = items_
      }
      pointer.pointee.gpus_held = gpusHeld
      if let value_ = keptFor { pointer.pointee.kept_for = arena_.message(value_) }
    }
    init(_ pointer: UnsafePointer<Assay__Runner__V1__RunnerHost>) throws(MessageError) {
      name = try decodeText(pointer.pointee.name, limit: 128, field: "name")
      identity = try decodeText(pointer.pointee.identity, limit: 128, field: "identity")
      state = try RunnerV1.RunnerState.decoded(Int32(truncatingIfNeeded: pointer.pointee.state.rawValue), field: "state")
      reason = try decodeText(pointer.pointee.reason, limit: 2000, field: "reason")
      changedAtMs = pointer.pointee.changed_at_ms
      let labelsCount_ = try decodeCount(pointer.pointee.n_labels, limit: 64, field: "labels")
      if labelsCount_ > 0, let items_ = pointer.pointee.labels {
        labels.reserveCapacity(labelsCount_)
        for index_ in 0..<labelsCount_ { labels.append(try decodeText(items_[index_], limit: 65536, field: "labels")) }
      }
      memoryBytes = pointer.pointee.memory_bytes
      isolation = try decodeText(pointer.pointee.isolation, limit: 1000, field: "isolation")
      let slotsCount_ = try decodeCount(pointer.pointee.n_slots, limit: 1024, field: "slots")
      if slotsCount_ > 0, let items_ = pointer.pointee.slots {
        slots.reserveCapacity(slotsCount_)
        for index_ in 0..<slotsCount_ { slots.append(try decodeMessage(items_[index_], field: "slots")) }
      }
      jobsDone = pointer.pointee.jobs_done
      failures = pointer.pointee.failures
      failuresAlone = pointer.pointee.failures_alone
      let doubtfulCount_ = try decodeCount(pointer.pointee.n_doubtful, limit: 256, field: "doubtful")
      if doubtfulCount_ > 0, let items_ = pointer.pointee.doubtful {
        doubtful.reserveCapacity(doubtfulCount_)
        for index_ in 0..<doubtfulCount_ { doubtful.append(try decodeMessage(items_[index_], field: "doubtful")) }
      }
      let gpusCount_ = try decodeCount(pointer.pointee.n_gpus, limit: 1024, field: "gpus")
      if gpusCount_ > 0, let items_ = pointer.pointee.gpus {
        gpus.reserveCapacity(gpusCount_)
        for index_ in 0..<gpusCount_ { gpus.append(try decodeMessage(items_[index_], field: "gpus")) }
      }
      gpusHeld = pointer.pointee.gpus_held
      if let value_ = pointer.pointee.kept_for { keptFor = try decodeMessage(value_, field: "kept_for") }
    }
  }

  /// Jobs that no active host can take.
  public struct UnmetNeed: WireMessage, PackedMessage {
    public var labels: [String] = []
    public var memoryBytes: UInt64 = 0
    public var jobs: UInt32 = 0
    public var gpus: RunnerV1.GPUNeed?
    /// The processor that the run is measured on; empty for any.
    public var processor: String = ""
    public init() {}
    public static let fullName = "assay.runner.v1.UnmetNeed"
    public func serialized() -> [UInt8] { packed() }
    public init(serialized bytes: UnsafeRawBufferPointer) throws(MessageError) {
      self = try Self.unpacked(bytes)
    }
    typealias CStruct = Assay__Runner__V1__UnmetNeed
    static func initialize(_ pointer: UnsafeMutablePointer<Assay__Runner__V1__UnmetNeed>) { assay__runner__v1__unmet_need__init(pointer) }
    func fill(_ pointer: UnsafeMutablePointer<Assay__Runner__V1__UnmetNeed>, _ arena_: inout Arena) {
      if !labels.isEmpty {
        let items_ = arena_.array(ProtobufCBinaryData.self, count: labels.count)
        for index_ in labels.indices { items_[index_] = arena_.text(labels[index_]) }
        pointer.pointee.n_labels = labels.count
        pointer.pointee.labels = items_
      }
      pointer.pointee.memory_bytes = memoryBytes
      pointer.pointee.jobs = jobs
      if let value_ = gpus { pointer.pointee.gpus = arena_.message(value_) }
      pointer.pointee.processor = arena_.text(processor)
    }
    init(_ pointer: UnsafePointer<Assay__Runner__V1__UnmetNeed>) throws(MessageError) {
      let labelsCount_ = try decodeCount(pointer.pointee.n_labels, limit: 64, field: "labels")
      if labelsCount_ > 0, let items_ = pointer.pointee.labels {
        labels.reserveCapacity(labelsCount_)
        for index_ in 0..<labelsCount_ { labels.append(try decodeText(items_[index_], limit: 65536, field: "labels")) }
      }
      memoryBytes = pointer.pointee.memory_bytes
      jobs = pointer.pointee.jobs
      if let value_ = pointer.pointee.gpus { gpus = try decodeMessage(value_, field: "gpus") }
      processor = try decodeText(pointer.pointee.processor, limit: 128, field: "processor")
    }
  }

  /// `assay.runner.v1.ListRunnersRequest`.
  public struct ListRunnersRequest: WireMessage, PackedMessage {
    public init() {}
    public static let fullName = "assay.runner.v1.ListRunnersRequest"
    public func serialized() -> [UInt8] { packed() }
    public init(serialized bytes: UnsafeRawBufferPointer) throws(MessageError) {
      self = try Self.unpacked(bytes)
    }
    typealias CStruct = Assay__Runner__V1__ListRunnersRequest
    static func initialize(_ pointer: UnsafeMutablePointer<Assay__Runner__V1__ListRunnersRequest>) { assay__runner__v1__list_runners_request__init(pointer) }
    func fill(_ pointer: UnsafeMutablePointer<Assay__Runner__V1__ListRunnersRequest>, _ arena_: inout Arena) {
    }
    init(_ pointer: UnsafePointer<Assay__Runner__V1__ListRunnersRequest>) throws(MessageError) {
    }
  }

  /// `assay.runner.v1.ListRunnersResponse`.
  public struct ListRunnersResponse: WireMessage, PackedMessage {
    public var hosts: [RunnerV1.RunnerHost] = []
    public var unmet: [RunnerV1.UnmetNeed] = []
    /// The evaluator's clock, to read the times by.
    public var nowMs: Int64 = 0
    public init() {}
    public static let fullName = "assay.runner.v1.ListRunnersResponse"
    public func serialized() -> [UInt8] { packed() }
    public init(serialized bytes: UnsafeRawBufferPointer) throws(MessageError) {
      self = try Self.unpacked(bytes)
    }
    typealias CStruct = Assay__Runner__V1__ListRunnersResponse
    static func initialize(_ pointer: UnsafeMutablePointer<Assay__Runner__V1__ListRunnersResponse>) { assay__runner__v1__list_runners_response__init(pointer) }
    func fill(_ pointer: UnsafeMutablePointer<Assay__Runner__V1__ListRunnersResponse>, _ arena_: inout Arena) {
      if !hosts.isEmpty {
        let items_ = arena_.array(UnsafeMutablePointer<Assay__Runner__V1__RunnerHost>?.self, count: hosts.count)
        for index_ in hosts.indices { items_[index_] = arena_.message(hosts[index_]) }
        pointer.pointee.n_hosts = hosts.count
        pointer.pointee.hosts = items_
      }
      if !unmet.isEmpty {
        let items_ = arena_.array(UnsafeMutablePointer<Assay__Runner__V1__UnmetNeed>?.self, count: unmet.count)
        for index_ in unmet.indices { items_[index_] = arena_.message(unmet[index_]) }
        pointer.pointee.n_unmet = unmet.count
        pointer.pointee.unmet = items_
      }
      pointer.pointee.now_ms = nowMs
    }
    init(_ pointer: UnsafePointer<Assay__Runner__V1__ListRunnersResponse>) throws(MessageError) {
      let hostsCount_ = try decodeCount(pointer.pointee.n_hosts, limit: 4096, field: "hosts")
      if hostsCount_ > 0, let items_ = pointer.pointee.hosts {
        hosts.reserveCapacity(hostsCount_)
        for index_ in 0..<hostsCount_ { hosts.append(try decodeMessage(items_[index_], field: "hosts")) }
      }
      let unmetCount_ = try decodeCount(pointer.pointee.n_unmet, limit: 64, field: "unmet")
      if unmetCount_ > 0, let items_ = pointer.pointee.unmet {
        unmet.reserveCapacity(unmetCount_)
        for index_ in 0..<unmetCount_ { unmet.append(try decodeMessage(items_[index_], field: "unmet")) }
      }
      nowMs = pointer.pointee.now_ms
    }
  }

  /// `assay.runner.v1.ControlRunnerRequest`.
  public struct ControlRunnerRequest: WireMessage, PackedMessage {
    /// Name of the host, or identity#name where two have the same name.
    public var host: String = ""
    /// ACTIVE, CORDONED or DRAINED.
    public var state: RunnerV1.RunnerState = .unspecified
    public var reason: String = ""
    public init() {}
    public static let fullName = "assay.runner.v1.ControlRunnerRequest"
    public func serialized() -> [UInt8] { packed() }
    public init(serialized bytes: UnsafeRawBufferPointer) throws(MessageError) {
      self = try Self.unpacked(bytes)
    }
    typealias CStruct = Assay__Runner__V1__ControlRunnerRequest
    static func initialize(_ pointer: UnsafeMutablePointer<Assay__Runner__V1__ControlRunnerRequest>) { assay__runner__v1__control_runner_request__init(pointer) }
    func fill(_ pointer: UnsafeMutablePointer<Assay__Runner__V1__ControlRunnerRequest>, _ arena_: inout Arena) {
      pointer.pointee.host = arena_.text(host)
      pointer.pointee.state = Assay__Runner__V1__RunnerState(rawValue: .init(truncatingIfNeeded: state.rawValue))
      pointer.pointee.reason = arena_.text(reason)
    }
    init(_ pointer: UnsafePointer<Assay__Runner__V1__ControlRunnerRequest>) throws(MessageError) {
      host = try decodeText(pointer.pointee.host, limit: 300, field: "host")
      state = try RunnerV1.RunnerState.decoded(Int32(truncatingIfNeeded: pointer.pointee.state.rawValue), field: "state")
      reason = try decodeText(pointer.pointee.reason, limit: 1000, field: "reason")
    }
  }

  /// `assay.runner.v1.ControlRunnerResponse`.
  public struct ControlRunnerResponse: WireMessage, PackedMessage {
    public var host: RunnerV1.RunnerHost?
    public init() {}
    public static let fullName = "assay.runner.v1.ControlRunnerResponse"
    public func serialized() -> [UInt8] { packed() }
    public init(serialized bytes: UnsafeRawBufferPointer) throws(MessageError) {
      self = try Self.unpacked(bytes)
    }
    typealias CStruct = Assay__Runner__V1__ControlRunnerResponse
    static func initialize(_ pointer: UnsafeMutablePointer<Assay__Runner__V1__ControlRunnerResponse>) { assay__runner__v1__control_runner_response__init(pointer) }
    func fill(_ pointer: UnsafeMutablePointer<Assay__Runner__V1__ControlRunnerResponse>, _ arena_: inout Arena) {
      if let value_ = host { pointer.pointee.host = arena_.message(value_) }
    }
    init(_ pointer: UnsafePointer<Assay__Runner__V1__ControlRunnerResponse>) throws(MessageError) {
      if let value_ = pointer.pointee.host { host = try decodeMessage(value_, field: "host") }
    }
  }

}
