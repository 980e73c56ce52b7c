/// Bounds enforced from outside the sandbox. Zero means no bound.
public struct SandboxLimits: Sendable, Hashable, Codable {
  public var wallMilliseconds: UInt64
  public var cpuMilliseconds: UInt64
  public var memoryBytes: UInt64
  public var processes: UInt32
  /// Of each writable folder: /out, /work, /tmp, /dev/shm.
  public var diskBytes: UInt64
  /// Of standard output and error together.
  public var outputBytes: UInt64
  /// Of each file that is written.
  public var fileBytes: UInt64

  public init(
    wallMilliseconds: UInt64, cpuMilliseconds: UInt64 = 0, memoryBytes: UInt64 = 0, processes: UInt32 = 0,
    diskBytes: UInt64 = 0, outputBytes: UInt64 = 0, fileBytes: UInt64 = 0
  ) {
    self.wallMilliseconds = wallMilliseconds
    self.cpuMilliseconds = cpuMilliseconds
    self.memoryBytes = memoryBytes
    self.processes = processes
    self.diskBytes = diskBytes
    self.outputBytes = outputBytes
    self.fileBytes = fileBytes
  }
}
