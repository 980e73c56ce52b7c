/// A GPU that a job can be given: a whole device, or an instance of one that is partitioned (MIG).
public struct GPUDevice: Sendable, Hashable, Codable {
  /// A partition of a device.
  public struct Instance: Sendable, Hashable, Codable {
    /// As NVML numbers them on their device.
    public var gpuInstance, computeInstance: UInt32

    public init(gpuInstance: UInt32, computeInstance: UInt32) {
      self.gpuInstance = gpuInstance
      self.computeInstance = computeInstance
    }
  }

  /// As the driver names it: `GPU-...`, of a partition `MIG-...`.
  public var uuid: String
  public var model: String
  public var memoryBytes: UInt64
  /// CUDA compute capability.
  public var major, minor: Int32
  /// N of `/dev/nvidiaN`; a partition has that of its device.
  public var node: UInt32
  /// Nil for a whole device.
  public var instance: Instance?

  public init(
    uuid: String, model: String, memoryBytes: UInt64, major: Int32, minor: Int32, node: UInt32,
    instance: Instance? = nil
  ) {
    self.uuid = uuid
    self.model = model
    self.memoryBytes = memoryBytes
    self.major = major
    self.minor = minor
    self.node = node
    self.instance = instance
  }

  public var computeCapability: String { "\(major).\(minor)" }

  /// By parts: 10.0 is more than 9.0.
  static func capability(_ text: String) -> (Int32, Int32) {
    let parts = text.split(separator: ".").map { Int32($0) ?? .max }
    return (parts.first ?? 0, parts.count > 1 ? parts[1] : 0)
  }
}
