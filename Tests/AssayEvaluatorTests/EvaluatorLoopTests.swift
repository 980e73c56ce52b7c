import AssayEvaluator
import AssayIdentity
import AssayMessages
import AssayRPC
import AssayServices
import AssayVerdict
import Foundation
import Synchronization
import Testing

@Suite("The evaluator's loop", .timeLimit(.minutes(2)))
struct EvaluatorLoopTests {
  @Test("a run from the baseline to the final report")
  func wholeRun() async throws {
    let bench = try Bench()
    try await EvaluatorHarness.with(bench, script: ScriptedRunner.honest) { harness in
      try await harness.openAccepting()
      let baseline = try await harness.verdict(0)
      #expect(baseline.verdict?.label == .baseline)
      #expect(baseline.verdict?.score == "0.9")
      #expect(baseline.verdict?.seedScores == ["0.9", "0.9", "0.9"])

      let better = try await harness.submit(try Bench.edit(width: "3"))
      let kept = try await harness.verdict(better)
      #expect(kept.verdict?.label == .keep)
      #expect(kept.verdict?.score == "0.7")
      #expect(kept.verdict?.delta == "-0.2")
      let statement = try VerdictStatement.verified(envelope: kept.envelope, key: bench.key.publicIdentity)
      #expect(statement.verdict == kept.verdict)
      #expect(statement.facts.specialist == "model")
      #expect(statement.facts.artifactDigests.count == 1)

      let within = try await harness.submit(try Bench.edit(width: "3.05"))
      let discarded = try await harness.verdict(within)
      #expect(discarded.verdict?.label == .discard)
      #expect(discarded.verdict?.reason.contains("margin of 0.01") == true)

      var close = EvaluatorV1.CloseRunRequest()
      close.runId = EvaluatorHarness.run
      _ = try await harness.user.closeRun(close, CallOptions(timeout: .seconds(10)))
      let state = try await harness.state { $0.phase == .finished }
      let report = try #require(state.finalReport)
      #expect(report.best == better)
      #expect(report.bestScores == ["0.7", "0.7", "0.7"])
      #expect(report.improvement == "0.2")
      #expect(report.betterBeyondNoise)
      #expect(report.split == "sealed")
      let signed = try ReportStatement.verified(
        envelope: report.envelope, run: EvaluatorHarness.run, key: bench.key.publicIdentity)
      #expect(signed.best == better)
      #expect(bench.scorer.state.withLock { $0.sealedRequests } == 2)
    }
  }

  @Test(
    "a baseline seed far from the others is measured once more, and only a disturbance is replaced",
    arguments: [
      (repeated: "0.9", kept: "0.9", words: "the host had disturbed it"),
      (repeated: "1.4", kept: "1.5", words: "it is the seed's own"),
    ])
  func disturbedBaseline(repeated: String, kept: String, words: String) async throws {
    /// Digests of what training left, in order: the seed is in it.
    let trained = Mutex<[String]>([])
    let script: @Sendable (RunnerV1.Job, String) -> ScriptedRunner.Behaviour = { job, recipe in
      var behaviour = ScriptedRunner.honest(job, recipe)
      trained.withLock { trained in
        if job.phase == "train" {
          trained.append(ScriptedRunner.digest(behaviour.output ?? []))
        } else if trained.count > 1, job.files.contains(where: { $0.digest == trained[1] }) {
          behaviour.output = Array((trained.filter { $0 == trained[1] }.count == 1 ? "1.5" : repeated).utf8)
        }
      }
      return behaviour
    }
    try await EvaluatorHarness.with(try Bench(baselineSeeds: 4), script: script) { harness in
      try await harness.openAccepting()
      let verdict = try #require(try await harness.verdict(0).verdict)
      #expect(verdict.seedScores.sorted() == ["0.9", "0.9", "0.9", kept])
      #expect(verdict.reason.contains(words), "\(verdict.reason)")
      #expect(trained.withLock { $0.count } == 5, "only the one far away is repeated")
    }
  }

  @Test(
    "every label, with the reason that a person can act on",
    arguments: [
      ("'oversize'", LineageV1.VerdictLabel.sizeBlocked, "1,155 bytes, 155 (15.5 %) over the cap of 1,000"),
      ("'crash'", .crash, "exit status 1"), ("'nothing'", .crash, "left no artifact.bin"),
      ("'link'", .crash, "else than a plain file"), ("'slow'", .trainBudgetOverrun, "cap of 10.0 s"),
      ("'late'", .trainBudgetOverrun, "10.5 s"),
      ("'slow prediction'", .evalBudgetOverrun, "prediction was stopped"),
      ("'illegal'", .illegal, "causality"), ("'malformed'", .crash, "not finite"),
      ("'nan'", .crash, "finite"),
      ("'predict crash'", .crash, "its output is not shown"), ("(", .preflightCrash, "recipe.py:2"),
      ("'canary'", .harnessAbort, "not charged"), ("4", .keep, "more than the margin"),
      ("1.0", .discard, "not better"),
    ] as [(String, LineageV1.VerdictLabel, String)])
  func labels(width: String, label: LineageV1.VerdictLabel, words: String) async throws {
    try await EvaluatorHarness.with(try Bench(), script: ScriptedRunner.honest) { harness in
      try await harness.openAccepting()
      let answer = try await harness.verdict(try await harness.submit(try Bench.edit(width: width)))
      let verdict = try #require(answer.verdict)
      #expect(verdict.label == label, "\(verdict.reason)")
      #expect(verdict.reason.contains(words), "\(verdict.reason)")
      #expect(verdict.score.isEmpty == label.isFailure)
      // Neither the scorer's words nor prediction's output nor its exit status get out.
      let everything = "\(answer)"
      #expect(!everything.contains(ScriptedScorer.canary))
      #expect(!everything.contains("seen the inputs"))
      #expect(!verdict.reason.contains("77"))
    }
  }
}
