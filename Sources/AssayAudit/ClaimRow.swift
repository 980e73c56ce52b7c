import AssayTrajectory
import Foundation

/// One published figure beside what the rows give.
public struct ClaimRow: Codable, Sendable, Equatable {
  public var figure: String
  public var published: String
  public var rederived: String
  public var corrected: String
  /// Why the corrected figure differs, or that nothing corrects it.
  public var correction: String
  /// Ids of the rows behind the figures.
  public var rows: [String]

  static func rows(of audit: RunAudit, _ trajectory: Trajectory, claim: PublishedClaims.Claim?) -> [ClaimRow]
  {
    guard let claim else { return [] }
    var rows: [ClaimRow] = []
    let infra = trajectory.trials.filter { $0.outcome == .infrastructure }.map(\.id)
    rows.append(
      ClaimRow(
        figure: "trials", published: "\(claim.trials)", rederived: "\(audit.counts.trials)",
        corrected: "\(audit.counts.realTrials)",
        correction: "\(infra.count) rows are infrastructure failures: nothing of the recipe ran", rows: infra)
    )
    let percent = audit.progress.improvementPercent.map { text($0, 4) } ?? "-"
    let ends = [trajectory.baseline?.id, trajectory.best?.id].compactMap(\.self)
    if let noise = audit.noise {
      let within = noise.keptWithin.count
      let plateau = noise.estimate.mean != nil && noise.score == noise.estimate.mean
      let improvement = noise.improvementPercent.map { text($0, 2) } ?? "-"
      let width = noise.halfWidthPercent.map { text($0, 2) } ?? "-"
      rows.append(
        ClaimRow(
          figure: "improvement, noise", published: "\(text(claim.improvementPercent, 2)) %",
          rederived: "\(percent) %",
          corrected: "\(improvement) %",
          correction: (plateau
            ? "the best lies on a plateau: mean of \(noise.estimate.basis); pure noise of deviation \(text(noise.estimate.deviation ?? 0, 4)) around it would show a best of \(text(noise.estimate.expectedBest ?? 0, 4))"
            : "only gains beyond the band of \(text(noise.estimate.band, 4)) count (\(noise.estimate.basis))")
            + "; one measurement each leaves ± \(width) percentage points", rows: ends))
      rows.append(
        ClaimRow(
          figure: "kept edits", published: "-", rederived: "\(audit.counts.kept)",
          corrected: "\(noise.keptBeyond.count)",
          correction: "\(within) gained no more than the noise band of \(text(noise.estimate.band, 4))",
          rows: noise.keptBeyond))
    } else {
      rows.append(
        ClaimRow(
          figure: "improvement", published: "\(text(claim.improvementPercent, 2)) %",
          rederived: "\(percent) %",
          corrected: "-", correction: "the rows do not tell the noise of the score", rows: ends))
    }
    if let compute = audit.compute {
      let same = compute.ratio <= 1.1
      rows.append(
        ClaimRow(
          figure: "improvement, equal compute", published: "\(text(claim.improvementPercent, 2)) %",
          rederived: "\(percent) %",
          corrected: same
            ? "\(percent) %" : "\(compute.equalImprovementPercent.map { text($0, 2) } ?? "-") %",
          correction: same
            ? "the best trained \(text(compute.ratio, 2)) times as long as the run began with: equal compute"
            : "the best trained \(text(compute.ratio, 2)) times as long (\(text(compute.best, 0)) s) as the run began with (\(text(compute.reference, 0)) s); \(compute.equalID ?? "none") is the best within 1.1 times",
          rows: same ? ends : [compute.equalID, trajectory.best?.id].compactMap(\.self)))
    }
    if let gate = audit.gate {
      let best = gate.passed.first { $0.id == trajectory.best?.id }
      rows.append(
        ClaimRow(
          figure: "passes the gate", published: "yes", rederived: "\(gate.passed.count) of \(gate.measured)",
          corrected: "\(gate.passed.count - gate.passedWithinError) of \(gate.measured)",
          correction:
            "\(gate.passedWithinError) passed \(text(gate.limit, 2)) by less than 1.645 standard errors; the best by \(best.map { text($0.z, 2) } ?? "-")"
            + (gate.baselineMeasured ? "" : "; the baseline records no value for the gate"),
          rows: gate.passed.map(\.id)))
    }
    return rows
  }

  static func text(_ value: Double, _ digits: Int) -> String { String(format: "%.\(digits)f", value) }
}
