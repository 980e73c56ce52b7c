import ArgumentParser
import CSimulation
import Foundation
import Glibc

/// `assay-sim`: the whole fleet in one process, with everything that can go wrong, by a seed.
@main
struct SimCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "assay-sim",
    abstract:
      "Simulate a whole fleet with faults, and check what is promised. One seed is one fleet and one fate.",
    discussion: """
      The services' own code runs on one thread, with a simulated clock, network and disk. What happens follows from the seed alone:

        assay-sim --seeds 1000                 seeds 1 to 1000
        assay-sim --seed 17 --trace            what happens in seed 17
        assay-sim --seeds 200 --break no-fencing   a mistake made on purpose: it has to be found

      Exit status: 0 nothing was found, 1 something was, 2 usage.
      """)

  @Option(help: "How many seeds.")
  var seeds: UInt64 = 1000

  @Option(help: "The first of them.")
  var from: UInt64 = 1

  @Option(help: "This seed alone.")
  var seed: UInt64?

  @Option(help: "Processes at the same time.")
  var jobs: Int = max(1, ProcessInfo.processInfo.activeProcessorCount)

  @Option(help: "Stop after so many minutes, whatever is left.")
  var minutes: Double?

  @Flag(help: "Print what happens.")
  var trace = false

  @Option(
    name: .customLong("break"),
    help: ArgumentHelp(
      "Make a mistake on purpose: \(Sabotage.allCases.map(\.rawValue).joined(separator: ", ")). Stops at the first seed that finds it.",
      valueName: "mistake"))
  var sabotage: Sabotage?

  @Flag(help: "One JSON object a seed.")
  var json = false

  func validate() throws {
    guard jobs > 0, seeds > 0 else { throw ValidationError("--seeds and --jobs are at least 1.") }
  }

  func run() throws {
    simulation_pin(CommandLine.unsafeArgv)
    let campaign = try Campaign(sabotage: sabotage, isTracing: trace, json: json)
    defer { campaign.remove() }
    let first = seed ?? from
    let found = campaign.run(
      first..<(seed == nil ? first + seeds : first + 1), jobs: trace ? 1 : jobs,
      until: minutes.map { Date().addingTimeInterval($0 * 60) })
    if found { throw ExitCode(1) }
  }
}

extension Sabotage: ExpressibleByArgument {}
