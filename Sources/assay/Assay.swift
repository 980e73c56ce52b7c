import ArgumentParser
import AssaySupervisor
import Foundation

/// The command line program.
@main
struct Assay: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "assay",
    abstract: "Auto research on training recipes, with results that can be believed.",
    discussion: """
      Specialist agents propose code edits to a training recipe, runners execute them in a sandbox, and an evaluator
      that no agent can touch owns the score. Start with a bundled task:

        assay run golf-mini --trials 40 --max-time 15m
        assay trials                 what was tried, and what came of it
        assay show 17                one trial: hypothesis, diff, verdict, budgets, log
        assay best --out winner      the best recipe as a folder
        assay watch                  follow a run in this terminal
        assay dashboard              watch it in a browser
        assay export --proofs proofs the signed record as files that prove themselves
        assay verify proofs          checks them, without any server

        assay doctor                 what this machine lacks, and how to mend it

      Shell completion: `assay --generate-completion-script bash` (or zsh, fish).

      State lives in ./.assay unless --state names another folder. `--json` prints one JSON object a line.

      Exit status: 0 ok, 1 negative verdict, 2 usage, 3 unavailable, 4 verification failed.
      """,
    version: "0.1.0",
    subcommands: [
      RunCommand.self,
      StatusCommand.self,
      ExperimentCommand.self,
      CostsCommand.self,
      StopCommand.self,
      ResumeCommand.self,
      PauseCommand.self,
      TrialsCommand.self,
      ShowCommand.self,
      TreeCommand.self,
      BestCommand.self,
      WatchCommand.self,
      DashboardCommand.self,
      ReportCommand.self,
      ExportCommand.self,
      VerifyCommand.self,
      ImportCommand.self,
      ClaimCommand.self,
      AuditCommand.self,
      CompareCommand.self,
      SubmitCommand.self, RevokeCommand.self,
      RunnersCommand.self,
      TaskCommand.self,
      KeysCommand.self,
      RPCCommand.self,
      MCPCommand.self,
      ConformanceCommand.self,
      DoctorCommand.self,
      BackupCommand.self,
      RestoreCommand.self,
      GarbageCommand.self,
    ])

  static func main() async {
    do {
      var command = try parseAsRoot()
      if var asynchronous = command as? any AsyncParsableCommand {
        try await asynchronous.run()
      } else {
        try command.run()
      }
    } catch let error as SupervisorError {
      FileHandle.standardError.write(Data("assay: \(error.message)\n".utf8))
      Foundation.exit(error.exitCode)
    } catch {
      // Help and version are "errors" of the parser with status 0; every other parser error is a usage error.
      let isParserExit = exitCode(for: error) == .success
      if isParserExit { exit(withError: error) }
      if error is ExitCode { exit(withError: error) }
      FileHandle.standardError.write(Data((fullMessage(for: error) + "\n").utf8))
      Foundation.exit(2)
    }
  }
}
