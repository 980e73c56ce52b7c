import AssayIdentity
import AssayMessages
import AssayPatch
import AssayRPC
import AssayServices
import AssayTask
import AssayVerdict
import Foundation
import GRDB
import Synchronization

/// What agents, observers and operators ask.
extension Evaluator: EvaluatorService {
  public func describeTask(
    _ request: EvaluatorV1.DescribeTaskRequest, _ context: CallContext
  ) async throws -> EvaluatorV1.DescribeTaskResponse {
    var response = EvaluatorV1.DescribeTaskResponse()
    response.task = try await description(request, isAgent: context.peer.has(.agent))
    return response
  }

  /// The task; for a run, with the partitions of its arm. Where a run withholds the notes no agent gets them.
  private func description(
    _ request: EvaluatorV1.DescribeTaskRequest, isAgent: Bool
  ) async throws -> EvaluatorV1.TaskDescription {
    let key = configuration.key.publicIdentity.bytes
    return try await consult { database in
      guard !request.runId.isEmpty else {
        var description = try self.owned(request.taskName).description(evaluatorKey: key)
        if isAgent, try RunControl.knowledgeIsWithheld(database) { description.knowledge = [] }
        return description
      }
      let owned = try self.owned(RunRow.fetch(database, request.runId).taskName)
      var description = owned.description(evaluatorKey: key)
      if let arm = try RunControl.fetch(database, request.runId).arm {
        description.partitions = arm.members.compactMap {
          arm.partition(of: $0.specialist, in: owned.task).map(OwnedTask.wire)
        }
        if isAgent, arm.knowledgeWithheld { description.knowledge = [] }
      }
      return description
    }
  }

  public func openRun(_ request: EvaluatorV1.OpenRunRequest, _ context: CallContext) async throws
    -> EvaluatorV1.OpenRunResponse
  {
    guard !request.runId.isEmpty, request.runId.utf8.count <= 64,
      request.runId.allSatisfy({ $0.isASCII && ($0.isLetter || $0.isNumber || "._-".contains($0)) })
    else {
      throw RPCError(
        .invalidArgument, reason: "INVALID_RUN_ID",
        "a run id has 1 to 64 letters, digits, dots, dashes or underscores")
    }
    let owned = try owned(request.taskName)
    try request.arm?.check(owned.task)
    if let target = request.bounds?.target, !target.isEmpty, !DecimalText.isDecimal(target) {
      throw RPCError(
        .invalidArgument, reason: "INVALID_TARGET", "a target is a decimal number, such as 2.5")
    }
    for path in owned.task.baseline.paths { try await blobs.put(owned.task.baseline[path] ?? []) }
    try await commit { database in
      if var run = try RunRow.find(database, request.runId) {
        var control = try RunControl.fetch(database, run.id)
        try self.check(run, control, request, owned)
        if let bounds = request.bounds, control.bounds != bounds {
          control.bounds = bounds
          try control.save(database)
          try Ledger(database, run: run.id).forgetRefusals()
          try self.applyStopRules(database, &run, &control, owned)
          try self.drain(database, &run, owned)
          try run.save(database)
        }
      } else {
        try self.create(database, request, owned, by: context.peer.name)
      }
    }
    announce()
    var response = EvaluatorV1.OpenRunResponse()
    response.state = try await state(request.runId)
    return response
  }

  /// Reopening changes nothing but the bounds beside the number of trials.
  private func check(
    _ run: RunRow, _ control: RunControl, _ request: EvaluatorV1.OpenRunRequest, _ owned: OwnedTask
  ) throws {
    guard run.taskName == owned.task.name, run.seed == request.seed,
      run.lineageEnabled == request.lineageEnabled,
      request.maxTrials == 0 || run.maxTrials == request.maxTrials,
      request.arm == nil || request.arm == control.arm
    else {
      throw RPCError(
        .failedPrecondition, reason: "RUN_DIFFERS",
        "run '\(run.id)' exists with another task, seed, number of trials, arm or lineage setting; open it as it was, or name a new run"
      )
    }
    guard [run.taskDigest, run.auditedDigest].contains(owned.task.digest) || run.phase == .finished else {
      throw RPCError(
        .failedPrecondition, reason: "TASK_CHANGED",
        "the folder of task '\(run.taskName)' has changed since run '\(run.id)' began; put it back as it was, or begin a new run. If only its rules changed, 'assay task audit' screens the run by them."
      )
    }
  }

