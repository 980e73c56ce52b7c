import AssayIdentity
import AssayMessages
import AssayPatch
import AssayRPC
import AssayServices
import AssayVerdict

/// A run appended piece by piece, what is refused on the way, and what can be read of it.
struct RecordCases: Sendable {
  let subject: Subject
  let run: String
  let specialist: String

  // MARK: Callers

  @_optimize(none) func asEvaluator<Value>(_ body: (LineageServiceClient) async throws -> Value)
    async throws -> Value
  {
    try await subject.with("evaluator") { try await body(LineageServiceClient($0)) }
  }
  @_optimize(none) func asOperator<Value>(_ body: (LineageServiceClient) async throws -> Value)
    async throws -> Value
  {
    try await subject.with("operator") { try await body(LineageServiceClient($0)) }
  }
  @_optimize(none) private func asAgent<Value>(_ body: (LineageServiceClient) async throws -> Value)
    async throws -> Value
  {
    try await subject.with("agent/\(specialist)") { try await body(LineageServiceClient($0)) }
  }

  // MARK: What is appended

  private func registration(seed: UInt64 = 1) throws -> LineageV1.RegisterRunRequest {
    var run = LineageV1.Run()
    run.runId = self.run
    run.taskName = "conformance"
    run.taskDigest = String(repeating: "a", count: 64)
    run.metric = LineageV1.Metric()
    run.metric?.name = "loss"
    run.metric?.direction = .minimize
    run.evaluatorKey = try subject.key("evaluator").publicIdentity.bytes
    run.specialists = [specialist]
    run.seed = seed
    run.lineageEnabled = true
    run.createdAtMs = 1
    var request = LineageV1.RegisterRunRequest()
    request.run = run
    return request
  }

  private func tree(_ number: UInt32) throws -> RecipeTree {
    try RecipeTree(["recipe.py": Array("step = \(number)\n".utf8)])
  }

  func trial(_ number: UInt32, parent: UInt32 = 0, hypothesis: String = "a step") throws
    -> LineageV1.AppendTrialRequest
  {
    let tree = try tree(number)
    var request = LineageV1.AppendTrialRequest()
    var trial = LineageV1.Trial()
    trial.runId = run
    trial.trial = number
    var proposal = AgentV1.Proposal()
    proposal.specialist = number == 0 ? "" : specialist
    proposal.parent = parent
    proposal.hypothesis = hypothesis
    trial.proposal = proposal
    trial.parentSnapshotId = number == 0 ? "" : try self.tree(parent).digest
    trial.snapshotId = tree.digest
    trial.submittedBy = "agent/\(specialist)"
    trial.submittedAtMs = 1
    request.trial = trial
    var snapshot = LineageV1.Snapshot()
    snapshot.snapshotId = tree.digest
    snapshot.files = tree.paths.map { path in
      var file = LineageV1.RecipeFile()
      (file.path, file.content) = (path, tree[path] ?? [])
      return file
    }
    request.snapshot = snapshot
    return request
  }

  func verdict(
    _ number: UInt32, _ label: LineageV1.VerdictLabel, score: String, log: String = "", run: String? = nil,
    snapshot: String? = nil, key: IdentityKey? = nil
  ) throws -> LineageV1.AppendVerdictRequest {
    var verdict = LineageV1.Verdict()
    verdict.runId = run ?? self.run
    verdict.trial = number
    verdict.label = label
    verdict.score = score
    verdict.reason = "as the suite decided"
    verdict.decidedAtMs = 1
    let facts = VerdictStatement.Facts(
      taskDigest: String(repeating: "a", count: 64), specialist: specialist, parent: 0,
      snapshotID: try snapshot ?? tree(number).digest, proposalDigest: "",
      logDigest: VerdictStatement.digest(Array(log.utf8)), artifactDigests: [],
      evaluatorVersion: "conformance")
    var request = LineageV1.AppendVerdictRequest()
    var signed = LineageV1.SignedVerdict()
    signed.envelope = try VerdictStatement(verdict: verdict, facts: facts)
      .signed(with: key ?? subject.key("evaluator"))
    signed.logExcerpt = log
    request.verdict = signed
    return request
  }

  // MARK: What is read

