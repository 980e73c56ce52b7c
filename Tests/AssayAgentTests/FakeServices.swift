import AssayMessages
import AssayPatch
import AssayRPC
import Synchronization

@testable import AssayAgent

/// An evaluator and a lineage in memory: every submission is scored by its bytes, at once.
final class FakeServices: EvaluatorPort, LineagePort, InsightPort {
  struct Entry {
    var key: String
    var proposal: AgentV1.Proposal
    var recipe: RecipeTree
    var decided: Bool
    /// Whether the lineage shows it yet.
    var shown: Bool
  }
  struct State {
    var baseline: RecipeTree
    var entries: [Entry] = []
    var maximum = 4
    /// Errors to throw before the next calls succeed, by method.
    var failures: [String: [RPCError]] = [:]
    var calls: [String: Int] = [:]
    var decides = true
    var shows = true
    var lineageReads = 0
    var phase: EvaluatorV1.RunPhase = .accepting
    /// Runs after a submission has been recorded and before its answer: throw to lose the answer.
    var answersToLose = 0
    var insights: [AgentV1.Insight] = []
  }
  let state: Mutex<State>

  init(_ text: String = Fixtures.sectioned) throws {
    state = Mutex(State(baseline: try Fixtures.tree(["recipe.py": text])))
  }

  private func enter(_ method: String) throws(RPCError) {
    let failure: RPCError? = state.withLock { state in
      state.calls[method, default: 0] += 1
      guard var waiting = state.failures[method], !waiting.isEmpty else { return nil }
      let next = waiting.removeFirst()
      state.failures[method] = waiting
      return next
    }
    if let failure { throw failure }
  }

  private static func snapshot(_ tree: RecipeTree) -> LineageV1.Snapshot {
    LineageV1.Snapshot.with {
      $0.snapshotId = tree.digest
      $0.files = tree.paths.map { path in
        LineageV1.RecipeFile.with {
          $0.path = path
          $0.content = tree[path] ?? []
        }
      }
    }
  }

  func describeTask(
    _ request: EvaluatorV1.DescribeTaskRequest, _ options: CallOptions
  ) async throws(RPCError) -> EvaluatorV1.DescribeTaskResponse {
    try enter("describeTask")
    let baseline = state.withLock(\.baseline)
    return .with {
      $0.task = .with {
        $0.name = "fake"
        $0.metric = .with {
          $0.name = "loss"
          $0.direction = .minimize
          $0.smallestEffect = "0.001"
        }
        $0.partitions = [
          .with {
            $0.name = "opt"
            $0.regions = [
              .with {
                $0.file = "recipe.py"; $0.sections = ["optimiser", "training"]
              }
            ]
          }
        ]
        $0.baseline = Self.snapshot(baseline)
        $0.train = .with {
          $0.cpuMs = 10_000; $0.artifactBytes = 1000
        }
      }
    }
  }

  func getRunState(
    _ request: EvaluatorV1.GetRunStateRequest, _ options: CallOptions
  ) async throws(RPCError) -> EvaluatorV1.GetRunStateResponse {
    try enter("getRunState")
    return state.withLock { state in
      let full = state.entries.count >= state.maximum && state.entries.allSatisfy(\.decided)
      return .with {
        $0.state = .with {
          $0.runId = "r"
          $0.phase = full ? .finished : state.phase
          $0.accepted = UInt32(state.entries.count)
          $0.maxTrials = UInt32(state.maximum)
          $0.baselineScore = "1.0"
          $0.noiseSd = "0.01"
          $0.keepMargin = "0.02"
          $0.version = UInt64(state.calls.values.reduce(0, +))
        }
      }
    }
  }

