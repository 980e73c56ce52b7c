import ArgumentParser
import AssayIdentity
import AssayMessages
import AssayRPC
import AssayRPCNNG
import AssayServices
import AssaySupervisor
import AssayTask
import Foundation
import Glibc

/// Many agents and runners that do no work, against the real evaluator and lineage, each in a process of its own.
struct Scale: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Load the real evaluator and lineage with simulated agents and runners.",
    discussion: """
      Each agent and runner has a key and a session of its own. A trial is submitted, read in the sandbox, leased, reported with signed \
      provenance, scored and signed as always; only the training and the predictions are left out: runners answer with zeros.
      """)

  @Option(help: "Simulated agents, each with a session of its own.")
  var agents: Int = 10_000

  @Option(help: "Simulated runners, each with a session of its own.")
  var runners: Int = 1000

  @Option(help: "How long trials are submitted.")
  var seconds: Double = 60

  @Option(help: "Seconds that a runner lets the evaluator wait for a job.")
  var wait: Double = 20

  @Option(
    help: "Calls that the evaluator works on at once (its own --max-calls); its default when it is left out.")
  var calls: Int?

  @Option(
    help: "Trials with signed verdicts, of an earlier run, that are in the record when the load begins.")
  var stored: Int = 0

  @Option(
    help: ArgumentHelp(
      "Where the record is, and is left for the next time: one that has as many trials already is taken as it is.",
      valueName: "folder"))
  var record: String?

  @Flag(help: "Print one JSON object in place of the table.")
  var json = false

  func validate() throws {
    if agents < 1 || runners < 1 || seconds <= 0 || wait < 0 || stored < 0 || calls ?? 1 < 1 {
      throw ValidationError(
        "--agents, --runners, --seconds and --calls are above zero, --wait and --stored are not below it.")
    }
  }

  private static func tell(_ line: String) {
    FileHandle.standardError.write(Data((line + "\n").utf8))
  }

  func run() async throws {
    let folder = FileManager.default.temporaryDirectory.appending(path: "assay-scale-\(getpid())")
    defer { try? FileManager.default.removeItem(at: folder) }
    let place = record.map { URL(filePath: $0) } ?? folder.appending(path: "record")
    if stored > 0 { try await ScaleRecord.fill(place, trials: stored, progress: Self.tell) }
    let services = try await ScaleServices(
      in: folder, record: place, agents: agents, runners: runners, calls: calls)
    let load = try ScaleLoad(services, wait: wait)
    do {
      var figures = try await load.run(seconds: seconds, progress: Self.tell)
      figures.stored = stored
      await services.stop()
      if json {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        report(String(decoding: try encoder.encode(figures), as: UTF8.self))
      } else {
        for line in figures.table { report(line) }
      }
      guard figures.verdicts > 0 else { throw BenchmarkFailure("no trial reached its verdict") }
    } catch {
      await services.stop()
      throw error
    }
  }
}
