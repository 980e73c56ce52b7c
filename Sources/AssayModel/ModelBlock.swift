public import AssayReflection

/// A part of a message.
public enum ModelBlock: Sendable, Hashable, Codable {
  case text(String)
  /// What a model thought, with the signature by which its server knows it again; empty where it signs nothing.
  case thinking(String, signature: String)
  /// Thinking that its server keeps to itself.
  case hiddenThinking(String)
  case call(ToolCall)
  case result(ToolResult)
}

/// A model's wish to use a tool.
public struct ToolCall: Sendable, Hashable, Codable {
  public var id: String
  public var name: String
  /// The arguments as the model wrote them: supposed to be a JSON object, and not always one.
  public var arguments: String

  public init(id: String, name: String, arguments: String) {
    self.id = id
    self.name = name
    self.arguments = arguments
  }

  /// The arguments; nil where they are no JSON object.
  public var parsedArguments: JSONValue? {
    // A call without arguments is often written without anything.
    if arguments.allSatisfy(\.isWhitespace) { return .object([:]) }
    guard let value = try? JSONValue(parsing: arguments.utf8), value.members != nil else { return nil }
    return value
  }
}

/// What a tool answered.
public struct ToolResult: Sendable, Hashable, Codable {
  /// The call that it answers.
  public var id: String
  public var text: String
  public var isError: Bool

  public init(id: String, text: String, isError: Bool = false) {
    self.id = id
    self.text = text
    self.isError = isError
  }
}
