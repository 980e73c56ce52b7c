public import AssayGPU
public import AssayRunner

/// What a step has to find of GPUs on its node.
public struct StepGPUs: Codable, Sendable, Hashable {
  public var need: GPUNeed
  /// Who gives them.
  public var scheduler: NodeGPUs.Scheduler

  public init(_ need: GPUNeed, from scheduler: NodeGPUs.Scheduler) {
    self.need = need
    self.scheduler = scheduler
  }
}
