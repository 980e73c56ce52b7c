import AssayIdentity
import AssayMessages
import AssayPatch
import AssayRPC
import AssayRPCNNG
import AssayServices
import Foundation
import Glibc
import Testing

/// Lineage and evaluator of a task, started as processes, with an operator's clients; runners are the test's to start.
final class Site: Sendable {
  static let run = "site"

  let folder: String
  let evaluator: EvaluatorServiceClient
  let fleet: FleetServiceClient
  private let lineage: LineageServiceClient
  private let recipe: String
  private let prepared: [String]

  private var keys: String { folder + "/keys" }
  private var address: String { "ipc://\(folder)/evaluator.sock" }

  /// - Parameters:
  ///   - task: a folder made by `TaskCopy`.
  ///   - listen: a further address of the evaluator.
  ///   - evaluatorOptions: further options of the evaluator.
  ///   - prepare: is called with the folder of all states before anything is started.
  ///   - start: starts a program.
  /// - Returns: what `body` does; everything that was started is killed then.
  static func with<Value>(
    task: String, runners: [String], listen: String? = nil, evaluatorOptions: [String] = [],
    prepare: (String) async throws -> Void = { _ in },
    start: @escaping (String, [String]) throws -> Running = { try Running($0, $1) },
    _ body: (Site) async throws -> Value
  ) async throws -> Value {
    let folder = FileManager.default.temporaryDirectory.appending(
      path: "assay-site-\(UUID().uuidString.prefix(8))"
    ).path
    defer { try? FileManager.default.removeItem(atPath: folder) }
    let made = try await Program.assay(
      "keys", "init", "--directory", folder + "/keys", "--specialists", "model,opt,data", "--runners",
      runners.joined(separator: ","))
    try #require(made.status == 0, "\(made.errors)")
    let prepared = try await Program.assay("task", "prepare", task)
    let site = try Site(
      folder: folder, recipe: String(contentsOfFile: task + "/recipe/recipe.py", encoding: .utf8),
      prepared: prepared.output.split(separator: "\n").filter { $0.hasPrefix("mount ") }
        .flatMap { ["--mount", String($0.dropFirst("mount ".count))] })
    try await prepare(folder)
    let lineage = "ipc://\(folder)/lineage.sock"
    let programs = [
      try start(
        "assay-lineage",
        [
          "--listen", lineage, "--key", site.keys + "/lineage.key", "--trust",
          site.keys + "/trust-lineage.json", "--state", folder + "/lineage",
        ]),
      try start(
        "assay-evaluator",
        ["--listen", site.address] + (listen.map { ["--listen", $0] } ?? []) + [
          "--key", site.keys + "/evaluator.key", "--trust", site.keys + "/trust-evaluator.json", "--state",
          folder + "/evaluator", "--task", task, "--prepared", Program.prepared.path, "--lineage", lineage,
          "--lineage-key", try site.key("lineage").publicIdentity.text,
        ] + evaluatorOptions),
    ]
    defer { for program in programs { program.signal(SIGKILL) } }
    return try await body(site)
  }

  private init(folder: String, recipe: String, prepared: [String]) throws {
    self.folder = folder
    self.recipe = recipe
    self.prepared = prepared
    func key(_ name: String) throws -> IdentityKey {
      try IdentityKey.load(from: "\(folder)/keys/\(name).key")
    }
    let client = RPCClient(
      transport: try NNGClientTransport(address: "ipc://\(folder)/evaluator.sock"),
      credentials: ClientCredentials(key: try key("operator"), server: try key("evaluator").publicIdentity))
    evaluator = EvaluatorServiceClient(client)
    fleet = FleetServiceClient(client)
    lineage = LineageServiceClient(
      RPCClient(
        transport: try NNGClientTransport(address: "ipc://\(folder)/lineage.sock"),
        credentials: ClientCredentials(key: try key("operator"), server: try key("lineage").publicIdentity)))
  }

  func key(_ name: String) throws -> IdentityKey { try IdentityKey.load(from: "\(keys)/\(name).key") }

  /// What a runner is started with.
  func runnerArguments(_ name: String, evaluator: String? = nil) throws -> [String] {
    [
      "--evaluator", evaluator ?? address, "--evaluator-key", try key("evaluator").publicIdentity.text,
      "--key",
      "\(keys)/runner-\(name).key", "--name", name, "--state", "\(folder)/\(name)",
    ] + prepared
  }

