import ArgumentParser
import AssaySupervisor
import AssayTask
import Foundation

struct TaskNewCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "new", abstract: "Make a new task that works, to start from.")

  @Argument(help: "Name of the task, or a path that ends in it.")
  var name: String

  func run() throws {
    let url = URL(filePath: name).standardizedFileURL
    do {
      let path = try TaskTemplate.write(name: url.lastPathComponent, to: url.deletingLastPathComponent().path)
      print("wrote \(path)\nnext: assay task check \(path); assay run \(path)")
    } catch {
      throw SupervisorError(.usage, error.message)
    }
  }
}
