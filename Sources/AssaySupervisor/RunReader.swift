import AssayIdentity
import AssayMessages
import AssayPatch
import AssayRPC
import AssayServices
import AssayVerdict
import Foundation
import Logging

/// Answers questions about a run from its lineage service, as the operator.
public struct RunReader: Sendable {
  let lineage: LineageServiceClient
  let description: RunDescription
  let running: Bool

  init(lineage: LineageServiceClient, description: RunDescription, running: Bool) {
    self.lineage = lineage
    self.description = description
    self.running = running
  }

  /// Reads from the run's own lineage service, or starts one for the time of `body` when the run is stopped.
  public static func with<Result: Sendable>(
    _ directory: StateDirectory, _ body: @escaping @Sendable (RunReader) async throws -> Result
  ) async throws -> Result {
    guard let description = try RunDescription.load(from: directory) else {
      throw SupervisorError(
        .usage, "no run was started in \(directory.root.path) yet. Start one with `assay run`.")
    }
    return try await Fleet.withLineage(of: directory) { lineage, running in
      try await body(RunReader(lineage: lineage, description: description, running: running))
    }
  }

  var quick: CallOptions { CallOptions(timeout: .seconds(30), waitForReady: true) }

  public func trials(_ listing: TrialListing) async throws -> [TrialRow] {
    var rows: [TrialRow] = []
    var request = LineageV1.ListTrialsRequest()
    request.runId = description.runID
    request.view = listing.view.wire
    request.pageSize = 500
    request.brief = true
    repeat {
      let page = try await lineage.listTrials(request, quick)
      for row in page.records.map(TrialRow.init) where listing.admits(row) {
        rows.append(row)
        if rows.count >= listing.limit { return rows }
      }
      request.pageToken = page.nextPageToken
    } while !request.pageToken.isEmpty
    return rows
  }

  func record(of trial: UInt32) async throws -> LineageV1.TrialRecord {
    var request = LineageV1.GetTrialRequest()
    request.runId = description.runID
    request.trial = trial
    do throws(RPCError) {
      return try await lineage.getTrial(request, quick).record ?? .init()
    } catch {
      guard error.code == .notFound else { throw error }
      throw SupervisorError(
        .usage, "run \(description.runID) has no trial \(trial). `assay trials` lists them.")
    }
  }

  func run() async throws -> LineageV1.GetRunResponse {
    var request = LineageV1.GetRunRequest()
    request.runId = description.runID
    do throws(RPCError) {
      return try await lineage.getRun(request, quick)
    } catch {
      guard error.code == .notFound else { throw error }
      throw SupervisorError(
        .unavailable,
        "the record of run \(description.runID) is still empty: its baseline has not been measured. Go on with `assay run`."
      )
    }
  }

  /// Whether a lower score is better.
  public func minimizes() async throws -> Bool { try await run().run?.metric?.direction != .maximize }

  public func status() async throws -> RunStatus {
    let run = try await run()
    var request = LineageV1.SummarizeRequest()
    request.runId = description.runID
    let summary = try await lineage.summarize(request, quick)
    let metric = run.run?.metric
    return RunStatus(
      run: description.runID, task: description.taskName,
      state: run.finished ? "finished" : running ? "running" : "stopped", trials: summary.trials,
      inFlight: summary.inFlight, best: summary.incumbent,
      bestScore: summary.incumbentScore.isEmpty ? nil : summary.incumbentScore,
      baselineScore: summary.baselineScore.isEmpty ? nil : summary.baselineScore, metric: metric?.name ?? "",
      unit: metric?.unit ?? "", revoked: summary.revoked,
      labels: Dictionary(summary.labels.map { (LabelText.name($0.label), $0.count) }, uniquingKeysWith: +),
      specialists: summary.specialists.map {
        .init(name: $0.specialist, trials: $0.trials, kept: $0.kept, inFlight: $0.inFlight)
      },
      final: try await final(in: run))
  }

  public func best(final: EvaluatorV1.FinalReport? = nil) async throws -> BestTrial {
    let status = try await status()
    let lineage = try await trials(TrialListing(view: .lineage, specialist: nil, label: nil, limit: .max))
      .sorted { $0.trial < $1.trial }
    let row = TrialRow(try await record(of: status.best))
    return BestTrial(
      row: row, baselineScore: status.baselineScore ?? "-", unit: status.unit, lineage: lineage,
      final: try await self.final(final) ?? status.final)
  }

  /// The final report, when it is there and signed by the run's evaluator.
  private func final(in run: LineageV1.GetRunResponse) async throws -> BestTrial.Final? {
    guard run.finished, let key = try? PublicIdentity(bytes: run.run?.evaluatorKey ?? []) else { return nil }
    return try await final(
      try? ReportStatement.verified(envelope: run.report, run: description.runID, key: key))
  }

  private func final(_ report: EvaluatorV1.FinalReport?) async throws -> BestTrial.Final? {
    guard let report else { return nil }
    var stands = true
    if report.best != 0 {
      let record = try await record(of: report.best)
      // What descends from a trial that broke a rule was screened itself.
      stands = record.standing == .stands || record.standing == .descendsFromRevoked
    }
    return BestTrial.Final(
      bestMean: report.bestMean, baselineMean: report.baselineMean, improvement: report.improvement,
      halfWidth: report.halfWidth, betterBeyondNoise: report.betterBeyondNoise, split: report.split,
      best: report.best, stands: stands)
  }

