import AssayIdentity
import AssayMessages
import AssayRPC
import AssayServices
import AssayVerdict
import Foundation
import GRDB
import Synchronization
import Testing

@testable import AssayEvaluator

@Suite("Verdicts taken back", .timeLimit(.minutes(2)))
struct AuditTests {
  @Test("new rules revoke what breaks them, once, and are the run's from then on")
  func newRules() async throws {
    let bench = try Bench()
    try await EvaluatorHarness.with(bench, script: ScriptedRunner.honest) { harness in
      try await harness.openAccepting()
      for width in ["2", "3", "4", "0"] {
        _ = try await harness.verdict(try await harness.submit(try Bench.edit(width: width)))
      }
      #expect(try await harness.state().incumbent == 3)
      try bench.forbid(["4", "0"], version: 1)

      let dry = try await harness.audit(dryRun: true)
      #expect(
        dry.findings.map { "\($0.trial) \($0.rule) \($0.evidence) \($0.label.word)" } == [
          "3 narrow recipe.py:2: width_4 keep", "4 narrow recipe.py:2: width_0 discard",
        ])
      #expect(try await harness.state().incumbent == 3)
      #expect(try await harness.statements().isEmpty)

      let audit = try await harness.audit()
      #expect(audit.findings.map(\.trial) == [3, 4])
      #expect(audit.findings.allSatisfy { !$0.revokedBefore })
      #expect(audit.total == 5 && audit.screened == 5 && audit.rulesVersion == 1)
      #expect(audit.incumbent == 2)
      let state = try await harness.state()
      #expect(state.incumbent == 2 && state.incumbentScore == "0.7")

      // The same rules again find the same, and nothing is signed twice.
      let screenings = bench.scorer.state.withLock { $0.inspections }
      let again = try await harness.audit()
      #expect(again.findings.map(\.trial) == [3, 4] && again.findings.allSatisfy(\.revokedBefore))
      #expect(
        bench.scorer.state.withLock { $0.inspections } == screenings, "what was screened stays screened")

