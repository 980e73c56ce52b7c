import ArgumentParser
import AssaySupervisor
import Foundation

struct SubmitCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "submit", abstract: "Submit a trial of your own and wait for its verdict.",
    discussion: """
      The patch is a unified diff against the parent's recipe, such as `diff -u` or `git diff` writes. Exit status 0 when
      the trial was kept, 1 when it was not.
      """)

  @Argument(help: "A task folder, or the name of a bundled task.")
  var task: String

  @Option(name: .long, help: ArgumentHelp("File with the patch; - reads standard input.", valueName: "patch"))
  var edit: String

  @Option(name: .long, help: "The specialist whose partition the edit is in.")
  var specialist: String

  @Option(name: .long, help: "Why the edit should help.")
  var hypothesis: String

  @Option(name: .long, help: "Trial whose recipe the patch applies to. Default: the best so far.")
  var parent: UInt32?

  @Option(name: .customLong("expected-delta"), help: "Predicted change of the score.")
  var expectedDelta: String = ""

  @Option(
    name: .customLong("idempotency-key"),
    help: "Submitting again with the same key gets the same trial. Default: derived from the content.")
  var idempotencyKey: String?

  @Option(
    name: .long,
    help: ArgumentHelp("Folder for prepared environments and data, shared by runs.", valueName: "dir"))
  var prepared: String?

  @OptionGroup var options: StateOptions

  func run() async throws {
    let patch = try PatchInput.read(edit)
    let submission = PersonalSubmission(
      task: task, patch: patch, specialist: specialist, hypothesis: hypothesis, parent: parent,
      expectedDelta: expectedDelta, idempotencyKey: idempotencyKey,
      state: StateLocator.forRun(named: options.state, task: task),
      prepared: prepared.map { URL(filePath: $0) } ?? StateLocator.preparedDefault())
    let outcome = try await submission.run(printer: RunPrinter(json: options.json))
    print(options.json ? try outcome.json() : outcome.text)
    if outcome.row.label != "keep" { throw ExitCode(1) }
  }
}
