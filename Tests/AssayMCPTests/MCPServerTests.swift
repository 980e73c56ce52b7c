import AssayModel
import AssayReflection
import AssayTools
import Foundation
import Glibc
import Synchronization
import Testing

@testable import AssayMCP

/// The server over a real socket, with a client that writes what it likes.
@Suite(.timeLimit(.minutes(1))) struct MCPServerTests {
  /// Tools whose calls end when they are told to, or are cancelled.
  final class SlowTools: ToolProvider {
    let ended = Mutex<[String]>([])
    var definitions: [ToolDefinition] {
      [ToolDefinition(name: "wait", summary: "Waits.", schema: ["type": "object"])]
    }
    func call(_ name: String, _ arguments: JSONValue) async -> ToolOutcome {
      guard name == "wait" else { return ToolOutcome("called \(name)", isError: name != "quick") }
      let (stream, _) = AsyncStream<Void>.makeStream()
      for await _ in stream {}
      ended.withLock { $0.append("cancelled") }
      return ToolOutcome("late")
    }
  }

  private func talk(_ lines: [String], expecting count: Int, half: Bool = true) async throws -> [JSONValue] {
    let path = FileManager.default.temporaryDirectory.appending(path: "mcp-\(UUID().uuidString.prefix(8))")
      .path
    return try await MCPServer(tools: SlowTools(), instructions: "x").whileListening(at: path) {
      try await withCheckedThrowingContinuation { continuation in
        Thread.detachNewThread {
          var ends: [Int32] = [-1, -1]
          var outs: [Int32] = [-1, -1]
          pipe(&ends)
          pipe(&outs)
          let input = ends
          let output = outs
          Thread.detachNewThread {
            let text = Array(lines.map { $0 + "\n" }.joined().utf8)
            _ = text.withUnsafeBytes { write(input[1], $0.baseAddress, $0.count) }
            if half { close(input[1]) }
          }
          Thread.detachNewThread {
            try? StdioBridge.run(socket: path, input: input[0], output: output[1])
            close(output[1])
          }
          var bytes: [UInt8] = []
          var buffer = [UInt8](repeating: 0, count: 4096)
          while bytes.count(where: { $0 == 0x0a }) < count {
            let read = Glibc.read(output[0], &buffer, buffer.count)
            guard read > 0 else { break }
            bytes += buffer.prefix(read)
          }
          if !half { close(input[1]) }
          continuation.resume(
            returning: bytes.split(separator: 0x0a).compactMap { try? JSONValue(parsing: $0) })
        }
      }
    }
  }

  private let hello =
    #"{"jsonrpc":"2.0","id":0,"method":"initialize","params":{"protocolVersion":"2025-06-18"}}"#

  @Test func aClientThatEndsItsInputGetsItsAnswers() async throws {
    let replies = try await talk(
      [hello, "", "nonsense", #"{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"quick"}}"#],
      expecting: 3)
    #expect(replies.count == 3)
    #expect(replies.last?["result"]?["content"]?.items?.first?["text"]?.text == "called quick")
    #expect(replies.last?["result"]?["isError"]?.flag == false)
  }

  /// A call that is taken back is stopped, has no answer, and the next is made.
  @Test func cancelledCallsMakeWay() async throws {
    let replies = try await talk(
      [
        hello, #"{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"wait"}}"#,
        #"{"jsonrpc":"2.0","id":2,"method":"tools/call","params":{"name":"quick"}}"#,
        #"{"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":1}}"#,
      ], expecting: 2, half: false)
    #expect(replies.compactMap { $0["id"]?.wholeNumber } == [0, 2])
  }

  @Test func nobodyThereIsSaid() {
    #expect(throws: StdioBridge.Failure.self) { try StdioBridge.run(socket: "/nonexistent/mcp.sock") }
  }
}
