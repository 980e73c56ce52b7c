import AssayIdentity
import AssayLog
import AssayMessages
import AssayRPC
import AssayServices
import AssayVerdict

/// Opens the run, watches it, closes it when the agents are done, and holds the record against what is so.
struct Operator {
  let world: World
  private var truth: Truth { world.truth }

  func run() async {
    let evaluator = EvaluatorServiceClient(world.client(of: .evaluator, from: .user))
    let lineage = LineageServiceClient(world.client(of: .lineage, from: .user))
    var open = EvaluatorV1.OpenRunRequest()
    open.runId = World.run
    open.maxTrials = world.maximumTrials
    open.lineageEnabled = true
    await persistently { [open] () async throws(RPCError) in
      _ = try await evaluator.openRun(open, CallOptions(timeout: .seconds(20)))
    }
    let state = await watch(evaluator, lineage)
    await compare(state, evaluator, lineage)
    world.finished()
  }

  private func persistently<Value: Sendable>(_ body: @Sendable () async throws(RPCError) -> Value) async
    -> Value
  {
    while true {
      do throws(RPCError) { return try await body() } catch {
        world.trace("operator: \(error)")
        try? await Task.sleep(for: .seconds(1))
      }
    }
  }

  /// The run's last state.
  private func watch(
    _ evaluator: EvaluatorServiceClient, _ lineage: LineageServiceClient
  ) async -> EvaluatorV1.RunState {
    var request = EvaluatorV1.GetRunStateRequest()
    request.runId = World.run
    while true {
      await look(lineage)
      let state = await persistently { [request] () async throws(RPCError) in
        try await evaluator.getRunState(request, CallOptions(timeout: .seconds(15))).state
      }
      guard let state else { continue }
      if state.accepted - min(state.accepted, state.refunded) > world.maximumTrials {
        truth.violation("\(state.accepted) trials were accepted of \(world.maximumTrials)")
      }
      if state.decided > state.accepted {
        truth.violation("\(state.decided) of \(state.accepted) trials are decided")
      }
      if state.phase == .finished || state.phase == .failed, truth.agentsDone.count == 2 { return state }
      if state.phase == .accepting, truth.agentsDone.count == 2 {
        var close = EvaluatorV1.CloseRunRequest()
        close.runId = World.run
        await persistently { [close] () async throws(RPCError) in
          _ = try await evaluator.closeRun(close, CallOptions(timeout: .seconds(15)))
        }
      }
      request.afterVersion = state.version
      request.waitMs = 5_000
    }
  }

  /// What the log says of itself now.
  private func look(_ lineage: LineageServiceClient) async {
    var request = LineageV1.GetCheckpointRequest()
    request.runId = World.run
    request.newest = true
    guard let bytes = try? await lineage.getCheckpoint(request, CallOptions(timeout: .seconds(5))).note else {
      return
    }
    guard let note = SignedNote(bytes: bytes), let checkpoint = Checkpoint(text: note.text),
      note.isSigned(as: Checkpoint.origin(ofRun: World.run), by: world.key(.lineage).publicIdentity)
    else { return truth.violation("a checkpoint is not signed by the lineage") }
    truth.saw(checkpoint.size, checkpoint.root)
  }

  // MARK: The end

