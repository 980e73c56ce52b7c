import AssayMessages
import AssayRPC
import AssayServices

/// Leases, blobs and reports, and which verdict follows from them. The suite plays the runner.
struct JobCases: Sendable {
  let stage: EvaluatorStage
  /// What a scorer would never say.
  private static let canary = "CANARY-4711-HELD-OUT"

  private func outcome(
    _ name: String, _ purpose: String, _ label: LineageV1.VerdictLabel,
    _ change: @escaping @Sendable (inout RunnerV1.CompleteJobRequest, RunnerV1.Job) -> Void
  ) -> ConformanceCase {
    ConformanceCase(name, purpose, expect: "\(label)", needs: [.jobs]) {
      let trial = try await stage.submit()
      let answer = try await stage.play(trial) { player, job in
        var report = player.report(job)
        change(&report, job)
        try await player.complete(report, of: job)
      }
      try Expect.equal(answer.verdict?.label, label, "the label (\(answer.verdict?.reason ?? ""))")
      try Expect.that(answer.verdict?.score.isEmpty == true, "it has a score")
      try Expect.that(answer.verdict?.reason.isEmpty == false, "it has no reason")
    }
  }

  var cases: [ConformanceCase] { leases + blobs + outcomes }

  private var leases: [ConformanceCase] {
    [
      ConformanceCase(
        "jobs/lease", "a job with a token, renewed by heartbeats, for the slot that has it alone",
        expect: "wanted by its holder, refused to another slot", needs: [.jobs]
      ) {
        let trial = try await stage.submit()
        try await stage.playing { player in
          guard let job = try await player.lease(of: trial) else { throw Mismatch("no job") }
          try Expect.that(job.fencingToken > 0, "the token is 0")
          try Expect.equal(job.trial, trial, "the trial")
          try Expect.that(try await player.isWanted(job), "its own heartbeat is told to cancel")
          try Expect.that(
            try await !player.isWanted(job, slot: "conformance/other"), "another slot may renew it")
          try await Expect.refusal(.failedPrecondition, .permissionDenied) {
            try await player.complete(player.report(job, slot: "conformance/other"), of: job)
          }
          guard let again = try await player.lease() else {
            throw Mismatch("the same slot gets its job not again")
          }
          try Expect.equal(again.jobId, job.jobId, "the job that the same slot asks for again")
          try Expect.that(again.fencingToken >= job.fencingToken, "its token fell")
          try await player.complete(failed(player, again), of: again)
        }
        _ = try await stage.verdict(trial, within: .seconds(30))
      },
      ConformanceCase(
        "jobs/report_twice", "the same report again", expect: "OK, and one verdict", needs: [.jobs]
      ) {
        let trial = try await stage.submit()
        try await stage.playing { player in
          guard let job = try await player.lease(of: trial) else { throw Mismatch("no job") }
          let report = failed(player, job)
          try await player.complete(report, of: job)
          try await player.complete(report, of: job)
        }
        try Expect.equal(
          try await stage.verdict(trial, within: .seconds(30)).verdict?.label, .crash, "the label")
      },
      ConformanceCase(
        "jobs/wrong_token", "a report under a token that was never given", expect: "FAILED_PRECONDITION",
        needs: [.jobs]
      ) {
        let trial = try await stage.submit()
        try await stage.playing { player in
          guard var job = try await player.lease(of: trial) else { throw Mismatch("no job") }
          job.fencingToken += 1
          try await Expect.refusal(.failedPrecondition) {
            try await player.complete(failed(player, job), of: job)
          }
          job.fencingToken -= 1
          try await player.complete(failed(player, job), of: job)
        }
        _ = try await stage.verdict(trial, within: .seconds(30))
      },
      ConformanceCase(
        "jobs/expired_lease", "a runner that is not heard of loses its job to another, with a higher token",
        expect: "its report: FAILED_PRECONDITION", needs: [.jobs]
      ) {
        let trial = try await stage.submit()
        try await stage.playing { player in
          guard let job = try await player.lease(of: trial) else { throw Mismatch("no job") }
          let end = ContinuousClock.now + .milliseconds(Int(job.leaseMs) * 2 + 10_000)
          let other = JobPlayer(
            client: player.client, slot: "conformance/other", key: player.key)
          var fresh: RunnerV1.Job?
          while fresh == nil, ContinuousClock.now < end { fresh = try await other.lease(wait: .seconds(2)) }
          guard let fresh else { throw Mismatch("the job was not given to another within twice its lease") }
          try Expect.equal(fresh.jobId, job.jobId, "the job")
          try Expect.that(fresh.fencingToken > job.fencingToken, "the token did not rise")
          try Expect.that(try await !player.isWanted(job), "the old lease is renewed")
          try await Expect.refusal(.failedPrecondition) {
            try await player.complete(failed(player, job), of: job)
          }
          try await other.complete(failed(other, fresh), of: fresh)
        }
        _ = try await stage.verdict(trial, within: .seconds(30))
      },
    ]
  }

