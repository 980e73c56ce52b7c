import ArgumentParser
import AssaySupervisor
import Foundation

struct TaskPrepareCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "prepare", abstract: "Build a task's environment and data now, so that runs start at once.")

  @Argument(help: "A task folder, or the name of a bundled task.")
  var task: String

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
      task, into: prepared.map { URL(filePath: $0) } ?? StateLocator.preparedDefault(),
      publish: publish.map { URL(filePath: $0) }, printer: printer)
  }
}