      let key = bench.key.publicIdentity
      let statements = try await harness.statements()
      try #require(statements.count == 3)
      let signed = try AuditStatement.verified(envelope: statements[0], key: key)
      #expect(signed.revoked == [3, 4] && signed.screened == 5 && signed.rules == ["narrow"])
      #expect(signed.requestedBy == "operator")
      let revocation = try RevocationStatement.verified(envelope: statements[1], key: key)
      #expect(revocation.trial == 3 && revocation.rule == "narrow" && revocation.rulesVersion == 1)
      #expect(
        revocation.reason == "rule 'narrow' is broken at recipe.py:2: width_4: wide models are too slow")
      #expect(revocation.auditSha256 == VerdictStatement.digest(statements[0]))
      let envelope = try await harness.verdict(3).envelope
      #expect(revocation.verdictSha256 == VerdictStatement.digest(envelope), "the verdict stays as it was")

      // A new trial is judged by the new rules, and beside the incumbent that stands.
      let edit = Array(
        "--- a/recipe.py\n+++ b/recipe.py\n@@ -3,2 +3,2 @@\n # --- section: opt ---\n-LR = 1\n+LR = 2\n".utf8)
      let next = try await harness.verdict(try await harness.submit(edit, specialist: "opt", parent: 3))
      #expect(next.verdict?.label == .illegal && next.verdict?.ruleVersion == 1)
      let fact = try VerdictStatement.verified(envelope: next.envelope, key: key).facts.taskDigest
      #expect(fact == signed.taskDigest && fact != bench.owned.task.digest)
      let better = try await harness.verdict(try await harness.submit(try Bench.edit(width: "3.5")))
      #expect(better.verdict?.label == .keep && better.verdict?.incumbent == 2)
    }
  }

  @Test("what changed must be the rules, with a new version, and the baseline keeps them")
  func refusals() async throws {
    let bench = try Bench()
    try await EvaluatorHarness.with(bench, script: ScriptedRunner.honest) { harness in
      try await harness.openAccepting()
      _ = try await harness.verdict(try await harness.submit(try Bench.edit(width: "2")))
      func reason(_ body: () async throws -> Void) async -> String? {
        do {
          try await body()
          return nil
        } catch { return (error as? RPCError)?.reason }
      }
      try bench.forbid(["1"], version: 1)
      #expect(await reason { _ = try await harness.audit() } == "BASELINE_ILLEGAL")
      try bench.forbid(["7"], version: 3)
      #expect(try await harness.audit().findings.isEmpty)
      try bench.forbid(["2"], version: 3)
      #expect(await reason { _ = try await harness.audit() } == "RULES_VERSION")
      try bench.forbid(["2"], version: 4)
      let score = bench.folder + "/task/scorer/score.py"
      try "pass  # another scorer\n".write(toFile: score, atomically: true, encoding: .utf8)
      #expect(await reason { _ = try await harness.audit() } == "TASK_CHANGED")
      try "pass\n".write(toFile: score, atomically: true, encoding: .utf8)
      let file = bench.folder + "/task/task.yaml"
      let text = try String(contentsOfFile: file, encoding: .utf8)
      try text.replacing("max_bytes: 400", with: "max_bytes: 401").write(
        toFile: file, atomically: true, encoding: .utf8)
      #expect(await reason { _ = try await harness.audit() } == "TASK_CHANGED")
      try ("# a remark\n" + text).write(toFile: file, atomically: true, encoding: .utf8)
      var request = EvaluatorV1.AuditRunRequest()
      request.runId = EvaluatorHarness.run
      let asked = request
      #expect(await reason { _ = try await harness.agent.auditRun(asked) } == "ROLE_NOT_ALLOWED")
      #expect(await reason { try await harness.revoke(0) } == "NOT_REVOCABLE")
      #expect(await reason { try await harness.revoke(9) } == "UNKNOWN_TRIAL")
      #expect(await reason { try await harness.revoke(1, reason: " \n") } == "MISSING_REASON")
      #expect(try await harness.state().incumbent == 1, "nothing was changed by any of them")
      #expect(try await harness.audit().findings.map(\.trial) == [1])
      #expect(try await harness.state().incumbent == 0)
    }
  }

  @Test("a descendant that keeps the rules stands by itself")
  func descendantsOfBrokenRules() async throws {
    let bench = try Bench()
    try await EvaluatorHarness.with(bench, script: ScriptedRunner.honest) { harness in
      try await harness.openAccepting()
      _ = try await harness.verdict(try await harness.submit(try Bench.edit(width: "2")))
      let edit = Array(
        "--- a/recipe.py\n+++ b/recipe.py\n@@ -1,2 +1,2 @@\n # --- section: model ---\n-WIDTH = 2\n+WIDTH = 3\n"
          .utf8)
      _ = try await harness.verdict(try await harness.submit(edit, parent: 1))
      try bench.forbid(["2"], version: 1)
      #expect(try await harness.audit().findings.map(\.trial) == [1])
      #expect(try await harness.state().incumbent == 2)
      try bench.forbid(["2", "3"], version: 2)
      #expect(try await harness.audit().findings.map(\.revokedBefore) == [true, false])
      #expect(try await harness.state().incumbent == 0, "both of the chain are gone")
    }
  }

  @Test("what a person revoked is in its descendants: none of them is incumbent, and none is built on")
  func descendantsOfAPersonsDecision() async throws {
    let bench = try Bench()
    try await EvaluatorHarness.with(bench) { harness in
      try await harness.open()
      try await harness.work { try await harness.state().phase == .accepting }
      func edit(_ old: String, _ new: String) -> [UInt8] {
        Array(
          "--- a/recipe.py\n+++ b/recipe.py\n@@ -1,2 +1,2 @@\n # --- section: model ---\n-WIDTH = \(old)\n+WIDTH = \(new)\n"
            .utf8)
      }
      for (parent, old, new) in [(0, "1", "2"), (1, "2", "3"), (0, "1", "1.2")] as [(UInt32, String, String)]
      {
        let trial = try await harness.submit(edit(old, new), parent: parent)
        try await harness.work { try await harness.isDecided(trial) }
      }
      #expect(try await harness.state().incumbent == 2)
      let open = try await harness.submit(edit("3", "4"), parent: 2)
      let other = try await harness.submit(edit("1", "5"))
      let answer = try await harness.revoke(1, reason: "It knows the answers.")
      #expect(answer.incumbent == 0)
      #expect(answer.revocation?.reason == "It knows the answers.")
      let again = try await harness.revoke(1, reason: "Another reason.")
      #expect(again.revocation == answer.revocation && again.statements == 0, "once")
      #expect(answer.statements == 2)
      let ended = try await harness.verdict(open).verdict
      #expect(ended?.label == .harnessAbort)
      #expect(ended?.reason.contains("trial 1, from which it was edited, was revoked") == true)
      do {
        _ = try await harness.submit(edit("3", "6"), parent: 2)
        Issue.record("a barred trial is built on")
      } catch let error as RPCError {
        #expect(error.reason == "PARENT_REVOKED")
        #expect(error.message.contains("trial 1 was revoked, and trial 2 has its recipe in it"))
      }
      try await harness.work { try await harness.isDecided(other) }
      let verdict = try await harness.verdict(other).verdict
      #expect(verdict?.label == .keep && verdict?.incumbent == 0)
      #expect(try await harness.state().incumbent == other)
    }
  }

  @Test("trials in flight that break the new rules end as illegal")
  func inFlight() async throws {
    let bench = try Bench(confirmSeeds: 2)
    try await EvaluatorHarness.with(bench) { harness in
      try await harness.open()
      try await harness.work { try await harness.state().phase == .accepting }
      let first = try await harness.submit(try Bench.edit(width: "3"))
      // Its confirmation has begun, and two more wait: one to be trained, one in line.
      try await harness.work { try await harness.stage(first) == "confirming" }
      let second = try await harness.submit(try Bench.edit(width: "4"))
      let third = try await harness.submit(try Bench.edit(width: "5"))
      try await harness.work(holding: "/confirm/") { try await harness.stage(third) == "confirming" }
      let fourth = try await harness.submit(try Bench.edit(width: "6"))
      try bench.forbid(["3", "5", "6"], version: 1)
      let audit = try await harness.audit()
      #expect(audit.findings.map(\.trial) == [first, third, fourth])
      #expect(audit.findings.allSatisfy { $0.label == .unspecified })
      for trial in [first, third, fourth] {
        let verdict = try await harness.verdict(trial).verdict
        #expect(verdict?.label == .illegal && verdict?.rule == "narrow", "\(verdict?.reason ?? "")")
      }
      try await harness.work { try await harness.isDecided(second) }
      #expect(try await harness.verdict(second).verdict?.label == .keep)
      #expect(try await harness.state().incumbent == second)
    }
  }

  @Test("a confirmation beside a revoked incumbent begins anew beside the one that stands, on other seeds")
  func duringAConfirmation() async throws {
    let bench = try Bench(confirmSeeds: 2)
    try await EvaluatorHarness.with(bench) { harness in
      try await harness.open()
      try await harness.work { try await harness.state().phase == .accepting }
      let first = try await harness.submit(try Bench.edit(width: "3"))
      try await harness.work { try await harness.isDecided(first) }
      #expect(try await harness.state().incumbent == first)
      let second = try await harness.submit(try Bench.edit(width: "4"))
      try await harness.work(holding: "/confirm/") { try await harness.stage(second) == "confirming" }
      // A runner has a job of it, and answers after the revocation.
      let slot = harness.otherRunner()
      let stale = try #require(try await slot.lease())
      #expect(stale.jobId.contains("/confirm/train/"))
      _ = try await harness.revoke(first)
      #expect(try await harness.state().incumbent == 0)
      var late = ScriptedRunner.Behaviour()
      late.output = nil
      _ = try await slot.client.completeJob(slot.completion(stale, late))
      let jobs = Mutex<Set<String>>([])
      try await harness.work(seen: { job in
        if job.phase == "train" { _ = jobs.withLock { $0.insert("\(job.jobId) \(job.command[7])") } }
      }) { try await harness.isDecided(second) }
      let verdict = try #require(try await harness.verdict(second).verdict)
      #expect(verdict.label == .keep && verdict.incumbent == 0)
      #expect(verdict.reason.contains("beside trial 0"), "\(verdict.reason)")
      #expect(
        verdict.reason.contains("after 2 challenge(s)"),
        "the baseline was challenged before: \(verdict.reason)")
      #expect(jobs.withLock { $0.count } == 4)
      #expect(jobs.withLock { $0.allSatisfy { $0.contains("/again/1 ") } })
      #expect(!jobs.withLock { $0.contains { $0.hasSuffix(" \(stale.command[7])") } }, "other seeds")
    }
  }

  @Test("while the end is measured, the report is about the trial that stands; after it the report stays")
  func atTheEnd() async throws {
    let bench = try Bench()
    try await EvaluatorHarness.with(bench) { harness in
      try await harness.open()
      try await harness.work { try await harness.state().phase == .accepting }
      for width in ["2", "3", "4"] {
        let trial = try await harness.submit(try Bench.edit(width: width))
        try await harness.work { try await harness.isDecided(trial) }
      }
      var close = EvaluatorV1.CloseRunRequest()
      close.runId = EvaluatorHarness.run
      _ = try await harness.user.closeRun(close)
      #expect(try await harness.state().phase == .rescoring)
      _ = try await harness.revoke(3)
      try await harness.work { try await harness.state().phase == .finished }
      let report = try #require(try await harness.state().finalReport)
      #expect(report.best == 2)
      _ = try await harness.revoke(2)
      let state = try await harness.state()
      #expect(state.incumbent == 1 && state.finalReport == report && state.phase == .finished)
      try bench.forbid(["2"], version: 1)
      #expect(try await harness.audit().incumbent == 0)
    }
  }

  @Test("when nothing that was kept stands at the end, the report says so")
  func nothingStands() async throws {
    let bench = try Bench()
    try await EvaluatorHarness.with(bench) { harness in
      try await harness.open()
      try await harness.work { try await harness.state().phase == .accepting }
      let trial = try await harness.submit(try Bench.edit(width: "2"))
      try await harness.work { try await harness.isDecided(trial) }
      var close = EvaluatorV1.CloseRunRequest()
      close.runId = EvaluatorHarness.run
      _ = try await harness.user.closeRun(close)
      _ = try await harness.revoke(trial)
      let state = try await harness.state()
      #expect(state.phase == .finished && state.finalReport?.best == 0)
      #expect(state.queuedJobs == 0)
    }
  }

  @Test("an audit that is cut off by kill -9 goes on where it was, and is told to the lineage in order")
  func killed() async throws {
    let bench = try Bench()
    try await EvaluatorHarness.with(bench, script: ScriptedRunner.honest) { harness in
      try await harness.openAccepting()
      for width in ["2", "3", "4"] {
        _ = try await harness.verdict(try await harness.submit(try Bench.edit(width: width)))
      }
      try bench.forbid(["4"], version: 1)
      _ = try await harness.audit(dryRun: true)
    }
    let screened = bench.scorer.state.withLock { $0.inspections }
    // The task was loaded anew, with its new rules; the run is as it was.
    let restarted = try Bench(of: bench)
    try await EvaluatorHarness.with(restarted, works: false) { harness in
      #expect(try await harness.audit().findings.map(\.trial) == [3])
      #expect(restarted.scorer.state.withLock { $0.inspections } == 0, "all \(screened) were screened before")
      try await harness.open()
    }
    try await EvaluatorHarness.with(restarted, works: false) { harness in
      #expect(try await harness.state().incumbent == 2)
      let kinds = try await harness.evaluator.store.read {
        try String.fetchAll($0, sql: "SELECT kind FROM outbox ORDER BY number")
      }
      #expect(kinds.suffix(3) == ["verdict", "statement", "statement"])
      let statements = try await harness.statements()
      #expect(statements.count == 2)
    }
  }
}

