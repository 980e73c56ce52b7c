import AssayMessages
import AssayPatch
import AssayRPC
import AssayTask
import AssayVerdict
import Foundation
import GRDB

/// What an operator asks when the rules changed, or a person found what no rule finds.
extension Evaluator {
  /// How long one call screens recipes before it answers how far it is.
  private static let screeningMilliseconds: Int64 = 10_000

  public func auditRun(_ request: EvaluatorV1.AuditRunRequest, _ context: CallContext) async throws
    -> EvaluatorV1.AuditRunResponse
  {
    let run = try await consult { try RunRow.fetch($0, request.runId) }
    guard run.phase != .measuringBaseline, run.phase != .failed else {
      throw RPCError(
        .failedPrecondition, reason: "RUN_NOT_READY",
        "run '\(run.id)' has no measured baseline, so that there is nothing to audit; wait for it")
    }
    let owned = try owned(run.taskName)
    let audit = try await Audit(run: run, owned: owned, task: current(owned))
    let started = configuration.clock.now()
    while true {
      let progress = try await consult { try audit.progress($0) }
      guard progress.open.isEmpty else {
        guard configuration.clock.now() - started < Self.screeningMilliseconds else {
          return audit.response(progress)
        }
        try await screen(Array(progress.open.prefix(max(1, configuration.scorers))), audit)
        continue
      }
      if request.dryRun { return try await consult { try audit.found($0, progress) } }
      let peer = context.peer.name
      // Trials that were accepted while the last recipes were screened are screened first.
      if let response = try await commit({ try self.conclude($0, audit, by: peer) }) {
        announce()
        return response
      }
    }
  }

  /// The task as its folder has it now.
  private func current(_ owned: OwnedTask) async throws -> ResearchTask {
    do {
      return try await ResearchTask.read(directory: owned.task.reference.description)
    } catch let error as TaskError {
      let mistake = error.diagnostics.first { $0.severity == .error }?.description ?? error.message
      throw RPCError(
        .failedPrecondition, reason: "TASK_INVALID",
        "the folder of task '\(owned.task.name)' cannot be used: \(Bounded.text(mistake, 800))")
    }
  }

  private func screen(_ recipes: [RecipeTree], _ audit: Audit) async throws {
    let found = try await withThrowingTaskGroup(of: (String, Inspection).self) { group in
      for recipe in recipes {
        group.addTask {
          do {
            return (recipe.digest, try await audit.owned.scorer.inspect(recipe, rules: audit.rules))
          } catch {
            try Task.checkCancellation()
            self.logger.error("screening a recipe failed: \(error)")
            throw RPCError(
              .unavailable, reason: "SCREENING_FAILED",
              "a recipe could not be screened; the evaluator's log says why. Nothing was changed; try again.")
          }
        }
      }
      return try await group.reduce(into: []) { $0.append($1) }
    }
    try await commit { database in
      for (digest, inspection) in found { try audit.store(database, digest, inspection) }
    }
  }

