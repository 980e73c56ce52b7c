public import AssayAgent
public import AssayAgentsFile
import AssayMCP
import AssayPatch
import AssayReflection
public import AssaySandbox
import AssayTools
import Foundation
import Glibc
public import Logging

/// Lets a program of the operator's choice make the proposal: a coding agent, or a plain script.
///
/// The program runs in a sandbox with a working copy that it may change at `/copy`, the session's prompt on its standard input,
/// and Assay's tools on a socket. It holds no key of ours: who it is, is decided by whose socket it is. When it exits with
/// status 0, its working copy is the proposal, unless it submitted one with the tool.
public struct CommandProposer: Proposer {
  /// In the working copy: why the edit should help, in the program's words.
  static let hypothesisFile = "hypothesis.txt"
  private static let channel = "/run/assay"

  private let run: String
  private let services: SessionServices
  private let settings: CommandSettings
  private let sandbox: Sandbox
  private let folder: URL
  private let store: SessionStore
  private let logger: Logger

  /// - Parameter folder: where the working copy lies.
  public init(
    run: String, services: SessionServices, settings: CommandSettings, sandbox: Sandbox, folder: URL,
    store: SessionStore, logger: Logger
  ) {
    self.run = run
    self.services = services
    self.settings = settings
    self.sandbox = sandbox
    self.folder = folder
    self.store = store
    self.logger = logger
  }

  public func propose(_ state: ResearchState) async throws(AgentError) -> RecipeProposal {
    do {
      return try await session(state)
    } catch let error as AgentError {
      throw error
    } catch is CancellationError {
      throw AgentError(.cancelled, "the session was stopped")
    } catch {
      throw AgentError(.noProposal, "the program's session failed: \(error)", cause: error)
    }
  }

  private func session(_ state: ResearchState) async throws -> RecipeProposal {
    let opening = try await services.opening(state)
    let session =
      "\(run)/\(state.specialist)/\(state.iteration)/\(String(UInt64.random(in: 0 ... .max), radix: 16))"
    let place = try SessionFolders(copy: folder.appending(path: "copy"))
    defer { place.remove() }
    let copy = FolderWorkingCopy(folder: place.copy.path, paths: state.task.baseline.paths)
    do throws(ToolError) {
      try await copy.write(opening.recipe)
    } catch {
      throw AgentError(.badState, "no working copy could be made: \(error.message)")
    }
    let prompt = (opening.system + [opening.message, Self.surroundings]).joined(separator: "\n\n")
    try place.write("input.txt", prompt)
    try place.write("mcp.json", Self.clientConfiguration)
    let tools = ResearchTools(
      state: state, parent: opening.parent, copy: copy, reader: services.reader, motive: "command",
      smoke: services.smoke, views: services.views)
    let transcript = try store.begin(
      session,
      [
        "session": .string(session), "specialist": .string(state.specialist),
        "iteration": .integer(Int64(state.iteration)), "parent": .integer(Int64(opening.parent)),
        "knowledge": .string("sha256:" + opening.knowledge),
        "techniques": opening.techniques.map { .string("sha256:" + $0) } ?? .null, "input": .string(prompt),
        "command": .array(settings.arguments.map { .string($0) }), "network": .bool(settings.network),
      ])
    var outcome = "stopped"
    defer {
      do throws(AgentError) {
        try store.end(transcript, ["outcome": .string(outcome)])
      } catch {
        logger.error("\(error.message)")
      }
    }
    let command = command(in: place)
    let socket = place.channel.appending(path: "mcp.sock").path
    let result = try await MCPServer(tools: tools, instructions: "Tools on the recipe that you edit.")
      .whileListening(
        at: socket
      ) { [sandbox] in
        // The program's user is none of ours; the folder around it is closed to everybody else.
        chmod(socket, 0o666)
        return try await sandbox.run(command)
      }
    let calls = await tools.calls
    try transcript.add(
      "program",
      [
        "outcome": .string("\(result.outcome)"), "seconds": .real(Double(result.wallNanoseconds) / 1e9),
        "log": .string(String(decoding: result.log, as: UTF8.self)),
        "calls": .object(calls.mapValues { .integer(Int64($0)) }),
      ])
    try Task.checkCancellation()
    if let proposal = await tools.submission {
      outcome = "submitted"
      return proposal
    }
    guard result.succeeded else {
      outcome = "the program ended badly"
      throw AgentError(
        .noProposal, "\(settings.arguments[0]) ended badly (\(result.outcome)), so nothing was submitted")
    }
    do throws(ToolError) {
      let parent = await tools.parent
      let hypothesis =
        place.hypothesis()
        ?? "What \(settings.arguments[0]) made of trial \(parent), without a word of its own."
      let proposal = try await tools.proposal(hypothesis: hypothesis, expectedDelta: 0, notes: "")
      outcome = "proposed"
      return proposal
    } catch {
      outcome = error.message
      throw AgentError(
        .noProposal, "the working copy of \(settings.arguments[0]) is no proposal: \(error.message)")
    }
  }

  private func command(in place: SessionFolders) -> SandboxCommand {
    var mounts = [
      SandboxCommand.Mount(place.copy.path, at: "/copy", isWritable: true),
      SandboxCommand.Mount(place.channel.path, at: Self.channel),
    ]
    for path in settings.mounts { mounts.append(.init(path, at: path)) }
    mounts += OwnProgram.mounts
    return SandboxCommand(
      arguments: ["/bin/sh", "-c", "cd /copy && exec \"$@\" < \(Self.channel)/input.txt", "sh"]
        + settings.arguments,
      environment: [
        "PATH": "/usr/bin:/bin:/assay", "ASSAY_MCP_SOCKET": Self.channel + "/mcp.sock",
        "ASSAY_MCP_CONFIG": Self.channel + "/mcp.json",
      ].merging(settings.environment) { $1 },
      mounts: mounts,
      limits: SandboxLimits(
        wallMilliseconds: UInt64(settings.timeoutSeconds * 1000),
        memoryBytes: UInt64(settings.memoryMegabytes) << 20, processes: 512, diskBytes: 1 << 30,
        outputBytes: 64 << 20, fileBytes: 1 << 30),
      network: settings.network)
  }

  private static let surroundings = """
    # Where you are
    You are a program in a sandbox. The recipe is in /copy, your folder; edit its files there. Your tools are served over the \
    Model Context Protocol: `assay mcp --connect $ASSAY_MCP_SOCKET` speaks it on standard input and output, and \
    $ASSAY_MCP_CONFIG is a configuration for clients. Exit with status 0 when the recipe in /copy is what you propose, and \
    leave the reason in /copy/\(hypothesisFile); or call the tool 'submit'. Exit with another status to propose nothing.
    """

  private static let clientConfiguration = JSONValue.object([
    "mcpServers": [
      "assay": ["command": "/assay/assay", "args": ["mcp", "--connect", .string(channel + "/mcp.sock")]]
    ]
  ]).canonicalText
}
