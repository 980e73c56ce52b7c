import AssayImport
import AssayPatch
import AssayTrajectory
import Foundation

/// An imported run: read once, never changing, proven by nobody.
actor ImportedMirror: ShownRun {
  nonisolated let record: ImportedRun
  private(set) var view: RunView
  private var points: [UInt32: TrialPoint] = [:]
  private var isLoaded = false
  private var loading: [CheckedContinuation<Void, Never>] = []
  private var readers: [Int: AsyncStream<Void>.Continuation] = [:]
  private var nextReader = 0

  init(_ record: ImportedRun, _ run: RecordedRun) {
    self.record = record
    view = RunView(run)
  }

  var all: [TrialPoint] { points.values.sorted { $0.trial < $1.trial } }

  func point(_ trial: UInt32) -> TrialPoint? { points[trial] }

  func changes(after seen: UInt64) -> RunChange {
    RunChange(version: 1, view: seen < 1 ? view : nil, points: seen < 1 ? all : [])
  }

  func updates() -> (number: Int, AsyncStream<Void>) {
    let (stream, continuation) = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))
    continuation.yield()
    nextReader += 1
    readers[nextReader] = continuation
    return (nextReader, stream)
  }

  func forget(_ reader: Int) { readers.removeValue(forKey: reader)?.finish() }

  func loaded() async {
    if isLoaded { return }
    await withCheckedContinuation { loading.append($0) }
  }

  func settled() async { await loaded() }

  nonisolated func close() {}

  nonisolated func run() async {
    await load()
    let (never, continuation) = AsyncStream.makeStream(of: Never.self)
    await withTaskCancellationHandler {
      for await _ in never {}
    } onCancel: {
      continuation.finish()
    }
    await finish()
  }

  private func finish() {
    for reader in readers.values { reader.finish() }
    readers = [:]
  }

  private func load() async {
    do {
      var last: Int64 = 0
      var best: Double?
      while case let page = try await record.trials(from: points.count, limit: 500), !page.isEmpty {
        for trial in page {
          let point = TrialPoint(trial, after: last)
          last = point.decidedMs ?? last
          points[point.trial] = point
          guard point.state == .kept || point.state == .baseline, let score = trial.score.value else {
            continue
          }
          if point.state == .baseline { view.baselineScore = view.baselineScore ?? point.score }
          if best.map({ view.minimize ? score < $0 : score > $0 }) ?? true {
            best = score
            view.best = point.trial
            view.bestScore = point.score
          }
        }
      }
    } catch {
      view.reason = "the archive cannot be read any further: \(error)"
    }
    let first = all.first
    view.startedMs = first?.submittedMs ?? 0
    view.specialists = Set(points.values.map(\.specialist)).subtracting([""]).sorted()
    isLoaded = true
    for waiter in loading { waiter.resume() }
    loading = []
    for reader in readers.values { reader.yield() }
  }

  private nonisolated func recorded(_ trial: UInt32) async throws -> RecordedTrial {
    guard let found = try await record.trials(from: Int(trial), limit: 1).first, found.position == Int(trial)
    else { throw DashboardRefusal(.notFound, "the run has no trial \(trial)") }
    return found
  }

  private nonisolated func tree(_ position: Int) async throws -> RecipeTree? {
    try await record.recipe(of: position).flatMap { try? RecipeTree($0) }
  }

  nonisolated func page(of trial: UInt32) async throws -> TrialPage {
    let found = try await recorded(trial)
    var changes: [TrialPage.FileChange]?
    if let parent = found.parent.position, let old = try await tree(parent),
      let new = try await tree(found.position)
    {
      changes = TrialPage.changes(from: old, to: new)
    }
    return TrialPage(found, changes: changes)
  }

  nonisolated func words(of trial: UInt32) async throws -> (hypothesis: String, reason: String) {
    let found = try await recorded(trial)
    return (found.hypothesis, found.notes)
  }

  nonisolated func proof(of trial: UInt32) async throws -> String? { nil }

  nonisolated func files(of trial: UInt32) async throws -> [String: [UInt8]] {
    var files: [String: [UInt8]] = [:]
    for (path, bytes) in try await record.recipe(of: Int(trial)) ?? [:] { files["recipe/" + path] = bytes }
    return files
  }
}

extension TrialPoint {
  /// A trial of an imported record.
  ///
  /// - Parameter last: the time of the trial before; one whose own cannot be read comes right after it.
  init(_ trial: RecordedTrial, after last: Int64) {
    self.trial = UInt32(clamping: trial.position)
    parent = trial.parent.position.map { UInt32(clamping: $0) }
    specialist = trial.specialist
    label = trial.label.isEmpty ? "unreadable" : trial.label
    state =
      switch trial.outcome {
      case .baseline: .baseline
      case .kept: .kept
      case .discarded: .discarded
      case .inFlight: .waiting
      case .revoked: .revoked
      case .failed, .infrastructure, .unreadable: .failed
      }
    func text(_ reading: Reading) -> String? { reading.value.map { String($0) } }
    score = text(trial.score)
    delta = text(trial.delta)
    seedScores = []
    noise = nil
    seconds = trial.totalSeconds.value ?? 0
    // What it cost is what was written down, whatever that was measured by.
    cpuSeconds = trial.totalSeconds.value ?? trial.trainSeconds.value ?? 0
    memoryBytes = 0
    artifactBytes = UInt64(max(0, min(trial.artifactBytes.value ?? 0, 1e15)))
    let time = (try? Date(trial.recordedAt, strategy: .iso8601)).map {
      Int64($0.timeIntervalSince1970 * 1000)
    }
    submittedMs = time ?? last + 1
    decidedMs = state == .waiting ? nil : submittedMs
    hypothesis = Self.short(trial.hypothesis)
    reason = Self.short(trial.notes)
    motive = trial.domain == trial.specialist ? "" : Self.short(trial.domain)
    repeats = nil
    revokedAncestor = nil
    isBarred = false
    runners = [:]
  }
}
