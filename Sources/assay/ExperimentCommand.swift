import ArgumentParser
import AssaySupervisor
import Foundation

struct ExperimentCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "experiment",
    abstract: "Compare arms side by side: equal budgets, fresh state, several seeds.",
    discussion: """
      The file names a task, arms and seeds:

        assay-experiment: 1
        task: tiny-regression
        trials: 40
        seeds: [1, 2, 3, 4, 5]
        checkpoints: [10, 20, 40]
        parallel: 2
        arms:
          - {name: specialists}
          - {name: no-lineage, lineage: false}
          - {name: single, crew: generalist}
          - {name: generic, crew: "generics:3"}

      Each run of each arm has a state folder and keys of its own. Runs begin seed by seed, each time with the next arm
      first. Ctrl-C stops cleanly; the same command goes on. At the end there are report.md and report.json in the folder:
      trajectories, failures, repairs and differences to the first arm, with intervals. --report prints what is there.
      """)

  @Argument(help: "The experiment file.")
  var file: String

  @Option(
    name: .long,
    help: ArgumentHelp("Folder of the experiment. Default: ./.assay/experiments/NAME.", valueName: "dir"))
  var state: String?

  @Option(
    name: .long, help: ArgumentHelp("Folder for prepared environments and data.", valueName: "dir"))
  var prepared: String?

  @Option(name: .long, help: "How agents propose.")
  var proposer: String = "evolve"

  @Flag(name: .long, help: "Report what has been run so far, and run nothing.")
  var report = false

  @Flag(name: .long, help: "Print each finished run and then the report as one JSON object a line.")
  var json = false

  func run() async throws {
    let experiment = try ExperimentFile.load(file)
    let folder =
      state.map { URL(filePath: $0).standardizedFileURL }
      ?? URL(filePath: FileManager.default.currentDirectoryPath)
      .appending(path: ".assay/experiments/\(experiment.name)")
    let session = ExperimentSession(
      file: experiment, folder: folder,
      prepared: prepared.map { URL(filePath: $0) } ?? StateLocator.preparedDefault(), proposer: proposer,
      printer: RunPrinter(json: json))
    guard let result = report ? try session.report() : try await session.run() else { throw ExitCode(130) }
    print(json ? try JSONLine.encode(result) : result.markdown)
  }
}
