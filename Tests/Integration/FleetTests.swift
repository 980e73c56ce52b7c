import AssayIdentity
import AssayMessages
import AssayPatch
import AssayRPC
import AssayRPCNNG
import AssayServices
import Foundation
import Glibc
import Testing

/// Several runners on hosts of their own.
@Suite(.tags(.slow), .serialized, .timeLimit(.minutes(5))) struct FleetTests {
  private static let hosts = ["n1", "n2", "n3", "n4"]

  /// A run's services on one host, and a runner on each of four others.
  private final class Site: Sendable {
    let evaluator: EvaluatorServiceClient
    let fleet: FleetServiceClient
    let state: String
    static let run = "fleet"

    init(_ address: String, server: PublicIdentity, key: IdentityKey, state: String) throws {
      let client = RPCClient(
        transport: try NNGClientTransport(address: address),
        credentials: ClientCredentials(key: key, server: server))
      evaluator = EvaluatorServiceClient(client)
      fleet = FleetServiceClient(client)
      self.state = state
    }

    private var options: CallOptions { CallOptions(timeout: .seconds(60), waitForReady: true) }

    func open() async throws {
      var request = EvaluatorV1.OpenRunRequest()
      request.runId = Self.run
      request.lineageEnabled = true
      _ = try await evaluator.openRun(request, options)
      var ask = EvaluatorV1.GetRunStateRequest()
      ask.runId = Self.run
      while true {
        let state = try #require(try await evaluator.getRunState(ask, options).state)
        if state.phase == .accepting { return }
        try #require(state.phase == .measuringBaseline, "\(state.reason)")
        (ask.afterVersion, ask.waitMs) = (state.version, 20_000)
      }
    }

    func submit(_ recipe: String, _ text: String) async throws -> UInt32 {
      let edited = recipe.replacing("LR = ", with: "LR = \(text) * ").replacing(
        "def train(examples, seconds, seed):\n",
        with: "def train(examples, seconds, seed):\n    for _ in range(120_000_000):\n        pass\n")
      try #require(edited != recipe)
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
        request, CallOptions(timeout: .seconds(20), idempotencyKey: "try \(text)", waitForReady: true)
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

    func host(_ name: String) async throws -> RunnerV1.RunnerHost? {
      try await fleet.listRunners(.init(), options).hosts.first { $0.name == name }
    }

    func set(_ name: String, _ state: RunnerV1.RunnerState) async throws {
      var request = RunnerV1.ControlRunnerRequest()
      (request.host, request.state, request.reason) = (name, state, "by the test")
      _ = try await fleet.controlRunner(request, options)
    }

    /// The host that trains a trial, once there is one.
    func trainer(of trial: UInt32) async throws -> String {
      var ask = EvaluatorV1.GetRunStateRequest()
      ask.runId = Self.run
      while true {
        let state = try #require(try await evaluator.getRunState(ask, options).state)
        for host in try await fleet.listRunners(.init(), options).hosts
        where host.slots.contains(where: { $0.trial == trial && $0.phase == "train" }) {
          return host.name
        }
        // A lease is no change of the run's state: look again soon.
        (ask.afterVersion, ask.waitMs) = (state.version, 200)
      }
    }
  }

  @Test(
    "a host that is cut off mid-trial: the trial runs again elsewhere, with one verdict; twice, and it is in quarantine"
  )
  func cutOff() async throws {
    // Long enough to be cut off in.
    let task = try TaskCopy.make([
      .init(
        "task.yaml", "  budget_seconds: 0.5\n  cpu_seconds: 1\n", "  budget_seconds: 4\n  cpu_seconds: 6\n"),
      .init("task.yaml", "baseline: 3, confirm: 3, final: 3", "baseline: 1, confirm: 0, final: 1"),
    ])
    defer { try? FileManager.default.removeItem(atPath: task) }
    let folder = FileManager.default.temporaryDirectory.appending(
      path: "assay-fleet-\(UUID().uuidString.prefix(8))"
    ).path
    defer { try? FileManager.default.removeItem(atPath: folder) }
    let keys = folder + "/keys"
    let made = try await Program.assay(
      "keys", "init", "--directory", keys, "--specialists", "model,opt,data", "--runners",
      Self.hosts.joined(separator: ","))
    try #require(made.status == 0, "\(made.errors)")
    func key(_ name: String) throws -> IdentityKey {
      try IdentityKey.load(from: "\(keys)/\(name.replacing("/", with: "-")).key")
    }
    let prepared = try await Program.assay("task", "prepare", task)
    let mounts = prepared.output.split(separator: "\n").filter { $0.hasPrefix("mount ") }
      .flatMap { ["--mount", String($0.dropFirst("mount ".count))] }
    let recipe = try String(contentsOfFile: task + "/recipe/recipe.py", encoding: .utf8)

    try await Hosts.with(["ctl"] + Self.hosts) { hosts in
      var programs: [Running] = []
      defer { for program in programs { program.signal(SIGKILL) } }
      let (lineage, evaluator) = ("ipc://\(folder)/lineage.sock", "ipc://\(folder)/evaluator.sock")
      let reached = "tcp://\(hosts.address(of: "ctl")):7720"
      programs.append(
        try hosts.start(
          "assay-lineage", on: "ctl",
          [
            "--listen", lineage, "--key", keys + "/lineage.key", "--trust", keys + "/trust-lineage.json",
            "--state", folder + "/lineage",
          ]))
      programs.append(
        try hosts.start(
          "assay-evaluator", on: "ctl",
          [
            "--listen", evaluator, "--listen", reached, "--key", keys + "/evaluator.key", "--trust",
            keys + "/trust-evaluator.json", "--state", folder + "/evaluator", "--task", task,
            "--prepared", Program.prepared.path, "--lineage", lineage, "--lineage-key",
            try key("lineage").publicIdentity.text,
          ]))
      for host in Self.hosts {
        programs.append(
          try hosts.start(
            "assay-runner", on: host,
            [
              "--evaluator", reached, "--evaluator-key", try key("evaluator").publicIdentity.text, "--key",
              "\(keys)/runner-\(host).key", "--name", host, "--label", "zone=\(host)", "--state",
              "\(folder)/\(host)",
            ] + mounts))
      }
      let site = try Site(
        evaluator, server: try key("evaluator").publicIdentity, key: try key("operator"), state: folder)
      try await site.open()
      #expect(
        try await site.fleet.listRunners(.init(), CallOptions(timeout: .seconds(10))).hosts.map(\.name)
          == Self.hosts)
      #expect(try await site.host("n2")?.labels.contains("zone=n2") == true)

      var cut = ""
      for round in 1...2 {
        // The second time, the same host has to get the trial.
        for host in Self.hosts where round == 2 && host != cut { try await site.set(host, .cordoned) }
        let trial = try await site.submit(recipe, round == 1 ? "1.01" : "1.02")
        let trainer = try await site.trainer(of: trial)
        #expect(round == 1 || trainer == cut)
        cut = trainer
        try await hosts.connect(cut, false)
        for host in Self.hosts where round == 2 && host != cut { try await site.set(host, .active) }
        let verdict = try await site.verdict(trial)
        #expect(verdict.label == .discard || verdict.label == .keep, "\(verdict.reason)")
        let trained = verdict.usage.filter { $0.phase == "train" }
        #expect(trained.count == 1)
        #expect(trained.allSatisfy { !$0.runner.contains("#\(cut)/") }, "\(trained.map(\.runner))")
        try await hosts.connect(cut, true)
        let host = try #require(try await site.host(cut))
        #expect(host.failuresAlone == UInt64(round))
        #expect(host.state == (round == 1 ? .active : .quarantined), "\(host.reason)")
      }
      // In quarantine it gets nothing, and what it measured before is named; given back, it works again.
      #expect(try await site.host(cut)?.reason.contains("finished by other hosts") == true)
      for host in Self.hosts where host != cut { try await site.set(host, .cordoned) }
      let last = try await site.submit(recipe, "1.03")
      try await site.set(cut, .active)
      let verdict = try await site.verdict(last)
      #expect(verdict.usage.allSatisfy { $0.runner.contains("#\(cut)/") }, "\(verdict.usage.map(\.runner))")
    }
  }
}
