/// What a command did, measured from outside.
public struct SandboxResult: Sendable, Hashable, Codable {
  /// How the command ended.
  public enum Outcome: Sendable, Hashable, Codable {
    case exited(Int32)
    case signalled(Int32)
    /// A bound was reached and everything was killed.
    case limit(Limit)
  }

  public enum Limit: String, Sendable, Hashable, Codable {
    case wall, cpu, memory, processes, disk, output
  }

  /// What became of a declared output.
  public enum Output: Sendable, Hashable, Codable {
    case present(size: UInt64)
    case missing
    case tooLarge(size: UInt64)
    /// A link, device, folder or anything but a plain file.
    case notAFile
  }

  public var outcome: Outcome
  public var wallNanoseconds: UInt64
  public var cpuNanoseconds: UInt64
  public var peakMemoryBytes: UInt64
  /// In the order of the command's outputs.
  public var outputs: [Output]
  /// Beginning and end of standard output and error: untrusted bytes.
  public var log: [UInt8]
  /// Where the command ran; nil for this host.
  public var host: SandboxHost?

  public init(
    outcome: Outcome, wallNanoseconds: UInt64, cpuNanoseconds: UInt64, peakMemoryBytes: UInt64,
    outputs: [Output], log: [UInt8]
  ) {
    self.outcome = outcome
    self.wallNanoseconds = wallNanoseconds
    self.cpuNanoseconds = cpuNanoseconds
    self.peakMemoryBytes = peakMemoryBytes
    self.outputs = outputs
    self.log = log
  }

  public var succeeded: Bool { outcome == .exited(0) }
}
