import AssayIdentity
import AssayMessages
import AssayPatch
import AssayRPC
import AssayRPCTesting
import AssayServices
import AssayVerdict
import Foundation
import Testing

@testable import AssayEvaluator

@Suite("Submissions", .timeLimit(.minutes(2)))
struct SubmissionTests {
  @Test("a key names a submission: the same body the same trial, another body a refusal, no key neither")
  func keys() async throws {
    try await EvaluatorHarness.with(try Bench(), script: ScriptedRunner.honest) { harness in
      try await harness.openAccepting()
      let edit = try Bench.edit(width: "2")
      let other = try Bench.edit(width: "5")
      let first = try await harness.submit(edit, key: "k")
      #expect(try await harness.submit(edit, key: "k") == first)
      let reused = try await refusal { () async throws(RPCError) in try await harness.submit(other, key: "k")
      }
      #expect(reused.code == .failedPrecondition)
      #expect(reused.reason == "IDEMPOTENCY_KEY_REUSED")
      let missing = try await refusal { () async throws(RPCError) in try await harness.submit(other, key: "")
      }
      #expect(missing.code == .invalidArgument)
      // The key still names the first submission after its verdict.
      _ = try await harness.verdict(first)
      #expect(try await harness.submit(edit, key: "k") == first)
      #expect(try await harness.state().accepted == 1)
    }
  }

  @Test("what is no trial is refused with a typed error, and nothing is stored")
  func refusals() async throws {
    try await EvaluatorHarness.with(try Bench(), script: ScriptedRunner.honest) { harness in
      let early = try await refusal { () async throws(RPCError) in try await harness.submit([1]) }
      #expect(early.reason == "UNKNOWN_RUN")
      try await harness.openAccepting()
      let edit = try Bench.edit(width: "2")
      let patch = { (text: String) in Array(text.utf8) }
      let cases: [(String, RPCStatus, [UInt8], String, UInt32)] = [
        ("UNKNOWN_PARENT", .notFound, edit, "model", 17),
        ("INVALID_EDIT", .invalidArgument, patch("no diff at all"), "model", 0),
        (
          "INVALID_EDIT", .invalidArgument, patch("--- a/../x\n+++ b/../x\n@@ -1 +1 @@\n-a\n+b\n"), "model", 0
        ),
        (
          "INVALID_EDIT", .invalidArgument, patch("diff --git a/r b/r\nGIT binary patch\nliteral 3\nabc\n"),
          "model", 0
        ),
        ("INVALID_EDIT", .invalidArgument, [], "model", 0),
      ]
      for (reason, code, edit, specialist, parent) in cases {
        let error = try await refusal { () async throws(RPCError) in
          try await harness.submit(edit, specialist: specialist, parent: parent)
        }
        #expect(error.reason == reason, "\(error)")
        #expect(error.code == code)
      }
      // A session submits as the specialist of its own name; a person may name any that exists.
      var foreign = EvaluatorHarness.request(edit, specialist: "opt")
      let options = CallOptions(timeout: .seconds(10), idempotencyKey: "f")
      let asOther = try await refusal { () async throws(RPCError) in
        _ = try await harness.agent.submitTrial(foreign, options)
      }
      #expect(asOther.code == .permissionDenied)
      foreign.proposal?.specialist = "nobody"
      let unknown = try await refusal { () async throws(RPCError) in
        _ = try await harness.user.submitTrial(foreign, options)
      }
      #expect(unknown.reason == "UNKNOWN_SPECIALIST")
      let runner = EvaluatorServiceClient(harness.server.clients["runner/one"])
      let asRunner = try await refusal { () async throws(RPCError) in
        _ = try await runner.submitTrial(foreign, options)
      }
      #expect(asRunner.code == .permissionDenied)
      #expect(try await harness.state().accepted == 0)
    }
  }

