/// GPUs of one kind that a scheduler gives to jobs, each of which waits there for its turn.
public struct ScheduledGPUs: Sendable, Hashable {
  /// As the scheduler names the kind: `gpu:h100` (Slurm), `nvidia.com/gpu` (Kubernetes).
  public var name: String
  /// The most that one node has: no job is given more.
  public var perNode: Int
  /// On all nodes; 0 where it is not known.
  public var total: Int
  /// One of them, as the driver of a node tells it; nil while none was seen.
  public var sample: GPUDevice?
  /// Why no job is sent there; nil for a kind in service.
  public var outOfService: String?

  public init(
    name: String, perNode: Int, total: Int, sample: GPUDevice? = nil, outOfService: String? = nil
  ) {
    self.name = name
    self.perNode = perNode
    self.total = total
    self.sample = sample
    self.outOfService = outOfService
  }
}

extension GPUNeed {
  /// Whether a scheduler could give one job what it needs, all of it on one node and of this kind.
  public func isMet(by kind: ScheduledGPUs) -> Bool {
    guard count > 0, count <= kind.perNode, kind.outOfService == nil, let sample = kind.sample else {
      return false
    }
    return admits(sample) && (count == 1 || sample.instance == nil)
  }

  /// The smallest kind that is good enough; nil where none is.
  public func choose(among kinds: [ScheduledGPUs]) -> ScheduledGPUs? {
    kinds.filter(isMet).min { first, second in
      guard let one = first.sample, let other = second.sample else { return false }
      return (one.memoryBytes, one.major, one.minor, first.name)
        < (other.memoryBytes, other.major, other.minor, second.name)
    }
  }
}