  private func create(
    _ database: Database, _ request: EvaluatorV1.OpenRunRequest, _ owned: OwnedTask, by peer: String
  ) throws {
    let now = configuration.clock.now()
    let secret = RunSecret()
    var policy = PolicyStatement(
      run: request.runId, owned.task, secret, arm: request.arm, lineage: request.lineageEnabled)
    if enforcesPredictions(owned) {
      policy.predictionRule = CheapGate.name
      policy.predictionConfidence = Quantity.decimal(CostBound.confidence)
    }
    let signed = try policy.signed(with: configuration.key)
    try database.execute(
      sql: """
        INSERT INTO runs (run_id, task_name, task_digest, seed, max_trials, lineage_enabled, created_at_ms, secret, phase,
          policy, frame, rules)
        VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
        """,
      arguments: [
        request.runId, owned.task.name, owned.task.digest, Int64(bitPattern: request.seed), request.maxTrials,
        request.lineageEnabled, now, Data(secret.bytes),
        Int64(EvaluatorV1.RunPhase.measuringBaseline.rawValue), Data(signed), owned.task.frameDigest,
        try RunRow.text(of: owned.task.file.rules),
      ])
    var run = LineageV1.Run()
    run.runId = request.runId
    run.taskName = owned.task.name
    run.taskDigest = owned.task.digest
    run.metric = owned.metric
    run.evaluatorKey = configuration.key.publicIdentity.bytes
    let control = RunControl(run: request.runId, arm: request.arm, bounds: request.bounds)
    try control.save(database)
    run.specialists = members(control, owned)
    run.arm = request.arm?.name ?? ""
    run.seed = request.seed
    run.lineageEnabled = request.lineageEnabled
    run.createdAtMs = now
    var register = LineageV1.RegisterRunRequest()
    register.run = run
    register.policy = signed
    try Outbox.append(database, .run, register.serialized(), run: request.runId)

    var baseline = LineageV1.Trial()
    baseline.runId = request.runId
    var proposal = AgentV1.Proposal()
    proposal.hypothesis = "The recipe as the task's author wrote it."
    baseline.proposal = proposal
    baseline.parentSnapshotId = owned.task.baseline.digest
    baseline.snapshotId = owned.task.baseline.digest
    baseline.submittedBy = peer
    baseline.submittedAtMs = now
    try accept(database, baseline, snapshot: owned.task.baseline)
    let seeds = secret.seeds(
      trial: 0, purpose: MeasurementID.Purpose.trial.rawValue, count: max(1, owned.task.file.seeds.baseline))
    try begin(
      database, MeasurementID(run: request.runId, trial: 0, purpose: .trial),
      TrialStateMachine(
        seeds: seeds, preflight: true,
        probes: owned.task.file.probe.map { _ in .init(positions: Array(seeds.indices), predicts: false) }))
  }

  /// Stores a trial and tells the lineage.
  func accept(_ database: Database, _ record: LineageV1.Trial, snapshot: RecipeTree?) throws {
    if let snapshot { try TrialRow.insertSnapshot(database, run: record.runId, snapshot) }
    try TrialRow.insert(database, record)
    var append = LineageV1.AppendTrialRequest()
    append.trial = record
    append.snapshot = snapshot?.wire
    try Outbox.append(database, .trial, append.serialized(), run: record.runId)
  }

  public func closeRun(_ request: EvaluatorV1.CloseRunRequest, _ context: CallContext) async throws
    -> EvaluatorV1.CloseRunResponse
  {
    try await commit { database in
      var run = try RunRow.fetch(database, request.runId)
      guard !run.isClosing, run.phase == .measuringBaseline || run.phase == .accepting else { return }
      run.isClosing = true
      if run.phase == .accepting { run.phase = .draining }
      try self.drain(database, &run, try self.owned(run.taskName))
      try run.save(database)
    }
    announce()
    var response = EvaluatorV1.CloseRunResponse()
    response.state = try await state(request.runId)
    return response
  }

  // MARK: Waiting

  public func getRunState(
    _ request: EvaluatorV1.GetRunStateRequest, _ context: CallContext
  ) async throws -> EvaluatorV1.GetRunStateResponse {
    var response = EvaluatorV1.GetRunStateResponse()
    let fresh = try await Waiting.first(within: context.waitLimit(milliseconds: request.waitMs)) {
      while true {
        let seen = self.changes.generation
        if request.runId.isEmpty {
          if let open = try await self.openRunID() { return try await self.state(open) }
          if request.waitMs == 0 { throw Self.noOpenRun }
          try await context.whileWaiting { try await self.changes.wait(past: seen) }
          continue
        }
        let state = try await self.state(request.runId)
        if request.waitMs == 0 || state.version > request.afterVersion { return state }
        try await context.whileWaiting { try await self.changes.wait(past: seen) }
      }
    }
    if let fresh {
      response.state = fresh
    } else if request.runId.isEmpty {
      throw Self.noOpenRun
    } else {
      response.state = try await state(request.runId)
    }
    return response
  }

