public import AssayIdentity
import AssayLog
public import AssayMessages
public import AssayRPC
public import AssayServices
import Foundation

/// The lineage service: checks what callers may not do, and asks the store.
public struct LineageServiceProvider: LineageService {
  private let store: LineageStore
  private let key: IdentityKey
  private let now: @Sendable () -> Int64
  private let readings = ReadingLedger()

  /// - Parameters:
  ///   - key: signs checkpoints of the logs.
  ///   - now: milliseconds since the Unix epoch, for the record; the record's own clock by default.
  public init(
    store: LineageStore, key: IdentityKey, now: (@Sendable () -> Int64)? = nil
  ) {
    self.store = store
    self.key = key
    self.now = now ?? { store.clock.now() }
  }

  public func registerRun(_ request: LineageV1.RegisterRunRequest, _ context: CallContext) async throws
    -> LineageV1.RegisterRunResponse
  {
    guard let run = request.run else { throw Self.missing("run") }
    if context.peer.has(.evaluator), run.evaluatorKey != context.peer.identity.bytes {
      throw RPCError(
        .permissionDenied, reason: "FOREIGN_EVALUATOR_KEY",
        "an evaluator registers runs with its own key only")
    }
    var response = LineageV1.RegisterRunResponse()
    let before = store.feed.last
    response.sequence = try await store.register(run, policy: request.policy, now: now())
    if response.sequence > before { readings.begin(run.runId) }
    return response
  }

  public func appendTrial(_ request: LineageV1.AppendTrialRequest, _ context: CallContext) async throws
    -> LineageV1.AppendTrialResponse
  {
    guard let trial = request.trial else { throw Self.missing("trial") }
    try await requireOwner(of: trial.runId, context)
    var response = LineageV1.AppendTrialResponse()
    let seen = Self.isAgent(trial.submittedBy) ? readings.readings(trial.runId, trial.submittedBy) : nil
    let before = store.feed.last
    response.sequence = try await store.append(
      trial, snapshot: request.snapshot, readings: seen, now: now())
    // The same trial again takes nothing that was answered since.
    if let seen, response.sequence > before { readings.settle(trial.runId, trial.submittedBy, seen) }
    return response
  }

  public func appendVerdict(_ request: LineageV1.AppendVerdictRequest, _ context: CallContext) async throws
    -> LineageV1.AppendVerdictResponse
  {
    guard let verdict = request.verdict else { throw Self.missing("verdict") }
    var response = LineageV1.AppendVerdictResponse()
    response.sequence = try await store.append(verdict, now: now())
    return response
  }

  public func appendStatement(_ request: LineageV1.AppendStatementRequest, _ context: CallContext)
    async throws
    -> LineageV1.AppendStatementResponse
  {
    var response = LineageV1.AppendStatementResponse()
    response.sequence = try await store.append(
      statement: request.envelope, run: request.runId, now: now())
    return response
  }

  public func appendInsight(_ request: LineageV1.AppendInsightRequest, _ context: CallContext) async throws
    -> LineageV1.AppendInsightResponse
  {
    guard var insight = request.insight else { throw Self.missing("insight") }
    // Whose words they are is the session's to say.
    if context.peer.has(.agent) { insight.specialist = context.peer.specialist }
    var response = LineageV1.AppendInsightResponse()
    response.sequence = try await store.append(insight, run: request.runId, now: now())
    return response
  }

  public func finishRun(_ request: LineageV1.FinishRunRequest, _ context: CallContext) async throws
    -> LineageV1.FinishRunResponse
  {
    var response = LineageV1.FinishRunResponse()
    response.sequence = try await store.finish(request.runId, report: request.report, now: now())
    readings.end(request.runId)
    return response
  }

  public func getRun(_ request: LineageV1.GetRunRequest, _ context: CallContext) async throws
    -> LineageV1.GetRunResponse
  {
    let (run, report) = try await store.run(request.runId)
    var response = LineageV1.GetRunResponse()
    response.run = run
    response.finished = report != nil
    response.report = report ?? []
    response.sequence = store.feed.last
    response.audits = try await store.audits(request.runId)
    return response
  }

  public func listRuns(_ request: LineageV1.ListRunsRequest, _ context: CallContext) async throws
    -> LineageV1.ListRunsResponse
  {
    let limit = request.pageSize == 0 ? 100 : min(Int(request.pageSize), 1000)
    let runs = try await store.runs(after: request.pageToken, limit: limit + 1)
    var response = LineageV1.ListRunsResponse()
    response.runs = Array(runs.prefix(limit))
    response.nextPageToken = runs.count > limit ? response.runs.last?.runId ?? "" : ""
    return response
  }

  public func getTrial(_ request: LineageV1.GetTrialRequest, _ context: CallContext) async throws
    -> LineageV1.GetTrialResponse
  {
    var response = LineageV1.GetTrialResponse()
    response.record = try await store.trial(request.runId, request.trial)
    if request.provenance {
      response.provenance = try await store.provenance(request.runId, request.trial)
    }
    if context.peer.has(.agent), let record = response.record {
      let (edit, log) = (record.trial?.proposal?.edit.count ?? 0, record.logExcerpt.utf8.count)
      let all = record.serialized().count
      if request.shown {
        note(.trial, all - edit - log - record.envelope.count, request.runId, context)
        if edit > 0 { note(.edit, edit, request.runId, context) }
        if log > 0 { note(.log, log, request.runId, context) }
      } else {
        note(.record, all, request.runId, context)
      }
    }
    return response
  }