  private func failed(_ player: JobPlayer, _ job: RunnerV1.Job) -> RunnerV1.CompleteJobRequest {
    var report = player.report(job)
    report.exitCode = 1
    return report
  }

  private var blobs: [ConformanceCase] {
    [
      ConformanceCase(
        "jobs/inputs", "the files of a job are what their digests say; nothing else can be read",
        expect: "whole files; PERMISSION_DENIED for others", needs: [.jobs]
      ) {
        let trial = try await stage.submit()
        try await stage.playing { player in
          guard let job = try await player.lease(of: trial) else { throw Mismatch("no job") }
          try Expect.that(
            job.files.contains { $0.path.hasPrefix("/recipe/") }, "no recipe among \(job.files.map(\.path))")
          for file in job.files {
            let bytes = try await player.read(job, file.digest)
            try Expect.equal(JobPlayer.digest(bytes), file.digest, "the digest of \(file.path)")
            try Expect.equal(UInt64(bytes.count), file.size, "the size of \(file.path)")
          }
          try await Expect.refusal(.permissionDenied, .notFound) {
            _ = try await player.read(job, String(repeating: "0", count: 64))
          }
          try await player.complete(failed(player, job), of: job)
        }
        _ = try await stage.verdict(trial, within: .seconds(30))
      },
      ConformanceCase(
        "jobs/wrong_digest", "an upload whose bytes have another digest", expect: "refused; the job goes on",
        needs: [.jobs]
      ) {
        let trial = try await stage.submit()
        try await stage.playing { player in
          guard let job = try await player.lease(of: trial) else { throw Mismatch("no job") }
          try await Expect.refusal(.failedPrecondition, .invalidArgument) {
            try await player.put(job, Array("abc".utf8), digest: JobPlayer.digest(Array("abd".utf8)))
          }
          try await player.complete(failed(player, job), of: job)
        }
        _ = try await stage.verdict(trial, within: .seconds(30))
      },
      ConformanceCase(
        "jobs/not_uploaded", "a report that names an output which was not uploaded", expect: "refused",
        needs: [.jobs]
      ) {
        let trial = try await stage.submit()
        try await stage.playing { player in
          guard let job = try await player.lease(of: trial) else { throw Mismatch("no job") }
          var report = player.report(job)
          for output in job.outputs {
            var collected = RunnerV1.CollectedOutput()
            collected.path = output.path
            collected.state = .present
            collected.digest = JobPlayer.digest(Array("never sent".utf8))
            collected.size = 10
            report.outputs.append(collected)
          }
          try await Expect.refusal(.failedPrecondition, .invalidArgument) {
            try await player.complete(report, of: job)
          }
          try await player.complete(failed(player, job), of: job)
        }
        _ = try await stage.verdict(trial, within: .seconds(30))
      },
    ]
  }

