import ArgumentParser
import AssaySupervisor

struct GarbageCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "gc", abstract: "Remove artifacts that nothing names any more.",
    discussion: """
      Asks the running evaluator. What a verdict names stays for good, as does all that an unfinished run may need. What goes are
      predictions and artifacts that no verdict rests on, once they are old enough.
      """)

  @Flag(name: .customLong("dry-run"), help: "Only say what would go.")
  var dryRun = false

  @Option(
    name: .customLong("keep-younger"),
    help: ArgumentHelp("Keep what is younger than this. Default: 1h.", valueName: "time"))
  var keepYounger: String?

  @OptionGroup var options: StateOptions

  func validate() throws {
    if let keepYounger, DurationText.parse(keepYounger) == nil {
      throw ValidationError("--keep-younger '\(keepYounger)' is not a time; write 90s, 10m or 1h30m.")
    }
  }

  func run() async throws {
    let swept = try await Backup.collectGarbage(
      try options.directory(), dryRun: dryRun, youngerThan: keepYounger.flatMap(DurationText.parse))
    if options.json {
      print(
        try JSONLine.encode([
          "kept": swept.kept, "kept_bytes": swept.keptBytes, "removed": swept.removed,
          "removed_bytes": swept.removedBytes,
        ]))
    } else {
      print(
        "\(swept.removed) artifacts of \(swept.removedBytes / 1000) kB \(dryRun ? "would go" : "are gone"); \(swept.kept) of \(swept.keptBytes / 1000) kB stay"
      )
    }
  }
}