  @Test("edits that do not apply, leave the partition or are too long are trials, and part of the record")
  func preflight() async throws {
    try await EvaluatorHarness.with(try Bench(), script: ScriptedRunner.honest) { harness in
      try await harness.openAccepting()
      let stale = Array(
        "--- a/recipe.py\n+++ b/recipe.py\n@@ -1,2 +1,2 @@\n # gone\n-WIDTH = 9\n+WIDTH = 2\n".utf8)
      let stray = Array("--- /dev/null\n+++ b/other.py\n@@ -0,0 +1 @@\n+import os\n".utf8)
      let long = try Bench.edit(width: "'" + String(repeating: "x", count: 400) + "'")
      for (edit, label, words) in [
        (stale, LineageV1.VerdictLabel.preflightCrash, "does not apply"),
        (try Bench.edit(lr: "2"), .preflightCrash, "leaves the partition"),
        (stray, .preflightCrash, "other.py"), (long, .sizeBlocked, "over the cap of 400"),
      ] {
        let answer = try await harness.verdict(try await harness.submit(edit))
        #expect(answer.verdict?.label == label, "\(answer)")
        #expect(answer.verdict?.reason.contains(words) == true, "\(answer)")
        #expect(answer.verdict?.usage.isEmpty == true)
      }
      // A trial whose edit did not apply has no recipe to build on.
      let child = try await refusal { () async throws(RPCError) in try await harness.submit(stale, parent: 1)
      }
      #expect(child.reason == "UNKNOWN_PARENT")
    }
  }

  @Test("a recipe that was paid for is not paid for again; bounds of the run and of a specialist hold")
  func bounds() async throws {
    try await EvaluatorHarness.with(try Bench(), script: ScriptedRunner.honest) { harness in
      try await harness.openAccepting(maxTrials: 2)
      let first = try await harness.submit(try Bench.edit(width: "2"))
      let edit = try Bench.edit(width: "2")
      let again = try await refusal { () async throws(RPCError) in try await harness.submit(edit) }
      #expect(again.code == .alreadyExists)
      #expect(again.message.contains("trial \(first)"))
      try await harness.submit(try Bench.edit(lr: "2"), specialist: "opt")
      let third = try Bench.edit(width: "3")
      let full = try await refusal { () async throws(RPCError) in try await harness.submit(third) }
      #expect(full.reason == "RUN_FULL")
    }
  }

