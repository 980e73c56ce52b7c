/// One message of a conversation.
public struct ModelMessage: Sendable, Hashable, Codable {
  public enum Role: String, Sendable, Hashable, Codable { case user, assistant }
  public var role: Role
  public var blocks: [ModelBlock]

  public init(_ role: Role, _ blocks: [ModelBlock]) {
    self.role = role
    self.blocks = blocks
  }
}

/// How much a model may think before it answers.
public enum Thinking: Sendable, Hashable, Codable {
  case none
  /// At most so many tokens.
  case tokens(Int)
  /// As much as the model finds right.
  case adaptive
}

/// A question to a model, in no server's format.
public struct ModelRequest: Sendable, Hashable {
  public var model: String
  /// What does not change from request to request comes first: the end of each part is where a cache may end.
  public var system: [String]
  public var messages: [ModelMessage]
  public var tools: [ToolDefinition]
  /// Bound of the answer, thinking included.
  public var maximumOutput: Int
  /// Nil for the server's own.
  public var temperature: Double?
  public var thinking: Thinking

  public init(
    model: String, system: [String] = [], messages: [ModelMessage], tools: [ToolDefinition] = [],
    maximumOutput: Int, temperature: Double? = nil, thinking: Thinking = .none
  ) {
    self.model = model
    self.system = system
    self.messages = messages
    self.tools = tools
    self.maximumOutput = maximumOutput
    self.temperature = temperature
    self.thinking = thinking
  }
}

/// What a model answered.
public struct ModelAnswer: Sendable, Hashable, Codable {
  /// Why it stopped.
  public enum Stop: Sendable, Hashable, Codable {
    case ended, toolUse, outputLimit, refusal
    case other(String)
  }

  /// The model that answered, as the server names it.
  public var model: String
  public var blocks: [ModelBlock]
  public var stop: Stop
  public var usage: TokenUsage
  /// False where the server counted nothing, so that `usage` says nothing.
  public var isCounted: Bool

  public init(
    model: String, blocks: [ModelBlock], stop: Stop, usage: TokenUsage, isCounted: Bool = true
  ) {
    self.model = model
    self.blocks = blocks
    self.stop = stop
    self.usage = usage
    self.isCounted = isCounted
  }

  public var calls: [ToolCall] {
    blocks.compactMap { block in
      guard case .call(let call) = block else { return nil }
      return call
    }
  }
}
