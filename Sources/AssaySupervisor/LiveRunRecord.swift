import AssayMessages
import AssayServices
public import AssayTrajectory
import Foundation

/// A run of this program's own, read from its lineage service. Every verdict in it was signed by the run's evaluator.
public struct LiveRunRecord: RunRecord {
  private let reader: RunReader

  init(reader: RunReader) { self.reader = reader }

  public func run() async throws -> RecordedRun {
    let run = try await reader.run()
    var request = LineageV1.SummarizeRequest()
    request.runId = reader.description.runID
    let summary = try await reader.lineage.summarize(request, reader.quick)
    let metric = run.run?.metric
    return RecordedRun(
      name: reader.description.taskName, provenance: .signed, format: "assay",
      scoreName: metric?.name ?? "score",
      lowerIsBetter: metric?.direction != .maximize, unit: metric?.unit ?? "", trialCount: Int(summary.trials)
    )
  }

  public func trials(from position: Int, limit: Int) async throws -> [RecordedTrial] {
    var request = LineageV1.ListTrialsRequest()
    request.runId = reader.description.runID
    request.view = .all
    request.pageSize = UInt32(clamping: min(max(limit, 1), 500))
    request.brief = true
    // Pages go on after the last number of the page before.
    if position > 0 { request.pageToken = "\(position - 1)/" }
    return try await reader.lineage.listTrials(request, reader.quick).records.map(Self.trial)
  }

  public func sequence() async throws -> UInt64 { try await reader.run().sequence }

  public func recipe(of position: Int) async throws -> [String: [UInt8]]? {
    var request = LineageV1.GetTrialRequest()
    request.runId = reader.description.runID
    request.trial = UInt32(clamping: position)
    let id = try await reader.lineage.getTrial(request, reader.quick).record?.trial?.snapshotId ?? ""
    guard !id.isEmpty else { return nil }
    var wanted = LineageV1.GetSnapshotRequest()
    wanted.runId = reader.description.runID
    wanted.snapshotId = id
    let files = try await reader.lineage.getSnapshot(wanted, reader.quick).snapshot?.files ?? []
    return Dictionary(files.map { ($0.path, $0.content) }, uniquingKeysWith: { first, _ in first })
  }

  private static func trial(_ record: LineageV1.TrialRecord) -> RecordedTrial {
    let row = TrialRow(record)
    let proposal = record.trial?.proposal ?? .init()
    var trial = RecordedTrial(position: Int(row.trial), id: String(row.trial))
    trial.parent = ParentClaim(
      raw: row.parent.map(String.init) ?? "", position: row.parent.map { Int($0) })
    trial.specialist = row.specialist
    trial.domain = row.specialist
    trial.hypothesis = proposal.hypothesis
    trial.notes = proposal.notes
    trial.label = row.label
    trial.outcome = row.revocation == nil ? TrialOutcome(label: row.label) ?? .unreadable : .revoked
    trial.score = Reading(row.score ?? "")
    trial.delta = Reading(row.delta ?? "")
    trial.expectedDelta = Reading(proposal.expectedDelta)
    trial.artifactBytes = row.artifactBytes == 0 ? .none : Reading(String(row.artifactBytes))
    let usage = record.verdict?.usage ?? []
    func seconds(_ phases: [LineageV1.PhaseUsage]) -> Reading {
      phases.isEmpty ? .none : Reading(milliseconds(phases.reduce(0) { $0 + $1.wallNs }))
    }
    trial.trainSeconds = seconds(usage.filter { $0.phase.hasPrefix("train") })
    trial.evalSeconds = seconds(usage.filter { !$0.phase.hasPrefix("train") })
    trial.totalSeconds = seconds(usage)
    trial.recordedAt = row.decidedAt ?? row.submittedAt ?? ""
    var extra = ["reason": row.reason, "cpu_seconds": milliseconds(usage.reduce(0) { $0 + $1.cpuNs })]
    extra["snapshot"] = record.trial?.snapshotId
    extra["meaning"] = record.trial?.meaning
    extra["noise"] = record.verdict?.noise
    extra["rule"] = record.verdict?.rule
    extra["motive"] = proposal.motive
    if let verdict = record.verdict, !verdict.seedScores.isEmpty {
      extra["seed_scores"] = verdict.seedScores.joined(separator: " ")
    }
    trial.extra = extra.filter { !$0.value.isEmpty }
    trial.views = record.readings.map(ViewsAnswered.init)
    return trial
  }

  /// Nanoseconds as seconds with three decimals.
  private static func milliseconds(_ nanoseconds: UInt64) -> String {
    let thousandths = (nanoseconds + 500_000) / 1_000_000
    let rest = String(thousandths % 1000)
    return "\(thousandths / 1000)." + String(repeating: "0", count: 3 - rest.count) + rest
  }
}

extension ViewsAnswered {
  init(_ readings: LineageV1.Readings) {
    self.init(
      counts: Dictionary(
        readings.readings.map { ($0.view, Count(requests: UInt64($0.requests), bytes: $0.bytes)) },
        uniquingKeysWith: { first, _ in first }), isWhole: !readings.partial)
  }
}
