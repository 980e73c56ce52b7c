import ArgumentParser
import AssayMessages
import AssaySupervisor

struct StatusCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "status", abstract: "Where a run stands: phase, counts, best score, what is in flight.")

  @OptionGroup var options: StateOptions

  func run() async throws {
    let directory = try options.directory()
    var status = try await RunReader.with(directory) { try await $0.status() }
    status.control = try await RunSwitch(directory: directory).status()
    print(options.json ? try JSONLine.encode(status) : status.text)
  }
}
