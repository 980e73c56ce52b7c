import AssayIdentity
import AssayLineage
import AssayMessages
import AssayRPC
import AssayRPCTesting
import AssayServices
import AssayStore
import AssayVerdict
import Foundation
import GRDB
import Testing

@testable import AssayEvaluator

@Suite("What the lineage is told", .timeLimit(.minutes(2)))
struct LineageTests {
  @Test("a run that was over before its lineage came up is on record in full, signed")
  func late() async throws {
    let bench = try Bench()
    try await EvaluatorHarness.with(bench, script: ScriptedRunner.honest) { harness in
      try await harness.openAccepting()
      _ = try await harness.verdict(try await harness.submit(try Bench.edit(width: "2")))
      _ = try await harness.verdict(try await harness.submit(try Bench.edit(width: "'crash'")))
      let stale = Array(
        "--- a/recipe.py\n+++ b/recipe.py\n@@ -1,2 +1,2 @@\n # gone\n-WIDTH = 9\n+WIDTH = 2\n".utf8)
      _ = try await harness.verdict(try await harness.submit(stale))
      var close = EvaluatorV1.CloseRunRequest()
      close.runId = EvaluatorHarness.run
      _ = try await harness.user.closeRun(close)
      _ = try await harness.state { $0.phase == .finished }
    }
    var router = RPCRouter()
    router.register(
      LineageServiceProvider(
        store: try await LineageStore.open(in: bench.folder + "/lineage"), key: IdentityKey()))
    try await withTestServer(
      router: router, identities: ["evaluator": .evaluator, "observer": .observer],
      keys: ["evaluator": bench.key]
    ) { server in
      let reader = LineageServiceClient(server.clients["observer"])
      try await EvaluatorHarness.with(bench, lineage: LineageServiceClient(server.clients["evaluator"])) {
        _ in
        var kinds: [LineageV1.EventKind] = []
        for try await element in reader.followEvents(LineageV1.FollowEventsRequest()) {
          kinds.append(try #require(element.message.event).kind)
          if kinds.last == .runFinished { break }
        }
        #expect(kinds.filter { $0 == .trialRecorded }.count == 4)
        #expect(kinds.filter { $0 == .verdictRecorded }.count == 4)
      }
      for (trial, label) in [LineageV1.VerdictLabel.baseline, .keep, .crash, .preflightCrash].enumerated() {
        var get = LineageV1.GetTrialRequest()
        get.runId = EvaluatorHarness.run
        get.trial = UInt32(trial)
        let record = try #require(try await reader.getTrial(get).record)
        #expect(record.verdict?.label == label)
        let statement = try VerdictStatement.verified(
          envelope: record.envelope, key: bench.key.publicIdentity)
        #expect(statement.verdict == record.verdict)
        #expect(statement.facts.logDigest == VerdictStatement.digest(Array(record.logExcerpt.utf8)))
      }
    }
  }

  @Test(
    "a full disk refuses a submission with the remedy; the same submission goes through when there is space")
  func diskFull() async throws {
    try await EvaluatorHarness.with(try Bench(), script: ScriptedRunner.honest) { harness in
      try await harness.openAccepting()
      try await harness.evaluator.store.write { database in
        let pages = try Int.fetchOne(database, sql: "PRAGMA page_count") ?? 0
        try database.execute(sql: "PRAGMA max_page_count = \(pages)")
      }
      let notes = String(repeating: "long ", count: 700)
      var request = EvaluatorHarness.request(try Bench.edit(width: "2"))
      request.proposal?.notes = notes
      var refused: RPCError?
      let options = CallOptions(timeout: .seconds(5), idempotencyKey: "full")
      do { _ = try await harness.agent.submitTrial(request, options) } catch { refused = error as? RPCError }
      #expect(refused?.reason == "DISK_FULL", "\(String(describing: refused))")
      #expect(try await harness.state().accepted == 0)
      try await harness.evaluator.store.write { try $0.execute(sql: "PRAGMA max_page_count = 1000000") }
      let trial = try await harness.agent.submitTrial(request, options).trial
      #expect(trial == 1)
      #expect(try await harness.verdict(1).verdict?.label == .keep)
    }
  }
}
