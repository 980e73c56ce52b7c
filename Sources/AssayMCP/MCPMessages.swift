import AssayReflection
import AssayTools

/// What one peer says to an MCP server, read; and what the server says, written. JSON-RPC 2.0, a message a line.
///
/// A value: it takes lines and returns what to do, without sockets or tools. After the Model Context Protocol's
/// specification, revisions 2024-11-05 to 2025-11-25, the parts about tools.
struct MCPMessages {
  static let versions = ["2025-11-25", "2025-06-18", "2025-03-26", "2024-11-05"]
  /// The most bytes that a message may have.
  static let maximumMessage = 4 << 20

  enum Action: Hashable {
    case reply(JSONValue)
    /// Call a tool, and answer under this id.
    case call(id: JSONValue, name: String, arguments: JSONValue)
    /// The peer does not want the answer to this id any more.
    case cancel(id: JSONValue)
  }

  private let tools: [JSONValue]
  private let instructions: String
  private let version: String
  private var isOpen = false

  init(tools: [JSONValue], instructions: String, version: String) {
    self.tools = tools
    self.instructions = instructions
    self.version = version
  }

  mutating func take(_ line: some Sequence<UInt8>) -> [Action] {
    guard let message = try? JSONValue(parsing: line) else {
      return [.reply(Self.failure(.null, -32700, "this is no JSON; send one JSON-RPC message a line"))]
    }
    guard let batch = message.items else { return take(message) }
    guard !batch.isEmpty else { return [.reply(Self.failure(.null, -32600, "an empty batch is no request"))] }
    return batch.flatMap { take($0) }
  }

  private mutating func take(_ message: JSONValue) -> [Action] {
    guard let members = message.members, members["jsonrpc"]?.text == "2.0" else {
      return [.reply(Self.failure(.null, -32600, "this is no JSON-RPC 2.0 message"))]
    }
    let id = members["id"]
    guard let method = members["method"]?.text else {
      // An answer to something that was not asked; a request without a method has an id to answer.
      if members["result"] != nil || members["error"] != nil { return [] }
      return [.reply(Self.failure(id ?? .null, -32600, "the request names no method"))]
    }
    let parameters = members["params"]
    guard let id, id != .null else { return notification(method, parameters) }
    guard id.text != nil || id.number != nil else {
      return [.reply(Self.failure(.null, -32600, "an id is text or a number"))]
    }
    switch method {
    case "initialize":
      isOpen = true
      let asked = parameters?["protocolVersion"]?.text ?? ""
      let chosen = Self.versions.contains(asked) ? asked : Self.versions[0]
      return [
        .reply(
          Self.result(
            id,
            [
              "protocolVersion": .string(chosen), "capabilities": ["tools": ["listChanged": false]],
              "serverInfo": ["name": "assay", "version": .string(version)],
              "instructions": .string(instructions),
            ]))
      ]
    case "ping": return [.reply(Self.result(id, [:]))]
    case _ where !isOpen:
      return [
        .reply(Self.failure(id, -32600, "send initialize before '\(UntrustedText.line(method, limit: 60))'"))
      ]
    case "tools/list": return [.reply(Self.result(id, ["tools": .array(tools)]))]
    case "tools/call":
      guard let name = parameters?["name"]?.text else {
        return [.reply(Self.failure(id, -32602, "'name' is missing: the tool to call"))]
      }
      let arguments = parameters?["arguments"] ?? .null
      guard arguments == .null || arguments.members != nil else {
        return [.reply(Self.failure(id, -32602, "'arguments' is no object"))]
      }
      return [.call(id: id, name: name, arguments: arguments == .null ? [:] : arguments)]
    default:
      return [
        .reply(Self.failure(id, -32601, "there is no method '\(UntrustedText.line(method, limit: 60))' here"))
      ]
    }
  }

  private func notification(_ method: String, _ parameters: JSONValue?) -> [Action] {
    guard method == "notifications/cancelled", let id = parameters?["requestId"] else { return [] }
    return [.cancel(id: id)]
  }

  static func result(_ id: JSONValue, _ result: JSONValue) -> JSONValue {
    ["jsonrpc": "2.0", "id": id, "result": result]
  }

  static func failure(_ id: JSONValue, _ code: Int64, _ text: String) -> JSONValue {
    ["jsonrpc": "2.0", "id": id, "error": ["code": .integer(code), "message": .string(text)]]
  }

  static func answer(_ id: JSONValue, _ outcome: ToolOutcome) -> JSONValue {
    result(
      id,
      [
        "content": [["type": "text", "text": .string(outcome.text)]], "isError": .bool(outcome.isError),
      ])
  }
}
