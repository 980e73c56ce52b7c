import ArgumentParser
import AssayGPU
import AssayRunner
import Foundation

/// Measures Assay beside the floor beneath it, in one run: machines are noisy, ratios are not.
@main
struct Bench: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "assay-bench",
    abstract: "Speed as ratios to the floor: plain C nng, a bare SQLite commit, bare bubblewrap.",
    subcommands: [All.self, Storm.self, Scale.self, Calls.self, Locking.self, GPU.self, Serve.self],
    defaultSubcommand: All.self)

  struct All: AsyncParsableCommand {
    enum Part: String, CaseIterable, ExpressibleByArgument {
      case calls, record, sandbox, locking, proofs, imports
    }

    static let configuration = CommandConfiguration(abstract: "Run every benchmark, or one.")

    @Option(help: "Only this one: calls, record, sandbox, locking, proofs or imports.")
    var only: Part?

    @Option(help: "Stored trials to measure at, comma-separated.")
    var sizes: String = "100,10000,1000000"

    @Option(help: "Rows of the record that is imported.")
    var rows: Int = 1_000_000

    @Option(
      help:
        "With --only imports: the page whose table of imports is replaced by what was measured; 'none' for no page."
    )
    var page: String = "docs/benchmarks.md"

    func validate() throws {
      guard only == .imports, page != "none", !FileManager.default.fileExists(atPath: page) else { return }
      throw ValidationError("\(page) is not there; run this in the repository, or give --page none")
    }

    func run() async throws {
      if only == nil || only == .calls { try await CallBenchmark.run() }
      if only == nil || only == .record {
        try await RecordBenchmark.run(sizes: sizes.split(separator: ",").compactMap { Int($0) })
      }
      if only == nil || only == .sandbox { try await SandboxBenchmark.run() }
      if only == nil || only == .locking { try await LockingBenchmark(seconds: 60, pairs: 4).run() }
      if only == nil || only == .proofs { try await ProofBenchmark.run() }
      if only == nil || only == .imports {
        try await ImportBenchmark.run(rows: rows, page: only == .imports && page != "none" ? page : nil)
      }
    }
  }

  struct Calls: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Only Assay's own calls, of one kind: what a profiler is pointed at.")
    @Option(help: "ipc, tcp or tls+tcp.")
    var over: String = "ipc"
    @Option(help: "Bytes of a message.")
    var bytes: Int = 100
    @Option(help: "Callers at the same time.")
    var callers: Int = 16
    @Option(help: "How long.")
    var seconds: Double = 5
    func run() async throws {
      try await CallBenchmark.own(over: over, bytes: bytes, callers: callers, seconds: seconds)
    }
  }

  struct Locking: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "A trial through evaluator, runner and sandbox beside the same programs bare.")
    @Option(help: "CPU seconds of the training.")
    var seconds: Double = 60
    @Option(help: "How many of each.")
    var pairs: Int = 4
    func validate() throws {
      if seconds <= 0 || pairs < 1 { throw ValidationError("--seconds and --pairs are above zero.") }
    }
    func run() async throws { try await LockingBenchmark(seconds: seconds, pairs: pairs).run() }
  }

  struct GPU: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract:
        "A training with PyTorch on a GPU through evaluator, runner and sandbox beside the same programs bare.",
      discussion:
        "/usr/bin/python3 has to find PyTorch. The runner's own program asks the driver, as it does in service."
    )
    @Option(help: "Seconds of the training, start and imports not counted.")
    var seconds: Double = 10
    @Option(help: "How many of each.")
    var pairs: Int = 12
    @Option(help: "assay-runner; the one beside this program by default.")
    var runner: String?
    @Option(help: "NVIDIA's management library, where it is not found by its name.")
    var nvml = NVML.libraryName
    func validate() throws {
      if seconds <= 0 || pairs < 1 { throw ValidationError("--seconds and --pairs are above zero.") }
    }
    func run() async throws {
      let beside = Bundle.main.executableURL?.deletingLastPathComponent().appending(path: "assay-runner").path
      guard let program = runner ?? beside, FileManager.default.isExecutableFile(atPath: program) else {
        throw ValidationError("there is no assay-runner beside this program; name it with --runner")
      }
      let gpus = GPUPlaces(library: nvml, probe: [program, "gpus", "--nvml", nvml], locks: "/run/lock")
      try await LockingBenchmark(seconds: seconds, pairs: pairs, work: .torch, gpus: gpus).run()
    }
  }

  struct Serve: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "The server of the call benchmark.", shouldDisplay: false)
    @Argument var address: String
    @Argument var keys: String
    func run() async throws { try await CallBenchmark.serve(address: address, keys: keys) }
  }
}

/// Times in order, and what is read from them.
struct Samples {
  private var values: [Duration] = []
  mutating func add(_ value: Duration) { values.append(value) }
  mutating func measure(_ body: () async throws -> Void) async rethrows {
    let began = ContinuousClock.now
    try await body()
    add(began.duration(to: .now))
  }
  /// Microseconds at a share, 0 to 1.
  func microseconds(_ share: Double) -> Double {
    let sorted = values.sorted()
    guard !sorted.isEmpty else { return .nan }
    let value = sorted[min(sorted.count - 1, Int(Double(sorted.count) * share))]
    return Double(value.components.seconds) * 1e6 + Double(value.components.attoseconds) / 1e12
  }
  var count: Int { values.count }
  static func + (left: Samples, right: Samples) -> Samples {
    var sum = left
    sum.values += right.values
    return sum
  }
}

func cell(_ value: Double, _ digits: Int = 0) -> String {
  value.isFinite ? String(format: "%.\(digits)f", value) : "-"
}

/// Prints a line at once, through pipes too: a run takes minutes.
func report(_ line: String) {
  print(line)
  fflush(nil)
}
