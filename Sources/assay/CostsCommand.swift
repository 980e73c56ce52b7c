import ArgumentParser
import AssaySupervisor

struct CostsCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "costs",
    abstract:
      "What a run has cost, and which specialist, kind of edit and model paid for which confirmed gain.",
    discussion:
      "CPU time is from the signed record; tokens and dollars are from the ledger that the run's evaluator keeps."
  )

  @OptionGroup var options: StateOptions

  func run() async throws {
    let directory = try options.directory()
    let report = try await RunReader.with(directory) { try await $0.costs(directory) }
    print(options.json ? try JSONLine.encode(report) : report.text)
  }
}
