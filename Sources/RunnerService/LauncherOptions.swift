import ArgumentParser
import AssayKubernetes
import AssaySandbox
import AssaySlurm
import Foundation
import Logging

/// Where jobs run.
struct LauncherOptions: ParsableArguments {
  enum Kind: String, ExpressibleByArgument, CaseIterable {
    case local, slurm, kubernetes
  }

  @Option(
    name: .long,
    help:
      "local: in sandboxes on this host. slurm: each job as a step of a Slurm cluster, in a sandbox on its node. kubernetes: as a Job of the cluster, in a sandbox in its pod."
  )
  var launcher: Kind = .local

  @Option(
    name: .customLong("slurm-partition"),
    help: ArgumentHelp("Slurm partition; Slurm's default without it.", valueName: "name"))
  var slurmPartition: String?

  @Option(
    name: .customLong("slurm-option"), parsing: .unconditionalSingleValue,
    help: ArgumentHelp(
      "A further option of srun, such as --account=lab; once for each. GPUs are asked for by the runner itself.",
      valueName: "option"))
  var slurmOption: [String] = []

  @Option(
    name: .customLong("kubernetes-job"),
    help: ArgumentHelp(
      "With kubernetes: the Job that each job's is made of, YAML or JSON, with a container named 'step'. See docs/kubernetes-jobs.md.",
      valueName: "file"))
  var kubernetesJob: String?

  @Option(
    name: .customLong("kubernetes-gpus"), parsing: .unconditionalSingleValue,
    help: ArgumentHelp(
      "A resource that gives a pod GPUs, and how many the node has that has most, such as nvidia.com/gpu=8; once for each.",
      valueName: "resource=count"))
  var kubernetesGPUs: [String] = []

  @Option(
    name: .customLong("kubernetes-server"),
    help: ArgumentHelp(
      "The cluster's API server; the one of the pod that this runs in without it.", valueName: "url"))
  var kubernetesServer: String?

  @Option(
    name: .customLong("kubernetes-account"),
    help: ArgumentHelp(
      "Folder with the files token, namespace and ca.crt of a service account.", valueName: "dir"))
  var kubernetesAccount = "/var/run/secrets/kubernetes.io/serviceaccount"

  func validate() throws {
    if launcher == .kubernetes, kubernetesJob == nil {
      throw ValidationError("--launcher kubernetes needs --kubernetes-job, the Job to make others of.")
    }
    for text in kubernetesGPUs {
      do { _ = try KubernetesConfiguration.gpus(text) } catch { throw ValidationError("\(error)") }
    }
  }

  /// - Parameters:
  ///   - state: the runner's folder; on a cluster, all nodes have to see it at the same path.
  ///   - nvml: the driver's library, where it is not found by its name; on a cluster, on its nodes.
  func open(state: String, nvml: String?, logger: Logger) async throws -> any TrialLauncher {
    switch launcher {
    case .local: return try await Sandbox.open()
    case .slurm:
      let program = try FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")
      var configuration = SlurmConfiguration(
        partition: slurmPartition, options: slurmOption, program: program,
        folder: URL(filePath: state).standardizedFileURL.path + "/slurm")
      configuration.nvml = nvml
      return try await SlurmLauncher.open(configuration, logger: logger)
    case .kubernetes:
      let access = try KubernetesAccess.load(
        account: kubernetesAccount, server: kubernetesServer,
        environment: ProcessInfo.processInfo.environment)
      let template = try String(contentsOfFile: kubernetesJob ?? "", encoding: .utf8)
      var configuration = try KubernetesConfiguration(
        access: access, template: template,
        folder: URL(filePath: state).standardizedFileURL.path + "/kubernetes")
      configuration.gpus = try kubernetesGPUs.map { try KubernetesConfiguration.gpus($0) }
      configuration.nvml = nvml
      return try await KubernetesLauncher.open(configuration, logger: logger)
    }
  }
}
