import AssayEvaluator
import AssayIdentity
import AssayMessages
import AssayPatch
import AssayRPC
import AssayRPCTesting
import AssayRunner
import AssaySandbox
import AssayServices
import AssayTask
import Foundation
import Glibc
import Logging

/// What it costs that a trial is locked in: the same programs bare, and through evaluator, runner and sandbox, in turn.
///
/// A trial trains for a given time, predicts two groups of inputs, and is scored. Bare, the same five programs (inputs, training, two
/// predictions, judgement) are started one after the other. Both are measured whole: wall-clock time from start to end, and the CPU
/// time of everything, services included; and of the training alone what its process took.
struct LockingBenchmark {
  let seconds: Double
  let pairs: Int
  /// What the training does.
  var work = Work.hashing
  /// Where its GPU is found; nil for a training without.
  var gpus: GPUPlaces?

  private struct Cost {
    var wall: Double
    var cpu: Double
    var training: Double
    var trainingWall: Double
    /// By the program's own clock; 0 where it does not tell.
    var steps: Double
  }

  private let folder = FileManager.default.temporaryDirectory.appending(
    path: "assay-locking-\(UUID().uuidString)")
  private static let python = "/usr/bin/python3"
  private static let run = "locking"

  func run() async throws {
    defer { try? FileManager.default.removeItem(at: folder) }
    let task = try await makeTask()
    let prepared = try await TaskPreparation(task: task, cache: folder.path + "/prepared").prepare()
    let sandbox = try await Sandbox.open()
    let identity = IdentityKey()
    let state = folder.path + "/state"
    let scorer = SandboxedScorer(
      sandbox: sandbox, task: task, prepared: prepared, scratch: Evaluator.scratch(in: state))
    let quiet = Logger(label: "bench") { _ in SwiftLogNoOpLogHandler() }
    let evaluator = try await Evaluator.open(
      .init(
        stateFolder: state, tasks: [OwnedTask(task: task, prepared: prepared, scorer: scorer)], key: identity),
      logger: quiet)
    try await withTestServer(
      router: evaluator.makeRouter(),
      identities: ["agent/opt": .agent, "operator": .operator, "runner/local": .runner],
      transport: .nngIPC, identity: identity
    ) { server in
      let runner = try Runner(
        jobs: JobServiceClient(server.clients["runner/local"]), sandbox: sandbox,
        configuration: RunnerConfiguration(
          name: "local", slots: 1, mounts: ["\(task.name)/data": prepared.train],
          state: folder.appending(path: "runner"), gpus: gpus),
        key: server.keys["runner/local"] ?? IdentityKey(),
        logger: quiet)
      try await withThrowingTaskGroup(of: Void.self) { group in
        group.addTask { try? await evaluator.run() }
        group.addTask { try? await runner.run() }
        try await measure(task, prepared, server.clients)
        group.cancelAll()
      }
    }
  }

  private func measure(_ task: ResearchTask, _ prepared: PreparedTask, _ clients: TestClients) async throws {
    let evaluator = EvaluatorServiceClient(clients["operator"])
    try await open(evaluator, task.name)
    var (bare, locked): ([Cost], [Cost]) = ([], [])
    for pair in 0..<pairs {
      // ABBA: what drifts on the machine meets both alike.
      for isLocked in pair.isMultiple(of: 2) ? [false, true] : [true, false] {
        if isLocked {
          locked.append(try await trial(pair, task, EvaluatorServiceClient(clients["agent/opt"])))
        } else {
          bare.append(try programs(task, prepared))
        }
      }
    }
    report(
      "\na trial of \(cell(seconds)) s, bare and locked in (\(pairs) pairs, ABBA; means, and the range of the pairs' ratios)"
    )
    report("| | bare s | through evaluator and sandbox s | ratio | median of the pairs | range |")
    report("|---|---|---|---|---|---|")
    for (name, part) in [
      ("CPU, whole trial", \Cost.cpu), ("wall clock, whole trial", \Cost.wall),
      ("CPU, the training alone", \Cost.training), ("wall clock, the training alone", \Cost.trainingWall),
      ("wall clock, its steps alone", \Cost.steps),
    ] where bare.allSatisfy({ $0[keyPath: part] > 0 }) {
      let ratios = zip(locked, bare).map { $0[keyPath: part] / $1[keyPath: part] }
      let mean = { (all: [Cost]) in all.reduce(0) { $0 + $1[keyPath: part] } / Double(all.count) }
      let sorted = ratios.sorted()
      let median = (sorted[(sorted.count - 1) / 2] + sorted[sorted.count / 2]) / 2
      report(
        "| \(name) | \(cell(mean(bare), 3)) | \(cell(mean(locked), 3)) | \(cell(mean(locked) / mean(bare), 4)) | \(cell(median, 4)) | \(cell(ratios.min() ?? .nan, 4)) to \(cell(ratios.max() ?? .nan, 4)) |"
      )
    }
  }

