/// A GPU that a job can be given: a whole device, or an instance of one that is partitioned (MIG).
public struct GPUDevice: Sendable, Hashable {
  /// A partition of a device.
  public struct Instance: Sendable, Hashable {
    /// As NVML numbers them on their device.
    public var gpuInstance, computeInstance: UInt32
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

  public var computeCapability: String { "\(major).\(minor)" }
}
