import AssayMessages
import AssayPatch
import AssayRPC
import AssayVerdict
import Foundation
import GRDB

/// Short runs of recipes that are no trials: nothing of them is scored, signed or recorded, and what they use is charged to the run.
extension Evaluator {
  /// How many a specialist may make from one trial to the next.
  static let smokeRunsPerTrial: Int64 = 8
  private static let longestSmokeRun: UInt32 = 120

  public func smokeRun(_ request: EvaluatorV1.SmokeRunRequest, _ context: CallContext) async throws
    -> EvaluatorV1.SmokeRunResponse
  {
    guard !context.idempotencyKey.isEmpty else {
      throw RPCError(
        .invalidArgument, reason: "MISSING_IDEMPOTENCY_KEY",
        "send an idempotency key with the call, the same for every attempt at this smoke run")
    }
    let specialist = try Self.specialist(context)
    var body = request
    body.waitMs = 0
    let name = SmokeRunRow.Name(
      run: request.runId, specialist: specialist, key: context.idempotencyKey,
      body: VerdictStatement.digest(body.serialized()))
    if try await consult({ try SmokeRunRow.find($0, name) }) == nil {
      try await begin(request, name, context)
    }
    let ended = try await Waiting.first(within: context.waitLimit(milliseconds: request.waitMs)) {
      while true {
        let seen = self.changes.generation
        let answer = try await self.smokeAnswer(name)
        if answer.ended || request.waitMs == 0 { return answer }
        try await context.whileWaiting { try await self.changes.wait(past: seen) }
      }
    }
    if let ended { return ended }
    return try await smokeAnswer(name)
  }

  private func smokeAnswer(_ name: SmokeRunRow.Name) async throws -> EvaluatorV1.SmokeRunResponse {
    try await consult { database in
      guard let row = try SmokeRunRow.find(database, name) else {
        throw RPCError(.notFound, reason: "UNKNOWN_SMOKE_RUN", "this smoke run was not begun")
      }
      var answer = row.answer ?? EvaluatorV1.SmokeRunResponse()
      answer.seconds = row.seconds
      let made = try SmokeRunRow.count(database, name, sinceTrial: Self.trials(database, name))
      answer.left = UInt32(clamping: Self.smokeRunsPerTrial - made)
      return answer
    }
  }

  /// How many trials the specialist has.
  private static func trials(_ database: Database, _ name: SmokeRunRow.Name) throws -> Int64 {
    try Int64.fetchOne(
      database, sql: "SELECT COUNT(*) FROM trials WHERE run_id = ? AND specialist = ?",
      arguments: [name.run, name.specialist]) ?? 0
  }

  private func begin(_ request: EvaluatorV1.SmokeRunRequest, _ name: SmokeRunRow.Name, _ context: CallContext)
    async throws
  {
    let (run, arm, parent) = try await consult { database in
      (
        try RunRow.fetch(database, name.run), try RunControl.fetch(database, name.run).arm,
        try Self.parent(database, name.run, request.parent)
      )
    }
    let owned = try owned(run.taskName)
    let recipe = try edited(parent, by: request.edit, name.specialist, Preflight(task: owned.task, arm: arm))
    try await consult { try self.admit($0, name, parent: request.parent) }
    for path in recipe.paths { try await blobs.put(recipe[path] ?? []) }
    let reading = try await read(recipe, parent: parent, run: run, owned, context)
    if let failure = reading.inspection.flatMap({
      TrialFailure($0, reading.rules ?? owned.task.file.rules)
    }) {
      throw Self.wouldFail(failure)
    }
    let limits = owned.task.file.train.limits
    let cap = limits.wallSeconds > 0 ? UInt32(clamping: Int(limits.wallSeconds.rounded(.up))) : .max
    let asked = request.seconds == 0 ? 20 : request.seconds
    let seconds = max(1, min(asked, Self.longestSmokeRun, cap))
    try await commit { database in
      // The same key may have begun since we looked.
      guard try SmokeRunRow.find(database, name) == nil else { return }
      try self.admit(database, name, parent: request.parent)
      let run = try RunRow.fetch(database, name.run)
      let cpu = UInt64(seconds) * 1000 * UInt64(max(1, owned.task.file.environment.cores))
      let amount = Amount(
        cpuMilliseconds: cpu, gpuMilliseconds: UInt64(seconds) * 1000 * UInt64(Self.gpus(owned)))
      let number = try SmokeRunRow.insert(
        database, name, seconds: seconds, trials: try Self.trials(database, name), amount)
      try Ledger(database, run: run.id).setAside(amount, by: name.specialist)
      try self.enqueue(database, run, recipe, number: number, seconds: seconds, request.parent, name, owned)
    }
    announce()
  }

  private func edited(
    _ parent: RecipeTree, by edit: [UInt8], _ specialist: String, _ preflight: Preflight
  ) throws -> RecipeTree {
    var proposal = AgentV1.Proposal()
    proposal.specialist = specialist
    proposal.hypothesis = "smoke"
    proposal.edit = edit
    guard !edit.isEmpty else { return parent }
    let (partition, diff) = try preflight.parse(proposal)
    switch try preflight.outcome(diff, parent: parent, partition: partition) {
    case .recipe(let recipe): return recipe
    case .failed(let failure, _): throw Self.wouldFail(failure)
    }
  }

  private static func wouldFail(_ failure: TrialFailure) -> RPCError {
    RPCError(
      .failedPrecondition, reason: "WOULD_NOT_RUN",
      "as a trial it would end as \(failure.label) before it is run: \(Bounded.text(failure.reason, 1500))")
  }

