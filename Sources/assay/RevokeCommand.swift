import ArgumentParser
import AssaySupervisor
import Foundation

struct RevokeCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "revoke", abstract: "Take a trial's verdict back, for a reason that no rule states.",
    discussion: """
      The revocation is signed and follows the verdict in the record; the verdict stays as it was. The best is then the trial
      kept last that stands. What descends from the trial is marked, cannot be the best and is not built on: no rule says what was
      wrong, so nothing shows that a descendant is without it. Where a rule can say it, change the task's rules and use
      `assay task audit` instead.

      There is no way back. Revoking a trial again changes nothing.
      """)

  @Argument(help: "Number of the trial, a keep or a discard.")
  var trial: UInt32

  @Option(name: .long, help: "Why, in a sentence or two; it is signed and published.")
  var reason: String

  @Option(
    name: .long,
    help: ArgumentHelp("Folder for prepared environments and data, shared by runs.", valueName: "dir"))
  var prepared: String?

  @OptionGroup var options: StateOptions

  func validate() throws {
    if reason.allSatisfy(\.isWhitespace) { throw ValidationError("--reason must say why.") }
    if reason.utf8.count > 1000 {
      throw ValidationError("--reason is longer than 1000 bytes; say it shorter.")
    }
  }

  func run() async throws {
    let outcome = try await TrialRevocation(
      trial: trial, reason: reason, directory: try options.directory(),
      prepared: prepared.map { URL(filePath: $0) } ?? StateLocator.preparedDefault()
    ).run(printer: RunPrinter(json: options.json))
    print(options.json ? try JSONLine.encode(outcome) : outcome.text)
  }
}
