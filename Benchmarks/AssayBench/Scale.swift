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

  @Option(help: "Seconds that a runner lets the evaluator wait for a job; each one that waits holds a call.")
  var wait: Double = 20

  @Option(help: "Calls that the evaluator may have at once (its own --max-calls).")
  var calls: Int = 256

  @Flag(help: "Print one JSON object in place of the table.")
  var json = false

  func validate() throws {
    if agents < 1 || runners < 1 || seconds <= 0 || wait < 0 || calls < 1 {
      throw ValidationError(
        "--agents, --runners, --seconds and --calls are above zero, --wait is not below it.")
    }
  }

  func run() async throws {
    let folder = FileManager.default.temporaryDirectory.appending(path: "assay-scale-\(getpid())")
    defer { try? FileManager.default.removeItem(at: folder) }
    let services = try await ScaleServices(in: folder, agents: agents, runners: runners, calls: calls)
    let load = try ScaleLoad(services, wait: wait)
    do {
      let figures = try await load.run(seconds: seconds) { line in
        FileHandle.standardError.write(Data((line + "\n").utf8))
      }
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