  func list(_ view: LineageV1.TrialView, page: UInt32 = 0) async throws -> [UInt32] {
    var request = LineageV1.ListTrialsRequest()
    (request.runId, request.view, request.pageSize) = (run, view, page)
    var numbers: [UInt32] = []
    return try await asOperator { client in
      repeat {
        let answer = try await client.listTrials(request)
        numbers += answer.records.compactMap { $0.trial?.trial }
        request.pageToken = answer.nextPageToken
        try Expect.that(page == 0 || answer.records.count <= Int(page), "a page of \(answer.records.count)")
      } while !request.pageToken.isEmpty
      return numbers
    }
  }

  func sequence() async throws -> UInt64 {
    var request = LineageV1.GetRunRequest()
    request.runId = run
    return try await asOperator { try await $0.getRun(request).sequence }
  }

  func record(_ number: UInt32) async throws -> LineageV1.TrialRecord {
    var request = LineageV1.GetTrialRequest()
    (request.runId, request.trial) = (run, number)
    return try await asOperator { try await $0.getTrial(request).record } ?? .init()
  }

  /// The events of the run so far, by the stream from a sequence number on.
  private func events(after first: UInt64 = 0, until last: UInt64) async throws -> [LineageV1.Event] {
    var request = LineageV1.FollowEventsRequest()
    request.runId = run
    return try await asOperator { client in
      var seen: [LineageV1.Event] = []
      for try await element in client.followEvents(request, after: first) {
        if let event = element.message.event { seen.append(event) }
        if element.sequence >= last { break }
      }
      return seen
    }
  }

  /// A refused append leaves the record as it was.
  @_optimize(none) func refused(_ codes: RPCStatus..., body: () async throws -> Void) async throws {
    let before = try await sequence()
    do {
      try await body()
    } catch let error as RPCError {
      guard codes.contains(error.code) else { throw Mismatch(error.description) }
      return try Expect.equal(try await sequence(), before, "the record's last event")
    }
    throw Mismatch("the call succeeded")
  }

  // MARK: Cases

  var cases: [ConformanceCase] { runs + trials + verdicts + views + statements }

  private var runs: [ConformanceCase] {
    [
      ConformanceCase("record/unknown_run", "a run that was never registered", expect: "NOT_FOUND") {
        var request = LineageV1.GetRunRequest()
        request.runId = "no-such-run"
        try await Expect.refusal(.notFound) { _ = try await asOperator { try await $0.getRun(request) } }
      },
      ConformanceCase("record/register", "a run is registered, twice", expect: "the same event") {
        let request = try registration()
        let first = try await asEvaluator { try await $0.registerRun(request).sequence }
        try Expect.equal(
          try await asEvaluator { try await $0.registerRun(request).sequence }, first, "the second event")
      },
      ConformanceCase(
        "record/register_differently", "another seed under a known id", expect: "refused, nothing changed"
      ) {
        try await refused(.alreadyExists, .failedPrecondition) {
          _ = try await asEvaluator { try await $0.registerRun(registration(seed: 2)) }
        }
      },
    ]
  }

  private var trials: [ConformanceCase] {
    [
      ConformanceCase(
        "record/trial", "trials are recorded, each twice", expect: "one event each, in order"
      ) {
        var last = try await sequence()
        for number: UInt32 in 0...4 {
          let request = try trial(number)
          let first = try await asEvaluator { try await $0.appendTrial(request).sequence }
          try Expect.that(first > last, "event \(first) after \(last)")
          try Expect.equal(
            try await asEvaluator { try await $0.appendTrial(request).sequence }, first, "the second event")
          last = first
        }
      },
      ConformanceCase(
        "record/trial_differently", "another hypothesis under a known number", expect: "refused"
      ) {
        try await refused(.alreadyExists, .failedPrecondition) {
          _ = try await asEvaluator { try await $0.appendTrial(trial(1, hypothesis: "another")) }
        }
      },
      ConformanceCase(
        "record/unknown_parent", "a trial whose parent is not recorded", expect: "refused"
      ) {
        try await refused(.failedPrecondition, .notFound, .invalidArgument) {
          _ = try await asEvaluator { try await $0.appendTrial(trial(9, parent: 8)) }
        }
      },
      ConformanceCase(
        "record/snapshot_digest", "a recipe that is not what its id says", expect: "INVALID_ARGUMENT"
      ) {
        try await refused(.invalidArgument) {
          var request = try trial(9)
          request.snapshot?.files[0].content += [0x0A]
          _ = try await asEvaluator { [request] in try await $0.appendTrial(request) }
        }
      },
      ConformanceCase("record/snapshot", "the recipe of a trial", expect: "the bytes that were recorded") {
        var request = LineageV1.GetSnapshotRequest()
        (request.runId, request.snapshotId) = (run, try tree(1).digest)
        let answer = try await asAgent { try await $0.getSnapshot(request).snapshot }
        try Expect.equal(answer, try trial(1).snapshot, "the recipe")
      },
    ]
  }

