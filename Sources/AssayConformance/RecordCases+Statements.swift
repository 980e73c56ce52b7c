import AssayIdentity
import AssayMessages
import AssayRPC
import AssayServices
import AssayVerdict

/// Audits and revocations (docs/verdict-format.md): who may take back what, and what stands then.
extension RecordCases {
  private static let task = String(repeating: "b", count: 64)

  /// An audit that found the trials named.
  private func audit(_ revoked: [UInt32], run: String? = nil, key: IdentityKey? = nil) throws -> [UInt8] {
    try AuditStatement(
      run: run ?? self.run, taskDigest: Self.task, rules: ["no-network"], rulesVersion: 2, screened: 5,
      revoked: revoked, requestedBy: "operator", auditedAtMs: 1
    ).signed(with: key ?? subject.key("evaluator"))
  }

  /// A revocation of a recorded verdict, by a rule when an audit is named.
  private func revocation(
    of trial: UInt32, by audit: [UInt8]? = nil, run: String? = nil, verdict: String? = nil,
    reason: String = "as the suite decided", key: IdentityKey? = nil
  ) async throws -> [UInt8] {
    var revocation = LineageV1.Revocation()
    revocation.runId = run ?? self.run
    revocation.trial = trial
    let recorded = try await record(trial).envelope
    revocation.verdictSha256 = verdict ?? VerdictStatement.digest(recorded)
    revocation.reason = reason
    revocation.requestedBy = "operator"
    revocation.revokedAtMs = 1
    if let audit {
      revocation.rule = "no-network"
      revocation.rulesVersion = 2
      revocation.evidence = "recipe.py:1: socket"
      revocation.auditSha256 = VerdictStatement.digest(audit)
    }
    return try RevocationStatement.signed(revocation, with: key ?? subject.key("evaluator"))
  }

  private func append(_ envelope: [UInt8]) async throws -> UInt64 {
    var request = LineageV1.AppendStatementRequest()
    (request.runId, request.envelope) = (run, envelope)
    return try await asEvaluator { [request] in try await $0.appendStatement(request).sequence }
  }

  private func isRefused(
    _ name: String, _ purpose: String, _ make: @escaping @Sendable () async throws -> [UInt8]
  ) -> ConformanceCase {
    ConformanceCase(name, purpose, expect: "refused, nothing changed") {
      let envelope = try await make()
      try await refused(
        .permissionDenied, .invalidArgument, .failedPrecondition, .alreadyExists, .notFound
      ) { _ = try await append(envelope) }
    }
  }

  var statements: [ConformanceCase] { forgedStatements + recordedStatements }

  private var forgedStatements: [ConformanceCase] {
    [
      isRefused("record/forged_revocation", "a revocation signed by somebody else") {
        try await revocation(of: 1, key: IdentityKey())
      },
      isRefused("record/forged_audit", "an audit signed by somebody else") {
        try audit([1], key: IdentityKey())
      },
      isRefused("record/changed_revocation", "a signed revocation with one byte changed") {
        var envelope = try await revocation(of: 1)
        envelope[envelope.count / 2] ^= 1
        return envelope
      },
      isRefused("record/revocation_of_another_run", "a revocation that names another run") {
        try await revocation(of: 1, run: "no-such-run")
      },
      isRefused("record/audit_of_another_run", "an audit that names another run") {
        try audit([1], run: "no-such-run")
      },
      isRefused("record/statement_kind", "a signed verdict in the place of a statement") {
        try verdict(4, .keep, score: "0.1").verdict?.envelope ?? []
      },
      isRefused("record/no_statement", "bytes that are no envelope") { Array("{}".utf8) },
      isRefused("record/revokes_another_verdict", "a revocation of a verdict that the trial does not have") {
        try await revocation(of: 1, verdict: VerdictStatement.digest(record(2).envelope))
      },
      isRefused("record/revokes_undecided", "a revocation of a trial in flight") {
        try await revocation(of: 4, verdict: String(repeating: "0", count: 64))
      },
      isRefused("record/revokes_baseline", "a revocation of the baseline") { try await revocation(of: 0) },
      isRefused("record/revokes_failure", "a revocation of a crash, which has no score") {
        try await revocation(of: 3)
      },
      isRefused("record/revokes_without_audit", "a revocation by an audit that is not recorded") {
        try await revocation(of: 1, by: audit([1]))
      },
    ]
  }

  private var recordedStatements: [ConformanceCase] {
    [
      ConformanceCase("record/audit", "an audit is recorded, twice", expect: "one event") {
        let before = try await sequence()
        let first = try await append(audit([1]))
        try Expect.that(first > before, "no event")
        try Expect.equal(try await append(audit([1])), first, "the second event")
      },
      isRefused("record/revokes_unfound", "a revocation by an audit that did not find the trial") {
        try await revocation(of: 2, by: audit([1]))
      },
      ConformanceCase(
        "record/revocation", "a revocation is recorded, twice",
        expect: "one event; the verdict stays, and the baseline is the best again"
      ) {
        let before = try await record(1)
        let statement = try await revocation(of: 1, by: audit([1]))
        let first = try await append(statement)
        try Expect.equal(try await append(statement), first, "the second event")
        let after = try await record(1)
        try Expect.equal(after.envelope, before.envelope, "the verdict")
        try Expect.equal(after.standing, .revoked, "the standing of trial 1")
        try Expect.that(!after.incumbent, "it is still the incumbent")
        var request = LineageV1.SummarizeRequest()
        request.runId = run
        let summary = try await asOperator { [request] in try await $0.summarize(request) }
        try Expect.equal(summary.incumbent, 0, "the incumbent")
        try Expect.equal(summary.incumbentScore, "3", "its score")
      },
      isRefused("record/revoked_again", "another revocation of a trial that is revoked") {
        try await revocation(of: 1, reason: "something else")
      },
    ]
  }
}