  /// Revokes what was found and makes the rules the run's. Nil when trials are not screened yet.
  private func conclude(_ database: Database, _ audit: Audit, by peer: String) throws
    -> EvaluatorV1.AuditRunResponse?
  {
    let progress = try audit.progress(database)
    guard progress.open.isEmpty else { return nil }
    var run = try RunRow.fetch(database, audit.run.id)
    let owned = audit.owned
    var response = try audit.found(database, progress)
    let fresh = try audit.breaches(database).filter { !$0.isRevoked }
    guard run.rules != audit.rules || run.currentDigest != audit.task.digest || !fresh.isEmpty else {
      return response
    }
    let revoked = fresh.filter { $0.label != nil }
    let now = configuration.clock.now()
    let statement = try AuditStatement(
      run: run.id, taskDigest: audit.task.digest, rules: audit.rules.statics.map(\.id),
      rulesVersion: audit.rules.version, screened: progress.total, revoked: revoked.map(\.trial),
      requestedBy: peer, auditedAtMs: now
    ).signed(with: configuration.key)
    try publish(database, statement, run: run.id)
    run.rules = audit.rules
    run.auditedDigest = audit.task.digest
    for breach in revoked {
      var revocation = LineageV1.Revocation()
      revocation.runId = run.id
      revocation.trial = breach.trial
      revocation.verdictSha256 = VerdictStatement.digest(breach.envelope)
      revocation.reason = Bounded.text(breach.failure(audit.rules).reason, 1900)
      revocation.rule = breach.rule
      revocation.rulesVersion = UInt32(clamping: audit.rules.version)
      revocation.evidence = breach.evidence
      revocation.auditSha256 = VerdictStatement.digest(statement)
      revocation.requestedBy = Bounded.text(peer, 120)
      revocation.revokedAtMs = now
      try revoke(database, revocation)
    }
    for breach in fresh where breach.label == nil {
      try end(database, &run, breach.trial, breach.failure(audit.rules), owned)
    }
    try restand(database, &run, owned)
    try run.save(database)
    response.incumbent = run.incumbent
    response.statements = UInt32(clamping: 1 + fresh.count)
    return response
  }

  // MARK: A person's decision

  public func revokeTrial(_ request: EvaluatorV1.RevokeTrialRequest, _ context: CallContext) async throws
    -> EvaluatorV1.RevokeTrialResponse
  {
    guard !request.reason.allSatisfy(\.isWhitespace) else {
      throw RPCError(.invalidArgument, reason: "MISSING_REASON", "say in a sentence why the trial is revoked")
    }
    let peer = context.peer.name
    let response = try await commit { database in
      var run = try RunRow.fetch(database, request.runId)
      var response = EvaluatorV1.RevokeTrialResponse()
      if let known = try Standing.revocation(database, run: run.id, trial: request.trial) {
        response.revocation = known
        response.incumbent = run.incumbent
        return response
      }
      let verdict = try self.revocable(database, run, request.trial)
      var revocation = LineageV1.Revocation()
      revocation.runId = run.id
      revocation.trial = request.trial
      revocation.verdictSha256 = VerdictStatement.digest(verdict)
      revocation.reason = request.reason
      revocation.requestedBy = Bounded.text(peer, 120)
      revocation.revokedAtMs = self.configuration.clock.now()
      try self.revoke(database, revocation)
      let owned = try self.owned(run.taskName)
      response.statements = 1
      for trial in try Standing.openDescendants(database, run: run.id, of: request.trial) {
        let failure = TrialFailure(
          .harnessAbort,
          "trial \(request.trial), from which it was edited, was revoked while this one was measured. The trial is not charged."
        )
        try self.end(database, &run, trial, failure, owned)
        response.statements += 1
      }
      try self.restand(database, &run, owned)
      try run.save(database)
      response.revocation = revocation
      response.incumbent = run.incumbent
      return response
    }
    announce()
    return response
  }

  /// The envelope of a verdict that can be revoked.
  private func revocable(_ database: Database, _ run: RunRow, _ number: UInt32) throws -> [UInt8] {
    guard let trial = try TrialRow.find(database, run: run.id, trial: number) else {
      throw RPCError(
        .notFound, reason: "UNKNOWN_TRIAL",
        "run '\(run.id)' has no trial \(number); ask for one that was accepted")
    }
    guard trial.isDecided, let verdict = trial.verdict else {
      throw RPCError(
        .failedPrecondition, reason: "NOT_DECIDED",
        "trial \(number) has no verdict yet; wait for it, then revoke it")
    }
    guard verdict.label == .keep || verdict.label == .discard else {
      throw RPCError(
        .failedPrecondition, reason: "NOT_REVOCABLE",
        "trial \(number) is '\(verdict.label.word)'; only a keep or a discard has a score to take back")
    }
    return trial.envelope
  }
}