  @Test("what is accepted while the same is sent again is answered, not refused as too many or as known")
  func overtaken() async throws {
    try await EvaluatorHarness.with(try Bench(), script: ScriptedRunner.honest) { harness in
      try await harness.openAccepting(maxTrials: 1)
      let edit = try Bench.edit(width: "2")
      let trial = try await harness.submit(edit, key: "k")
      let request = EvaluatorHarness.request(edit)
      let proposal = try #require(request.proposal)
      let evaluator = harness.evaluator
      let recipe = try await evaluator.store.read { database in
        try #require(
          try TrialRow.find(database, run: EvaluatorHarness.run, trial: trial).flatMap {
            try TrialRow.snapshot(database, run: EvaluatorHarness.run, $0.record.snapshotId)
          })
      }
      func foreseen(_ key: String) async throws -> UInt32? {
        let peer = Peer(
          name: "agent/model", roles: [.agent], identity: harness.key("agent/model").publicIdentity)
        let context = CallContext(
          method: EvaluatorServiceMethods.submitTrial, peer: peer, deadline: .now + .seconds(9),
          idempotencyKey: key, metadata: [:], callID: [])
        return try await evaluator.store.read {
          try evaluator.foreseen($0, request, proposal, recipe, context)?.trial
        }
      }
      #expect(try await foreseen("k") == trial)
      let refused = await #expect(throws: RPCError.self) { try await foreseen("another") }
      #expect(refused?.reason == "RUN_FULL")
    }
  }

  @Test("what differs in comments and formatting alone is refused, for every specialist and on every parent")
  func meaning() async throws {
    try await EvaluatorHarness.with(try Bench(), script: ScriptedRunner.honest) { harness in
      try await harness.openAccepting()
      let comment = try Bench.edit(width: "1  # wide")
      let alone = try await refusal { () async throws(RPCError) in try await harness.submit(comment) }
      #expect(alone.code == .alreadyExists)
      #expect(alone.reason == "DUPLICATE_RECIPE")
      #expect(alone.message.contains("touches only comments and formatting of trial 0"))
      #expect(alone.metadata["trial"] == "0")
      let first = try await harness.submit(try Bench.edit(width: "2"))
      let other = try Bench.edit(width: "2  # again")
      let twice = try await refusal { () async throws(RPCError) in try await harness.submit(other) }
      #expect(twice.reason == "DUPLICATE_RECIPE")
      #expect(twice.message.contains("trial \(first) has this recipe but for comments"))
      // Counted, once for each key.
      for _ in 0..<2 {
        _ = try await refusal { () async throws(RPCError) in try await harness.submit(other, key: "again") }
      }
      let state = try await harness.state()
      #expect(state.specialists.first { $0.specialist == "model" }?.duplicatesRefused == 3)
      #expect(state.specialists.first { $0.specialist == "opt" }?.duplicatesRefused == 0)
      #expect(try await harness.state().accepted == 1)
    }
  }

  @Test(
    "a verdict names what the recipe means and what the edit changed, which is the same on another parent")
  func change() async throws {
    let bench = try Bench()
    try await EvaluatorHarness.with(bench, script: ScriptedRunner.honest) { harness in
      try await harness.openAccepting()
      let first = try await harness.submit(try Bench.edit(width: "2"))
      let rate = try await harness.submit(try Bench.edit(lr: "7"), specialist: "opt")
      let onto = Array("--- a/recipe.py\n+++ b/recipe.py\n@@ -2,1 +2,1 @@\n-WIDTH = 1\n+WIDTH = 2\n".utf8)
      let second = try await harness.submit(onto, parent: rate)
      func facts(_ trial: UInt32) async throws -> VerdictStatement.Facts {
        try VerdictStatement.verified(
          envelope: try await harness.verdict(trial).envelope, key: bench.key.publicIdentity
        ).facts
      }
      let (one, middle, two) = (try await facts(first), try await facts(rate), try await facts(second))
      #expect(one.changeDigest != nil)
      #expect(one.changeDigest == two.changeDigest)
      #expect(one.changeDigest != middle.changeDigest)
      #expect(Set([one.meaningDigest, middle.meaningDigest, two.meaningDigest]).count == 3)
    }
  }

  @Test("a recipe that cannot be read at once is accepted, and read before it runs")
  func readLater() async throws {
    let bench = try Bench()
    bench.scorer.state.withLock { $0.failInspections = 1 }
    try await EvaluatorHarness.with(bench, script: ScriptedRunner.honest) { harness in
      try await harness.openAccepting()
      let trial = try await harness.submit(try Bench.edit(width: "eval"))
      let answer = try await harness.verdict(trial)
      #expect(answer.verdict?.label == .illegal)
      #expect(
        try VerdictStatement.verified(envelope: answer.envelope, key: bench.key.publicIdentity).facts
          .meaningDigest == nil)
    }
  }

  @Test("what a failure of ours cost is no reason to refuse it the second time")
  func afterAnAbort() async throws {
    try await EvaluatorHarness.with(try Bench(), script: ScriptedRunner.honest) { harness in
      try await harness.openAccepting()
      harness.bench.scorer.state.withLock { $0.failInputs = TrialStateMachine.attempts }
      let lost = try await harness.submit(try Bench.edit(width: "4"))
      #expect(try await harness.verdict(lost).verdict?.label == .harnessAbort)
      let again = try await harness.submit(try Bench.edit(width: "4"))
      #expect(again != lost)
      #expect(try await harness.verdict(again).verdict?.label == .keep)
    }
  }

  @Test("an illegal baseline does not start a run")
  func baseline() async throws {
    let bench = try Bench(gates: "gates: [{metric: accuracy, at_least: \"0.95\"}]")
    try await EvaluatorHarness.with(bench, script: ScriptedRunner.honest) { harness in
      try await harness.open()
      let state = try await harness.state { $0.phase != .measuringBaseline }
      #expect(state.phase == .failed)
      #expect(state.reason.contains("accuracy"))
      let edit = try Bench.edit(width: "2")
      let refused = try await refusal { () async throws(RPCError) in try await harness.submit(edit) }
      #expect(refused.reason == "RUN_CLOSED")
    }
  }
}
