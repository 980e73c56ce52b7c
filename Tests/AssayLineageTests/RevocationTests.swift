import AssayIdentity
import AssayMessages
import AssayRPC
import AssayVerdict
import Foundation
import GRDB
import Testing

@testable import AssayLineage

/// Verdicts taken back: nothing leaves the record, and everything that is answered from it knows.
@Suite struct RevocationTests {
  /// 0 ← 1 ← 2 ← 4, 0 ← 3: kept are 1, 2 and 4, in this order; 5 is edited from 2 and in flight.
  private func record() async throws -> Record {
    let record = try await Record.make()
    try await record.add(0, .baseline, score: "3")
    try await record.add(1, .keep, score: "2.5")
    try await record.add(2, parent: 1, specialist: "arch", .keep, score: "2.25")
    try await record.add(3, .discard, score: "2.75")
    try await record.add(4, parent: 2, .keep, score: "2")
    try await record.add(5, parent: 2)
    return record
  }

  private func revocation(_ record: Record, of trial: UInt32, audit: [UInt8]? = nil, key: IdentityKey? = nil)
    async throws -> [UInt8]
  {
    var revocation = LineageV1.Revocation()
    revocation.runId = Record.run
    revocation.trial = trial
    revocation.verdictSha256 = VerdictStatement.digest(
      try await record.store.trial(Record.run, trial).envelope)
    revocation.reason = "seen"
    revocation.requestedBy = "operator"
    if let audit {
      revocation.rule = "narrow"
      revocation.rulesVersion = 2
      revocation.evidence = "recipe.py:1: x"
      revocation.auditSha256 = VerdictStatement.digest(audit)
    }
    return try RevocationStatement.signed(revocation, with: key ?? record.key)
  }

  private func audit(_ record: Record, _ revoked: [UInt32]) throws -> [UInt8] {
    try AuditStatement(
      run: Record.run, taskDigest: "", rules: ["narrow"], rulesVersion: 2, screened: 6, revoked: revoked,
      requestedBy: "operator", auditedAtMs: 1
    ).signed(with: record.key)
  }

  @discardableResult
  private func append(_ record: Record, _ statement: [UInt8]) async throws -> UInt64 {
    try await record.store.append(statement: statement, run: Record.run, now: 9)
  }

  private func standings(_ record: Record) async throws -> [LineageV1.TrialStanding] {
    var request = LineageV1.ListTrialsRequest()
    request.runId = Record.run
    request.view = .all
    return try await record.store.list(request).records.map(\.standing)
  }