  public func detail(of trial: UInt32) async throws -> TrialDetail {
    let record = try await record(of: trial)
    let run = try await run()
    let provenance = try await provenance(of: record, key: run.run?.evaluatorKey ?? [])
    let trial = record.trial ?? .init()
    let proposal = trial.proposal ?? .init()
    let verdict = record.verdict
    return TrialDetail(
      row: TrialRow(record), seedScores: verdict?.seedScores ?? [],
      noise: verdict.flatMap { $0.noise.isEmpty ? nil : $0.noise },
      rule: verdict.flatMap { $0.rule.isEmpty ? nil : $0.rule },
      ruleVersion: verdict.flatMap { $0.ruleVersion == 0 ? nil : $0.ruleVersion },
      evidence: verdict.flatMap { $0.evidence.isEmpty ? nil : $0.evidence },
      revoked: revoked(record, key: run.run?.evaluatorKey ?? []),
      usage: (verdict?.usage ?? []).map { usage in
        TrialDetail.Usage(
          phase: usage.phase, seed: usage.seed, wallSeconds: Double(usage.wallNs) / 1e9,
          cpuSeconds: Double(usage.cpuNs) / 1e9,
          cpuLimitSeconds: usage.cpuLimitNs == 0 ? nil : Double(usage.cpuLimitNs) / 1e9,
          memoryBytes: usage.maxMemoryBytes,
          artifactBytes: usage.artifactBytes,
          artifactLimitBytes: usage.artifactLimitBytes == 0 ? nil : usage.artifactLimitBytes,
          runner: usage.runner)
      },
      submittedBy: trial.submittedBy, snapshot: trial.snapshotId.isEmpty ? nil : trial.snapshotId,
      motive: proposal.motive.isEmpty ? nil : proposal.motive,
      notes: proposal.notes.isEmpty ? nil : proposal.notes,
      edit: String(decoding: proposal.edit, as: UTF8.self), log: record.logExcerpt,
      signature: signature(of: record, key: run.run?.evaluatorKey ?? []), provenance: provenance,
      envelope: record.envelope.isEmpty ? nil : String(decoding: record.envelope, as: UTF8.self))
  }

  private func revoked(_ record: LineageV1.TrialRecord, key: [UInt8]) -> TrialDetail.Revoked? {
    guard let revocation = record.revocation else { return nil }
    let signed = (try? PublicIdentity(bytes: key)).flatMap {
      try? RevocationStatement.verified(envelope: record.revocationEnvelope, key: $0)
    }
    let holds =
      signed == revocation && signed?.verdictSha256 == VerdictStatement.digest(record.envelope)
    let isByRule = !revocation.rule.isEmpty
    return TrialDetail.Revoked(
      reason: revocation.reason, rule: isByRule ? revocation.rule : nil,
      rulesVersion: isByRule ? revocation.rulesVersion : nil, evidence: isByRule ? revocation.evidence : nil,
      requestedBy: revocation.requestedBy,
      revokedAt: Date(timeIntervalSince1970: Double(revocation.revokedAtMs) / 1000).formatted(.iso8601),
      signature: holds ? .valid : .invalid,
      envelope: String(decoding: record.revocationEnvelope, as: UTF8.self))
  }

  private func signature(of record: LineageV1.TrialRecord, key: [UInt8]) -> TrialDetail.Signature {
    guard !record.envelope.isEmpty else { return .none }
    guard let identity = try? PublicIdentity(bytes: key),
      let statement = try? VerdictStatement.verified(envelope: record.envelope, key: identity),
      statement.verdict == record.verdict
    else { return .invalid }
    return .valid
  }

  /// Writes a trial's recipe to a new folder.
  public func writeRecipe(of trial: UInt32, to folder: URL) async throws {
    let files = FileManager.default
    if files.fileExists(atPath: folder.path),
      !((try? files.contentsOfDirectory(atPath: folder.path)) ?? ["?"]).isEmpty
    {
      throw SupervisorError(.usage, "\(folder.path) exists and is not empty; name a new folder with --out.")
    }
    let record = try await record(of: trial)
    guard let id = record.trial?.snapshotId, !id.isEmpty else {
      throw SupervisorError(.negative, "trial \(trial) has no recipe: its edit did not apply.")
    }
    var request = LineageV1.GetSnapshotRequest()
    request.runId = description.runID
    request.snapshotId = id
    let snapshot = try await lineage.getSnapshot(request, quick).snapshot ?? .init()
    guard
      let tree = try? RecipeTree(
        Dictionary(snapshot.files.map { ($0.path, $0.content) }, uniquingKeysWith: { first, _ in first })),
      tree.digest == id
    else {
      throw SupervisorError(
        .verificationFailed,
        "the recipe of trial \(trial) does not have the digest the record names: do not believe it.")
    }
    for path in tree.paths {
      guard let content = tree[path] else { continue }
      let file = folder.appending(path: path)
      try files.createDirectory(at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
      try Data(content).write(to: file)
    }
  }
}