  private static let noOpenRun = RPCError(
    .notFound, reason: "NO_OPEN_RUN", "this evaluator has no run that takes trials; open one, or ask again")

  /// The newest run that takes trials, or will once its baseline is measured.
  private func openRunID() async throws -> String? {
    try await consult { database in
      try String.fetchOne(
        database,
        sql:
          "SELECT run_id FROM runs WHERE phase IN (?, ?) AND closing = 0 ORDER BY created_at_ms DESC LIMIT 1",
        arguments: [
          Int64(EvaluatorV1.RunPhase.measuringBaseline.rawValue),
          Int64(EvaluatorV1.RunPhase.accepting.rawValue),
        ])
    }
  }

  public func waitVerdict(
    _ request: EvaluatorV1.WaitVerdictRequest, _ context: CallContext
  ) async throws -> EvaluatorV1.WaitVerdictResponse {
    let id = MeasurementID(run: request.runId, trial: request.trial, purpose: .trial)
    let decided = try await decisions.follow(id) { signal in
      try await Waiting.first(within: context.waitLimit(milliseconds: request.waitMs)) {
        while true {
          let seen = signal.generation
          let answer = try await self.verdict(request)
          if answer.decided || request.waitMs == 0 { return answer }
          try await context.whileWaiting { try await signal.wait(past: seen) }
        }
      }
    }
    if let decided { return decided }
    return try await verdict(request)
  }

  private func verdict(_ request: EvaluatorV1.WaitVerdictRequest) async throws
    -> EvaluatorV1.WaitVerdictResponse
  {
    try await consult { [queue] database in
      _ = try RunRow.fetch(database, request.runId)
      guard let trial = try TrialRow.find(database, run: request.runId, trial: request.trial) else {
        throw RPCError(
          .notFound, reason: "UNKNOWN_TRIAL",
          "run '\(request.runId)' has no trial \(request.trial); ask for one that was accepted")
      }
      var response = EvaluatorV1.WaitVerdictResponse()
      response.decided = trial.isDecided
      if trial.isDecided {
        response.verdict = trial.verdict
        response.logExcerpt = trial.log
        response.envelope = trial.envelope
      } else {
        let id = MeasurementID(run: request.runId, trial: request.trial, purpose: .trial)
        let machine = try self.machine(database, id)
        response.stage =
          switch machine?.decision {
          case .measured?: "confirming"
          default: try machine?.stageName(leased: queue.leasedCount(database, id) > 0) ?? "queued"
          }
      }
      return response
    }
  }

  func state(_ id: String) async throws -> EvaluatorV1.RunState {
    let now = configuration.clock.now()
    let runners = slots.withLock { $0.values.count { now - $0 < 60_000 } }
    return try await consult { [queue] database in
      let run = try RunRow.fetch(database, id)
      var state = EvaluatorV1.RunState()
      state.runId = run.id
      state.phase = run.phase
      state.reason = run.reason
      state.accepted = run.accepted
      state.decided = run.decided
      state.maxTrials = run.maxTrials
      state.incumbent = run.incumbent
      state.incumbentScore = run.incumbentScore.map(Quantity.decimal) ?? ""
      state.baselineScore = run.baselineScore.map(Quantity.decimal) ?? ""
      state.noiseSd = run.keepRule.map { Quantity.decimal($0.deviation) } ?? ""
      let seeds = try self.owned(run.taskName).task.file.seeds.perTrial
      state.keepMargin = run.margin(trialSeeds: seeds).map(Quantity.decimal) ?? ""
      let counts = try queue.counts(database, run: run.id)
      state.queuedJobs = UInt32(clamping: counts.queued)
      state.leasedJobs = UInt32(clamping: counts.leased)
      state.runners = UInt32(clamping: runners)
      state.version = run.version
      state.finalReport = run.report
      state.hardware = try JobQueue.hardware(database, run: run.id)?.text ?? ""
      (state.predicted, state.predictionsChecked, state.predictionsWrong) = try Self.predictionCounts(
        database, run: run.id)
      try self.describe(database, run, try self.owned(run.taskName), in: &state)
      return state
    }
  }
}
