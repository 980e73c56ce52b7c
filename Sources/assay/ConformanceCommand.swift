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
    subcommands: [
      ConformanceEvaluatorCommand.self, ConformanceScorerCommand.self, ConformanceLineageCommand.self,
      ConformanceRunnerCommand.self,
    ])
}

/// Who a server under test must prove to be.
struct ConformanceServerKey: ParsableArguments {
  @Option(
    name: .customLong("server-key"),
    help: ArgumentHelp("The public key that it must prove (assay-ed25519:...).", valueName: "key"))
  var text: String
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
  @OptionGroup var server: ConformanceServerKey

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
    try await options.run(serverKey: server.text) { subject, scratch in
      let runner = StartedProgram(
        executable: try Executables.locate("assay-runner"),
        arguments: [
          "--evaluator", options.address, "--evaluator-key", server.text, "--key",
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

struct ConformanceScorerCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "scorer", abstract: "Try a scorer, as an evaluator calls it.",
    discussion: """
      Calls with the keys `evaluator` and `operator` of a folder that `assay keys init --directory DIR` made; let the scorer trust
      them with `--trust DIR/trust-lineage.json`.

        assay conformance scorer --address ipc:///tmp/s.sock --server-key assay-ed25519:... --keys DIR --task NAME -- ./my-scorer ...
      """)

  @OptionGroup var options: ConformanceOptions
  @OptionGroup var server: ConformanceServerKey

  @Option(name: .long, help: "The task that it judges.")
  var task: String

  func run() async throws {
    try await options.run(serverKey: server.text) { subject, _ in ScorerSuite.make(subject, task: task) }
  }
}

struct ConformanceLineageCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "lineage", abstract: "Try a lineage service.",
    discussion: """
      Plays the evaluator of a run of its own, which stays in the record: give it a record to try with, not one that matters.

        assay conformance lineage --address ipc:///tmp/l.sock --server-key assay-ed25519:... --keys DIR --specialist NAME -- ...
      """)

  @OptionGroup var options: ConformanceOptions
  @OptionGroup var server: ConformanceServerKey

  @Option(name: .long, help: "A specialist among the keys, whose agent the service trusts.")
  var specialist: String

  @Option(name: .long, help: "Id of the run; one that the record has not seen.")
  var run: String = "conformance-\(UInt32.random(in: 0 ... .max))"

  func run() async throws {
    try await options.run(serverKey: server.text) { subject, _ in
      LineageSuite.make(subject, run: run, specialist: specialist)
    }
  }
}

struct ConformanceRunnerCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "runner", abstract: "Try a runner, which dials this program as its evaluator.",
    discussion: """
      Listens at the address with the key `evaluator` of the folder, and lets in the runners of its `trust-evaluator.json`. The
      jobs are shell scripts: the runner's sandbox needs /bin/sh and the programs of coreutils.

        assay conformance runner --address ipc:///tmp/j.sock --keys DIR -- ./my-runner --evaluator ipc:///tmp/j.sock ...
      """)

  @OptionGroup var options: ConformanceOptions

  func run() async throws { try await options.runRunner() }
}
