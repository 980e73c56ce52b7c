import ArgumentParser
import AssayConformance
import AssayIdentity
import AssayRPC
import AssayRPCNNG
import AssayServiceHost
import AssaySupervisor
import Foundation

/// What every `assay conformance` command takes.
struct ConformanceOptions: ParsableArguments {
  @Option(name: .long, help: ArgumentHelp("Where the program under test listens.", valueName: "url"))
  var address: String

  @Option(
    name: .customLong("server-key"),
    help: ArgumentHelp("The public key that it must prove (assay-ed25519:...).", valueName: "key"))
  var serverKey: String

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
  func run(_ make: (Subject, URL) throws -> ConformanceSuite) async throws {
    let scratch = FileManager.default.temporaryDirectory.appending(
      path: "assay-conformance-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: scratch, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: scratch) }
    let program = try command.first.map { first in
      StartedProgram(
        executable: try Self.executable(first), arguments: Array(command.dropFirst()),
        log: scratch.appending(path: "program.log"))
    }
    let folder = URL(filePath: keys)
    let credentials = try tls.credentials()
    let subject = Subject(
      address: address, server: try PublicIdentity(text: serverKey),
      keys: { name in
        try IdentityKey.load(from: folder.appending(path: name.replacing("/", with: "-") + ".key").path)
      }, dial: { try NNGClientTransport(address: $0, tls: credentials) },
      control: program.map { program in
        Subject.Control(
          start: { try program.start() }, signal: { program.signal($0) }, ended: { await program.ended() })
      })
    let suite = try make(subject, scratch)
    try program?.start()
    do {
      try await lists.run(
        suite, features: command.isEmpty ? [.jobs, .streams] : [.jobs, .streams, .restart])
    } catch {
      await program?.stop()
      throw error
    }
    await program?.stop()
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
