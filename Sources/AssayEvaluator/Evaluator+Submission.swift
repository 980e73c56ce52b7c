import AssayIdentity
import AssayMessages
import AssayPatch
import AssayRPC
import AssayServices
import AssayStore
import AssayTask
import Foundation
import GRDB

extension Evaluator {
  /// Accepts a trial: in one transaction its number, its record and what it waits for; answered when that is on disk.
  public func submitTrial(
    _ request: EvaluatorV1.SubmitTrialRequest, _ context: CallContext
  ) async throws -> EvaluatorV1.SubmitTrialResponse {
    do {
      return try await submit(request, context)
    } catch let error as RPCError where error.reason == "DUPLICATE_RECIPE" {
      try await commit { database in
        try database.execute(
          sql:
            "INSERT INTO refused_duplicates (run_id, specialist, name) VALUES (?, ?, ?) ON CONFLICT DO NOTHING",
          arguments: [request.runId, request.proposal?.specialist ?? "", context.idempotencyKey])
      }
      throw error
    }
  }

  private func submit(
    _ request: EvaluatorV1.SubmitTrialRequest, _ context: CallContext
  ) async throws -> EvaluatorV1.SubmitTrialResponse {
    guard !context.idempotencyKey.isEmpty else {
      throw RPCError(
        .invalidArgument, reason: "MISSING_IDEMPOTENCY_KEY",
        "send an idempotency key with the call, the same for every attempt at this submission")
    }
    guard let proposal = request.proposal else {
      throw RPCError(.invalidArgument, reason: "MISSING_PROPOSAL", "the request has no proposal; send one")
    }
    let known = try await consult { database in
      (
        try RunRow.fetch(database, request.runId), try self.earlier(database, request, context),
        try RunControl.fetch(database, request.runId).arm
      )
    }
    if let earlier = known.1 { return earlier }
    let owned = try owned(known.0.taskName)
    if !context.peer.has(.operator), context.peer.name != "agent/\(proposal.specialist)" {
      throw RPCError(
        .permissionDenied, reason: "NOT_YOUR_SPECIALIST",
        "\(context.peer.name) may not submit as specialist '\(proposal.specialist.prefix(64))'; submit as the one of your own name"
      )
    }
    let preflight = Preflight(task: owned.task, arm: known.2)
    let (partition, diff) = try preflight.parse(proposal)
    let parent = try await consult { try Self.parent($0, request.runId, proposal.parent) }
    var outcome = try preflight.outcome(diff, parent: parent, partition: partition)
    var reading = Reading()
    if case .recipe(let recipe) = outcome {
      // What is refused in any case costs no sandbox.
      let earlier = try await consult { try self.foreseen($0, request, proposal, recipe, context) }
      if let earlier { return earlier }
      for path in recipe.paths { try await blobs.put(recipe[path] ?? []) }
      reading = try await read(recipe, parent: parent, run: known.0, owned, context)
      let rules = reading.rules ?? owned.task.file.rules
      if let failure = reading.inspection.flatMap({ TrialFailure($0, rules) }) {
        outcome = .failed(failure, recipe)
      }
    }
    let response = try await commit { [outcome, reading] database in
      try self.accept(database, request, proposal, outcome, reading, parent: parent, owned, context)
    }
    announce()
    return response
  }

  /// What would become of a submission before its recipe is read: refused, or answered as before, where the same one was accepted since we
  /// looked; nil where nothing is known.
  func foreseen(
    _ database: Database, _ request: EvaluatorV1.SubmitTrialRequest, _ proposal: AgentV1.Proposal,
    _ recipe: RecipeTree, _ context: CallContext
  ) throws -> EvaluatorV1.SubmitTrialResponse? {
    if let earlier = try earlier(database, request, context) { return earlier }
    try check(
      database, try RunRow.fetch(database, request.runId), try RunControl.fetch(database, request.runId),
      proposal)
    try Self.refuseDuplicate(
      database, run: request.runId, recipe: recipe, meaning: "", parent: proposal.parent)
    return nil
  }

  private func scope(_ request: EvaluatorV1.SubmitTrialRequest, _ context: CallContext) -> String {
    "submit/\(request.runId)/\(context.peer.name)"
  }

  private func earlier(
    _ database: Database, _ request: EvaluatorV1.SubmitTrialRequest, _ context: CallContext
  ) throws -> EvaluatorV1.SubmitTrialResponse? {
    do {
      let stored = try IdempotencyTable.response(
        database, scope: scope(request, context), key: context.idempotencyKey, body: request.serialized())
      return try stored.map { try EvaluatorV1.SubmitTrialResponse(serialized: $0) }
    } catch let error as StoreError where error.code == .keyReused {
      throw RPCError(.failedPrecondition, reason: "IDEMPOTENCY_KEY_REUSED", error.message)
    }
  }

  static func parent(_ database: Database, _ run: String, _ number: UInt32) throws -> RecipeTree {
    guard let trial = try TrialRow.find(database, run: run, trial: number), !trial.record.snapshotId.isEmpty,
      let recipe = try TrialRow.snapshot(database, run: run, trial.record.snapshotId)
    else {
      throw RPCError(
        .notFound, reason: "UNKNOWN_PARENT",
        "run '\(run)' has no trial \(number) with a recipe; name a trial whose edit applied, or 0 for the baseline"
      )
    }
    return recipe
  }