  private func compare(
    _ state: EvaluatorV1.RunState, _ evaluator: EvaluatorServiceClient, _ lineage: LineageServiceClient
  ) async {
    let isFinished = state.phase == .finished
    if state.decided != state.accepted {
      truth.violation("the run is over with \(state.decided) of \(state.accepted) trials decided")
    }
    if Int(state.accepted) != truth.acknowledged.count {
      truth.violation(
        "\(state.accepted) trials were accepted, and \(truth.acknowledged.count) submissions were acknowledged"
      )
    }
    // The policy, the baseline's and each trial's verdict, the report.
    let expected = 1 + 1 + Int(state.accepted) + (isFinished ? 1 : 0)
    let statements = await statements(lineage, expected)
    if statements.count != expected {
      truth.violation("the log has \(statements.count) statements, \(expected) were made")
    }
    check(log: statements)
    for trial in 0...state.accepted { await check(trial, statements, evaluator, lineage) }
    if isFinished {
      var request = LineageV1.GetRunRequest()
      request.runId = World.run
      let run = await persistently { [request] () async throws(RPCError) in
        try await lineage.getRun(request, CallOptions(timeout: .seconds(15)))
      }
      let report = try? ReportStatement.verified(
        envelope: run.report, run: World.run, key: world.key(.evaluator).publicIdentity)
      if report?.best != state.finalReport?.best {
        truth.violation("the record has no signed report of the run's end")
      }
    }
  }

  /// All statements, once there are as many as were made: the outbox may have some left to send.
  private func statements(_ lineage: LineageServiceClient, _ expected: Int) async -> [[UInt8]] {
    var statements: [[UInt8]] = []
    for _ in 0..<120 {
      var request = LineageV1.ListStatementsRequest()
      request.runId = World.run
      let found = try? await lineage.listStatements(request, CallOptions(timeout: .seconds(15))).envelopes
      statements = found ?? statements
      if statements.count >= expected { break }
      try? await Task.sleep(for: .seconds(2))
    }
    await look(lineage)
    return statements
  }

  /// Each checkpoint that was seen is one of the log as it is now.
  private func check(log statements: [[UInt8]]) {
    var frontier = MerkleFrontier()
    var roots = [frontier.root]
    for statement in statements {
      frontier.append(statement)
      roots.append(frontier.root)
    }
    for (size, root) in truth.checkpoints {
      guard size < roots.count, roots[Int(size)] == root else {
        truth.violation("the checkpoint at \(size) entries is of another log")
        continue
      }
    }
  }

  private func check(
    _ trial: UInt32, _ statements: [[UInt8]], _ evaluator: EvaluatorServiceClient,
    _ lineage: LineageServiceClient
  ) async {
    var wait = EvaluatorV1.WaitVerdictRequest()
    wait.runId = World.run
    wait.trial = trial
    let answer = await persistently { [wait] () async throws(RPCError) in
      try await evaluator.waitVerdict(wait, CallOptions(timeout: .seconds(15)))
    }
    guard answer.decided,
      let statement = try? VerdictStatement.verified(
        envelope: answer.envelope, key: world.key(.evaluator).publicIdentity)
    else { return truth.violation("trial \(trial) has no verdict that the evaluator signed") }
    truth.saw(trial, answer.envelope)
    if statements.count(where: { $0 == answer.envelope }) != 1 {
      truth.violation("the verdict of trial \(trial) is not once in the log")
    }
    var get = LineageV1.GetTrialRequest()
    get.runId = World.run
    get.trial = trial
    let record = await persistently { [get] () async throws(RPCError) in
      try await lineage.getTrial(get, CallOptions(timeout: .seconds(15))).record
    }
    if record?.inFlight != false || record?.envelope != answer.envelope {
      truth.violation("trial \(trial) has another verdict in the record than at the evaluator")
    }
    let label = "\(statement.verdict.label.word)"
    if label == "harness_abort" {
      truth.abortedTrials += 1
    } else if trial == 0 {
      if label != "baseline" { truth.violation("the baseline was decided as \(label)") }
    } else if let known = truth.acknowledged.first(where: { $0.trial == trial }) {
      if !known.submission.fate.labels.contains(label) {
        truth.violation(
          "trial \(trial), whose recipe is \(known.submission.fate.rawValue), was decided as \(label): \(statement.verdict.reason)"
        )
      }
      if statement.facts.specialist != known.submission.specialist {
        truth.violation("trial \(trial) is recorded as \(statement.facts.specialist)'s")
      }
    }
  }
}
