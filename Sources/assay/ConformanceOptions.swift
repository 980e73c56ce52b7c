import ArgumentParser
import AssayConformance
import AssayIdentity
import AssayRPC
import AssayRPCNNG
import AssayServiceHost
import AssaySupervisor
import Foundation
import Logging

/// What every `assay conformance` command takes.
struct ConformanceOptions: ParsableArguments {
  @Option(name: .long, help: ArgumentHelp("Where the program under test listens.", valueName: "url"))
  var address: String

  @Option(
    name: .long,
    help: ArgumentHelp(
      "Folder of identities that it trusts, as `assay keys init` makes it.", valueName: "dir"))
  var keys: String

  @OptionGroup var tls: TLSOptions

  @OptionGroup var lists: ConformanceLists

  @Argument(
    parsing: .postTerminator,
    help: "The command that starts it, after `--`. Without one it runs already, and is not killed.")
  var command: [String] = []

  /// Runs a suite against the program, and reports.
  func run(serverKey: String, _ make: (Subject, URL) throws -> ConformanceSuite) async throws {
    let scratch = FileManager.default.temporaryDirectory.appending(
      path: "assay-conformance-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: scratch, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: scratch) }
    let program = try program(log: scratch.appending(path: "program.log"))
    let folder = URL(filePath: keys)
    let credentials = try tls.credentials()
    let subject = Subject(
      address: address, server: try PublicIdentity(text: serverKey),
      keys: { name in
        try IdentityKey.load(from: folder.appending(path: name.replacing("/", with: "-") + ".key").path)
      }, dial: { try NNGClientTransport(address: $0, tls: credentials) },
      control: program.map(Self.control))
    let suite = try make(subject, scratch)
    try await Self.during(program) {
      try await lists.run(
        suite, features: command.isEmpty ? [.jobs, .streams] : [.jobs, .streams, .restart])
    }
  }

  private static func during(_ program: StartedProgram?, _ body: () async throws -> Void) async throws {
    try program?.start()
    do {
      try await body()
    } catch {
      await program?.stop()
      throw error
    }
    await program?.stop()
  }

  /// Serves jobs to the runner under test, at the address where it dials.
  func runRunner() async throws {
    let scratch = FileManager.default.temporaryDirectory.appending(
      path: "assay-conformance-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: scratch, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: scratch) }
    let program = try program(log: scratch.appending(path: "program.log"))
    let folder = URL(filePath: keys)
    let secrets = ["evaluator.key", "operator.key", "runner-local.key"].map {
      folder.appending(path: $0).path
    }
    let runner = RunnerSuite(
      transport: try NNGServerTransport(addresses: [address], tls: try tls.credentials()),
      identity: try IdentityKey.load(from: secrets[0]),
      trust: try TrustStore.load(from: folder.appending(path: "trust-evaluator.json").path),
      control: program.map(Self.control), secrets: secrets + ["/etc/shadow", "/root/.bashrc"],
      logger: Logger(label: "conformance") { _ in SwiftLogNoOpLogHandler() })
    try await runner.serving {
      try await Self.during(program) {
        try await lists.run(runner.suite, features: command.isEmpty ? [] : [.restart])
      }
    }
  }

  private func program(log: URL) throws -> StartedProgram? {
    try command.first.map { first in
      StartedProgram(executable: try Self.executable(first), arguments: Array(command.dropFirst()), log: log)
    }
  }

  private static func control(_ program: StartedProgram) -> Subject.Control {
    Subject.Control(
      start: { try program.start() }, signal: { program.signal($0) }, ended: { await program.ended() })
  }

  private static func executable(_ name: String) throws -> URL {
    if name.contains("/") { return URL(filePath: name) }
    for folder in (ProcessInfo.processInfo.environment["PATH"] ?? "").split(separator: ":") {
      let file = URL(filePath: String(folder)).appending(path: name)
      if FileManager.default.isExecutableFile(atPath: file.path) { return file }
    }
    throw SupervisorError(.usage, "there is no program '\(name)' on the PATH")
  }
}
