public import AssayReflection

/// A tool as a model is told of it.
public struct ToolDefinition: Sendable, Hashable, Codable {
  public var name: String
  /// What it does, when to use it, and what it answers.
  public var summary: String
  /// JSON Schema of its arguments, an object.
  public var schema: JSONValue

  public init(name: String, summary: String, schema: JSONValue) {
    self.name = name
    self.summary = summary
    self.schema = schema
  }
}
