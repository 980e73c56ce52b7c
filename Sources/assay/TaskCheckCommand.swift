import ArgumentParser
import AssaySupervisor
import AssayTask
import Foundation

struct TaskCheckCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "check", abstract: "List every mistake in a task folder, with the remedy.",
    discussion: """
      A task with profiles is checked in each of them. Exit status 0 when the task can be used, 1 when it cannot.
      """)

  @Argument(help: "The task folder or the name of a bundled task; with @PROFILE for one profile of it.")
  var folder: String

  @Flag(name: .long, help: "Print one JSON object a mistake.")
  var json = false

  private struct Line: Encodable {
    var severity, file, message, remedy: String
    var line: Int?
  }

  func run() async throws {
    let path =
      FileManager.default.fileExists(atPath: folder) ? folder : try TaskLocator.standard().locate(folder).path
    let found: [TaskDiagnostic]
    do {
      found = try TaskDiagnostics.check(path) + (await TaskDiagnostics.checkPrograms(path))
    } catch {
      throw SupervisorError(.invalidTask, error.message)
    }
    for item in found {
      let line = Line(
        severity: item.severity == .error ? "error" : "warning", file: item.file, message: item.message,
        remedy: item.remedy, line: item.line)
      print(json ? try JSONLine.encode(line) : item.description)
    }
    if found.contains(where: { $0.severity == .error }) { throw ExitCode(1) }
    if !json { print("\(path): ready to run") }
  }
}
