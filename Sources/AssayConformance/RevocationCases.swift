import AssayMessages
import AssayRPC
import AssayServices
import AssayVerdict

/// Verdicts taken back (docs/verdict-format.md), by a person and by rules. An evaluator may leave both out: UNIMPLEMENTED passes.
struct RevocationCases: Sendable {
  let stage: EvaluatorStage

  private func request(_ trial: UInt32, run: String? = nil, reason: String = "as the suite decided")
    -> EvaluatorV1.RevokeTrialRequest
  {
    var request = EvaluatorV1.RevokeTrialRequest()
    (request.runId, request.trial, request.reason) = (run ?? stage.runID, trial, reason)
    return request
  }

  private func audit(dryRun: Bool = false) -> EvaluatorV1.AuditRunRequest {
    var request = EvaluatorV1.AuditRunRequest()
    (request.runId, request.dryRun) = (stage.runID, dryRun)
    return request
  }

  /// Nil when the evaluator has no such method.
  @_optimize(none) private func ifThere<Value>(_ call: () async throws -> Value) async throws -> Value? {
    do {
      return try await call()
    } catch let error as RPCError {
      guard error.code == .unimplemented else { throw error }
      return nil
    }
  }

  private func canRevoke() async throws -> Bool {
    let unknown = request(4_000_000)
    do {
      _ = try await stage.asOperator { try await $0.revokeTrial(unknown) }
    } catch let error as RPCError {
      return error.code != .unimplemented
    }
    return true
  }

  /// Screens until every recipe is.
  private func screened(dryRun: Bool = false) async throws -> EvaluatorV1.AuditRunResponse? {
    let request = audit(dryRun: dryRun)
    for _ in 0..<30 {
      let answer = try await ifThere {
        try await stage.asOperator { try await $0.auditRun(request, CallOptions(timeout: .seconds(60))) }
      }
      guard let answer else { return nil }
      if answer.complete { return answer }
    }
    throw Mismatch("the recipes of a few trials were not screened in 30 calls")
  }

  private func refused(
    _ name: String, _ purpose: String, _ code: RPCStatus,
    _ body: @escaping @Sendable (EvaluatorServiceClient) async throws -> Void
  ) -> ConformanceCase {
    ConformanceCase(name, purpose, expect: "\(code), or UNIMPLEMENTED", needs: [.jobs]) {
      try await Expect.refusal(code, .unimplemented) { try await stage.asOperator(body) }
    }
  }

  /// A trial that a player fails: a crash.
  private func crash() async throws -> UInt32 {
    let trial = try await stage.submit()
    _ = try await stage.play(trial) { player, job in try await player.leave(job) }
    return trial
  }

  var cases: [ConformanceCase] { refusals + audits + revocations }

  private var refusals: [ConformanceCase] {
    [
      refused("revoke/unknown_run", "a trial of a run that was never opened", .notFound) {
        _ = try await $0.revokeTrial(request(0, run: "no-such-run"))
      },
      refused("revoke/unknown_trial", "a trial that does not exist", .notFound) {
        _ = try await $0.revokeTrial(request(4_000_000))
      },
      refused("revoke/no_reason", "a revocation without a reason", .invalidArgument) {
        _ = try await $0.revokeTrial(request(stage.honest ?? 1, reason: " "))
      },
      refused("revoke/baseline", "the baseline", .failedPrecondition) {
        _ = try await $0.revokeTrial(request(0))
      },
      ConformanceCase(
        "revoke/failure", "a crash, which has no score to take back",
        expect: "FAILED_PRECONDITION, or UNIMPLEMENTED", needs: [.jobs]
      ) {
        guard try await canRevoke() else { return }
        let crashed = request(try await crash())
        try await Expect.refusal(.failedPrecondition) {
          _ = try await stage.asOperator { try await $0.revokeTrial(crashed) }
        }
      },
      ConformanceCase(
        "revoke/caller", "an agent that revokes a trial, or has a run audited",
        expect: "PERMISSION_DENIED, or UNIMPLEMENTED", needs: [.jobs]
      ) {
        guard let name = try await stage.specialists().first else { throw Mismatch("no specialist") }
        let revocation = request(stage.honest ?? 1)
        try await Expect.refusal(.permissionDenied, .unimplemented) {
          _ = try await stage.asAgent(name) { try await $0.revokeTrial(revocation) }
        }
        let audit = audit()
        try await Expect.refusal(.permissionDenied, .unimplemented) {
          _ = try await stage.asAgent(name) { try await $0.auditRun(audit) }
        }
      },
    ]
  }

  private var audits: [ConformanceCase] {
    [
      ConformanceCase(
        "audit/dry_run", "a run screened by the rules that it has, and nothing changed",
        expect: "every recipe, no statement; or UNIMPLEMENTED", needs: [.jobs]
      ) {
        guard let answer = try await screened(dryRun: true) else { return }
        try Expect.equal(answer.screened, answer.total, "the recipes screened")
        try Expect.that(answer.total >= 2, "\(answer.total) recipes")
        try Expect.equal(answer.statements, 0, "the statements")
        let known = try await stage.task().taskDigest
        try Expect.equal(answer.taskDigest, known, "the task's digest")
        try Expect.equal(
          answer.incumbent, try await stage.state { _ in true }.incumbent, "the incumbent in the answer")
      },
      ConformanceCase(
        "audit/same_rules", "the same rules again", expect: "no statement, nothing found; or UNIMPLEMENTED",
        needs: [.jobs]
      ) {
        guard let first = try await screened(), let second = try await screened() else { return }
        try Expect.equal(first.statements, 0, "the statements")
        try Expect.equal(second.statements, 0, "the statements of the second call")
        try Expect.equal(second.taskDigest, try await stage.task().taskDigest, "the task's digest")
        try Expect.that(
          !second.findings.contains { [.keep, .discard].contains($0.label) && !$0.revokedBefore },
          "a trial that was legal by these rules is found")
      },
    ]
  }

  private var revocations: [ConformanceCase] {
    [
      ConformanceCase(
        "revoke/trial", "a person revokes a trial, twice",
        expect: "one revocation, of that verdict, which stays as it is; or UNIMPLEMENTED", needs: [.jobs]
      ) {
        guard try await canRevoke() else { return }
        guard let trial = stage.honest else { throw Mismatch("no trial was measured") }
        let before = try await stage.verdict(trial)
        let request = request(trial)
        let answer = try await stage.asOperator { try await $0.revokeTrial(request) }
        guard let revocation = answer.revocation else { throw Mismatch("no revocation") }
        try Expect.equal(revocation.trial, trial, "the trial")
        try Expect.equal(
          revocation.verdictSha256, VerdictStatement.digest(before.envelope), "the verdict that is taken back"
        )
        try Expect.equal(revocation.reason, request.reason, "the reason")
        try Expect.that(!revocation.requestedBy.isEmpty, "nobody asked for it")
        try Expect.that(answer.statements >= 1, "no statement")
        try Expect.that(answer.incumbent != trial, "it is still the best")
        var other = request
        other.reason = "something else"
        let again = try await stage.asOperator { [other] in try await $0.revokeTrial(other) }
        try Expect.equal(again.revocation, revocation, "the revocation, asked for again")
        try Expect.equal(again.statements, 0, "the statements of the second call")
        try Expect.equal(try await stage.verdict(trial), before, "the verdict")
        try Expect.that(try await stage.state { _ in true }.incumbent != trial, "the run goes on from it")
      }
    ]
  }
}