  private var verdicts: [ConformanceCase] {
    func forged(
      _ name: String, _ purpose: String,
      _ make: @escaping @Sendable () throws -> LineageV1.AppendVerdictRequest
    ) -> ConformanceCase {
      ConformanceCase(name, purpose, expect: "refused, nothing changed") {
        try await refused(.permissionDenied, .invalidArgument, .failedPrecondition, .notFound) {
          let request = try make()
          _ = try await asEvaluator { try await $0.appendVerdict(request) }
        }
      }
    }
    return [
      forged("record/forged_verdict", "a verdict signed by somebody else") {
        try verdict(1, .keep, score: "0.1", key: IdentityKey())
      },
      forged("record/changed_verdict", "a signed verdict with one byte changed") {
        var request = try verdict(1, .keep, score: "0.1")
        if let count = request.verdict?.envelope.count { request.verdict?.envelope[count / 2] ^= 1 }
        return request
      },
      forged("record/verdict_of_another_run", "a verdict that names another run") {
        try verdict(1, .keep, score: "0.1", run: "no-such-run")
      },
      forged("record/verdict_of_another_recipe", "a verdict about another recipe") {
        try verdict(1, .keep, score: "0.1", snapshot: tree(2).digest)
      },
      forged("record/verdict_of_no_trial", "a verdict for a trial that is not recorded") {
        try verdict(9, .keep, score: "0.1")
      },
      forged("record/another_log", "a log that is not the one the verdict names") {
        var request = try verdict(1, .keep, score: "0.1", log: "loss 1\n")
        request.verdict?.logExcerpt = "loss 0\n"
        return request
      },
      forged("record/no_verdict", "bytes that are no envelope") {
        var request = LineageV1.AppendVerdictRequest()
        request.verdict = LineageV1.SignedVerdict()
        request.verdict?.envelope = Array("{}".utf8)
        return request
      },
      ConformanceCase("record/verdict", "verdicts are recorded, each twice", expect: "one event each") {
        let scores: [(LineageV1.VerdictLabel, String)] = [
          (.baseline, "3"), (.keep, "2"), (.discard, "2.5"), (.crash, ""),
        ]
        for (number, (label, score)) in scores.enumerated() {
          let request = try verdict(UInt32(number), label, score: score, log: "loss 1\n")
          let first = try await asEvaluator { try await $0.appendVerdict(request).sequence }
          try Expect.equal(
            try await asEvaluator { try await $0.appendVerdict(request).sequence }, first, "the second event")
        }
      },
      ConformanceCase(
        "record/second_verdict", "another verdict for a trial that has one", expect: "refused"
      ) {
        try await refused(.alreadyExists, .failedPrecondition) {
          let request = try verdict(2, .keep, score: "0.1")
          _ = try await asEvaluator { try await $0.appendVerdict(request) }
        }
      },
      ConformanceCase("record/envelope", "the signed bytes of a verdict", expect: "the bytes that were sent")
      {
        let known = try await record(1)
        _ = try VerdictStatement.verified(
          envelope: known.envelope, key: subject.key("evaluator").publicIdentity)
        try Expect.equal(known.verdict?.score, "2", "the score")
        try Expect.equal(known.logExcerpt, "loss 1\n", "the log")
        try Expect.that(known.incumbent, "it is not the incumbent")
      },
    ]
  }

