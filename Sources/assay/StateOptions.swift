import ArgumentParser
import AssaySupervisor
import Foundation

/// Which run a command speaks of, and how it prints.
struct StateOptions: ParsableArguments {
  @Option(
    name: .long,
    help: ArgumentHelp(
      "Folder of the run.", discussion: "Default: $ASSAY_STATE, else the newest run below ./.assay.",
      valueName: "dir"))
  var state: String?

  @Flag(name: .long, help: "Print one JSON object a line, with stable keys.")
  var json = false

  /// The folder of an existing run.
  func directory() throws -> StateDirectory {
    try StateDirectory.existing(at: StateLocator.existing(named: state))
  }
}
