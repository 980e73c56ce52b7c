import ArgumentParser
import AssaySupervisor
import Foundation

struct BackupCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "backup", abstract: "Copy a run while it goes on: record, evaluator's state, keys.",
    discussion: """
      The copy is of one point in time: the record in it holds exactly what the evaluator in it believes. It includes private
      keys; keep it as you keep those. `assay restore` checks it and puts it back.

      Where services are deployed, each writes its part to a folder of its own (see --backups of assay-lineage and
      assay-evaluator), and nothing passes over the wire: leave --out away.

        assay backup --out /backups/monday
        assay restore /backups/monday --state restored
      """)

  @Option(name: .long, help: ArgumentHelp("The new folder to write to.", valueName: "dir"))
  var out: String?

  @OptionGroup var options: StateOptions

  func run() async throws {
    let directory = try options.directory()
    let parts =
      if let out {
        try await Backup.make(of: directory, to: URL(filePath: out).standardizedFileURL)
      } else {
        try await Backup.ask(directory)
      }
    try BackupText.print(parts, json: options.json)
  }
}

struct RestoreCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "restore", abstract: "Check a backup and put it in a new state folder.",
    discussion: """
      Every file is compared with the digests of the backup before anything is written. `assay run TASK --state DIR` then goes on
      from there. Of a backup that a deployed service wrote, only that service's folder is made; start the service on it.
      """)

  @Argument(help: "The backup's folder.")
  var backup: String

  @Option(name: .long, help: ArgumentHelp("The new state folder.", valueName: "dir"))
  var state: String

  @Flag(name: .long, help: "Print one JSON object a line, with stable keys.")
  var json = false

  func run() async throws {
    let parts = try Backup.restore(
      URL(filePath: backup).standardizedFileURL, to: URL(filePath: state).standardizedFileURL)
    try BackupText.print(parts, json: json)
  }
}
