import ArgumentParser
import AssayGPU

/// `assay-runner gpus`: what a runner asks the driver with, so that one that hangs does not hang the runner.
struct RunnerGPUsCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "assay-runner gpus",
    abstract: "Answers a runner's questions about GPUs; the runner starts it.")

  @Option(help: ArgumentHelp("NVIDIA's management library, by its name or path.", valueName: "file"))
  var nvml: String = NVML.libraryName

  func run() { GPUProbe.serve(library: nvml) }
}
