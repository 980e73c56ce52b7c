import AssayAgent
import AssayAgentsFile
import AssaySandbox
import Foundation
import Glibc
import Logging
import Testing

@testable import AssayProposers

/// Programs as specialists, in the real sandbox.
@Suite(.serialized, .timeLimit(.minutes(3))) struct CommandProposerTests {
  private static let launcher: String = {
    for start in [
      Bundle.allBundles.map(\.bundleURL).first { $0.pathExtension == "xctest" },
      URL(filePath: CommandLine.arguments[0]),
    ].compactMap(\.self) {
      var folder = start.deletingLastPathComponent()
      for _ in 0..<4 {
        let candidate = folder.appending(path: "assay-sandbox").path
        if access(candidate, X_OK) == 0 { return candidate }
        folder.deleteLastPathComponent()
      }
    }
    return ".build/debug/assay-sandbox"
  }()

  private func propose(
    _ bench: ProposerBench, _ script: String, network: Bool = false, seconds: Double = 30,
    mounts: [String] = []
  ) async throws -> RecipeProposal {
    let settings = CommandSettings(
      arguments: ["/bin/sh", "-c", script], network: network, mounts: mounts,
      environment: ["GREETING": "hello"],
      timeoutSeconds: seconds, memoryMegabytes: 512)
    let proposer = CommandProposer(
      run: "r", services: try bench.services(), settings: settings,
      sandbox: try await Sandbox.open(launcher: Self.launcher), folder: bench.folder.appending(path: "work"),
      store: try SessionStore(folder: bench.folder, secrets: []), logger: Logger(label: "test"))
    return try await proposer.propose(try ProposerBench.state())
  }

  private func failure(_ bench: ProposerBench, _ script: String, seconds: Double = 30) async -> AgentError? {
    do {
      _ = try await propose(bench, script, seconds: seconds)
      return nil
    } catch {
      return error as? AgentError
    }
  }

  @Test func aShellScriptIsASpecialist() async throws {
    let bench = ProposerBench()
    defer { bench.remove() }
    let proposal = try await propose(
      bench,
      """
      grep -q 'THE SPECIALIST\\|specialist .opt.' || exit 3
      test "$GREETING" = hello || exit 4
      sed -i 's/LR = 0.1/LR = 0.03/' recipe.py
      echo 'A third of the rate should settle in a deeper minimum.' > hypothesis.txt
      """)
    #expect(proposal.recipe.text("recipe.py")?.contains("LR = 0.03") == true)
    #expect(proposal.hypothesis == "A third of the rate should settle in a deeper minimum.")
    #expect(proposal.motive == "command")
    #expect(try bench.index().first?["outcome"]?.text == "proposed")
  }

  @Test func itsMistakesAreNoProposals() async throws {
    let bench = ProposerBench()
    defer { bench.remove() }
    #expect(await failure(bench, "exit 7")?.code == .noProposal)
    #expect(await failure(bench, "true")?.message.contains("without a change") == true)
    #expect(await failure(bench, "sed -i s/64/65/ recipe.py")?.message.contains("is not yours") == true)
    #expect(await failure(bench, "echo 'LR = (' >> recipe.py")?.message.contains("does not parse") == true)
    #expect(
      await failure(bench, "rm recipe.py; ln -s /etc/passwd recipe.py")?.message.contains("link") == true)
    #expect(await failure(bench, "sleep 60", seconds: 1)?.code == .noProposal)
    #expect(await failure(bench, "rm -rf /copy/*")?.code == .noProposal)
    #expect(try bench.index().count == 7, "each attempt is on record")
  }

  /// What a program must not reach: keys, state, other processes, the network, its own input.
  @Test func itIsShutIn() async throws {
    let bench = ProposerBench()
    defer { bench.remove() }
    try FileManager.default.createDirectory(at: bench.folder, withIntermediateDirectories: true)
    let secret = bench.folder.appending(path: "agent.key")
    try ProposerBench.key.write(to: secret, atomically: true, encoding: .utf8)
    setenv("ASSAY_TEST_CANARY", ProposerBench.key, 1)
    defer { unsetenv("ASSAY_TEST_CANARY") }
    let proposal = try await propose(
      bench,
      """
      cat \(secret.path) && exit 11
      env | grep -q canary && exit 12
      cat /proc/*/environ 2>/dev/null | grep -q canary && exit 13
      ls \(bench.folder.path) && exit 14
      echo x > /run/assay/input.txt && exit 15
      python3 -c 'import socket; socket.create_connection(("127.0.0.1", 22), 1)' 2>/dev/null && exit 16
      python3 -c 'import socket,sys; sys.exit(0 if len(socket.if_nameindex()) > 1 else 1)' && exit 17
      sed -i 's/LR = 0.1/LR = 0.03/' recipe.py
      """)
    #expect(proposal.recipe.text("recipe.py")?.contains("LR = 0.03") == true)
    try FileManager.default.removeItem(at: secret)
    #expect(try !bench.everything().contains(ProposerBench.key))
  }
}
