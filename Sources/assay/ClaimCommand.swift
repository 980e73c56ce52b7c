import ArgumentParser
import AssayClaim
import AssaySandbox
import AssaySupervisor
import Foundation

struct ClaimCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "claim",
    abstract: "Run a task of the reference implementation as it is; its score is its own claim.",
    discussion: """
      A folder with run_trial.sh, the recipe and what both need is copied and run in the sandbox: `bash run_trial.sh WORKDIR`. The record
      that the script leaves is the recipe's word about itself, so that all of this is recipe-claimed: an imported run, which no evaluator
      signed. Edit the folder and run the command again for the next trial; the first is the baseline. See docs/reference-tasks.md.

        assay claim their-task --name theirs
        assay claim their-task --name theirs --hypothesis "warm up for longer"
        assay claim their-task --name theirs --mount /srv/pg=/data --env DATA=/data
        assay trials --state theirs
        assay audit theirs

      Exit status: 0 it claims a score, 1 it failed, 2 usage, 3 unavailable.
      """)

  @Argument(help: ArgumentHelp("Folder with run_trial.sh.", valueName: "dir"))
  var folder: String

  @Option(help: ArgumentHelp("Name of the record. Default: the folder's own name.", valueName: "name"))
  var name: String?

  @Option(help: ArgumentHelp("Folder of the record. Default: its name below ./.assay.", valueName: "dir"))
  var state: String?

  @Option(help: ArgumentHelp("What the edit is for; one line.", valueName: "text"))
  var hypothesis = "the recipe as it is"

  @Option(help: ArgumentHelp("Whose edit it is.", valueName: "name"))
  var specialist = "manual"

  @Option(help: ArgumentHelp("The trial that was edited. Default: the best one.", valueName: "id"))
  var parent: String?

  @Option(
    help: ArgumentHelp(
      "What the task's record says, at the first trial: val_bpb, core_metric or train_s. Default: val_bpb.",
      valueName: "field"))
  var score: ClaimedSchema?

  @Option(
    help: ArgumentHelp(
      "A folder of this host that the script may read; once for each.", valueName: "DIR=/inside"))
  var mount: [String] = []

  @Option(help: ArgumentHelp("A variable that the script sees; once for each.", valueName: "NAME=value"))
  var env: [String] = []

  @Option(help: "Seconds after which a trial is stopped.")
  var wallSeconds: UInt64 = 7200

  @Option(help: "Memory that a trial may have, in MiB.")
  var memoryMB: UInt64 = 8192

  @Option(help: "Disk space that a trial may have, in MiB.")
  var diskMB: UInt64 = 4096

  @Option(help: "Processes that a trial may have.")
  var processes: UInt32 = 1024

  @Flag(name: .long, help: "Print one JSON object, with stable keys.")
  var json = false

  func validate() throws {
    if wallSeconds == 0 || wallSeconds > 1_000_000 {
      throw ValidationError("--wall-seconds is between 1 and 1000000.")
    }
    if memoryMB == 0 || memoryMB > 1 << 30 || diskMB == 0 || diskMB > 1 << 30 || processes == 0 {
      throw ValidationError("Limits are at least 1: nothing runs without one.")
    }
    if hypothesis.utf8.count > 2000 || hypothesis.contains(where: \.isNewline) {
      throw ValidationError("--hypothesis is one line of at most 2000 bytes.")
    }
    if specialist.wholeMatch(of: /[a-z0-9][a-z0-9_-]{0,31}/) == nil {
      throw ValidationError("--specialist is small letters, digits, '_' and '-', at most 32.")
    }
  }

  func run() async throws {
    let source = URL(filePath: folder).standardizedFileURL
    var place = ImportPlace()
    place.name = name
    place.state = state
    let record = try place.options(for: source).folder
    var variables: [String: String] = [:]
    for text in env {
      let (name, value) = try Self.pair(text, "--env", "NAME=value")
      variables[name] = value
    }
    let mounts = try mount.map { text in
      let (host, inside) = try Self.pair(text, "--mount", "DIR=/inside")
      guard inside.hasPrefix("/"), FileManager.default.fileExists(atPath: host) else {
        throw SupervisorError(.usage, "--mount is DIR=/inside: a folder that is there, and an absolute path.")
      }
      return SandboxCommand.Mount(URL(filePath: host).standardizedFileURL.path, at: inside)
    }
    FileHandle.standardError.write(Data("\(ClaimedRun.warning)\n".utf8))
    let limits = SandboxLimits(
      wallMilliseconds: wallSeconds * 1000, memoryBytes: memoryMB << 20, processes: processes,
      diskBytes: diskMB << 20, outputBytes: 4 << 20)
    let proposal = ClaimedRun.Proposal(
      folder: source, hypothesis: hypothesis, specialist: specialist, parent: parent)
    let schema = score
    let ended: ClaimedRun.Report?
    do {
      ended = try await Interruption.allowing { [variables] in
        let sandbox: Sandbox
        do { sandbox = try await Sandbox.open() } catch { throw SupervisorError(.unavailable, "\(error)") }
        return try await ClaimedRun(
          sandbox: sandbox, environment: variables, mounts: mounts, limits: limits
        ).trial(proposal, in: record, schema: schema)
      }
    } catch let error as ClaimError {
      let code: SupervisorError.Code =
        switch error.code {
        case .usage: .usage
        case .stateConflict: .stateConflict
        default: .unavailable
        }
      throw SupervisorError(code, error.message)
    }
    guard let report = ended else {
      FileHandle.standardError.write(Data("stopped; the trial is not recorded\n".utf8))
      throw ExitCode(130)
    }
    if json {
      print(try JSONLine.encode(report))
    } else {
      let score = report.claimed.map { ", claims \(report.metric) \($0)" } ?? ""
      let reason = report.reason.isEmpty ? "" : " (\(TerminalText.oneLine(report.reason, limit: 400)))"
      print("trial \(report.trial): \(report.label)\(score)\(reason); recipe-claimed, kept in \(record.path)")
    }
    if !report.isScored { throw ExitCode(1) }
  }

  private static func pair(_ text: String, _ option: String, _ form: String) throws -> (String, String) {
    let parts = text.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
    guard parts.count == 2, !parts[0].isEmpty else {
      throw SupervisorError(
        .usage, "'\(TerminalText.oneLine(text, limit: 64))' is no \(form); write \(option) \(form).")
    }
    return (parts[0], parts[1])
  }
}

extension ClaimedSchema: ExpressibleByArgument {}