  // MARK: Locked in

  private func open(_ evaluator: EvaluatorServiceClient, _ task: String) async throws {
    var open = EvaluatorV1.OpenRunRequest()
    open.runId = Self.run
    open.taskName = task
    var state = try await evaluator.openRun(open, CallOptions(timeout: .seconds(30))).state ?? .init()
    while state.phase == .measuringBaseline {
      var request = EvaluatorV1.GetRunStateRequest()
      request.runId = Self.run
      request.afterVersion = state.version
      request.waitMs = 20_000
      state = try await evaluator.getRunState(request, CallOptions(timeout: .seconds(40))).state ?? .init()
    }
    guard state.phase == .accepting else {
      throw BenchmarkFailure("the baseline was not measured: \(state.reason)")
    }
  }

  private func trial(_ number: Int, _ task: ResearchTask, _ agent: EvaluatorServiceClient) async throws
    -> Cost
  {
    let text = String(decoding: task.baseline["recipe.py"] ?? [], as: UTF8.self)
    let edited = text.replacing("EPOCHS = 15", with: "EPOCHS = 15 + \(number) * 0")
    var request = EvaluatorV1.SubmitTrialRequest()
    request.runId = Self.run
    var proposal = AgentV1.Proposal()
    proposal.specialist = "opt"
    proposal.hypothesis = "It costs as much as it costs."
    proposal.edit = try UnifiedDiff.make(
      from: task.baseline, to: RecipeTree(["recipe.py": Array(edited.utf8)])
    ).bytes
    request.proposal = proposal
    let (began, before) = (ContinuousClock.now, Self.cpu())
    var wait = EvaluatorV1.WaitVerdictRequest()
    wait.runId = Self.run
    wait.trial = try await agent.submitTrial(
      request, CallOptions(timeout: .seconds(30), idempotencyKey: "locking-\(number)")
    ).trial
    wait.waitMs = 20_000
    while true {
      let answer = try await agent.waitVerdict(wait, CallOptions(timeout: .seconds(40)))
      guard answer.decided, let verdict = answer.verdict else { continue }
      guard verdict.label == .discard || verdict.label == .keep else {
        throw BenchmarkFailure("the trial was not measured: \(verdict.reason)")
      }
      let training = verdict.usage.first { $0.phase == "train" }
      return Cost(
        wall: (ContinuousClock.now - began) / .seconds(1), cpu: Self.cpu() - before,
        training: Double(training?.cpuNs ?? 0) / 1e9, trainingWall: Double(training?.wallNs ?? 0) / 1e9,
        steps: Work.steps(in: answer.logExcerpt))
    }
  }

  // MARK: Bare

  private func programs(_ task: ResearchTask, _ prepared: PreparedTask) throws -> Cost {
    let place = folder.path + "/bare"
    try? FileManager.default.removeItem(atPath: place)
    for name in ["out", "inputs", "predictions/a", "predictions/b"] {
      try FileManager.default.createDirectory(atPath: "\(place)/\(name)", withIntermediateDirectories: true)
    }
    let (harness, recipe) = (task.directory + "/harness", task.directory + "/recipe")
    let score = [task.directory + "/scorer/score.py"]
    let heldout = ["--heldout", prepared.heldout, "--nonce", "n"]
    let (began, before) = (ContinuousClock.now, Self.cpu())
    let beforeTraining = Self.cpu()
    let printed = try start(
      [
        harness + "/train.py", "--recipe", recipe, "--data", prepared.train, "--out", place + "/out",
        "--seed", "1",
        "--seconds", "0.5",
      ])
    let training = Self.cpu() - beforeTraining
    let trainingWall = (ContinuousClock.now - began) / .seconds(1)
    try start(score + ["inputs"] + heldout + ["--out", place + "/inputs"])
    for group in ["a", "b"] {
      try start(
        [
          harness + "/predict.py", "--recipe", recipe, "--artifact", place + "/out", "--inputs",
          "\(place)/inputs/\(group)", "--out", "\(place)/predictions/\(group)",
        ])
    }
    try start(
      score + ["judge"] + heldout + ["--inputs", place + "/inputs", "--predictions", place + "/predictions"])
    return Cost(
      wall: (ContinuousClock.now - began) / .seconds(1), cpu: Self.cpu() - before, training: training,
      trainingWall: trainingWall, steps: Work.steps(in: printed))
  }

