import ArgumentParser
import Foundation
import Glibc

/// `assay-fuzz`: hostile bytes for everything that reads bytes from outside.
@main
struct FuzzCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "assay-fuzz",
    abstract: "Feed hostile bytes to everything in Assay that reads bytes from outside.",
    discussion: """
      Each input is made from the seed and its number, by changing a seed of the corpus. Nothing may crash, hang, grow without bound,
      or believe what was not signed. What is found is told with the command that shows it again.
      """)

  @Option(help: "How many inputs.")
  var inputs: UInt64 = 1_000_000

  @Option(help: "The same seed makes the same inputs.")
  var seed: UInt64 = 1

  @Option(help: "Number of the first input.")
  var from: UInt64 = 0

  @Option(help: "Processes at the same time.")
  var jobs: Int = max(1, ProcessInfo.processInfo.activeProcessorCount)

  @Option(help: "Only one surface: messages, reflection, signatures, edits or server.")
  var only: String?

  @Option(help: ArgumentHelp("The seeds.", valueName: "dir"))
  var corpus: String = Corpus.standard.path

  @Option(help: "Most memory of a process, in MiB, once all inputs are done.")
  var memory: Int = 512

  @Option(help: .private)
  var worker: Int?

  @Option(help: .private)
  var progress: String = ""

  func validate() throws {
    if jobs < 1 || inputs < 1 { throw ValidationError("--jobs and --inputs must be at least 1.") }
  }

  func run() async throws {
    if let worker { return try await work(worker) }
    let scratch = FileManager.default.temporaryDirectory.appending(path: "assay-fuzz-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: scratch, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: scratch) }
    let began = ContinuousClock.now
    let workers = try (0..<jobs).map { try start($0, scratch) }
    defer { for (process, _) in workers where process.isRunning { kill(process.processIdentifier, SIGKILL) } }
    var last = workers.map { ($0.1.current, ContinuousClock.now) }
    var shown = ContinuousClock.now
    while workers.contains(where: { $0.0.isRunning }) {
      try await Task.sleep(for: .milliseconds(100))
      for (index, (process, progress)) in workers.enumerated() where process.isRunning {
        if progress.current != last[index].0 { last[index] = (progress.current, .now) }
        if last[index].1.duration(to: .now) > .seconds(30) {
          throw Finding(
            "input \(progress.current) takes more than 30 s; see it with \(again(progress.current))")
        }
      }
      if let failed = workers.first(where: { !$0.0.isRunning && $0.0.terminationStatus != 0 }) {
        throw Finding(
          "input \(failed.1.current) ended the process with \(failed.0.terminationReason == .uncaughtSignal ? "signal" : "status") \(failed.0.terminationStatus); see it with \(again(failed.1.current))"
        )
      }
      if shown.duration(to: .now) > .seconds(10) {
        shown = .now
        print("\(workers.reduce(0) { $0 + $1.1.done }) of \(inputs) inputs")
        fflush(nil)
      }
    }
    for (process, progress) in workers where process.terminationStatus != 0 {
      throw Finding("input \(progress.current) failed; see it with \(again(progress.current))")
    }
    let done = workers.reduce(0) { $0 + $1.1.done }
    guard done == inputs else { throw Finding("\(done) of \(inputs) inputs were done") }
    for (index, name) in FuzzWorker.names.enumerated() {
      let given = workers.reduce(0) { $0 + $1.1[given: index] }
      let accepted = workers.reduce(0) { $0 + $1.1[accepted: index] }
      print("\(name): \(given) inputs, \(accepted) accepted")
    }
    print("\(done) inputs from seed \(seed), nothing found, in \(began.duration(to: .now).formatted())")
  }

  private func again(_ number: UInt64) -> String {
    "assay-fuzz --seed \(seed) --from \(number) --inputs 1 --jobs 1" + (only.map { " --only \($0)" } ?? "")
  }

  private func start(_ index: Int, _ scratch: URL) throws -> (Process, Progress) {
    let file = scratch.appending(path: "\(index)").path
    let process = Process()
    process.executableURL = URL(filePath: "/proc/self/exe").resolvingSymlinksInPath()
    process.arguments =
      [
        "--worker", "\(index)", "--progress", file, "--inputs", "\(inputs)", "--from", "\(from)", "--seed",
        "\(seed)",
        "--jobs", "\(jobs)", "--corpus", corpus, "--memory", "\(memory)",
      ] + (only.map { ["--only", $0] } ?? [])
    let progress = try Progress(path: file)
    try process.run()
    return (process, progress)
  }

  private func work(_ index: Int) async throws {
    try await FuzzWorker(seed: seed, corpus: Corpus(folder: URL(filePath: corpus)), only: only).run(
      first: from + UInt64(index), end: from + inputs, stride: UInt64(jobs),
      progress: Progress(path: progress))
    var usage = rusage()
    getrusage(__rusage_who_t(RUSAGE_SELF.rawValue), &usage)
    let used = usage.ru_maxrss / 1024
    if used > memory { throw Finding("it took \(used) MiB of memory, more than \(memory)") }
  }
}
