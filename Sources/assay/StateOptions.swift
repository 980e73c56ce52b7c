import ArgumentParser
import AssaySupervisor
import Foundation

/// Which run a command speaks of, and how it prints.
struct StateOptions: ParsableArguments {
  @Option(
    name: .long,
    help: ArgumentHelp(
      "Folder of the run, or the name of one below ./.assay.",
      discussion: "Default: $ASSAY_STATE, else the newest run below ./.assay.",
      valueName: "dir"))
  var state: String?

  @Flag(name: .long, help: "Print one JSON object a line, with stable keys.")
  var json = false

  /// The folder of an existing run.
  func directory() throws -> StateDirectory {
    try StateDirectory.existing(at: StateLocator.existing(named: state))
  }

  /// The run that is meant, live or imported.
  func location() throws -> RunLocation { try RunLocation.find(state) }
}

/// Runs that are looked at together.
struct ShownRuns: ParsableArguments {
  @Argument(
    help: ArgumentHelp(
      "Runs to show, live or imported: folders, or names below ./.assay. Default: --state, else the newest run.",
      valueName: "run"))
  var runs: [String] = []

  /// In the order in which they were named.
  func locations(_ options: StateOptions) throws -> [RunLocation] {
    if let state = options.state, !runs.isEmpty {
      throw SupervisorError(.usage, "name the run by --state (\(state)) or as arguments, not both.")
    }
    if runs.isEmpty { return [try options.location()] }
    return try runs.map { try RunLocation.find($0) }
  }
}
