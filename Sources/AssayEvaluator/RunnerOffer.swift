import AssayGPU
import AssayMessages
import AssayRPC

/// What a host says that it has, for the choice of its jobs. It is believed for nothing else: a host that lies about
/// itself gets jobs that fail on it.
struct RunnerOffer: Hashable, Sendable {
  /// Sorted, each once.
  var labels: [String] = []
  /// Of one slot; 0 when it is not known.
  var memoryBytes: UInt64 = 0
  /// All GPUs of the host, by UUID: hosts with as many of the same kind are told apart, since what their jobs hold differs.
  var gpus: [OfferedGPU] = []
  /// Model of the processor; empty where it is not known.
  var processor = ""

  /// Those of the host that are in service.
  var devices: [GPUDevice] { gpus.filter { $0.outOfService.isEmpty && $0.perNode == nil }.map(\.device) }

  /// The model of GPUs that a job would be given; nil for none.
  func model(for need: GPUNeed) -> String? {
    need.choose(from: devices)?.first?.model
      ?? need.choose(among: gpus.compactMap(\.scheduled))?.sample?.model
  }

  init() {}

  /// - Throws: `RPCError`, INVALID_ARGUMENT / INVALID_LABEL or INVALID_GPU.
  init(_ request: RunnerV1.LeaseJobRequest) throws(RPCError) {
    labels = try RunnerLabel.checked(request.labels)
    memoryBytes = request.memoryBytes
    gpus = try OfferedGPU.checked(request.gpus)
    processor = Bounded.text(request.processor, 128)
  }
}
