import ArgumentParser
import AssayConformance
import AssayServiceHost
import AssaySupervisor
import Foundation

struct ConformanceCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "conformance",
    abstract: "Try whether an evaluator, scorer, lineage or runner does what its contract says.",
    discussion: """
      Each case has a stable name. The exit status is 0 when nothing is unexpected: every case passed, was skipped for a feature
      that the program does not have, or failed and is listed as known to fail.
      """,
    subcommands: [ConformanceEvaluatorCommand.self])
}

struct ConformanceEvaluatorCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "evaluator", abstract: "Try an evaluator.",
    discussion: """
      Opens a run of its own, has the baseline and one trial measured by a real runner, and plays the runner for the rest: give it
      the keys of a run that the evaluator trusts (`assay keys init --directory DIR --specialists ...` with the task's partitions),
      and no other runner. With a command after `--` it starts the evaluator itself, and kills it too.

        assay conformance evaluator --address ipc:///tmp/e.sock --server-key assay-ed25519:... --keys DIR -- ./my-evaluator ...
      """)

  @OptionGroup var options: ConformanceOptions

  @Option(name: .long, help: "The task, where the evaluator owns several.")
  var task: String = ""

  @Option(
    name: .long,
    help: ArgumentHelp(
      "A folder that the task's jobs mount on the runner; may be given several times.",
      valueName: "TASK/NAME=dir"))
  var mount: [String] = []

  @Option(name: .long, help: "Id of the run; one that the evaluator has not seen.")
  var run: String = "conformance-\(UInt32.random(in: 0 ... .max))"

  func run() async throws {
    try await options.run { subject, scratch in
      let runner = StartedProgram(
        executable: try Executables.locate("assay-runner"),
        arguments: [
          "--evaluator", options.address, "--evaluator-key", options.serverKey, "--key",
          URL(filePath: options.keys).appending(path: "runner-local.key").path, "--name",
          "conformance-runner",
          "--state", scratch.appending(path: "runner").path, "--exit-with-stdin",
        ] + mount.flatMap { ["--mount", $0] } + options.tls.arguments,
        log: scratch.appending(path: "runner.log"))
      return EvaluatorSuite.make(
        subject, task: task, run: run,
        runner: .init(start: { try runner.start() }, stop: { await runner.stop() }))
    }
  }
}
