import ArgumentParser
import AssayMCP
import AssaySupervisor

struct MCPCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "mcp",
    abstract: "Serve a specialist's tools over the Model Context Protocol, on standard input and output.",
    discussion: """
      For programs that a 'command' proposer starts (docs/agents.md). The agent that started the program serves the tools on a
      socket; this joins the socket with standard input and output, which is how MCP clients start a server:

        {"mcpServers": {"assay": {"command": "assay", "args": ["mcp", "--connect", "/run/assay/mcp.sock"]}}}

      It holds no key: whose tools they are is decided by whose socket it is.
      """)

  @Option(
    help: ArgumentHelp("The agent's socket; $ASSAY_MCP_SOCKET in the program's sandbox.", valueName: "path"))
  var connect: String

  func run() throws {
    do {
      try StdioBridge.run(socket: connect)
    } catch {
      throw SupervisorError(.unavailable, error.description)
    }
  }
}
