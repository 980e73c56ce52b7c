/// How one specialist makes its proposals.
public struct SpecialistSettings: Sendable, Hashable {
  public enum Proposer: String, Sendable, Hashable, CaseIterable {
    /// Program-level mutation, recombination and repair; needs no key.
    case evolve
    /// A tool-using session with a model.
    case llm
    /// A program of the operator's choice.
    case command
  }

  public var proposer: Proposer
  /// The models to ask, the preferred one first; empty unless the proposer is `llm`.
  public var models: [ModelSettings]
  /// Answers of a model in one session.
  public var maximumTurns: Int
  /// Nil unless the proposer is `command`.
  public var command: CommandSettings?
  /// A folder of notes on techniques, shown to models and programs; nil for none.
  public var techniques: String?

  public init(
    proposer: Proposer, models: [ModelSettings] = [], maximumTurns: Int = 60, command: CommandSettings? = nil
  ) {
    self.proposer = proposer
    self.models = models
    self.maximumTurns = maximumTurns
    self.command = command
  }
}

/// A model, where it is asked, and how.
public struct ModelSettings: Sendable, Hashable {
  public enum API: String, Sendable, Hashable, CaseIterable { case anthropic, openai }
  public enum Thinking: Sendable, Hashable { case none, tokens(Int), adaptive }

  public var model: String
  public var api: API
  /// How the server is called in accounts and logs.
  public var provider: String
  public var baseURL: String
  /// A file whose content is the key.
  public var keyFile: String?
  /// The name of an environment variable that holds the key.
  public var keyVariable: String?
  public var temperature: Double?
  public var thinking: Thinking
  public var maximumOutputTokens: Int
  /// Whether answers are streamed.
  public var streams: Bool
  /// Nil where nothing is known of its price.
  public var price: PriceSettings?
}

/// Dollars a million tokens.
public struct PriceSettings: Sendable, Hashable {
  public var input: Double
  public var output: Double
  public var cacheRead: Double
  public var cacheWrite: Double
}

/// A program that makes proposals.
public struct CommandSettings: Sendable, Hashable {
  /// Program, by an absolute path, and arguments.
  public var arguments: [String]
  /// Whether it may use the network; then also everything that listens on this machine without a password.
  public var network: Bool
  /// Folders and files of this machine that it may read, at the same path.
  public var mounts: [String]
  public var environment: [String: String]
  public var timeoutSeconds: Double
  public var memoryMegabytes: Int

  public init(
    arguments: [String], network: Bool = false, mounts: [String] = [], environment: [String: String] = [:],
    timeoutSeconds: Double = 1800, memoryMegabytes: Int = 4096
  ) {
    self.arguments = arguments
    self.network = network
    self.mounts = mounts
    self.environment = environment
    self.timeoutSeconds = timeoutSeconds
    self.memoryMegabytes = memoryMegabytes
  }
}
