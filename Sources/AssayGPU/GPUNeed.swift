/// What a job asks of its host's GPUs.
///
/// One GPU may be a partition (MIG). Several are whole devices of one model: a CUDA process sees one partition at most, and devices of
/// different speed would wait for each other.
public struct GPUNeed: Sendable, Hashable, Codable {
  /// At least 1.
  public var count: Int
  /// Of each; 0 for any.
  public var memoryBytes: UInt64
  /// The least CUDA compute capability, such as "9.0"; empty for any.
  public var computeCapability: String
  /// The model that they have to be of; nil for any.
  public var model: String?

  public init(count: Int, memoryBytes: UInt64 = 0, computeCapability: String = "", model: String? = nil) {
    self.count = count
    self.memoryBytes = memoryBytes
    self.computeCapability = computeCapability
    self.model = model
  }

  /// Whether one device is good enough.
  public func admits(_ device: GPUDevice) -> Bool {
    (model == nil || device.model == model) && device.memoryBytes >= memoryBytes
      && (computeCapability.isEmpty
        || GPUDevice.capability(computeCapability) <= (device.major, device.minor))
  }

  /// Devices of the smallest kind that is good enough; nil when there are too few of each kind.
  ///
  /// - Parameters:
  ///   - topology: of them. Several are the best connected (``GPUTopology/best(_:of:near:)``).
  ///   - cores: of the job; of equal GPUs those near to them are given.
  public func choose(
    from free: [GPUDevice], by topology: GPUTopology = GPUTopology(), near cores: [Int] = []
  ) -> [GPUDevice]? {
    guard count > 0 else { return nil }
    let smallest = kinds(of: free).filter { $0.count >= count }.min { first, second in
      Self.size(first[0]) < Self.size(second[0])
    }
    guard let smallest else { return nil }
    if count > 1 { return topology.best(count, of: smallest, near: cores) }
    let equals = smallest.prefix { Self.kind($0) == Self.kind(smallest[0]) }
    return [equals.first { topology.isNear($0.uuid, to: cores) } ?? smallest[0]]
  }

  /// The most devices that jobs with this need could hold together, of the kind that has most.
  public func most(of devices: [GPUDevice]) -> Int { kinds(of: devices).map(\.count).max() ?? 0 }

  /// Good devices by kind, each in the order of their nodes. For a single GPU each device is of any kind.
  private func kinds(of devices: [GPUDevice]) -> [[GPUDevice]] {
    let good = devices.filter(admits)
    if count == 1 {
      return good.isEmpty ? [] : [good.sorted { Self.size($0) < Self.size($1) }]
    }
    let whole = Dictionary(grouping: good.filter { $0.instance == nil }) { "\($0.model) \($0.memoryBytes)" }
    return whole.values.map { kind in kind.sorted { ($0.node, $0.uuid) < ($1.node, $1.uuid) } }
  }

  private static func kind(_ device: GPUDevice) -> (UInt64, Int32, Int32) {
    (device.memoryBytes, device.major, device.minor)
  }

  /// Small ones are given first, so that large ones are left for those who need them.
  private static func size(_ device: GPUDevice) -> (UInt64, Int32, Int32, UInt32, String) {
    (device.memoryBytes, device.major, device.minor, device.node, device.uuid)
  }
}