  /// - Returns: what it printed.
  @discardableResult
  private func start(_ arguments: [String]) throws -> String {
    let process = Process()
    process.executableURL = URL(filePath: Self.python)
    process.arguments = arguments
    var environment = ["PYTHONDONTWRITEBYTECODE": "1", "PYTHONHASHSEED": "0", "HOME": folder.path]
    // Where a driver may be.
    environment["LD_LIBRARY_PATH"] = ProcessInfo.processInfo.environment["LD_LIBRARY_PATH"]
    process.environment = environment
    let output = Pipe()
    process.standardOutput = output
    try process.run()
    let printed = output.fileHandleForReading.readDataToEndOfFile()
    process.waitUntilExit()
    guard process.terminationStatus == 0 else { throw BenchmarkFailure("\(arguments) failed") }
    return String(decoding: printed, as: UTF8.self)
  }

  // MARK: The task

  /// The test task with a training that takes the time asked for.
  private func makeTask() async throws -> ResearchTask {
    let source = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent().appending(path: "tasks/tiny-regression")
    let copy = folder.appending(path: "task")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    try FileManager.default.copyItem(at: source, to: copy)
    func rounds(_ count: Int) throws -> Double {
      let before = ContinuousClock.now
      let file = folder.appending(path: "work.py")
      try work.program(rounds: count).write(to: file, atomically: true, encoding: .utf8)
      try start([file.path])
      return (ContinuousClock.now - before) / .seconds(1)
    }
    // The first start reads everything from the disk.
    _ = try rounds(1)
    // So many that starts, of which none takes as long as another, do not count.
    let least = try rounds(1)
    var (tried, each) = (work.rounds, 0.0)
    repeat {
      tried *= 2
      each = try (rounds(tried) - least) / Double(tried - 1)
    } while each * Double(tried) < min(seconds / 2, 4)
    func change(_ path: String, _ edits: [(String, String)]) throws {
      let file = copy.appending(path: path)
      var text = try String(contentsOf: file, encoding: .utf8)
      for (old, new) in edits {
        guard text.contains(old) else { throw BenchmarkFailure("\(path) has no '\(old)'") }
        text = text.replacing(old, with: new)
      }
      try text.write(to: file, atomically: true, encoding: .utf8)
    }
    let count = max(1, Int(seconds / each))
    try change(
      "harness/train.py",
      [
        (
          "import recipe  # noqa: E402\n",
          "import recipe  # noqa: E402\n" + work.program(rounds: count)
        )
      ])
    let limit = Int(seconds * 4) + 60
    try change(
      "task.yaml",
      [
        (
          "seeds: {per_trial: 1, baseline: 3, confirm: 3, final: 3}",
          "seeds: {per_trial: 1, baseline: 1, confirm: 0, final: 1}"
        ),
        // Libraries start threads on many cores.
        ("cpu_seconds: 1\n", "cpu_seconds: \(gpus == nil ? limit : 16 * limit)\n"),
        ("wall_seconds: 10\n", "wall_seconds: \(limit)\n"),
        (#"smallest_effect: "0.0005""#, #"smallest_effect: "0.5""#),
      ] + (gpus == nil ? [] : Self.withGPU))
    return try ResearchTask.load(directory: copy.path)
  }

  /// What a training with a GPU needs, and the predictions are given too.
  private static let withGPU = [
    ("cores: 1}", "cores: 4, gpus: {count: 1}}"), ("memory_mb: 256\n", "memory_mb: 8192\n"),
    ("processes: 16\n", "processes: 1024\n"), ("disk_mb: 8\n", "disk_mb: 1024\n"),
  ]

  /// CPU time of this process and of its children that have ended.
  private static func cpu() -> Double {
    var total = 0.0
    for who in [RUSAGE_SELF, RUSAGE_CHILDREN] {
      var usage = rusage()
      getrusage(who.rawValue, &usage)
      for time in [usage.ru_utime, usage.ru_stime] {
        total += Double(time.tv_sec) + Double(time.tv_usec) / 1e6
      }
    }
    return total
  }
}

/// Why a figure was not measured.
struct BenchmarkFailure: Error, CustomStringConvertible {
  let description: String
  init(_ description: String) { self.description = description }
}
