import AssayMessages
import AssayRPC
import AssayServices

/// What becomes of submissions that are repeated, foreign or no edits. No runner is at work.
struct SubmissionCases: Sendable {
  let stage: EvaluatorStage

  private func submitting(
    _ specialist: String, _ diff: [UInt8], parent: UInt32 = 0, key: String? = nil, as caller: String? = nil
  ) async throws -> UInt32 {
    let request = stage.request(specialist, diff, parent: parent)
    return try await stage.asAgent(caller ?? specialist) {
      try await $0.submitTrial(
        request, CallOptions(idempotencyKey: key ?? "key-\(specialist)-\(parent)-\(diff.hashValue)")
      ).trial
    }
  }

  /// The label of an edit that is a trial, or the code of one that is none.
  private func refusedOrFailed(_ specialist: String, _ diff: [UInt8], _ labels: [LineageV1.VerdictLabel])
    async throws
  {
    do {
      let trial = try await submitting(specialist, diff)
      let verdict = try await stage.verdict(trial, within: .seconds(30)).verdict ?? .init()
      try Expect.that(labels.contains(verdict.label), "\(verdict.label): \(verdict.reason)")
    } catch let error as RPCError {
      try Expect.that(error.code == .invalidArgument, error.description)
    }
  }

  /// A patch by hand.
  private static func patch(_ path: String, _ old: String, _ new: String) -> [UInt8] {
    Array("--- a/\(path)\n+++ b/\(path)\n@@ -1 +1 @@\n-\(old)\n+\(new)\n".utf8)
  }

  var cases: [ConformanceCase] {
    let refusals: [(String, String, [UInt8], [LineageV1.VerdictLabel])] = [
      (
        "submit/path_escape", "an edit of a file outside the recipe",
        Self.patch("../../etc/passwd", "root", "x"), [.preflightCrash]
      ),
      (
        "submit/absolute_path", "an edit of an absolute path", Self.patch("/etc/passwd", "root", "x"),
        [.preflightCrash]
      ),
      (
        "submit/binary", "a binary patch",
        Array("diff --git a/x b/x\nGIT binary patch\nliteral 3\nabc\n".utf8), []
      ),
      ("submit/no_diff", "bytes that are no diff", [0, 1, 2, 255], []),
      (
        "submit/does_not_apply", "an edit of lines that are not there",
        Self.patch("recipe.py", "no such line 4711", "x"), [.preflightCrash]
      ),
      (
        "submit/new_file", "an edit that makes a file",
        Array("--- /dev/null\n+++ b/new.py\n@@ -0,0 +1 @@\n+import os\n".utf8), [.preflightCrash]
      ),
    ]
    return [
      ConformanceCase(
        "submit/same_key", "one key and one body, sent three times", expect: "one number, one trial",
        needs: [.jobs]
      ) {
        let edit = try await stage.edit()
        let before = try await stage.state { _ in true }.accepted
        var numbers: Set<UInt32> = []
        for _ in 0..<3 { numbers.insert(try await submitting(edit.specialist, edit.diff, key: "same")) }
        try Expect.equal(numbers.count, 1, "how many trials there are")
        try Expect.equal(try await stage.state { _ in true }.accepted, before + 1, "how many were accepted")
        _ = try await stage.play(numbers.first ?? 0) { player, job in
          var report = player.report(job)
          report.exitCode = 1
          try await player.complete(report, of: job)
        }
      },
      ConformanceCase(
        "submit/key_reused", "one key for another body",
        expect: "FAILED_PRECONDITION / IDEMPOTENCY_KEY_REUSED", needs: [.jobs]
      ) {
        let edit = try await stage.edit()
        try await Expect.refusal(.failedPrecondition, reason: "IDEMPOTENCY_KEY_REUSED") {
          _ = try await submitting(edit.specialist, edit.diff, key: "same")
        }
      },
      ConformanceCase(
        "submit/no_key", "a submission without an idempotency key", expect: "INVALID_ARGUMENT", needs: [.jobs]
      ) {
        let edit = try await stage.edit()
        let request = stage.request(edit.specialist, edit.diff)
        try await Expect.refusal(.invalidArgument) {
          _ = try await stage.asAgent(edit.specialist) { try await $0.submitTrial(request) }
        }
      },
      ConformanceCase(
        "submit/foreign_specialist", "an agent submits as another specialist", expect: "PERMISSION_DENIED",
        needs: [.jobs]
      ) {
        let names = try await stage.specialists()
        guard names.count > 1 else { return }
        let edit = try await stage.edit(of: names[1])
        try await Expect.refusal(.permissionDenied) {
          _ = try await submitting(names[1], edit.diff, as: names[0])
        }
      },
      ConformanceCase(
        "submit/outside_partition", "an edit of what belongs to another specialist",
        expect: "preflight_crash", needs: [.jobs]
      ) {
        let names = try await stage.specialists()
        guard names.count > 1 else { return }
        let edit = try await stage.edit(of: names[1])
        let trial = try await submitting(names[0], edit.diff)
        let verdict = try await stage.verdict(trial, within: .seconds(30)).verdict
        try Expect.equal(verdict?.label, .preflightCrash, "the label (\(verdict?.reason ?? ""))")
      },
      ConformanceCase(
        "submit/unknown_parent", "an edit of a trial that does not exist", expect: "NOT_FOUND", needs: [.jobs]
      ) {
        let edit = try await stage.edit()
        try await Expect.refusal(.notFound) {
          _ = try await submitting(edit.specialist, edit.diff, parent: 4_000_000)
        }
      },
      ConformanceCase(
        "submit/duplicate", "a recipe that has its verdict already",
        expect: "ALREADY_EXISTS, or a verdict of its own", needs: [.jobs]
      ) {
        let edit = try await stage.edit()
        let first = try await submitting(edit.specialist, edit.diff, key: "once")
        do {
          let second = try await submitting(edit.specialist, edit.diff, key: "twice")
          try Expect.that(second != first, "two keys have one trial")
          _ = try await stage.play(second) { player, job in try await fail(player, job) }
        } catch let error as RPCError {
          try Expect.that(error.code == .alreadyExists, error.description)
        }
        _ = try await stage.play(first) { player, job in try await fail(player, job) }
      },
    ]
      + refusals.map { name, purpose, diff, labels in
        ConformanceCase(name, purpose, expect: "INVALID_ARGUMENT, or preflight_crash", needs: [.jobs]) {
          try await refusedOrFailed(try await stage.specialists().first ?? "", diff, labels)
        }
      }
  }

  private func fail(_ player: JobPlayer, _ job: RunnerV1.Job) async throws {
    var report = player.report(job)
    report.exitCode = 1
    try await player.complete(report, of: job)
  }
}