extension EvaluatorHarness {
  func audit(dryRun: Bool = false) async throws -> EvaluatorV1.AuditRunResponse {
    var request = EvaluatorV1.AuditRunRequest()
    request.runId = Self.run
    request.dryRun = dryRun
    while true {
      let answer = try await user.auditRun(request, CallOptions(timeout: .seconds(40)))
      if answer.complete { return answer }
    }
  }

  @discardableResult
  func revoke(_ trial: UInt32, reason: String = "A person saw it.") async throws
    -> EvaluatorV1.RevokeTrialResponse
  {
    var request = EvaluatorV1.RevokeTrialRequest()
    request.runId = Self.run
    request.trial = trial
    request.reason = reason
    return try await user.revokeTrial(request, CallOptions(timeout: .seconds(10)))
  }

  /// What the lineage is to be told besides verdicts, in order.
  func statements() async throws -> [[UInt8]] {
    try await evaluator.store.read { database in
      try Data.fetchAll(database, sql: "SELECT body FROM outbox WHERE kind = 'statement' ORDER BY number").map
      {
        try LineageV1.AppendStatementRequest(serialized: [UInt8]($0)).envelope
      }
    }
  }

  func answer(_ trial: UInt32) async throws -> EvaluatorV1.WaitVerdictResponse {
    var request = EvaluatorV1.WaitVerdictRequest()
    request.runId = Self.run
    request.trial = trial
    return try await agent.waitVerdict(request)
  }

  func isDecided(_ trial: UInt32) async throws -> Bool { try await answer(trial).decided }
  func stage(_ trial: UInt32) async throws -> String { try await answer(trial).stage }

  /// A runner that works until the condition holds, which is asked before every job.
  ///
  /// - Parameter holding: jobs with this in their name are leased and never answered.
  func work(
    holding: String? = nil, seen: (RunnerV1.Job) -> Void = { _ in }, until isDone: () async throws -> Bool
  ) async throws {
    var held: Set<Int> = []
    while true {
      // A slot that holds a job gets it again when it asks.
      for slot in 0..<8 where !held.contains(slot) {
        if try await isDone() { return }
        let runner = runner("patient/\(slot)")
        guard let job = try await runner.lease(wait: 20) else { continue }
        seen(job)
        if let holding, job.jobId.contains(holding) {
          held.insert(slot)
        } else {
          try await runner.perform(job, ScriptedRunner.honest)
        }
      }
    }
  }
}
