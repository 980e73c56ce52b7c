import AssayIdentity
import AssayLog
import AssayMessages
import AssayRPC
import AssayVerdict
import Foundation
import GRDB
import Testing

@testable import AssayLineage

/// The log of signed statements that the lineage keeps of a run.
@Suite struct LogTests {
  private let log = IdentityKey()

  private func policy(_ record: Record, run: String = Record.run) throws -> [UInt8] {
    try PolicyStatement(
      run: run, task: "t", taskDigest: "",
      metric: .init(name: "loss", direction: "minimize", unit: "", source: "score", smallestEffect: "0"),
      gates: [], rules: [], rulesVersion: 0, seeds: .init(perTrial: 1, baseline: 1, final: 1, commitment: ""),
      keepRule: "",
      keepConfidence: "0.95", evaluatorVersion: "1", nonClaims: []
    ).signed(with: record.key)
  }

  private func root(_ statements: [[UInt8]]) -> [UInt8] {
    MerkleProof.root(statements.map(MerkleHash.leaf)[...])
  }

  private func head(_ record: Record) async throws -> Checkpoint {
    let note = try await record.store.checkpoint(Record.run, newest: true, key: log)
    #expect(note.isSigned(as: Checkpoint.origin(ofRun: Record.run), by: log.publicIdentity))
    return try #require(Checkpoint(text: note.text))
  }

  @Test func statementsAreInTheOrderInWhichTheyWereAccepted() async throws {
    let record = try await Record.make()
    #expect(try await head(record).size == 0)
    try await record.add(0, .baseline, score: "3")
    try await record.add(1)
    try await record.add(2, .keep, score: "2")
    let late = try record.verdict(1, .crash, snapshot: try record.trial(1).0.snapshotId)
    _ = try await record.store.append(late, now: 4)
    // The same verdict again is the same statement.
    _ = try await record.store.append(late, now: 5)
    let report = try ReportStatement.signed(
      EvaluatorV1.FinalReport(), run: Record.run, snapshotID: "", with: record.key)
    _ = try await record.store.finish(Record.run, report: report, now: 6)
    let statements = try await record.store.statements(Record.run, from: 0)
    #expect(statements.count == 4)
    #expect(statements[2] == late.envelope)
    #expect(statements[3] == report)
    #expect(try await record.store.statements(Record.run, from: 3) == [report])
    #expect(try await record.store.statements(Record.run, from: .max).isEmpty)
    let head = try await head(record)
    #expect(head.size == 4)
    #expect(head.root == root(statements))
  }

  @Test func aPolicyComesFirstAndBindsEveryVerdict() async throws {
    let record = try await Record.make(register: false)
    let policy = try policy(record)
    await #expect(throws: RPCError.self) {
      try await record.store.register(record.run(), policy: try self.policy(record, run: "other"), now: 1)
    }
    let foreign = try await Record.make(register: false)
    await #expect(throws: RPCError.self) {
      try await record.store.register(record.run(), policy: try self.policy(foreign), now: 1)
    }
    let first = try await record.store.register(record.run(), policy: policy, now: 1)
    #expect(try await record.store.register(record.run(), policy: policy, now: 2) == first)
    await #expect(throws: RPCError.self) { try await record.store.register(record.run(), now: 2) }
    #expect(try await record.store.statements(Record.run, from: 0) == [policy])
    // A verdict that names no policy, where there is one.
    await #expect(throws: RPCError.self) { try await record.add(0, .baseline, score: "3") }
    #expect(try await head(record).size == 1)
  }

  @Test func onlyTheRunsEvaluatorVouchesAndOnlyForTheNewest() async throws {
    let record = try await Record.make()
    try await record.add(0, .baseline, score: "3")
    let plain = try await record.store.checkpoint(Record.run, newest: true, key: log)
    func keep(_ note: SignedNote) async throws -> String? {
      do {
        try await record.store.keep(note, of: Record.run, key: log)
        return nil
      } catch let error as RPCError {
        return error.reason
      }
    }
    var stranger = plain
    stranger.cosign(as: Checkpoint.cosigner, at: 1, with: IdentityKey())
    #expect(try await keep(stranger) == "COSIGNATURE_INVALID")
    #expect(try await keep(plain) == "COSIGNATURE_INVALID")
    var unsigned = SignedNote(text: plain.text)
    unsigned.cosign(as: Checkpoint.cosigner, at: 1, with: record.key)
    #expect(try await keep(unsigned) == "COSIGNATURE_INVALID")
    var cosigned = plain
    cosigned.cosign(as: Checkpoint.cosigner, at: 1, with: record.key)
    #expect(try await keep(cosigned) == nil)
    #expect(try await keep(cosigned) == nil)
    try await record.add(1, .discard, score: "3")
    #expect(try await keep(cosigned) == "STALE_CHECKPOINT")
    // What was vouched for stays to be had beside what is newest.
    #expect(try await record.store.checkpoint(Record.run, newest: false, key: log) == cosigned)
    #expect(try await head(record).size == 2)
  }

  @Test func aRecordOfAnEarlierVersionIsTakenUp() async throws {
    let record = try await Record.make()
    try await record.add(0, .baseline, score: "3")
    try await record.add(1, .keep, score: "2")
    let before = try await head(record)
    try await record.store.store.write { database in
      try database.execute(
        sql: "DROP TRIGGER log_entry_no_delete; DELETE FROM log_entry; DELETE FROM log_head")
    }
    await record.store.store.close()
    let again = Record(store: try await LineageStore.open(in: record.folder), folder: record.folder)
    #expect(try await head(again) == before)
  }
}
