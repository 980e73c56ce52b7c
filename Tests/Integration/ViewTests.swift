import Foundation
import Testing

/// What a proposal was made from, from a program's tool calls to the report.
@Suite(.serialized, .tags(.slow), .timeLimit(.minutes(4))) struct ViewTests {
  @Test("the views that a program asked for by its tools stand beside what its trial brought")
  func asked() async throws {
    let folder = FileManager.default.temporaryDirectory.appending(path: "assay-views-\(UUID().uuidString)")
    defer { try? FileManager.default.removeItem(at: folder) }
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    let program = folder.appending(path: "program.sh").path
    func call(_ id: Int, _ tool: String, _ arguments: String) -> String {
      #"{"jsonrpc":"2.0","id":\#(id),"method":"tools/call","params":{"name":"\#(tool)","arguments":\#(arguments)}}"#
    }
    try """
    {
    echo '{"jsonrpc":"2.0","id":1,"method":"initialize","params":{"protocolVersion":"2025-06-18","capabilities":{},"clientInfo":{"name":"t","version":"1"}}}'
    echo '{"jsonrpc":"2.0","method":"notifications/initialized"}'
    echo '\(call(2, "list_trials", #"{"view": "kept"}"#))'
    echo '\(call(3, "show_trial", #"{"trial": 0}"#))'
    sleep 2
    } | assay mcp --connect $ASSAY_MCP_SOCKET
    sed -i 's/^MOMENTUM = 0.0$/MOMENTUM = 0.9/' recipe.py
    echo 'Momentum keeps going where single batches disagree about the way.' >hypothesis.txt

    """.write(toFile: program, atomically: true, encoding: .utf8)
    let agents = folder.appending(path: "agents.yaml").path
    try """
    assay_agents: 1
    specialists:
      opt: {proposer: command, command: [/bin/sh, \(program)], mounts: [\(folder.path)]}
    """.write(toFile: agents, atomically: true, encoding: .utf8)
    let run = Run()
    defer { try? FileManager.default.removeItem(atPath: run.state) }
    let ended = try await run.start(
      "--trials", "1", "--specialists", "opt", "--agents", agents, "--max-time", "3m"
    ).ended()
    #expect(ended.status == 0, "\(ended.errors)")
    let figures = try #require(try await run.ask("costs").rows.first?["views"] as? [String: Any])
    #expect(figures["known"] as? Int == 1, "\(figures)")
    let views = try #require(figures["views"] as? [[String: Any]])
    let names = Set(views.compactMap { $0["view"] as? String })
    // The agent's own copy, what the session's first view showed, and what the program asked for.
    #expect(names.isSuperset(of: ["record", "recent", "best_lineage", "kept", "trial"]), "\(names)")
    #expect(names.isDisjoint(with: ["failures", "insights", "orphaned", "recipe"]), "\(names)")
    #expect(views.allSatisfy { $0["proposals"] as? Int == 1 && $0["kept"] as? Int == 1 }, "\(views)")
  }
}
