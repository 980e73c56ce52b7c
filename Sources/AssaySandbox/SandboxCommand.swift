/// What to run, what it may see, and what to take out of it.
public struct SandboxCommand: Sendable, Codable {
  /// A file or folder of the host at a path inside, read-only.
  public struct Mount: Sendable, Hashable, Codable {
    public var source: String
    public var destination: String
    /// Copied for the job's user: for folders that only the caller can read.
    public var isPrivate: Bool
    /// Given to the job's user, who may write; both sides see what is written. A folder, and nothing precious.
    public var isWritable: Bool

    public init(_ source: String, at destination: String, isPrivate: Bool = false, isWritable: Bool = false) {
      self.source = source
      self.destination = destination
      self.isPrivate = isPrivate
      self.isWritable = isWritable
    }
  }

  /// A character device of the host at a path inside, to be read, written and controlled like there.
  public struct Device: Sendable, Hashable, Codable {
    public var source: String
    public var destination: String

    public init(_ source: String, at destination: String) {
      self.source = source
      self.destination = destination
    }
  }

  /// A file to take from /out when everything has ended.
  public struct Output: Sendable, Hashable, Codable {
    /// Below /out.
    public var path: String
    public var maximumBytes: UInt64
    /// A new file on the host.
    public var destination: String

    public init(_ path: String, maximumBytes: UInt64, to destination: String) {
      self.path = path
      self.maximumBytes = maximumBytes
      self.destination = destination
    }
  }

  /// A stream that is handed in piece by piece on standard input, each piece once the reply to the one before it is recorded
  /// (docs/predict-then-reveal.md). The record is an output after all others; a reply that comes late is the wall-clock limit.
  public struct Reveal: Sendable, Hashable, Codable {
    /// A file of the host that nothing inside sees.
    public var stream: String
    /// A new file on the host: all replies, one after the other.
    public var record: String
    public var maximumBytes: UInt64

    public init(_ stream: String, record: String, maximumBytes: UInt64) {
      self.stream = stream
      self.record = record
      self.maximumBytes = maximumBytes
    }
  }

  public var arguments: [String]
  /// The whole environment besides PATH, HOME, TMPDIR and LANG.
  public var environment: [String: String]
  public var mounts: [Mount]
  /// Besides those that every job has, such as /dev/null.
  public var devices: [Device]
  public var outputs: [Output]
  public var limits: SandboxLimits
  /// Cores the job is pinned to; empty for any.
  public var cores: [Int]
  /// Whether it uses this machine's network instead of an empty one. Then it reaches whatever this machine reaches.
  public var network: Bool
  /// Nil where standard input is empty.
  public var reveal: Reveal?

  public init(from decoder: any Decoder) throws {
    let fields = try decoder.container(keyedBy: CodingKeys.self)
    arguments = try fields.decode([String].self, forKey: .arguments)
    environment = try fields.decode([String: String].self, forKey: .environment)
    mounts = try fields.decode([Mount].self, forKey: .mounts)
    // A step that an earlier version wrote names none.
    devices = try fields.decodeIfPresent([Device].self, forKey: .devices) ?? []
    outputs = try fields.decode([Output].self, forKey: .outputs)
    limits = try fields.decode(SandboxLimits.self, forKey: .limits)
    cores = try fields.decode([Int].self, forKey: .cores)
    network = try fields.decode(Bool.self, forKey: .network)
    reveal = try fields.decodeIfPresent(Reveal.self, forKey: .reveal)
  }

  public init(
    arguments: [String], environment: [String: String] = [:], mounts: [Mount] = [], devices: [Device] = [],
    outputs: [Output] = [], limits: SandboxLimits, cores: [Int] = [], network: Bool = false,
    reveal: Reveal? = nil
  ) {
    self.arguments = arguments
    self.environment = environment
    self.mounts = mounts
    self.devices = devices
    self.outputs = outputs
    self.limits = limits
    self.cores = cores
    self.network = network
    self.reveal = reveal
  }
}