  private var views: [ConformanceCase] {
    [
      ConformanceCase("record/views", "the views of a run", expect: "leaderboard, kept, failures, in flight")
      {
        try Expect.equal(try await list(.all), [0, 1, 2, 3, 4], "all trials")
        try Expect.equal(try await list(.leaderboard), [1, 2, 0], "the leaderboard")
        try Expect.equal(try await list(.bestLineage), [1, 0], "the best lineage")
        try Expect.equal(try await list(.kept), [1], "what was kept")
        try Expect.equal(try await list(.failures), [3], "the failures")
        try Expect.equal(try await list(.inFlight), [4], "what is in flight")
        try Expect.equal(try await list(.recent), [4, 3, 2, 1, 0], "the recent ones")
      },
      ConformanceCase("record/pages", "pages of two", expect: "each trial once") {
        try Expect.equal(try await list(.all, page: 2), [0, 1, 2, 3, 4], "all trials")
        try Expect.equal(try await list(.leaderboard, page: 2), [1, 2, 0], "the leaderboard")
      },
      ConformanceCase("record/bad_page", "a page token that was never given", expect: "INVALID_ARGUMENT") {
        var request = LineageV1.ListTrialsRequest()
        (request.runId, request.view, request.pageToken) = (run, .all, "no such token")
        try await Expect.refusal(.invalidArgument) {
          _ = try await asOperator { try await $0.listTrials(request) }
        }
      },
      ConformanceCase("record/summary", "the counts", expect: "5 trials, 1 in flight, the incumbent's score")
      {
        var request = LineageV1.SummarizeRequest()
        request.runId = run
        let summary = try await asOperator { try await $0.summarize(request) }
        try Expect.equal(summary.trials, 5, "the trials")
        try Expect.equal(summary.inFlight, 1, "in flight")
        try Expect.equal(summary.incumbent, 1, "the incumbent")
        try Expect.equal(summary.incumbentScore, "2", "its score")
      },
      ConformanceCase(
        "record/events", "the event feed from the start, and from its middle",
        expect: "every event of the run once, in order; the same ones when resumed", needs: [.streams]
      ) {
        let last = try await record(3).sequence
        let all = try await events(until: last)
        try Expect.that(zip(all, all.dropFirst()).allSatisfy { $0.sequence < $1.sequence }, "not in order")
        try Expect.equal(all.filter { $0.kind == .runRegistered }.count, 1, "how often it was registered")
        let middle = all[all.count / 2].sequence
        try Expect.equal(
          try await events(after: middle, until: last), all.filter { $0.sequence > middle },
          "what comes after \(middle)")
      },
      ConformanceCase("record/insight", "an agent's lesson, sent twice", expect: "one event") {
        var request = LineageV1.AppendInsightRequest()
        request.runId = run
        var insight = AgentV1.Insight()
        (insight.specialist, insight.text) = (specialist, "\u{1B}[31mSmaller steps\u{1B}[0m help.")
        request.insight = insight
        let before = try await sequence()
        let after = try await asAgent { try await $0.appendInsight(request).sequence }
        try Expect.that(after > before, "no event")
        try Expect.equal(
          try await asAgent { try await $0.appendInsight(request).sequence }, after, "the second event")
      },
      ConformanceCase(
        "record/rendered", "the view for a specialist",
        expect: "within 4,000 characters, without terminal escapes"
      ) {
        var request = LineageV1.RenderViewRequest()
        (request.runId, request.specialist, request.maxCharacters) = (run, specialist, 4000)
        let text = try await asAgent { try await $0.renderView(request).text }
        try Expect.that(text.count <= 4000, "\(text.count) characters")
        try Expect.that(!text.unicodeScalars.contains { $0.value == 0x1B }, "escapes are in it")
        try Expect.that(text.contains("2.5"), "the score 2.5 is not in it")
      },
    ]
  }

  /// What is left after the program was killed, and the end of the run.
  var last: [ConformanceCase] {
    [
      ConformanceCase(
        "restart/record_survives", "killed as soon as a trial is acknowledged",
        expect: "all of it, and the same",
        needs: [.restart]
      ) {
        let request = try trial(5, parent: 1)
        let sequence = try await asEvaluator { try await $0.appendTrial(request).sequence }
        let before = try await record(1)
        try await subject.restart(as: "operator")
        try Expect.equal(try await record(1), before, "trial 1")
        try Expect.equal(try await record(5).sequence, sequence, "the event of trial 5")
        try Expect.equal(
          try await asEvaluator { try await $0.appendTrial(request).sequence }, sequence,
          "the event, sent again")
      },
      ConformanceCase("record/forged_end", "a final report that nobody signed", expect: "refused") {
        try await refused(.permissionDenied, .invalidArgument) {
          var request = LineageV1.FinishRunRequest()
          (request.runId, request.report) = (run, Array("{}".utf8))
          _ = try await asEvaluator { [request] in try await $0.finishRun(request) }
        }
      },
    ]
  }
}
