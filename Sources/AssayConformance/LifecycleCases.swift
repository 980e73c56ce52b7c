import AssayMessages
import AssayRPC
import AssayServices
import Glibc

/// Waiting, cancelling, and being killed.
struct LifecycleCases: Sendable {
  let stage: EvaluatorStage

  private func waiting(_ trial: UInt32, _ milliseconds: UInt32) -> EvaluatorV1.WaitVerdictRequest {
    var request = EvaluatorV1.WaitVerdictRequest()
    request.runId = stage.runID
    request.trial = trial
    request.waitMs = milliseconds
    return request
  }

  private func fail(_ trial: UInt32) async throws {
    _ = try await stage.play(trial) { player, job in
      var report = player.report(job)
      report.exitCode = 1
      try await player.complete(report, of: job)
    }
  }

  var cases: [ConformanceCase] {
    waits + restarts + ProcessCases(subject: stage.subject, caller: "operator").cases
  }

  private var waits: [ConformanceCase] {
    [
      ConformanceCase(
        "calls/deadline", "a wait of 30 s under a deadline of 1 s", expect: "an answer within 3 s",
        needs: [.jobs]
      ) {
        let trial = try await stage.submit()
        let started = ContinuousClock.now
        do {
          let answer = try await stage.asOperator {
            try await $0.waitVerdict(waiting(trial, 30_000), CallOptions(timeout: .seconds(1)))
          }
          try Expect.that(!answer.decided, "decided without a runner")
        } catch let error as RPCError {
          try Expect.that(error.code == .deadlineExceeded, error.description)
        }
        try Expect.that(started.duration(to: .now) < .seconds(3), "\(started.duration(to: .now))")
        try await fail(trial)
      },
      ConformanceCase(
        "calls/cancel", "a caller that gives up says so, and the wait ends",
        expect: "cancelled: true, and an end within 3 s",
        needs: [.jobs]
      ) {
        let trial = try await stage.submit()
        let caller = try await stage.subject.raw("operator")
        let waits = caller.request(
          EvaluatorServiceMethods.waitVerdict.name, waiting(trial, 30_000).serialized(), timeout: .seconds(40)
        )
        let started = ContinuousClock.now
        let status = try await withThrowingTaskGroup(of: RPCStatus?.self) { group in
          group.addTask {
            RPCStatus(rawValue: try await caller.exchange(waits, timeout: .seconds(40)).status?.code ?? 0)
          }
          group.addTask {
            var message = RPCV1.CancelCallRequest()
            message.callId = waits.callId
            for _ in 0..<50 {
              let answer = try await caller.exchange(
                caller.request(BuiltInMethods.cancelCall.name, message.serialized()))
              if try RPCV1.CancelCallResponse(serialized: answer.payload).cancelled { return nil }
              try await Task.sleep(for: .milliseconds(50))
            }
            throw Mismatch("the call was never found running")
          }
          var status: RPCStatus?
          for try await ended in group { status = ended ?? status }
          return status
        }
        try Expect.equal(status, .cancelled, "the status")
        try Expect.that(
          started.duration(to: .now) < .seconds(5), "it ended after \(started.duration(to: .now))")
        try await fail(trial)
      },
      ConformanceCase(
        "calls/waiting_callers", "30 callers that wait stall nobody", expect: "another call within 2 s",
        needs: [.jobs]
      ) {
        let trial = try await stage.submit()
        try await stage.asOperator { client in
          try await withThrowingTaskGroup(of: Void.self) { group in
            for _ in 0..<30 {
              group.addTask {
                _ = try await client.waitVerdict(waiting(trial, 4_000), CallOptions(timeout: .seconds(20)))
              }
            }
            let started = ContinuousClock.now
            _ = try await stage.asOperator { try await $0.describeTask(.init()) }
            try Expect.that(started.duration(to: .now) < .seconds(2), "\(started.duration(to: .now))")
            try await group.waitForAll()
          }
        }
        try await fail(trial)
      },
    ]
  }

  private var restarts: [ConformanceCase] {
    [
      ConformanceCase(
        "restart/accepted_survives", "killed as soon as a submission is acknowledged",
        expect: "the trial is there, and gets its verdict",
        needs: [.jobs, .restart]
      ) {
        let trial = try await stage.submit()
        try await stage.subject.restart(as: "operator")
        try await fail(trial)
        try Expect.equal(try await stage.verdict(trial).verdict?.label, .crash, "the label")
      },
      ConformanceCase(
        "restart/one_effect", "killed between a submission's effect and its answer, which is sent again",
        expect: "the same number", needs: [.jobs, .restart]
      ) {
        let edit = try await stage.edit()
        let request = stage.request(edit.specialist, edit.diff)
        let options = CallOptions(timeout: .seconds(60), idempotencyKey: "killed", waitForReady: true)
        let before = try await stage.state { _ in true }.accepted
        let first = try await stage.asAgent(edit.specialist) {
          try await $0.submitTrial(request, options).trial
        }
        try await stage.subject.restart(as: "operator")
        let second = try await stage.asAgent(edit.specialist) {
          try await $0.submitTrial(request, options).trial
        }
        try Expect.equal(second, first, "the number after the restart")
        try Expect.equal(try await stage.state { _ in true }.accepted, before + 1, "how many were accepted")
        try await fail(first)
      },
      ConformanceCase(
        "restart/verdict_survives", "a verdict is the same bytes after a kill", expect: "the same bytes",
        needs: [.jobs, .restart]
      ) {
        let before = try await stage.verdict(0)
        try await stage.subject.restart(as: "operator")
        try Expect.equal(try await stage.verdict(0), before, "the verdict")
      },
      ConformanceCase(
        "restart/killed_mid_call", "killed while a caller waits",
        expect: "UNAVAILABLE or DEADLINE_EXCEEDED within 10 s",
        needs: [.jobs, .restart]
      ) {
        let trial = try await stage.submit()
        let started = ContinuousClock.now
        try await withThrowingTaskGroup(of: Void.self) { group in
          group.addTask {
            try await stage.asOperator { client in
              do {
                _ = try await client.waitVerdict(waiting(trial, 30_000), CallOptions(timeout: .seconds(9)))
              } catch let error as RPCError {
                try Expect.that([.unavailable, .deadlineExceeded].contains(error.code), error.description)
              }
            }
          }
          try await Task.sleep(for: .milliseconds(300))
          stage.subject.control?.signal(SIGKILL)
          try await group.waitForAll()
        }
        try Expect.that(started.duration(to: .now) < .seconds(10), "\(started.duration(to: .now))")
        await stage.subject.control?.ended()
        try await stage.subject.control?.start()
        try await stage.subject.untilReady("operator")
        try await fail(trial)
      },
    ]
  }
}
