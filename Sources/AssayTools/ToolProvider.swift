public import AssayModel
public import AssayReflection

/// Tools that somebody may call.
public protocol ToolProvider: Sendable {
  var definitions: [ToolDefinition] { get }
  func call(_ name: String, _ arguments: JSONValue) async -> ToolOutcome
}

extension ResearchTools: ToolProvider {}