  private var options: CallOptions { CallOptions(timeout: .seconds(60), waitForReady: true) }

  /// Opens the run.
  func begin() async throws {
    var request = EvaluatorV1.OpenRunRequest()
    request.runId = Self.run
    request.lineageEnabled = true
    _ = try await evaluator.openRun(request, options)
  }

  /// Opens the run and waits until its baseline is measured.
  func open() async throws {
    try await begin()
    var state = try await self.state()
    while state.phase != .accepting {
      try #require(state.phase == .measuringBaseline, "\(state.reason)")
      state = try await self.state(after: state.version, wait: 20_000)
    }
  }

  private func state(after version: UInt64 = 0, wait: UInt32 = 0) async throws -> EvaluatorV1.RunState {
    var ask = EvaluatorV1.GetRunStateRequest()
    (ask.runId, ask.afterVersion, ask.waitMs) = (Self.run, version, wait)
    return try #require(try await evaluator.getRunState(ask, options).state)
  }

  /// Submits another learning rate, and lines of Python that training begins with.
  func submit(_ factor: String, training: String = "pass") async throws -> UInt32 {
    let edited = recipe.replacing("LR = ", with: "LR = \(factor) * ").replacing(
      "def train(examples, seconds, seed):\n",
      with: "def train(examples, seconds, seed):\n    \(training.replacing("\n", with: "\n    "))\n")
    var request = EvaluatorV1.SubmitTrialRequest()
    request.runId = Self.run
    var proposal = AgentV1.Proposal()
    proposal.specialist = "opt"
    proposal.hypothesis = "another learning rate"
    proposal.edit = Array(
      try UnifiedDiff.make(
        from: try RecipeTree(["recipe.py": Array(recipe.utf8)]),
        to: try RecipeTree(["recipe.py": Array(edited.utf8)])
      ).text.utf8)
    request.proposal = proposal
    return try await evaluator.submitTrial(
      request, CallOptions(timeout: .seconds(20), idempotencyKey: "try \(factor)", waitForReady: true)
    ).trial
  }

  func verdict(_ trial: UInt32) async throws -> LineageV1.Verdict {
    var request = EvaluatorV1.WaitVerdictRequest()
    (request.runId, request.trial, request.waitMs) = (Self.run, trial, 20_000)
    while true {
      let answer = try await evaluator.waitVerdict(request, options)
      if answer.decided { return try #require(answer.verdict) }
    }
  }

  /// What the record has of a trial once it is told the verdict, with what runners signed of it.
  func lineage(of trial: UInt32) async throws -> LineageV1.GetTrialResponse {
    var request = LineageV1.GetTrialRequest()
    (request.runId, request.trial, request.provenance) = (Self.run, trial, true)
    while true {
      let answer = try await lineage.getTrial(request, options)
      if let record = answer.record, !record.envelope.isEmpty, !answer.provenance.isEmpty { return answer }
      try await pause()
    }
  }

  /// Waits a moment, or until the run's state changes: what runners do is no change of it.
  func pause() async throws { _ = try await state(after: try await state().version, wait: 200) }

  func hosts() async throws -> [RunnerV1.RunnerHost] { try await fleet.listRunners(.init(), options).hosts }

  /// Jobs that no host can take.
  func unmet() async throws -> [RunnerV1.UnmetNeed] { try await fleet.listRunners(.init(), options).unmet }

  /// Failures that hosts had with jobs.
  func failures() async throws -> UInt64 { try await hosts().reduce(0) { $0 + $1.failures } }

  func host(_ name: String) async throws -> RunnerV1.RunnerHost? {
    try await hosts().first { $0.name == name }
  }

  func set(_ name: String, _ state: RunnerV1.RunnerState) async throws {
    var request = RunnerV1.ControlRunnerRequest()
    (request.host, request.state, request.reason) = (name, state, "by the test")
    _ = try await fleet.controlRunner(request, options)
  }

  /// The host that trains a trial, once there is one.
  func trainer(of trial: UInt32) async throws -> String {
    while true {
      for host in try await hosts()
      where host.slots.contains(where: { $0.trial == trial && $0.phase == "train" }) {
        return host.name
      }
      try await pause()
    }
  }
}