  public func listTrials(_ request: LineageV1.ListTrialsRequest, _ context: CallContext) async throws
    -> LineageV1.ListTrialsResponse
  {
    var response = LineageV1.ListTrialsResponse()
    // Taken first: what is recorded while the page is read is then newer than the number.
    response.sequence = store.feed.last
    (response.records, response.nextPageToken) = try await store.list(request)
    if context.peer.has(.agent) {
      let view = request.shown ? ReadingLedger.View(request.view) : .record
      note(view, response.records.reduce(0) { $0 + $1.serialized().count }, request.runId, context)
    }
    return response
  }

  public func getSnapshot(_ request: LineageV1.GetSnapshotRequest, _ context: CallContext) async throws
    -> LineageV1.GetSnapshotResponse
  {
    var response = LineageV1.GetSnapshotResponse()
    let snapshot = try await store.snapshot(request.runId, request.snapshotId)
    response.snapshot = snapshot
    if context.peer.has(.agent) {
      let bytes = snapshot.files.reduce(0) { $0 + $1.content.count }
      note(request.shown ? .recipe : .record, bytes, request.runId, context)
    }
    return response
  }

  public func renderView(_ request: LineageV1.RenderViewRequest, _ context: CallContext) async throws
    -> LineageV1.RenderViewResponse
  {
    let budget = request.maxCharacters == 0 ? 16_000 : Int(request.maxCharacters)
    guard (RenderedView.minimumCharacters...1_000_000).contains(budget) else {
      throw RPCError(
        .invalidArgument, reason: "BAD_BUDGET",
        "max_characters is \(RenderedView.minimumCharacters) to 1000000")
    }
    var response = LineageV1.RenderViewResponse()
    response.sequence = store.feed.last
    let page = try await store.page(request.runId, specialist: request.specialist, characters: budget)
    response.text = page.text
    if context.peer.has(.agent) {
      for part in page.views { note(part.view, part.bytes, request.runId, context) }
    }
    return response
  }

  public func followEvents(
    _ request: LineageV1.FollowEventsRequest, _ cursor: StreamCursor, _ context: CallContext
  ) async throws -> StreamPage<LineageV1.FollowEventsResponse> {
    let until = ContinuousClock.now + cursor.wait
    while true {
      let last = store.feed.last
      let events = try await store.events(request.runId, after: cursor.after, limit: cursor.maximumMessages)
      let left = ContinuousClock.now.duration(to: until)
      if !events.isEmpty || left <= .zero || Task.isCancelled {
        return StreamPage(
          events.map { event in
            var response = LineageV1.FollowEventsResponse()
            response.event = event
            return StreamElement(event.sequence, response)
          })
      }
      try await context.whileWaiting { await store.feed.wait(past: max(last, cursor.after), for: left) }
    }
  }

  public func summarize(_ request: LineageV1.SummarizeRequest, _ context: CallContext) async throws
    -> LineageV1.SummarizeResponse
  {
    try await store.summary(request.runId)
  }

  public func getCheckpoint(_ request: LineageV1.GetCheckpointRequest, _ context: CallContext) async throws
    -> LineageV1.GetCheckpointResponse
  {
    var response = LineageV1.GetCheckpointResponse()
    response.note = try await store.checkpoint(request.runId, newest: request.newest, key: key).bytes
    return response
  }

  public func cosignCheckpoint(
    _ request: LineageV1.CosignCheckpointRequest, _ context: CallContext
  ) async throws -> LineageV1.CosignCheckpointResponse {
    guard let note = SignedNote(bytes: request.note) else {
      throw RPCError(.invalidArgument, reason: "MALFORMED_NOTE", "this is no signed note")
    }
    try await store.keep(note, of: request.runId, key: key)
    return LineageV1.CosignCheckpointResponse()
  }

  public func listStatements(_ request: LineageV1.ListStatementsRequest, _ context: CallContext) async throws
    -> LineageV1.ListStatementsResponse
  {
    var response = LineageV1.ListStatementsResponse()
    response.envelopes = try await store.statements(request.runId, from: request.first)
    return response
  }

  /// Counts an answer to an agent: what its next trial was made from.
  private func note(_ view: ReadingLedger.View, _ bytes: Int, _ run: String, _ context: CallContext) {
    readings.note(view, bytes: bytes, run: run, identity: context.peer.name)
  }

  private static func isAgent(_ identity: String) -> Bool { identity.hasPrefix("agent/") }

  /// Several evaluators may share a lineage: each writes to its own runs.
  private func requireOwner(of run: String, _ context: CallContext) async throws {
    guard try await store.run(run).run.evaluatorKey == context.peer.identity.bytes else {
      throw RPCError(
        .permissionDenied, reason: "NOT_THE_RUNS_EVALUATOR", "run \(run) belongs to another evaluator")
    }
  }

  private static func missing(_ field: String) -> RPCError {
    RPCError(.invalidArgument, reason: "MISSING_FIELD", "the request has no \(field)")
  }
}

extension Peer {
  /// `opt` for the identity `agent/opt`.
  var specialist: String { String(name.split(separator: "/", maxSplits: 1).last ?? "") }
}
