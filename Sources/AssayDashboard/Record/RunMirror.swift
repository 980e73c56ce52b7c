import AssayAudit
import AssayMessages
import AssayRPC
import AssayServices
import AssaySupervisor
import Foundation
import Logging

/// One run in memory, kept current from the lineage's events and the evaluator's state, for any number of readers.
///
/// Every change has a version; a reader that names the last version it saw gets all that changed since, once.
actor RunMirror: ShownRun {
  nonisolated let access: RecordAccess
  private let logger: Logger
  private(set) var view: RunView
  private(set) var version: UInt64 = 1
  private var points: [UInt32: TrialPoint] = [:]
  private var versions: [UInt32: UInt64] = [:]
  private var viewVersion: UInt64 = 1
  private var isLoaded = false
  /// Of the newest event that ``points`` know.
  private var sequence: UInt64 = 0
  private var stages: [UInt32: String] = [:]
  private var readers: [Int: AsyncStream<Void>.Continuation] = [:]
  private var nextReader = 0
  private var loading: [CheckedContinuation<Void, Never>] = []
  /// The record is followed no more: nobody waits for it.
  private var isOver = false
  private var isSettled = false
  private var settling: [CheckedContinuation<Void, Never>] = []
  private let ledger: LedgerUse
  private var isAsking = false
  var proofs = ProofIndex()

  /// When the evaluator of a run that nobody runs is started to be asked for its ledger.
  enum LedgerUse: Sendable { case finishedRuns, anyRun }

  init(_ access: RecordAccess, logger: Logger, ledger: LedgerUse = .finishedRuns) {
    self.ledger = ledger
    self.access = access
    self.logger = logger
    view = RunView(
      access.description, folder: access.directory.root.lastPathComponent, logKey: access.logKey)
  }

  func changes(after seen: UInt64) -> RunChange {
    RunChange(
      version: version, view: viewVersion > seen ? view : nil,
      points: versions.filter { $0.value > seen }.compactMap { points[$0.key] }.sorted {
        $0.trial < $1.trial
      })
  }

  func point(_ trial: UInt32) -> TrialPoint? { points[trial] }

  var all: [TrialPoint] { points.values.sorted { $0.trial < $1.trial } }

  func updates() -> (number: Int, AsyncStream<Void>) {
    let (stream, continuation) = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))
    continuation.yield()
    nextReader += 1
    readers[nextReader] = continuation
    return (nextReader, stream)
  }

  func forget(_ reader: Int) { readers.removeValue(forKey: reader)?.finish() }

  func loaded() async {
    if isLoaded || isOver { return }
    await withCheckedContinuation { loading.append($0) }
  }

  func settled() async {
    if isSettled { return }
    await withCheckedContinuation { settling.append($0) }
  }

  nonisolated func close() { access.close() }

  // MARK: Following

  nonisolated func run() async {
    await withTaskGroup(of: Void.self) { group in
      group.addTask { await self.access.run(logger: self.logger) }
      group.addTask { await self.followRecord() }
      group.addTask { await self.followEvaluator() }
      group.addTask { await self.readLedger() }
      await group.waitForAll()
    }
    await finish()
  }

  private func finish() {
    for reader in readers.values { reader.finish() }
    readers = [:]
    for waiter in loading + settling { waiter.resume() }
    (loading, settling) = ([], [])
  }

  private nonisolated func followRecord() async {
    while !Task.isCancelled {
      do {
        if await !isLoaded { try await access.reading { try await self.load($0) } }
        try await follow(access.lineage)
      } catch {
        // Stopped, or not started yet: its services may come back at any time.
        logger.debug("the record cannot be followed: \(error)")
        try? await Task.sleep(for: .seconds(1))
      }
    }
    await giveUpLoading()
  }

  private func giveUpLoading() {
    isOver = true
    for waiter in loading { waiter.resume() }
    loading = []
  }

  private func load(_ lineage: LineageServiceClient) async throws {
    try await refreshRun(lineage)
    var request = LineageV1.ListTrialsRequest()
    request.runId = view.run
    request.view = .all
    request.pageSize = 500
    request.brief = true
    var first: UInt64?
    repeat {
      let page = try await lineage.listTrials(request, RecordAccess.patient)
      first = first ?? page.sequence
      take(page.records)
      request.pageToken = page.nextPageToken
    } while !request.pageToken.isEmpty
    sequence = first ?? 0
    try await refreshOrphans(lineage)
    isLoaded = true
    for waiter in loading { waiter.resume() }
    loading = []
  }

  // In three parts: swiftc 6.3.1 cannot optimize them as one.
  private nonisolated func follow(_ lineage: LineageServiceClient) async throws {
    while !Task.isCancelled {
      let page = try await events(lineage)
      guard let last = page.elements.last else { continue }
      try await apply(page.elements.compactMap(\.message.event), lineage)
      await moveOn(to: last.sequence)
    }
  }

  private nonisolated func events(_ lineage: LineageServiceClient) async throws
    -> StreamPage<LineageV1.FollowEventsResponse>
  {
    var request = LineageV1.FollowEventsRequest()
    request.runId = access.description.runID
    return try await lineage.followEvents(
      request, StreamCursor(after: await sequence, wait: .seconds(10)), CallOptions(timeout: .seconds(5)))
  }

  private nonisolated func apply(_ events: [LineageV1.Event], _ lineage: LineageServiceClient) async throws {
    let ofRun: [LineageV1.EventKind] = [.runRegistered, .runFinished, .runAudited]
    if events.contains(where: { ofRun.contains($0.kind) }) {
      try await refreshRun(lineage)
    }
    let best = await view.best
    let changed = Set(
      events.filter { $0.kind == .trialRecorded || $0.kind == .verdictRecorded }.map(\.trial))
    for trial in changed.sorted() {
      await take([try await record(trial, lineage)])
    }
    for trial in Set(events.filter { $0.kind == .trialRevoked }.map(\.trial)).sorted() {
      try await refresh(descendantsOf: trial, lineage)
    }
    if await view.best != best { try await refreshOrphans(lineage) }
  }

  /// A revocation marks a trial and all that descend from it, and the best is the one kept last that stands.
  private func refresh(descendantsOf trial: UInt32, _ lineage: LineageServiceClient) async throws {
    var request = LineageV1.ListTrialsRequest()
    request.runId = view.run
    request.view = .subtree
    request.root = trial
    request.pageSize = 500
    request.brief = true
    repeat {
      let page = try await lineage.listTrials(request, RecordAccess.patient)
      take(page.records)
      request.pageToken = page.nextPageToken
    } while !request.pageToken.isEmpty
    var summary = LineageV1.SummarizeRequest()
    summary.runId = view.run
    let incumbent = try await lineage.summarize(summary, RecordAccess.patient).incumbent
    change { [points] view in
      view.best = incumbent
      view.bestScore = points[incumbent]?.score
    }
  }

  private func moveOn(to sequence: UInt64) { self.sequence = sequence }

  private func refreshRun(_ lineage: LineageServiceClient) async throws {
    var request = LineageV1.GetRunRequest()
    request.runId = view.run
    do throws(RPCError) {
      let response = try await lineage.getRun(request, RecordAccess.patient)
      change { $0.take(response) }
    } catch {
      // Registered only once its baseline is measured.
      guard error.code == .notFound else { throw error }
    }
  }

  /// Which wins are lost to the best is known when a keep has changed it.
  private func refreshOrphans(_ lineage: LineageServiceClient) async throws {
    var request = LineageV1.ListTrialsRequest()
    request.runId = view.run
    request.view = .orphaned
    request.brief = true
    let records = try await lineage.listTrials(request, RecordAccess.patient).records
    change { view in
      view.orphans = records.map {
        RunView.Orphan(trial: $0.trial?.trial ?? 0, applies: $0.orphan == .applies)
      }
    }
  }

  private func take(_ records: [LineageV1.TrialRecord]) {
    var best = view.best
    for record in records {
      let point = TrialPoint(
        record, stage: stages[record.trial?.trial ?? 0], minimize: view.minimize)
      if record.incumbent { best = point.trial }
      guard points[point.trial] != point else { continue }
      version += 1
      points[point.trial] = point
      versions[point.trial] = version
    }
    change { [points] view in
      view.best = best
      view.bestScore = best.flatMap { points[$0]?.score }
      view.baselineScore = points[0]?.score
      if view.keepMargin == nil || view.state != "running" {
        view.keepMargin = points.values.filter { $0.noise != nil }.max { $0.trial < $1.trial }?.noise
      }
      view.runners = Self.runners(points.values)
      view.views = Self.views(points.values)
    }
    announce()
  }

  /// Nil where of no proposal it is known what it was made from.
  private static func views(_ points: some Sequence<TrialPoint>) -> ViewFigures? {
    let proposals = points.compactMap(\.proposed)
    return proposals.contains { $0.views != nil } ? ViewFigures(proposals) : nil
  }

  private static func runners(_ points: some Sequence<TrialPoint>) -> [RunView.RunnerUse] {
    var uses: [String: RunView.RunnerUse] = [:]
    for point in points {
      for (name, use) in point.runners {
        uses[name, default: .init(name: name, phases: 0, cpuSeconds: 0)].phases += use.phases
        uses[name]?.cpuSeconds += use.cpuSeconds
      }
    }
    return uses.values.sorted { $0.name < $1.name }
  }

  private func change(_ body: (inout RunView) -> Void) {
    let before = view
    body(&view)
    guard view != before else { return }
    version += 1
    viewVersion = version
    announce()
  }

  private func announce() { for reader in readers.values { reader.yield() } }

  // MARK: The evaluator

  private nonisolated func followEvaluator() async {
    var seen: UInt64 = 0
    while !Task.isCancelled {
      var request = EvaluatorV1.GetRunStateRequest()
      request.runId = access.description.runID
      request.afterVersion = seen
      request.waitMs = 3000
      do {
        let state = try await access.evaluator.getRunState(request, CallOptions(timeout: .seconds(8))).state
        seen = state?.version ?? 0
        await heard(state)
        try await refreshStages()
        try await refreshFleet()
        await take(try? await access.evaluator.getCosts(costsRequest, CallOptions(timeout: .seconds(5))))
      } catch {
        seen = 0
        await heard(nil)
        try? await Task.sleep(for: .seconds(2))
      }
    }
  }

  private func heard(_ state: EvaluatorV1.RunState?) {
    // One that was started for its ledger alone runs nothing.
    if !isAsking { change { $0.take(state) } }
  }

  private nonisolated var costsRequest: EvaluatorV1.GetCostsRequest {
    var request = EvaluatorV1.GetCostsRequest()
    request.runId = access.description.runID
    return request
  }

  private func take(_ costs: EvaluatorV1.GetCostsResponse?) {
    guard let costs else { return }
    change { $0.models = costs.models.map(CostReport.ModelLine.init) }
  }

  /// What model requests cost, of a run whose evaluator does not answer.
  private nonisolated func readLedger() async {
    await loaded()
    if !Task.isCancelled, await view.models == nil, await view.state != "running",
      await view.final != nil || ledger == .anyRun
    {
      await askLedger()
    }
    await settle()
  }

  private func askLedger() async {
    isAsking = true
    defer { isAsking = false }
    do {
      take(try await access.costs())
    } catch {
      logger.debug("the ledger of model requests cannot be read: \(error)")
    }
  }

  private func settle() {
    isSettled = true
    for waiter in settling { waiter.resume() }
    settling = []
  }

  private nonisolated func refreshFleet() async throws {
    do throws(RPCError) {
      let fleet = try await access.fleet.listRunners(.init(), CallOptions(timeout: .seconds(5)))
      await change { $0.take(fleet) }
    } catch {
      // Somebody else's evaluator need not have this service.
      guard error.code == .unimplemented else { throw error }
    }
  }

  /// What the evaluator is doing with each trial that has no verdict.
  private nonisolated func refreshStages() async throws {
    for trial in await waiting {
      var request = EvaluatorV1.WaitVerdictRequest()
      request.runId = access.description.runID
      request.trial = trial
      let answer = try await access.evaluator.waitVerdict(request, CallOptions(timeout: .seconds(5)))
      await set(answer.decided ? nil : answer.stage, of: trial)
    }
  }

  private var waiting: [UInt32] {
    points.values.filter { $0.label == TrialPoint.inFlight }.map(\.trial).sorted()
  }

  private func set(_ stage: String?, of trial: UInt32) {
    stages[trial] = stage
    guard var point = points[trial], point.label == TrialPoint.inFlight else { return }
    point.state = stage == "confirming" ? .provisional : .waiting
    point.reason = stage ?? ""
    guard point != points[trial] else { return }
    version += 1
    points[trial] = point
    versions[trial] = version
    announce()
  }
}
