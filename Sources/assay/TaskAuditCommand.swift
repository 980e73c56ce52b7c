import ArgumentParser
import AssaySupervisor
import Foundation

struct TaskAuditCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "audit", abstract: "Screen a run's history by the task's rules as they are now.",
    discussion: """
      When the rules of a task change, this reads every recipe of a run by them, and revokes each keep and discard that breaks
      them: a signed statement that follows the verdict in the record, which stays as it was. The best is then the trial kept
      last that stands. From then on these are the run's rules, also for trials in flight.

      Raise `version` below `rules` in task.yaml with every change. Only the rules may differ from the task that the run began
      with. The run may be running, stopped or finished.

        assay task audit my-task --state .assay/my-task --dry-run    what would be revoked
        assay task audit my-task --state .assay/my-task
        assay trials --view revoked

      Exit status 0 when every verdict holds, 1 when some were revoked (or would be), 3 when the task differs in more than rules.
      """)

  @Argument(help: "The task folder with the rules as they are now, or the name of a bundled task.")
  var task: String

  @Flag(name: .customLong("dry-run"), help: "Say what breaks the rules, and change nothing.")
  var dryRun = false

  @Option(
    name: .long,
    help: ArgumentHelp("Folder for prepared environments and data, shared by runs.", valueName: "dir"))
  var prepared: String?

  @OptionGroup var options: StateOptions

  func run() async throws {
    let audit = RulesAudit(
      task: task, directory: try options.directory(),
      prepared: prepared.map { URL(filePath: $0) } ?? StateLocator.preparedDefault(), isDryRun: dryRun)
    let outcome = try await audit.run(printer: RunPrinter(json: options.json))
    if options.json {
      for finding in outcome.findings { print(try finding.json()) }
    } else {
      print(outcome.text)
    }
    if outcome.changes { throw ExitCode(1) }
  }
}