  func submitTrial(
    _ request: EvaluatorV1.SubmitTrialRequest, _ options: CallOptions
  ) async throws(RPCError) -> EvaluatorV1.SubmitTrialResponse {
    try enter("submitTrial")
    let outcome: Result<UInt32, RPCError> = state.withLock { state in
      guard let key = options.idempotencyKey, let proposal = request.proposal else {
        return .failure(RPCError(.invalidArgument, "no key or no proposal"))
      }
      if let index = state.entries.firstIndex(where: { $0.key == key }) {
        guard state.entries[index].proposal == proposal else {
          return .failure(
            RPCError(.failedPrecondition, reason: "IDEMPOTENCY_KEY_REUSED", "used for another proposal"))
        }
        return .success(UInt32(index + 1))
      }
      guard state.entries.count < state.maximum else {
        return .failure(RPCError(.failedPrecondition, "the run is full"))
      }
      let parent = proposal.parent == 0 ? state.baseline : state.entries[Int(proposal.parent) - 1].recipe
      guard let diff = try? UnifiedDiff(parsing: proposal.edit), let recipe = try? diff.apply(to: parent)
      else {
        return .failure(RPCError(.invalidArgument, "the edit does not apply"))
      }
      state.entries.append(
        Entry(key: key, proposal: proposal, recipe: recipe, decided: state.decides, shown: state.shows))
      if state.answersToLose > 0 {
        state.answersToLose -= 1
        return .failure(RPCError(.unavailable, "the answer was lost"))
      }
      return .success(UInt32(state.entries.count))
    }
    let number = try outcome.get()
    return .with { $0.trial = number }
  }

  private static func verdict(_ number: UInt32) -> LineageV1.Verdict {
    .with {
      $0.trial = number
      $0.label = .discard
      $0.score = "1.0\(number)"
    }
  }

  func waitVerdict(
    _ request: EvaluatorV1.WaitVerdictRequest, _ options: CallOptions
  ) async throws(RPCError) -> EvaluatorV1.WaitVerdictResponse {
    try enter("waitVerdict")
    return state.withLock { state in
      // A trial that was left in flight is decided while it is waited for.
      let index = Int(request.trial) - 1
      let decided = state.entries[index].decided
      state.entries[index].decided = true
      return .with {
        $0.decided = decided
        if decided { $0.verdict = Self.verdict(request.trial) }
      }
    }
  }

  private static func record(_ number: UInt32, _ entry: Entry) -> LineageV1.TrialRecord {
    .with {
      $0.trial = .with {
        $0.trial = number
        $0.proposal = entry.proposal
        $0.snapshotId = entry.recipe.digest
      }
      $0.inFlight = !entry.decided
      if entry.decided { $0.verdict = verdict(number) }
    }
  }

  func listTrials(
    _ request: LineageV1.ListTrialsRequest, _ options: CallOptions
  ) async throws(RPCError) -> LineageV1.ListTrialsResponse {
    try enter("listTrials")
    return state.withLock { state in
      state.lineageReads += 1
      return .with {
        $0.records = state.entries.enumerated().filter(\.element.shown).map {
          Self.record(UInt32($0.offset + 1), $0.element)
        }
        $0.sequence = 0
      }
    }
  }

  func getTrial(
    _ request: LineageV1.GetTrialRequest, _ options: CallOptions
  ) async throws(RPCError) -> LineageV1.GetTrialResponse {
    try enter("getTrial")
    return state.withLock { state in
      .with { $0.record = Self.record(request.trial, state.entries[Int(request.trial) - 1]) }
    }
  }

  func getSnapshot(
    _ request: LineageV1.GetSnapshotRequest, _ options: CallOptions
  ) async throws(RPCError) -> LineageV1.GetSnapshotResponse {
    try enter("getSnapshot")
    let found = state.withLock { $0.entries.first { $0.recipe.digest == request.snapshotId }?.recipe }
    guard let found else { throw RPCError(.notFound, "no such snapshot") }
    return .with { $0.snapshot = Self.snapshot(found) }
  }

  func followEvents(
    _ request: LineageV1.FollowEventsRequest, _ cursor: StreamCursor, _ options: CallOptions
  ) async throws(RPCError) -> StreamPage<LineageV1.FollowEventsResponse> {
    try enter("followEvents")
    return state.withLock { state in
      state.lineageReads += 1
      let shown = state.entries.enumerated().filter(\.element.shown).map(\.offset)
      return StreamPage(
        shown.filter { UInt64($0 + 1) > cursor.after }.map { index in
          StreamElement(
            UInt64(index + 1),
            .with {
              $0.event = .with {
                $0.sequence = UInt64(index + 1)
                $0.kind = .verdictRecorded
                $0.trial = UInt32(index + 1)
              }
            })
        })
    }
  }

  func appendInsight(
    _ request: LineageV1.AppendInsightRequest, _ options: CallOptions
  ) async throws(RPCError) -> LineageV1.AppendInsightResponse {
    try enter("appendInsight")
    return state.withLock { state in
      if let insight = request.insight { state.insights.append(insight) }
      return .with { $0.sequence = UInt64(state.insights.count) }
    }
  }
}
