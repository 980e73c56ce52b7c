import AssayIdentity
import AssayMessages
import AssayPatch
import AssayRPC
import AssayStore
import Foundation
import GRDB
import Testing

@testable import AssayLineage

@Suite struct LineageStoreTests {
  @Test func recordsAndAnswersViews() async throws {
    let record = try await Record.make()
    try await record.add(0, .baseline, score: "3")
    try await record.add(1, .keep, score: "2.5")
    try await record.add(2, parent: 1, specialist: "arch", .discard, score: "2.6")
    try await record.add(3, parent: 1, specialist: "arch", .crash, reason: "boom")
    try await record.add(4, parent: 1, .keep, score: "2.25")
    try await record.add(5, parent: 4)
    #expect(try await record.numbers(.all) == [0, 1, 2, 3, 4, 5])
    #expect(try await record.numbers(.leaderboard) == [4, 1, 2, 0])
    #expect(try await record.numbers(.bestLineage) == [4, 1, 0])
    #expect(try await record.numbers(.subtree) { $0.root = 1 } == [1, 2, 3, 4, 5])
    #expect(try await record.numbers(.recent) == [5, 4, 3, 2, 1, 0])
    #expect(try await record.numbers(.specialist) { $0.specialist = "arch" } == [3, 2])
    #expect(try await record.numbers(.inFlight) == [5])
    #expect(try await record.numbers(.failures) == [3])
    #expect(try await record.numbers(.failures) { $0.label = .sizeBlocked } == [])
    #expect(try await record.numbers(.kept) == [1, 4])
    let summary = try await record.store.summary(Record.run)
    #expect(summary.incumbent == 4)
    #expect(summary.incumbentScore == "2.25")
    #expect(summary.baselineScore == "3")
    #expect(summary.trials == 6)
    #expect(summary.inFlight == 1)
    #expect(
      summary.specialists.map { "\($0.specialist) \($0.trials) \($0.kept) \($0.inFlight)" } == [
        "arch 2 0 0", "opt 3 2 1",
      ])
    #expect(try await record.store.trial(Record.run, 4).incumbent)
  }

  @Test func pagesAreWholeAndInOrder() async throws {
    let record = try await Record.make(direction: .maximize)
    try await record.add(0, .baseline, score: "0.5")
    for number in 1...40 as ClosedRange<UInt32> {
      try await record.add(
        number, parent: number - 1, number % 4 == 0 ? .crash : .keep,
        score: number % 4 == 0 ? "" : "0.\(100 + number % 7)")
    }
    for view in [.all, .leaderboard, .bestLineage, .recent, .failures, .kept] as [LineageV1.TrialView] {
      let whole = try await record.numbers(view)
      #expect(try await record.numbers(view, pageSize: 3) == whole)
      #expect(Set(whole).count == whole.count)
    }
    #expect(try await record.numbers(.leaderboard).first == 0)
    await #expect(throws: RPCError.self) { try await record.numbers(.all) { $0.pageToken = "7/zz" } }
  }

  @Test func sameFactsAgainAreOneRecord() async throws {
    let record = try await Record.make()
    let (trial, snapshot) = try record.trial(0)
    let first = try await record.store.append(trial, snapshot: snapshot, now: 5)
    #expect(try await record.store.append(trial, snapshot: snapshot, now: 6) == first)
    let signed = try record.verdict(0, .baseline, score: "1", snapshot: trial.snapshotId)
    let second = try await record.store.append(signed, now: 7)
    #expect(try await record.store.append(signed, now: 8) == second)
    #expect(try await record.store.register(record.run(), now: 99) == 1)
    #expect(
      try await record.store.events(Record.run, after: 0, limit: 100).map(\.kind) == [
        .runRegistered, .trialRecorded, .verdictRecorded,
      ])
    var other = trial
    other.submittedBy = "somebody else"
    await #expect { _ = try await record.store.append(other, snapshot: snapshot, now: 9) } throws: {
      ($0 as? RPCError)?.reason == "TRIAL_EXISTS"
    }
    let changed = try record.verdict(0, .baseline, score: "2", snapshot: trial.snapshotId)
    await #expect { _ = try await record.store.append(changed, now: 9) } throws: {
      ($0 as? RPCError)?.reason == "VERDICT_EXISTS"
    }
  }

  @Test func theSameLessonAgainIsOneRecord() async throws {
    let record = try await Record.make()
    var insight = AgentV1.Insight()
    (insight.specialist, insight.text) = ("arch", "Smaller steps help.")
    let first = try await record.store.append(insight, run: Record.run, now: 1)
    #expect(try await record.store.append(insight, run: Record.run, now: 2) == first)
    insight.text = "Larger steps help."
    #expect(try await record.store.append(insight, run: Record.run, now: 3) > first)
  }

  @Test func onlyTheRunsEvaluatorDecides() async throws {
    let record = try await Record.make()
    try await record.add(0)
    let snapshot = try Record.tree("x = 0\n").digest
    func refused(_ signed: LineageV1.SignedVerdict, _ reason: String) async {
      await #expect { _ = try await record.store.append(signed, now: 1) } throws: {
        ($0 as? RPCError)?.reason == reason
      }
    }
    await refused(
      try record.verdict(0, .keep, score: "0.1", snapshot: snapshot, key: IdentityKey()),
      "VERDICT_SIGNATURE_INVALID")
    await refused(
      try record.verdict(0, .keep, score: "0.1", snapshot: snapshot, run: "another"), "UNKNOWN_RUN")
    await refused(try record.verdict(9, .keep, score: "0.1", snapshot: snapshot), "UNKNOWN_TRIAL")
    await refused(try record.verdict(0, .keep, score: "0.1", snapshot: "another recipe"), "SNAPSHOT_MISMATCH")
    var log = try record.verdict(0, .keep, score: "0.1", log: "a", snapshot: snapshot)
    log.logExcerpt = "b"
    await refused(log, "LOG_MISMATCH")
    await refused(
      try record.verdict(0, .crash, snapshot: snapshot, reason: String(repeating: "x", count: 3000)),
      "VERDICT_OUT_OF_BOUNDS")
    var garbage = log
    garbage.envelope = Array("{}".utf8)
    await refused(garbage, "MALFORMED_VERDICT")
    #expect(try await record.numbers(.inFlight) == [0])
    _ = try await record.store.append(
      try record.verdict(0, .baseline, score: "1", snapshot: snapshot), now: 1)
    #expect(try await record.numbers(.inFlight) == [])
  }

  @Test func recipesHaveTheDigestTheyClaim() async throws {
    let record = try await Record.make()
    var (trial, snapshot) = try record.trial(0)
    snapshot.files[0].content.append(0)
    await #expect { _ = try await record.store.append(trial, snapshot: snapshot, now: 1) } throws: {
      ($0 as? RPCError)?.reason == "SNAPSHOT_MISMATCH"
    }
    snapshot.files[0].content.removeLast()
    snapshot.files[0].path = "../recipe.py"
    await #expect { _ = try await record.store.append(trial, snapshot: snapshot, now: 1) } throws: {
      ($0 as? RPCError)?.reason == "BAD_SNAPSHOT"
    }
    trial.snapshotId = ""
    await #expect { _ = try await record.store.append(trial, snapshot: snapshot, now: 1) } throws: {
      ($0 as? RPCError)?.reason == "SNAPSHOT_MISMATCH"
    }
    #expect(try await record.numbers(.all) == [])
  }

  @Test func nothingIsEverChanged() async throws {
    let record = try await Record.make()
    try await record.add(0, .baseline, score: "1")
    for table in ["run", "trial", "verdict", "snapshot", "snapshot_file", "blob", "event"] {
      await #expect(throws: DatabaseError.self) {
        try await record.store.store.write { try $0.execute(sql: "DELETE FROM \(table)") }
      }
      await #expect(throws: DatabaseError.self) {
        try await record.store.store.write { try $0.execute(sql: "UPDATE \(table) SET rowid = rowid") }
      }
    }
    #expect(try await record.numbers(.all) == [0])
  }

  @Test func deepDescentIsNoProblem() async throws {
    let record = try await Record.make()
    try await record.add(0, .baseline, score: "1")
    let (trial, _) = try record.trial(0)
    // Written as rows: what is tested is reading.
    try await record.store.store.write { database in
      for number in 1...100_000 as ClosedRange<Int64> {
        var next = trial
        next.trial = UInt32(number)
        try database.execute(
          sql:
            "INSERT INTO trial (run_id, number, parent, specialist, snapshot_id, body, sequence) VALUES (?, ?, ?, 'opt', ?, ?, 1)",
          arguments: [Record.run, number, number - 1, trial.snapshotId, Data(next.serialized())])
      }
      try database.execute(sql: "UPDATE standing SET incumbent = 100000")
    }
    let lineage = try await record.store.list(
      {
        var request = LineageV1.ListTrialsRequest()
        request.runId = Record.run
        request.view = .bestLineage
        return request
      }())
    #expect(lineage.records.first?.trial?.trial == 100_000)
    #expect(lineage.records.count == 100)
    #expect(!lineage.next.isEmpty)
    #expect(try await record.numbers(.subtree) { $0.root = 99_000 }.count == 1001)
  }

  @Test func manyAppendsAtOnceKeepOneOrder() async throws {
    let record = try await Record.make()
    try await record.add(0, .baseline, score: "1")
    try await withThrowingTaskGroup(of: Void.self) { group in
      for number in 1...100 as ClosedRange<UInt32> {
        group.addTask {
          try await record.add(number, number % 2 == 0 ? .discard : nil, score: number % 2 == 0 ? "1.5" : "")
        }
      }
      try await group.waitForAll()
    }
    let events = try await record.store.events("", after: 0, limit: 1000)
    let sequences = events.map(\.sequence)
    #expect(sequences == Array(1...UInt64(events.count)))
    #expect(events.count == 153)
    #expect(try await record.store.summary(Record.run).inFlight == 50)
  }

  @Test func survivesReopening() async throws {
    let folder: String
    do {
      let record = try await Record.make()
      try await record.add(0, .baseline, score: "1")
      folder = record.folder
      await record.store.store.close()
    }
    let again = try await LineageStore.open(in: folder)
    #expect(again.feed.last == 3)
    #expect(try await again.summary(Record.run).trials == 1)
  }
}
