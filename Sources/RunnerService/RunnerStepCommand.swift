import ArgumentParser
import AssayRunner
import AssaySteps
import Foundation
import UnixSignals

/// `assay-runner step`: what a cluster starts on a node for one job.
struct RunnerStepCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "assay-runner step",
    abstract: "Runs one job on a node of a cluster; the cluster's scheduler starts it for the runner.")

  @Option(help: ArgumentHelp("The step's folder, which the runner and the node share.", valueName: "dir"))
  var folder: String

  @Option(help: ArgumentHelp("NVIDIA's management library, by its path.", valueName: "file"))
  var nvml: String?

  func run() async throws {
    let step = StepFolder(folder: URL(filePath: folder))
    let places = GPUPlaces.ofThisHost(nvml: nvml)
    let environment = ProcessInfo.processInfo.environment
    try await withThrowingTaskGroup(of: Void.self) { group in
      group.addTask { try await step.perform(places, environment) }
      group.addTask {
        // The scheduler, its time limit, or the runner: what runs in the sandbox has to go.
        for await _ in await UnixSignalsSequence(trapping: .sigterm, .sigint) { throw CancellationError() }
      }
      defer { group.cancelAll() }
      try await group.next()
    }
  }
}
