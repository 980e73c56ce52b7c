import ArgumentParser
import AssaySupervisor
import Foundation

struct TaskPrepareCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "prepare", abstract: "Build a task's environment and data now, so that runs start at once.",
    discussion: """
      A task whose recipe is somebody else's code (docs/paper-tasks.md) is fetched here, at the commit that task.yaml pins, and every
      file is checked. Nothing else reaches out for it: a run of a task that was not prepared says so.

        assay task prepare parameter-golf@smoke
        assay task prepare parameter-golf --profile full
      """)

  @Argument(help: "A task folder or the name of a bundled task; with @PROFILE where it has profiles.")
  var task: String

  @Option(name: .long, help: ArgumentHelp("The profile: the same as @PROFILE.", valueName: "name"))
  var profile: String?

  @Option(
    name: .long,
    help: ArgumentHelp("Folder for prepared environments and data, shared by runs.", valueName: "dir"))
  var prepared: String?

  @Option(
    name: .long,
    help: ArgumentHelp(
      "Also copy what runners mount, and nothing else, to DIR/TASK: for runners that must not see the evaluator's folders.",
      valueName: "dir"))
  var publish: String?

  func run() async throws {
    let printer = RunPrinter(json: false)
    try await TaskWarmUp.prepare(
      profile.map { "\(task)@\($0)" } ?? task,
      into: prepared.map { URL(filePath: $0) } ?? StateLocator.preparedDefault(),
      publish: publish.map { URL(filePath: $0) }, printer: printer)
  }
}
