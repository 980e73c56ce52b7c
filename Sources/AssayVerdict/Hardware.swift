/// What a run is measured on. Scores of one run are of one kind of hardware: those of different kinds cannot be compared.
public struct Hardware: Sendable, Hashable, Codable {
  /// Model of the processor, as its kernel names it.
  public var processor: String
  /// Model of the GPUs, as their driver names it; nil for jobs without.
  public var gpu: String?

  public init(processor: String, gpu: String? = nil) {
    self.processor = processor
    self.gpu = gpu
  }

  /// As verdicts name it: `AMD EPYC 7763`, `AMD EPYC 7763, NVIDIA H100 80GB HBM3`.
  public var text: String { gpu.map { "\(processor), \($0)" } ?? processor }

  /// Whether a job ran on it, by what its runner signed.
  public func isThat(of host: ProvenanceStatement.Host) -> Bool {
    host.cpu == processor && Set((host.gpus ?? []).map(\.model)) == Set(gpu.map { [$0] } ?? [])
  }
}
