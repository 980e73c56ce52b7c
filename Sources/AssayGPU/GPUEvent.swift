/// What a device reported by itself, and how often since it was last asked.
public struct GPUEvent: Sendable, Hashable, Codable {
  public enum Kind: Sendable, Hashable, Codable {
    case xid(GPUXid)
    /// A memory error that ECC did not correct.
    case doubleBitError
  }

  /// Of the device or partition that was listened for.
  public var uuid: String
  public var kind: Kind
  /// Whether it is of the whole device, whatever partitions there are.
  public var isWhole: Bool
  public var count: UInt64

  public init(uuid: String, kind: Kind, isWhole: Bool, count: UInt64 = 1) {
    self.uuid = uuid
    self.kind = kind
    self.isWhole = isWhole
    self.count = count
  }

  /// Whether what ran there is worth nothing, by no fault of its own.
  public var isOurs: Bool {
    switch kind {
    case .xid(let xid): xid.cause == .hardware
    case .doubleBitError: true
    }
  }

  /// Whether the device has to be reset before it computes anything again.
  public var needsReset: Bool {
    switch kind {
    case .xid(let xid): xid.needsReset
    case .doubleBitError: true
    }
  }

  public var text: String {
    switch kind {
    case .xid(let xid): xid.text
    case .doubleBitError: "a memory error that ECC did not correct"
    }
  }

  /// What to do about the device.
  public var remedy: String {
    needsReset
      ? "reset it (nvidia-smi --gpu-reset -i \(uuid)) or reboot, then start the runner again"
      : "nvidia-smi -q -d ECC,ROW_REMAPPER and the kernel's log (dmesg) say more"
  }
}