  @Test func whatAPersonRevokesMarksAndBarsItsDescendants() async throws {
    let record = try await record()
    let statement = try await revocation(record, of: 2)
    let sequence = try await append(record, statement)
    #expect(try await append(record, statement) == sequence, "the same statement again is one")
    #expect(
      try await standings(record) == [
        .stands, .stands, .revoked, .stands, .barred, .barred,
      ])
    let summary = try await record.store.summary(Record.run)
    #expect(summary.incumbent == 1 && summary.incumbentScore == "2.5" && summary.revoked == 1)
    #expect(try await record.numbers(.leaderboard) == [4, 1, 3, 0])
    #expect(try await record.numbers(.kept) == [1, 4])
    #expect(try await record.numbers(.bestLineage) == [1, 0])
    #expect(try await record.numbers(.revoked) == [2])
    let revoked = try await record.store.trial(Record.run, 2)
    #expect(revoked.revocation?.reason == "seen" && revoked.revocationEnvelope == statement)
    #expect(revoked.verdict?.label == .keep, "the verdict stays as it was signed")
    #expect(try await record.store.trial(Record.run, 4).revokedAncestor == 2)
    // A trial that comes later inherits the mark; kept or not, it is not the incumbent.
    try await record.add(6, parent: 5, .keep, score: "1")
    #expect(try await record.store.trial(Record.run, 6).standing == .barred)
    #expect(try await record.store.summary(Record.run).incumbent == 1)
    #expect(
      try await record.store.events(Record.run, after: sequence - 1, limit: 1).map {
        "\($0.kind.rawValue) \($0.trial)"
      } == ["6 2"])
    let view = try await record.store.view(Record.run, specialist: "opt", characters: 16_000)
    #expect(view.contains("2 arch on 1: keep 2.25 REVOKED - seen"), "\(view)")
    #expect(view.contains("(descends from revoked 2)"))
  }

  @Test func whatBreaksARuleLeavesItsDescendantsToTheAudit() async throws {
    let record = try await record()
    let audit = try audit(record, [1, 2])
    let first = try await append(record, audit)
    #expect(try await append(record, audit) == first)
    #expect(try await record.store.audits(Record.run) == [audit])
    try await append(record, try await revocation(record, of: 2, audit: audit))
    try await append(record, try await revocation(record, of: 1, audit: audit))
    #expect(try await record.store.summary(Record.run).incumbent == 4, "it was screened and stands")
    #expect(try await record.store.trial(Record.run, 4).standing == .descendsFromRevoked)
    #expect(try await record.numbers(.revoked, pageSize: 1) == [2, 1])
    try await record.add(6, parent: 2, .keep, score: "1")
    #expect(try await record.store.summary(Record.run).incumbent == 6)
    // A person's decision later bars what the rule did not.
    try await append(record, try await revocation(record, of: 4))
    #expect(try await record.store.summary(Record.run).incumbent == 6)
    try await append(record, try await revocation(record, of: 6))
    #expect(try await record.store.summary(Record.run).incumbent == 0)
  }

  @Test func theLogGoesOnAfterTheReport() async throws {
    let record = try await record()
    var report = EvaluatorV1.FinalReport()
    report.best = 4
    let signed = try ReportStatement.signed(report, run: Record.run, snapshotID: "", with: record.key)
    _ = try await record.store.finish(Record.run, report: signed, now: 8)
    let audit = try audit(record, [4])
    let revocation = try await revocation(record, of: 4, audit: audit)
    try await append(record, audit)
    try await append(record, revocation)
    let statements = try await record.store.statements(Record.run, from: 0)
    #expect(statements.count == 8)
    #expect(Array(statements.suffix(3)) == [signed, audit, revocation])
    #expect(try await record.store.run(Record.run).report == signed)
    #expect(try await record.store.summary(Record.run).incumbent == 2)
  }

  @Test func whatDoesNotFitTheRecordIsRefused() async throws {
    let record = try await record()
    try await record.add(7, .crash)
    func refused(_ statement: [UInt8]) async throws -> String? {
      do {
        _ = try await append(record, statement)
        return nil
      } catch let error as RPCError {
        return error.reason
      }
    }
    func changed(_ change: (inout LineageV1.Revocation) -> Void) async throws -> [UInt8] {
      var revocation = try RevocationStatement.verified(
        envelope: try await revocation(record, of: 1), key: record.key.publicIdentity)
      change(&revocation)
      return try RevocationStatement.signed(revocation, with: record.key)
    }
    #expect(
      try await refused(try await revocation(record, of: 1, key: IdentityKey()))
        == "STATEMENT_SIGNATURE_INVALID")
    #expect(try await refused(Array("{}".utf8)) == "STATEMENT_SIGNATURE_INVALID")
    #expect(try await refused(try await record.store.trial(Record.run, 1).envelope) == "MALFORMED_STATEMENT")
    #expect(try await refused(try await changed { $0.runId = "other" }) == "MALFORMED_STATEMENT")
    #expect(try await refused(try await changed { $0.reason = "" }) == "MALFORMED_STATEMENT")
    #expect(
      try await refused(try await changed { $0.reason = String(repeating: "x", count: 3000) })
        == "REVOCATION_OUT_OF_BOUNDS")
    #expect(try await refused(try await changed { $0.trial = 3 }) == "VERDICT_MISMATCH")
    #expect(try await refused(try await changed { $0.trial = 5 }) == "UNKNOWN_TRIAL")
    #expect(try await refused(try await revocation(record, of: 0)) == "NOT_REVOCABLE")
    #expect(try await refused(try await revocation(record, of: 7)) == "NOT_REVOCABLE")
    let audit = try audit(record, [2])
    #expect(try await refused(try await revocation(record, of: 2, audit: audit)) == "UNKNOWN_AUDIT")
    #expect(try await refused(audit) == nil)
    #expect(try await refused(try await revocation(record, of: 1, audit: audit)) == "UNKNOWN_AUDIT")
    #expect(try await refused(try await revocation(record, of: 1)) == nil)
    #expect(try await refused(try await changed { $0.reason = "other" }) == "REVOCATION_EXISTS")
    #expect(try await record.store.summary(Record.run).revoked == 1)
    for sql in [
      "DELETE FROM revocation", "UPDATE audit SET digest = ''", "UPDATE revocation SET by_rule = 1",
    ] {
      await #expect(throws: (any Error).self) {
        try await record.store.store.write { try $0.execute(sql: sql) }
      }
    }
  }
}
