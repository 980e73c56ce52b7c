import ArgumentParser
import AssayArtifacts
import AssayGPU
import AssayIdentity
import AssayRunner
import AssayServiceHost
import AssayServices
import Foundation
import Logging

/// `assay-runner`: executes trials in a sandbox on this host. Dials only.
@main
struct RunnerProgram: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "assay-runner",
    abstract: "Leases jobs from an evaluator and runs them in a sandbox on this host.",
    discussion:
      "Untrusted code is never run without isolation: without bubblewrap or namespaces the runner does not start."
  )

  static func main() async {
    // A subcommand would share this command's required options, of which these have none.
    let rest = Array(CommandLine.arguments.dropFirst(2))
    switch CommandLine.arguments.dropFirst().first {
    case "step": await RunnerStepCommand.main(rest)
    case "gpus": RunnerGPUsCommand.main(rest)
    default: await main(nil)
    }
  }

  @OptionGroup var service: ServiceOptions
  @OptionGroup var tls: TLSOptions
  @OptionGroup var launcher: LauncherOptions

  @Option(
    help: ArgumentHelp(
      "The evaluator's address; several, separated by commas, share the calls.", valueName: "url"))
  var evaluator: String

  @Option(help: ArgumentHelp("The evaluator's public key, assay-ed25519:...", valueName: "key"))
  var evaluatorKey: String

  @Option(help: ArgumentHelp("This runner's private key.", valueName: "file"))
  var key: String

  @Option(help: "Name of this runner in the record.")
  var name: String = ProcessInfo.processInfo.hostName

  @Option(help: "Jobs at the same time, each pinned to a core of its own.")
  var slots: Int = 1

  @Option(
    name: .long,
    help: ArgumentHelp(
      "A folder that jobs of a task may see, read-only; give the option once for each.",
      valueName: "TASK/NAME=dir"))
  var mount: [String] = []

  @Option(
    name: .long,
    help: ArgumentHelp(
      "What this host offers to tasks that ask for it (environment.labels), such as gpu=h100; once for each. arch=... and host=NAME are always there.",
      valueName: "name=value"))
  var label: [String] = []

  @Option(
    name: .long,
    help: ArgumentHelp(
      "A folder of such folders, laid out TASK/NAME as `assay task prepare --publish` makes it.",
      valueName: "dir"))
  var mounts: String?

  @Option(
    help: ArgumentHelp(
      "A folder shared with the evaluator and other runners, where artifacts are left and found under their digests. Default: $ASSAY_ARTIFACT_VOLUME, else they travel by RPC.",
      valueName: "dir"))
  var artifactVolume: String?

  @Option(
    help: ArgumentHelp(
      "NVIDIA's management library, where it is not found by its name; GPUs of a task's environment.gpus are given through it. On a cluster: its path on the nodes.",
      valueName: "file"))
  var nvml: String?

  @Option(help: ArgumentHelp("Scratch folder.", valueName: "dir"))
  var state: String

  func validate() throws {
    if let nvml, !nvml.hasPrefix("/") { throw ValidationError("--nvml is an absolute path.") }
    if slots < 1 { throw ValidationError("--slots must be at least 1.") }
  }

  func run() async throws {
    let monitoring = service.bootstrap()
    monitoring.requireContact()
    let logger = Logger(label: "assay-runner")
    do {
      var mounts = try self.mounts.map { try RunnerConfiguration.mounts(in: $0) } ?? [:]
      for text in mount {
        let (name, folder) = try RunnerConfiguration.mount(text)
        mounts[name] = folder
      }
      let own = try IdentityKey.load(from: key)
      let client = try ServiceDialing.client(
        evaluator, serverKey: evaluatorKey, as: own, tls: tls.credentials())
      var configuration = RunnerConfiguration(
        name: name, slots: slots, mounts: mounts, state: URL(filePath: state),
        labels: HostLabels.automatic(name: name) + ["launcher=\(launcher.launcher.rawValue)"] + label,
        // What nodes have, Slurm knows.
        slotMemoryBytes: launcher.launcher == .local
          ? ProcessInfo.processInfo.physicalMemory / UInt64(slots) : 0,
        gpus: launcher.launcher == .local ? .ofThisHost(nvml: nvml) : nil)
      configuration.artifactVolume = try
        (artifactVolume ?? ProcessInfo.processInfo.environment["ASSAY_ARTIFACT_VOLUME"])
        .map { try ArtifactVolume(folder: $0) }
      let runner = try Runner(
        jobs: JobServiceClient(client),
        sandbox: try await launcher.open(state: state, nvml: nvml, logger: logger),
        configuration: configuration, key: own, logger: logger)
      monitoring.readiness.require { runner.trouble }
      try await ServiceHost.run([runner], options: service, monitoring: monitoring, logger: logger)
    } catch {
      logger.critical("\(error)")
      throw ExitCode(3)
    }
  }
}