  private func admit(_ database: Database, _ name: SmokeRunRow.Name, parent: UInt32) throws {
    let run = try RunRow.fetch(database, name.run)
    guard run.phase == .accepting else {
      throw RPCError(
        .failedPrecondition, reason: run.phase == .measuringBaseline ? "RUN_NOT_READY" : "RUN_CLOSED",
        "run '\(run.id)' takes no trials now, so nothing is tried for it either")
    }
    let control = try RunControl.fetch(database, run.id)
    let partitions = try owned(run.taskName).task.partitions.map(\.name)
    let known = control.arm?.members.map(\.specialist) ?? partitions
    guard known.contains(name.specialist) else {
      throw RPCError(
        .permissionDenied, reason: "UNKNOWN_SPECIALIST",
        "'\(name.specialist.prefix(64))' submits nothing in this run, and tries nothing")
    }
    if let revoked = try Standing.barrier(database, run: run.id, trial: parent) {
      throw RPCError(
        .failedPrecondition, reason: "PARENT_REVOKED",
        "trial \(revoked) was revoked, and trial \(parent) has its recipe in it; edit another trial's recipe")
    }
    try admit(database, run, control, name.specialist)
    guard try !SmokeRunRow.isOpen(database, name) else {
      throw RPCError(
        .resourceExhausted, reason: "SMOKE_RUN_IN_FLIGHT",
        "specialist '\(name.specialist)' has a smoke run under way; wait for its end")
    }
    let made = try SmokeRunRow.count(database, name, sinceTrial: try Self.trials(database, name))
    guard made < Self.smokeRunsPerTrial else {
      throw RPCError(
        .resourceExhausted, reason: "TOO_MANY_SMOKE_RUNS",
        "specialist '\(name.specialist)' has made \(made) smoke runs since its last trial, as many as it may; submit a trial"
      )
    }
  }

  private func enqueue(
    _ database: Database, _ run: RunRow, _ recipe: RecipeTree, number: UInt32, seconds: UInt32,
    _ parent: UInt32, _ name: SmokeRunRow.Name, _ owned: OwnedTask
  ) throws {
    let id = MeasurementID(run: run.id, trial: number, purpose: .smoke)
    let key = TrialStateMachine.JobKey.train(seed: 0)
    let seeds = run.secret.seeds(trial: number, purpose: id.purpose.rawValue, count: 1)
    let specification = JobSpecification(owned: owned, measurement: id, recipe: recipe)
    var job = specification.job(key, TrialStateMachine(seeds: seeds, preflight: false))
    job.phase = "smoke"
    job.trial = parent
    let wall = UInt64(seconds) * 1000
    let cpu = wall * UInt64(max(1, owned.task.file.environment.cores))
    func least(_ bound: UInt64, _ other: UInt64) -> UInt64 { bound == 0 ? other : min(bound, other) }
    var budget = job.budget ?? EvaluatorV1.PhaseBudget()
    budget.wallMs = least(budget.wallMs, wall)
    budget.cpuMs = least(budget.cpuMs, cpu)
    job.budget = budget
    try queue.insert(
      database, id: job.jobId, measurement: id, specialist: name.specialist, key: key, spec: job,
      needs: specification.needs(key))
  }

  // MARK: The end

  /// Ends a smoke run: with what a runner measured, or without, by a failure of ours that nobody is charged for.
  func endSmokeRun(_ database: Database, _ id: MeasurementID, _ event: TrialStateMachine.Event) throws {
    var answer = EvaluatorV1.SmokeRunResponse()
    answer.ended = true
    var used: Amount?
    switch event {
    case .jobEnded(_, let report):
      answer.ending = Self.ending(report)
      answer.exitCode = report.exitCode
      answer.signal = report.signal
      answer.wallNs = report.wallNanoseconds
      answer.cpuNs = report.cpuNanoseconds
      answer.maxMemoryBytes = report.memoryBytes
      answer.artifactBytes = report.artifactBytes
      answer.logExcerpt = report.log
      let gpus = UInt64(Self.gpus(try owned(RunRow.fetch(database, id.run).taskName)))
      used = Amount(
        cpuMilliseconds: report.cpuNanoseconds / 1_000_000,
        gpuMilliseconds: report.wallNanoseconds / 1_000_000 &* gpus)
    default: answer.ending = "failed"
    }
    try end(database, id, answer, used)
    var run = try RunRow.fetch(database, id.run)
    let owned = try owned(run.taskName)
    var control = try RunControl.fetch(database, run.id)
    try applyStopRules(database, &run, &control, owned)
    try drain(database, &run, owned)
    try run.save(database)
  }

  private func end(
    _ database: Database, _ id: MeasurementID, _ answer: EvaluatorV1.SmokeRunResponse, _ used: Amount?
  ) throws {
    guard let open = try SmokeRunRow.end(database, run: id.run, number: id.trial, answer) else { return }
    try Ledger(database, run: id.run).close(open.amount, used, by: open.specialist)
  }

  /// A run that takes no more trials tries nothing more either.
  func stopSmokeRuns(_ database: Database, _ run: String) throws {
    for number in try SmokeRunRow.open(database, run: run) {
      let id = MeasurementID(run: run, trial: number, purpose: .smoke)
      try queue.cancel(database, id)
      var answer = EvaluatorV1.SmokeRunResponse()
      answer.ended = true
      answer.ending = "cancelled"
      try end(database, id, answer, nil)
    }
  }

  private static func ending(_ report: JobReport) -> String {
    switch report.ending {
    case .exited: report.signal == 0 ? "exited" : "signal"
    // The time of a smoke run is short on purpose: what used it up did not fail.
    case .wall, .cpu: "time limit"
    case .memory: "memory limit"
    case .processes: "process limit"
    case .disk: "disk limit"
    case .output: "output limit"
    case .infrastructure: "failed"
    }
  }
}
