import AssayAudit
public import AssayImport
import AssayMessages
import AssayTrajectory

/// An imported run in the shapes that the reading commands print. Every one of them says that nobody signed it.
public struct ImportedView: Sendable {
  public static let warning = "imported, unsigned: these figures are what the record claims"

  private let run: ImportedRun

  public init(_ run: ImportedRun) { self.run = run }

  /// The trials of a view, in its order.
  public func trials(_ listing: TrialListing) async throws -> [TrialRow] {
    let trajectory = try await Trajectory(reading: run)
    let best = trajectory.best?.position
    let wanted = Self.positions(of: listing.view, in: trajectory)
    var rows: [Int: TrialRow] = [:]
    let set = Set(wanted)
    // Views that begin at the newest need the whole record; a plain list ends where its limit is.
    var admitted = 0
    try await run.forEachTrial { trial in
      guard set.contains(trial.position), listing.view != .all || admitted < listing.limit else { return }
      let row = TrialRow(imported: trial, incumbent: trial.position == best)
      guard listing.admits(row) else { return }
      admitted += 1
      rows[trial.position] = row
    }
    return Array(wanted.compactMap { rows[$0] }.prefix(listing.limit))
  }

  private static func positions(of view: TrialListing.View, in trajectory: Trajectory) -> [Int] {
    let trials = trajectory.trials
    switch view {
    case .all: return trials.map(\.position)
    case .kept: return trials.filter { $0.outcome == .kept }.map(\.position)
    case .recent: return trials.map(\.position).reversed()
    case .inFlight, .revoked: return []
    case .failures:
      return trials.filter { $0.outcome == .failed || $0.outcome == .infrastructure }.map(\.position)
        .reversed()
    case .lineage: return trajectory.best.map { trajectory.ancestry(of: $0.position) } ?? []
    case .orphaned:
      let inside = Set(trajectory.best.map { trajectory.ancestry(of: $0.position) } ?? [])
      return trials.filter { $0.outcome == .kept && !inside.contains($0.position) }.map(\.position)
    case .repeated:
      let again = Set(Duplicates(trajectory).groups.flatMap { $0.ids.dropFirst() })
      return trials.filter { again.contains($0.id) }.map(\.position)
    case .leaderboard:
      let legal = trials.filter { ($0.outcome.isValid || $0.outcome == .baseline) && $0.score != nil }
      return legal.sorted { a, b in
        let (x, y) = (a.score ?? 0, b.score ?? 0)
        return x == y ? a.position < b.position : trajectory.run.isBetter(x, than: y)
      }.map(\.position)
    }
  }

  public func status() async throws -> RunStatus {
    let trajectory = try await Trajectory(reading: run)
    let counts = CountFigures(trajectory)
    return RunStatus(
      run: trajectory.run.name, task: trajectory.run.name, state: "imported, recipe-claimed",
      trials: UInt32(clamping: counts.rows), inFlight: 0,
      best: UInt32(clamping: trajectory.best?.position ?? 0),
      bestScore: try await score(trajectory.best), baselineScore: try await score(trajectory.baseline),
      metric: trajectory.run.scoreName, unit: trajectory.run.scoreName,
      labels: counts.byLabel.mapValues { UInt32(clamping: $0) },
      specialists: counts.bySpecialist.sorted { $0.key < $1.key }.map { name, labels in
        .init(
          name: TerminalText.oneLine(name, limit: 64), trials: UInt32(clamping: labels.values.reduce(0, +)),
          kept: UInt32(clamping: labels["keep"] ?? 0), inFlight: 0)
      }, final: nil)
  }

  public func best() async throws -> BestTrial {
    let rows = try await trials(TrialListing(view: .lineage, specialist: nil, label: nil, limit: .max))
    guard let row = rows.first else { throw SupervisorError(.negative, "the record holds no score.") }
    let trajectory = try await Trajectory(reading: run)
    return BestTrial(
      row: row, baselineScore: try await score(trajectory.baseline) ?? "-", unit: trajectory.run.scoreName,
      lineage: rows.reversed(), final: nil)
  }

  public func trial(_ position: Int) async throws -> ImportedTrialDetail {
    guard let trial = try await run.trials(from: position, limit: 1).first, trial.position == position else {
      throw SupervisorError(
        .usage, "the record has no trial at place \(position). `assay trials` lists them.")
    }
    return ImportedTrialDetail(trial: trial)
  }

  private func score(_ trial: TrialFacts?) async throws -> String? {
    guard let position = trial?.position else { return nil }
    return try await run.trials(from: position, limit: 1).first?.score.raw
  }
}

extension TrialRow {
  /// The row of an imported trial: its number is its place in the record.
  init(imported trial: RecordedTrial, incumbent: Bool) {
    self.init(LineageV1.TrialRecord())
    self.trial = UInt32(clamping: trial.position)
    specialist = TerminalText.oneLine(trial.specialist, limit: 64)
    parent = trial.parent.position.map { UInt32(clamping: $0) }
    label = TerminalText.oneLine(trial.label, limit: 64)
    score = trial.score.value == nil ? nil : TerminalText.oneLine(trial.score.raw, limit: 64)
    delta = trial.delta.value == nil ? nil : TerminalText.oneLine(trial.delta.raw, limit: 64)
    reason = TerminalText.oneLine(trial.notes, limit: 2000)
    seconds = trial.totalSeconds.value ?? 0
    artifactBytes = trial.artifactBytes.value.flatMap { UInt64(exactly: $0.rounded()) } ?? 0
    hypothesis = TerminalText.oneLine(trial.hypothesis, limit: 4000)
    self.incumbent = incumbent
    decidedAt = trial.recordedAt.isEmpty ? nil : TerminalText.oneLine(trial.recordedAt, limit: 64)
    provenance = .recipeClaimed
    state =
      switch trial.outcome {
      case .kept: .kept
      case .discarded, .baseline: .measured
      default: .failed
      }
  }
}
