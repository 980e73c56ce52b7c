import AssayIdentity
import AssayMessages
import AssayPatch
import AssayRPC
import AssayServices
import AssayVerdict

/// A run from its opening to the signed report.
struct RunCases: Sendable {
  let stage: EvaluatorStage

  private func open(seed: UInt64 = 7) -> EvaluatorV1.OpenRunRequest {
    var request = EvaluatorV1.OpenRunRequest()
    request.runId = stage.runID
    request.taskName = stage.taskName
    request.seed = seed
    request.lineageEnabled = true
    return request
  }

  var cases: [ConformanceCase] {
    [
      ConformanceCase(
        "run/describe_task", "the task as agents may see it",
        expect: "partitions, a baseline with its digest, this evaluator's key"
      ) {
        let task = try await stage.task()
        try Expect.that(!task.partitions.isEmpty, "no partitions")
        try Expect.equal(
          task.baseline?.snapshotId ?? "", try await stage.baseline().digest, "the baseline's id")
        try Expect.equal(task.evaluatorKey, stage.subject.server.bytes, "evaluator_key")
        try Expect.that(!task.taskDigest.isEmpty, "no task_digest")
      },
      ConformanceCase("run/unknown_task", "a task that it does not own", expect: "NOT_FOUND") {
        var request = EvaluatorV1.DescribeTaskRequest()
        request.taskName = "no-such-task"
        try await Expect.refusal(.notFound) {
          _ = try await stage.asOperator { try await $0.describeTask(request) }
        }
      },
      ConformanceCase("run/unknown_run", "the state of a run that was never opened", expect: "NOT_FOUND") {
        var request = EvaluatorV1.GetRunStateRequest()
        request.runId = "no-such-run"
        try await Expect.refusal(.notFound) {
          _ = try await stage.asOperator { try await $0.getRunState(request) }
        }
      },
      ConformanceCase("run/open", "a new run begins with its baseline", expect: "MEASURING_BASELINE") {
        let state = try await stage.asOperator { try await $0.openRun(open()).state }
        try Expect.equal(state?.phase, .measuringBaseline, "the phase")
      },
      ConformanceCase("run/open_again", "the same run opened again is the same run", expect: "OK") {
        let state = try await stage.asOperator { try await $0.openRun(open()).state }
        try Expect.equal(state?.runId, stage.runID, "the run")
      },
      ConformanceCase("run/open_differently", "another seed under a known id", expect: "FAILED_PRECONDITION")
      {
        try await Expect.refusal(.failedPrecondition) {
          _ = try await stage.asOperator { try await $0.openRun(open(seed: 8)) }
        }
      },
      ConformanceCase(
        "run/not_ready", "a submission before the baseline is measured", expect: "FAILED_PRECONDITION",
        needs: [.jobs]
      ) {
        try await Expect.refusal(.failedPrecondition) { _ = try await stage.submit() }
      },
      ConformanceCase(
        "run/baseline", "a real runner measures the baseline",
        expect: "ACCEPTING; trial 0 is the baseline, and signed",
        needs: [.jobs]
      ) {
        try await stage.runner?.start()
        let state = try await stage.state { $0.phase != .measuringBaseline }
        try Expect.equal(state.phase, .accepting, "the phase (\(state.reason))")
        let answer = try await stage.verdict(0)
        try Expect.equal(answer.verdict?.label, .baseline, "the label")
        try Expect.that(
          DecimalText.isDecimal(answer.verdict?.score ?? ""), "the score is '\(answer.verdict?.score ?? "")'")
        _ = try VerdictStatement.verified(envelope: answer.envelope, key: stage.subject.server)
      },
      ConformanceCase(
        "run/state_version", "the state changes with its version",
        expect: "an answer at once for an old version", needs: [.jobs]
      ) {
        let known = try await stage.state { _ in true }
        try Expect.that(known.version > 0, "the version is 0")
        try Expect.that(DecimalText.isDecimal(known.keepMargin), "keep_margin is '\(known.keepMargin)'")
      },
      ConformanceCase(
        "verdict/honest_trial", "an edit that changes nothing is run by the real runner",
        expect: "a verdict with a score; reason, statement and fields agree", needs: [.jobs]
      ) {
        let edit = try await stage.edit()
        let request = stage.request(edit.specialist, edit.diff)
        let trial = try await stage.asAgent(edit.specialist) {
          try await $0.submitTrial(request, CallOptions(idempotencyKey: "honest")).trial
        }
        let answer = try await stage.verdict(trial)
        stage.honest = trial
        await stage.runner?.stop()
        guard let verdict = answer.verdict else { throw Mismatch("no verdict") }
        try Expect.that([.keep, .discard].contains(verdict.label), "\(verdict.label): \(verdict.reason)")
        let statement = try VerdictStatement.verified(envelope: answer.envelope, key: stage.subject.server)
        try Expect.equal(statement.verdict, verdict, "the verdict beside the envelope")
        try Expect.equal(statement.facts.snapshotID, edit.snapshot, "the recipe's digest in the statement")
        try Expect.equal(statement.facts.specialist, edit.specialist, "the specialist in the statement")
        try Expect.equal(
          statement.facts.taskDigest, try await stage.task().taskDigest, "the task's digest in the statement")
        try Expect.equal(
          statement.facts.logDigest, VerdictStatement.digest(Array(answer.logExcerpt.utf8)),
          "the log's digest in the statement")
        try Expect.equal(
          statement.facts.proposalDigest, VerdictStatement.digest(request.proposal?.serialized() ?? []),
          "the proposal's digest in the statement")
        try Expect.that(!statement.facts.artifactDigests.isEmpty, "no artifact is named")
        try Expect.that(
          verdict.usage.contains { $0.phase == "train" && $0.cpuNs > 0 }, "no usage of training")
      },
      ConformanceCase(
        "verdict/signature", "the envelope is in-toto in DSSE, and signed by this evaluator alone",
        expect: "its key verifies, another does not", needs: [.jobs]
      ) {
        let answer = try await stage.verdict(0)
        _ = try VerdictStatement.verified(envelope: answer.envelope, key: stage.subject.server)
        let other = IdentityKey().publicIdentity
        let believed = (try? VerdictStatement.verified(envelope: answer.envelope, key: other)) != nil
        try Expect.that(!believed, "another key verifies it too")
      },
      ConformanceCase(
        "verdict/stable", "a decided verdict never changes", expect: "the same bytes each time",
        needs: [.jobs]
      ) {
        let first = try await stage.verdict(0)
        try Expect.equal(try await stage.verdict(0), first, "the second answer")
      },
      ConformanceCase("verdict/unknown_trial", "a trial that does not exist", expect: "NOT_FOUND") {
        var request = EvaluatorV1.WaitVerdictRequest()
        request.runId = stage.runID
        request.trial = 4_000_000
        try await Expect.refusal(.notFound) {
          _ = try await stage.asOperator { try await $0.waitVerdict(request) }
        }
      },
    ]
  }

  /// What ends the run.
  var last: [ConformanceCase] {
    [
      ConformanceCase(
        "run/close", "a closed run ends with a signed comparison on data that the search never saw",
        expect: "FINISHED, signed",
        needs: [.jobs]
      ) {
        try await stage.runner?.start()
        var request = EvaluatorV1.CloseRunRequest()
        request.runId = stage.runID
        _ = try await stage.asOperator { try await $0.closeRun(request) }
        let state = try await stage.state { [.finished, .failed].contains($0.phase) }
        await stage.runner?.stop()
        try Expect.equal(state.phase, .finished, "the phase (\(state.reason))")
        guard let report = state.finalReport else { throw Mismatch("no final report") }
        let signed = try ReportStatement.verified(
          envelope: report.envelope, run: stage.runID, key: stage.subject.server)
        try Expect.equal(signed.best, report.best, "the best trial")
        try Expect.equal(signed.baselineScores, report.baselineScores, "the baseline's scores")
      },
      ConformanceCase(
        "run/closed", "a submission to a run that has ended", expect: "FAILED_PRECONDITION", needs: [.jobs]
      ) {
        try await Expect.refusal(.failedPrecondition) { _ = try await stage.submit() }
      },
    ]
  }
}
