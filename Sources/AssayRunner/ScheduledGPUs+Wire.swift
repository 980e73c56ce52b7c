import AssayGPU
import AssayMessages

extension ScheduledGPUs {
  /// What a runner offers of them.
  var wire: RunnerV1.GPU {
    var gpu = RunnerV1.GPU()
    gpu.uuid = name
    gpu.model = sample?.model ?? ""
    gpu.memoryBytes = sample?.memoryBytes ?? 0
    gpu.computeCapability = sample?.computeCapability ?? "0"
    gpu.partition = sample?.instance != nil
    gpu.outOfService = outOfService ?? (sample == nil ? "the scheduler has given none to look at yet" : "")
    var scheduled = RunnerV1.ScheduledGPUs()
    scheduled.perNode = UInt32(clamping: perNode)
    scheduled.total = UInt32(clamping: total)
    gpu.scheduled = scheduled
    return gpu
  }
}
