import ArgumentParser
import AssaySandbox
import AssaySlurm
import Foundation
import Logging

/// Where jobs run.
struct LauncherOptions: ParsableArguments {
  enum Kind: String, ExpressibleByArgument, CaseIterable {
    case local, slurm
  }

  @Option(
    name: .long,
    help:
      "local: in sandboxes on this host. slurm: each job as a step of a Slurm cluster, in a sandbox on its node."
  )
  var launcher: Kind = .local

  @Option(
    name: .customLong("slurm-partition"),
    help: ArgumentHelp("Slurm partition; Slurm's default without it.", valueName: "name"))
  var slurmPartition: String?

  @Option(
    name: .customLong("slurm-option"), parsing: .unconditionalSingleValue,
    help: ArgumentHelp(
      "A further option of srun, such as --gres=gpu:1; once for each.", valueName: "option"))
  var slurmOption: [String] = []

  /// - Parameter state: the runner's folder; with Slurm, all nodes have to see it at the same path.
  func open(state: String, logger: Logger) async throws -> any TrialLauncher {
    switch launcher {
    case .local: return try await Sandbox.open()
    case .slurm:
      let program = try FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")
      return try await SlurmLauncher.open(
        SlurmConfiguration(
          partition: slurmPartition, options: slurmOption, program: program,
          folder: URL(filePath: state).standardizedFileURL.path + "/slurm"), logger: logger)
    }
  }
}
