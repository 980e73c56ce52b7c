import ArgumentParser
import AssaySupervisor
import Foundation

struct ShowCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "show", abstract: "One trial: hypothesis, diff, verdict, budgets, log.",
    discussion:
      "Exit status 0; the verdict's signature is checked against the run's evaluator, and a bad one exits with 4."
  )

  @Argument(help: "Number of the trial; 0 is the baseline. In an imported run, its place in the record.")
  var trial: UInt32

  @Option(
    name: .long,
    help: ArgumentHelp(
      "Write the proof that the verdict is in the signed record to this file.", valueName: "file"))
  var proof: String?

  @OptionGroup var options: StateOptions

  func run() async throws {
    let directory: StateDirectory
    switch try options.location() {
    case .live(let live): directory = live
    case .imported(let run):
      guard proof == nil else {
        throw SupervisorError(.usage, "an imported run is unsigned: there is no proof of its verdicts.")
      }
      let trial = try await ImportedView(run).trial(Int(trial))
      return print(options.json ? try JSONLine.encode(trial) : trial.text)
    }
    let logKey = try directory.lineageIdentity()
    let detail = try await RunReader.with(directory) { reader in
      if let proof {
        let text = try await reader.proof(of: trial, logKey: logKey).text
        try Data(text.utf8).write(to: URL(filePath: proof))
      }
      return try await reader.detail(of: trial)
    }
    print(options.json ? try JSONLine.encode(detail) : detail.text)
    try detail.requireValidSignature()
  }
}
