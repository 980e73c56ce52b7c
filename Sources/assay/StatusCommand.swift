import ArgumentParser
import AssayMessages
import AssaySupervisor

struct StatusCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "status", abstract: "Where a run stands: phase, counts, best score, what is in flight.")

  @OptionGroup var options: StateOptions

  func run() async throws {
    let status: RunStatus
    switch try options.location() {
    case .live(let directory):
      var live = try await RunReader.with(directory) { try await $0.status() }
      live.control = try await RunSwitch(directory: directory).status()
      status = live
    case .imported(let run): status = try await ImportedView(run).status()
    }
    print(options.json ? try JSONLine.encode(status) : status.text)
  }
}