  private var outcomes: [ConformanceCase] {
    [
      outcome("outcome/crash", "training ends with an error", .crash) { report, _ in report.exitCode = 1 },
      outcome("outcome/cpu_limit", "training uses up its CPU time", .trainBudgetOverrun) { report, _ in
        report.outcome = .cpuLimit
      },
      outcome("outcome/wall_limit", "training uses up its time", .trainBudgetOverrun) { report, _ in
        report.outcome = .wallLimit
      },
      outcome("outcome/too_large", "an artifact over its cap", .sizeBlocked) { report, job in
        report.outputs = job.outputs.map { output in
          var collected = RunnerV1.CollectedOutput()
          collected.path = output.path
          collected.state = .tooLarge
          collected.size = output.maxBytes + 1
          return collected
        }
      },
      outcome("outcome/no_artifact", "training leaves nothing", .crash) { report, job in
        report.outputs = job.outputs.map { output in
          var collected = RunnerV1.CollectedOutput()
          collected.path = output.path
          collected.state = .missing
          return collected
        }
      },
      outcome("outcome/link", "training leaves a link in the place of its artifact", .crash) { report, job in
        report.outputs = job.outputs.map { output in
          var collected = RunnerV1.CollectedOutput()
          collected.path = output.path
          collected.state = .notAFile
          return collected
        }
      },
      outcome(
        "outcome/infrastructure",
        "every attempt fails for reasons of the runner's: no recipe is charged for that", .harnessAbort
      ) { report, _ in
        report.outcome = .infrastructure
        report.infrastructureReason = "no disk"
      },
      ConformanceCase(
        "outcome/retried", "one failure of a runner's, then a recipe's own", expect: "the recipe's own label",
        needs: [.jobs]
      ) {
        let trial = try await stage.submit()
        var attempts = 0
        let answer = try await stage.play(trial) { player, job in
          attempts += 1
          try await player.complete(
            player.report(job, attempts == 1 ? .infrastructure : .wallLimit), of: job)
        }
        try Expect.equal(
          answer.verdict?.label, .trainBudgetOverrun, "the label (\(answer.verdict?.reason ?? ""))")
      },
      ConformanceCase(
        "outcome/unusable_predictions", "predictions that are no predictions",
        expect: "crash or illegal, without a score", needs: [.jobs]
      ) {
        let trial = try await stage.submit()
        let answer = try await stage.play(trial) { player, job in try await player.succeed(job) }
        let label = answer.verdict?.label
        try Expect.that(
          label == .crash || label == .illegal,
          "\(label.map { "\($0)" } ?? "nothing"): \(answer.verdict?.reason ?? "")")
      },
      ConformanceCase(
        "outcome/hidden_output", "what prediction prints has seen held-out inputs: it never gets out",
        expect: "crash, with nothing of the output anywhere", needs: [.jobs]
      ) {
        let trial = try await stage.submit()
        let answer = try await stage.play(trial) { player, job in
          guard job.phase == "predict" else { return try await player.succeed(job) }
          var report = player.report(job)
          report.exitCode = 1
          report.log = Self.canary
          try await player.complete(report, of: job)
        }
        try Expect.equal(answer.verdict?.label, .crash, "the label (\(answer.verdict?.reason ?? ""))")
        let everything = "\(answer)" + String(decoding: answer.envelope, as: UTF8.self)
        try Expect.that(!everything.contains(Self.canary), "the output of prediction is in the answer")
      },
      ConformanceCase(
        "outcome/training_log", "what training prints is shown, without terminal escapes",
        expect: "the log excerpt, cleaned", needs: [.jobs]
      ) {
        let trial = try await stage.submit()
        let answer = try await stage.play(trial) { player, job in
          var report = failed(player, job)
          report.log = "loss \u{1B}[31m1.5\u{1B}[0m\u{202E}\n"
          try await player.complete(report, of: job)
        }
        try Expect.that(answer.logExcerpt.contains("1.5"), "the log is '\(answer.logExcerpt)'")
        try Expect.that(
          !answer.logExcerpt.unicodeScalars.contains { $0.value == 0x1B || $0.value == 0x202E },
          "escapes are in the log")
      },
    ]
  }
}
