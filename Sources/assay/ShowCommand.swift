import ArgumentParser
import AssaySupervisor

struct ShowCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "show", abstract: "One trial: hypothesis, diff, verdict, budgets, log.",
    discussion:
      "Exit status 0; the verdict's signature is checked against the run's evaluator, and a bad one exits with 4."
  )

  @Argument(help: "Number of the trial; 0 is the baseline.")
  var trial: UInt32

  @OptionGroup var options: StateOptions

  func run() async throws {
    let detail = try await RunReader.with(options.directory()) { try await $0.detail(of: trial) }
    print(options.json ? try JSONLine.encode(detail) : detail.text)
    try detail.requireValidSignature()
  }
}
