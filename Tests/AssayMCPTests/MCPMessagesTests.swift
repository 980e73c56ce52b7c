import AssayReflection
import AssayTools
import Testing

@testable import AssayMCP

@Suite struct MCPMessagesTests {
  private func open(_ version: String = "2025-06-18") -> (MCPMessages, JSONValue?) {
    var messages = MCPMessages(tools: [["name": "diff"]], instructions: "x", version: "1")
    let actions = messages.take(
      #"{"jsonrpc":"2.0","id":0,"method":"initialize","params":{"protocolVersion":"\#(version)","capabilities":{}}}"#
        .utf8)
    guard case .reply(let reply)? = actions.first else { return (messages, nil) }
    return (messages, reply)
  }

  private func code(_ actions: [MCPMessages.Action]) -> Int? {
    guard case .reply(let reply)? = actions.first else { return nil }
    return reply["error"]?["code"]?.wholeNumber
  }

  @Test func versionsAreNegotiated() {
    #expect(open().1?["result"]?["protocolVersion"]?.text == "2025-06-18")
    #expect(open("1999-01-01").1?["result"]?["protocolVersion"]?.text == MCPMessages.versions[0])
  }

  @Test func toolsAreListedAndCalled() {
    var (messages, _) = open()
    #expect(messages.take(#"{"jsonrpc":"2.0","method":"notifications/initialized"}"#.utf8).isEmpty)
    guard
      case .reply(let list)? = messages.take(#"{"jsonrpc":"2.0","id":"a","method":"tools/list"}"#.utf8).first
    else {
      Issue.record("no list")
      return
    }
    #expect(list["result"]?["tools"]?.items?.count == 1 && list["id"]?.text == "a")
    #expect(
      messages.take(
        #"{"jsonrpc":"2.0","id":2,"method":"tools/call","params":{"name":"diff","arguments":{"a":1}}}"#.utf8)
        == [.call(id: 2, name: "diff", arguments: ["a": 1])])
    #expect(
      messages.take(#"{"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":2}}"#.utf8)
        == [.cancel(id: 2)])
    #expect(
      messages.take(
        #"[{"jsonrpc":"2.0","id":3,"method":"ping"},{"jsonrpc":"2.0","id":4,"method":"ping"}]"#.utf8
      ).count == 2)
  }

  @Test func mistakesHaveTheirCodes() {
    var (messages, _) = open()
    #expect(code(messages.take("{".utf8)) == -32700)
    #expect(code(messages.take("[]".utf8)) == -32600)
    #expect(code(messages.take("7".utf8)) == -32600)
    #expect(code(messages.take(#"{"id":1,"method":"ping"}"#.utf8)) == -32600)
    #expect(code(messages.take(#"{"jsonrpc":"2.0","id":1}"#.utf8)) == -32600)
    #expect(code(messages.take(#"{"jsonrpc":"2.0","id":[1],"method":"ping"}"#.utf8)) == -32600)
    #expect(code(messages.take(#"{"jsonrpc":"2.0","id":1,"method":"resources/list"}"#.utf8)) == -32601)
    #expect(
      code(messages.take(#"{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{}}"#.utf8)) == -32602)
    #expect(
      code(
        messages.take(
          #"{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"diff","arguments":[1]}}"#.utf8))
        == -32602)
    #expect(messages.take(#"{"jsonrpc":"2.0","id":1,"result":{}}"#.utf8).isEmpty)
    var early = MCPMessages(tools: [], instructions: "", version: "1")
    #expect(code(early.take(#"{"jsonrpc":"2.0","id":1,"method":"tools/list"}"#.utf8)) == -32600)
  }
}