  private func accept(
    _ database: Database, _ request: EvaluatorV1.SubmitTrialRequest, _ proposal: AgentV1.Proposal,
    _ outcome: Preflight.Outcome, _ reading: Reading,
    parent: RecipeTree, _ owned: OwnedTask, _ context: CallContext
  ) throws -> EvaluatorV1.SubmitTrialResponse {
    // The same key may have been accepted since we looked.
    if let earlier = try earlier(database, request, context) { return earlier }
    var run = try RunRow.fetch(database, request.runId)
    let control = try RunControl.fetch(database, run.id)
    try check(database, run, control, proposal)
    if let revoked = try Standing.barrier(database, run: run.id, trial: proposal.parent) {
      throw RPCError(
        .failedPrecondition, reason: "PARENT_REVOKED",
        "trial \(revoked) was revoked, and trial \(proposal.parent) has its recipe in it; edit another trial's recipe",
        metadata: ["trial": "\(revoked)"])
    }
    let recipe: RecipeTree?
    switch outcome {
    case .recipe(let edited): recipe = edited
    case .failed(_, let edited): recipe = edited
    }
    // First, for the baseline's may be among them.
    try Self.store(database, run: run.id, reading.meanings)
    if let recipe {
      try Self.refuseDuplicate(
        database, run: run.id, recipe: recipe, meaning: reading.meaning, parent: proposal.parent)
    }
    run.accepted += 1
    let number = run.accepted
    try run.save(database)
    var record = LineageV1.Trial()
    record.runId = run.id
    record.trial = number
    record.proposal = proposal
    record.parentSnapshotId = parent.digest
    record.snapshotId = recipe?.digest ?? ""
    record.meaning = reading.meaning
    record.change = reading.change
    record.submittedBy = context.peer.name
    record.submittedAtMs = configuration.clock.now()
    try accept(database, record, snapshot: recipe)
    try reserve(database, run, trial: number, by: proposal.specialist, owned)
    switch outcome {
    case .failed(let failure, _):
      var verdict = LineageV1.Verdict()
      verdict.runId = run.id
      verdict.trial = number
      verdict.incumbent = run.incumbent
      failure.fill(&verdict, rulesVersion: (reading.rules ?? owned.task.file.rules).version)
      try self.record(database, &run, verdict, machine: nil, owned)
      try drain(database, &run, owned)
      try run.save(database)
    case .recipe:
      // Rules that an audit changed since it was read are not those that it has to keep.
      let isRead = reading.inspection != nil && reading.rules == (run.rules ?? owned.task.file.rules)
      if let failure = try foreseen(database, run, record, owned) {
        var verdict = LineageV1.Verdict()
        verdict.runId = run.id
        verdict.trial = number
        verdict.incumbent = run.incumbent
        failure.fill(&verdict, rulesVersion: owned.task.file.rules.version)
        try self.record(database, &run, verdict, machine: nil, owned)
        // It may have been the last one that a stopping run waited for.
        try drain(database, &run, owned)
        try run.save(database)
        break
      }
      let seeds = run.secret.seeds(
        trial: number, purpose: MeasurementID.Purpose.trial.rawValue,
        count: max(1, owned.task.file.seeds.perTrial))
      try begin(
        database, MeasurementID(run: run.id, trial: number, purpose: .trial),
        TrialStateMachine(
          seeds: seeds, preflight: !isRead,
          probes: probes(database, run.id, proposal.specialist, owned)))
    }
    var response = EvaluatorV1.SubmitTrialResponse()
    response.trial = number
    try IdempotencyTable.store(
      database, scope: scope(request, context), key: context.idempotencyKey, body: request.serialized(),
      response: response.serialized())
    return response
  }

  private func check(
    _ database: Database, _ run: RunRow, _ control: RunControl, _ proposal: AgentV1.Proposal
  ) throws {
    switch run.phase {
    case .accepting: break
    case .measuringBaseline:
      throw RPCError(
        .failedPrecondition, reason: "RUN_NOT_READY",
        "the baseline of run '\(run.id)' is still being measured; wait for the run to accept trials")
    default:
      throw RPCError(
        .failedPrecondition, reason: "RUN_CLOSED",
        "run '\(run.id)' accepts no more trials\(run.reason.isEmpty ? "" : ": \(run.reason)"); begin a new run"
      )
    }
    guard run.maxTrials == 0 || run.accepted - min(run.accepted, control.refunded) < run.maxTrials else {
      throw RPCError(
        .failedPrecondition, reason: "RUN_FULL",
        "run '\(run.id)' has its \(run.maxTrials) trials; begin a new run for more")
    }
    try admit(database, run, control, proposal.specialist)
    let open =
      try Int.fetchOne(
        database, sql: "SELECT COUNT(*) FROM trials WHERE run_id = ? AND specialist = ? AND decided = 0",
        arguments: [run.id, proposal.specialist]) ?? 0
    guard open < configuration.inFlightLimit else {
      throw RPCError(
        .resourceExhausted, reason: "TOO_MANY_IN_FLIGHT",
        "specialist '\(proposal.specialist)' has \(open) trials without a verdict, as many as it may; wait for one of them"
      )
    }
  }
}
