/// Clocks of a device, in MHz.
public struct GPUClocks: Sendable, Hashable, Codable {
  /// Of its streaming multiprocessors.
  public var sm: UInt32
  public var memory: UInt32

  public init(sm: UInt32, memory: UInt32) {
    self.sm = sm
    self.memory = memory
  }
}
