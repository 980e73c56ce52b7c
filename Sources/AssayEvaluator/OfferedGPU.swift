import AssayGPU
import AssayMessages
import AssayRPC

/// A GPU of a host, or a kind of GPUs that a scheduler gives, as its runner tells it.
struct OfferedGPU: Hashable, Sendable, Codable {
  var uuid, model: String
  var memoryBytes: UInt64
  var computeCapability: String
  var isPartition: Bool
  /// Empty for one in service.
  var outOfService: String
  /// Nil for a device of the host. GPUs of a kind that a scheduler gives: on the node that has most of them, and on all, 0 where that is
  /// not known.
  var perNode, total: Int?

  /// How many GPUs this stands for.
  var number: Int { perNode.map { max($0, total ?? 0) } ?? 1 }

  /// - Throws: `RPCError`, INVALID_ARGUMENT / INVALID_GPU.
  static func checked(_ gpus: [RunnerV1.GPU]) throws(RPCError) -> [OfferedGPU] {
    guard Set(gpus.map(\.uuid)).count == gpus.count else {
      throw RPCError(
        .invalidArgument, reason: "INVALID_GPU",
        "a GPU is offered twice; each has a UUID of its own and is offered once")
    }
    var checked: [OfferedGPU] = []
    for gpu in gpus {
      guard gpu.uuid.wholeMatch(of: /[A-Za-z0-9._:+\/-]{1,96}/) != nil,
        gpu.computeCapability.wholeMatch(of: /[0-9]{1,4}(\.[0-9]{1,4})?/) != nil,
        (gpu.scheduled?.perNode ?? 1) > 0
      else {
        throw RPCError(
          .invalidArgument, reason: "INVALID_GPU",
          "a GPU is offered by the UUID that its driver gives it and a compute capability such as 9.0, not by '\(gpu.uuid.prefix(96))' and '\(gpu.computeCapability.prefix(16))'"
        )
      }
      checked.append(
        OfferedGPU(
          uuid: gpu.uuid, model: Bounded.text(gpu.model, 96), memoryBytes: gpu.memoryBytes,
          computeCapability: gpu.computeCapability, isPartition: gpu.partition,
          outOfService: Bounded.text(gpu.outOfService, 500),
          perNode: (gpu.scheduled?.perNode).map { Int($0) }, total: (gpu.scheduled?.total).map { Int($0) }))
    }
    return checked.sorted { $0.uuid < $1.uuid }
  }

  /// Whether a scheduler would give a job what it needs, sooner or later.
  func isGiven(for need: GPUNeed) -> Bool {
    scheduled.map(need.isMet) ?? false
  }

  /// The kind that a scheduler gives; nil for a GPU of a host, and for one out of service.
  var scheduled: ScheduledGPUs? {
    guard let perNode, outOfService.isEmpty else { return nil }
    return ScheduledGPUs(name: uuid, perNode: perNode, total: total ?? 0, sample: device)
  }

  /// For the choice of jobs: where on its host it is, only the runner knows.
  var device: GPUDevice {
    let parts = computeCapability.split(separator: ".").map { Int32($0) ?? 0 }
    return GPUDevice(
      uuid: uuid, model: model, memoryBytes: memoryBytes, major: parts.first ?? 0,
      minor: parts.count > 1 ? parts[1] : 0, node: 0,
      instance: isPartition ? .init(gpuInstance: 0, computeInstance: 0) : nil)
  }

  var wire: RunnerV1.GPU {
    var gpu = RunnerV1.GPU()
    gpu.uuid = uuid
    gpu.model = model
    gpu.memoryBytes = memoryBytes
    gpu.computeCapability = computeCapability
    gpu.partition = isPartition
    gpu.outOfService = outOfService
    if let perNode {
      var scheduled = RunnerV1.ScheduledGPUs()
      scheduled.perNode = UInt32(clamping: perNode)
      scheduled.total = UInt32(clamping: total ?? 0)
      gpu.scheduled = scheduled
    }
    return gpu
  }
}

extension GPUNeed {
  var wire: RunnerV1.GPUNeed {
    var need = RunnerV1.GPUNeed()
    need.count = UInt32(clamping: count)
    need.memoryBytes = memoryBytes
    need.computeCapability = computeCapability
    need.model = model ?? ""
    return need
  }
}
