import AssayAudit
import AssaySupervisor
import AssayTrajectory
import Foundation

/// Audits for people.
enum AuditText {
  static func text(of audit: RunAudit) -> String {
    var lines = [
      "\(clean(audit.name, 64))  \(audit.provenance.rawValue)  \(clean(audit.scoreName, 64)), \(audit.lowerIsBetter ? "lower" : "higher") is better"
    ]
    if audit.provenance == .recipeClaimed {
      lines.append("  imported: nobody signed these figures; they are what the record claims")
    }
    let counts = audit.counts
    lines.append(
      "  trials        \(counts.trials), \(counts.realTrials) without \(counts.infrastructure) infrastructure failures; \(counts.kept) kept (\(percent(counts.keepRate)), \(percent(counts.realKeepRate)) of those that ran), \(percent(counts.validRate)) with a legal score"
    )
    lines.append("  labels        \(labels(counts.byLabel))")
    lines.append("  specialists   " + specialists(counts.bySpecialist))
    lines += progress(audit)
    let cost = audit.cost
    lines.append(
      "  node-time     \(hours(cost.nodeSeconds)) h"
        + (cost.nodeSecondsPerKeep.map { ", \(hours($0)) h a kept edit" } ?? "")
        + (cost.nodeSecondsPerPercent.map { ", \(hours($0)) h a percent" } ?? ""))
    let shares = cost.byLabel.sorted { ($1.value, $0.key) < ($0.value, $1.key) }
    if cost.nodeSeconds > 0 {
      lines.append(
        "                "
          + shares.map { "\(clean($0.key, 32)) \(percent($0.value / cost.nodeSeconds))" }.joined(
            separator: ", "))
    }
    lines += repairs(audit.repairs)
    lines += predictions(audit.calibration)
    lines += doubts(audit)
    if let edits = audit.edits { lines += self.edits(edits) }
    if !audit.failureMix.parts.isEmpty {
      lines.append("  over time")
      for part in audit.failureMix.parts {
        lines.append(
          "    \(TerminalText.fit("\(clean(part.first, 12)) to \(clean(part.last, 12))", 16)) \(labels(part.labels))"
        )
      }
    }
    if !audit.flags.isEmpty || !audit.notices.isEmpty {
      lines.append("  flags         \(labels(audit.flags))")
      for notice in audit.notices.prefix(20) {
        lines.append("    \(clean(notice.kind.rawValue, 40)): \(clean(notice.detail, 400))")
      }
    }
    for claim in audit.claims {
      lines.append(
        "  claim: \(claim.figure): published \(claim.published), the rows give \(claim.rederived), corrected \(claim.corrected)"
      )
      lines.append("    \(claim.correction)")
      lines.append("    rows: \(ids(claim.rows, 40))")
    }
    return lines.joined(separator: "\n")
  }

  static func text(of totals: AuditTotals) -> String {
    [
      "together (\(totals.runs.map { clean($0, 64) }.joined(separator: ", ")))",
      "  trials        \(totals.trials), \(totals.realTrials) without \(totals.infrastructure) infrastructure failures; \(totals.kept) kept",
      "  labels        \(labels(totals.byLabel))",
      "  specialists   " + specialists(totals.bySpecialist),
      "  node-time     \(hours(totals.nodeSeconds)) h",
    ].joined(separator: "\n")
  }

  private static func progress(_ audit: RunAudit) -> [String] {
    let progress = audit.progress
    var lines = [
      "  best          \(progress.best.map { "\(number($0.score)) (\(clean($0.id, 32)))" } ?? "-"), baseline \(progress.baseline.map(number) ?? "-")"
        + (progress.improvementPercent.map { ", \(fixed($0, 4)) % better" } ?? "")
        + "; \(progress.trialsSinceBest) trials since"
    ]
    for step in progress.steps.suffix(12) {
      lines.append(
        "    \(TerminalText.fit(clean(step.id, 16), 8)) \(TerminalText.fit(number(step.score), 12)) after \(step.trials) trials, \(hours(step.nodeSeconds)) h"
      )
    }
    if progress.steps.count > 12 {
      lines.insert("    (the last 12 of \(progress.steps.count); --json has all)", at: 1)
    }
    return lines
  }

  private static func repairs(_ figures: RepairFigures) -> [String] {
    guard figures.total.failures > 0 else { return ["  failures      none"] }
    func line(_ name: String, _ row: RepairFigures.Row) -> String {
      "    \(TerminalText.fit(clean(name, 24), 22)) \(TerminalText.fit(String(row.failures), 6)) next valid \(row.nextValid), same again \(row.repeated), cited by a valid one \(row.citedValid), by a kept one \(row.citedKept), valid child \(row.descendantValid)"
    }
    return ["  failures and their repair (\(percent(figures.repairRate ?? 0)) repaired by the next trial)"]
      + [line("all", figures.total)]
      + figures.byLabel.sorted { $0.key < $1.key }.map { line($0.key, $0.value) }
  }

  private static func predictions(_ figures: CalibrationFigures) -> [String] {
    guard figures.predictions > 0 else { return ["  predictions   none with a measured outcome"] }
    return [
      "  predictions   \(figures.predictions): \(figures.predictedImprovement) of an improvement, \(figures.improved) were (\(percent(figures.improvedShare ?? 0))); direction right \(percent(figures.directionRight ?? 0)), mean error \(figures.meanAbsoluteError.map { short($0) } ?? "-"), optimism \(figures.optimism.map { short($0) } ?? "-")"
    ]
  }

  private static func doubts(_ audit: RunAudit) -> [String] {
    var lines: [String] = []
    if let noise = audit.noise {
      lines.append(
        "  noise         ± \(short(noise.estimate.band)) between two measurements (\(clean(noise.estimate.source, 40)): \(clean(noise.estimate.basis, 300)))"
      )
      lines.append(
        "                kept within it: \(noise.keptWithin.count) of \(noise.keptWithin.count + noise.keptBeyond.count); beyond: \(ids(noise.keptBeyond, 20))"
      )
      lines.append(
        "                counting only gains beyond it: \(noise.score.map(number) ?? "-"), \(noise.improvementPercent.map { fixed($0, 2) } ?? "-") % ± \(noise.halfWidthPercent.map { fixed($0, 2) } ?? "-"), through \(ids(noise.promotions, 20))"
      )
    } else {
      lines.append("  noise         the record does not tell it; --noise says it")
    }
    if let gate = audit.gate {
      lines.append(
        "  gate          \(number(gate.limit)) (\(gate.source)): \(gate.passed.count) of \(gate.measured) passed, \(gate.passedWithinError) of them by less than 1.645 standard errors (\(short(gate.medianError))); \(gate.missedButFaster) that missed were faster than the best"
      )
      for margin in gate.passed.prefix(20) {
        lines.append(
          "    \(TerminalText.fit(clean(margin.id, 16), 8)) \(TerminalText.fit(margin.label, 9)) mean \(number(margin.mean)), z \(fixed(margin.z, 2))"
        )
      }
      if !gate.baselineMeasured { lines.append("                the baseline records no value for it") }
    }
    if let compute = audit.compute {
      lines.append(
        "  compute       the best trained \(fixed(compute.ratio, 2)) times as long as the run began with (\(number(compute.reference)) s); at equal compute \(compute.equalScore.map(number) ?? "-") (\(clean(compute.equalID ?? "-", 32))), \(compute.equalImprovementPercent.map { fixed($0, 2) } ?? "-") %"
      )
    }
    let ancestry = audit.ancestry
    lines.append("  in the best   \(ids(ancestry.bestLineage.reversed(), 40))")
    lines.append("  orphaned wins \(ids(ancestry.orphanedWins, 40))")
    let groups = audit.duplicates.groups
    lines.append("  duplicates    \(groups.isEmpty ? "none" : "\(groups.count) groups")")
    for group in groups.prefix(12) {
      lines.append(
        "    same \(group.by): \(ids(group.ids, 12)); scores \(group.scores.prefix(12).map { $0.map(number) ?? "-" }.joined(separator: ", "))"
      )
    }
    return lines
  }

  private static func edits(_ figures: EditFigures) -> [String] {
    func line(_ name: String, _ row: EditFigures.Row) -> String {
      "    \(TerminalText.fit(clean(name, 24), 14)) program-level \(row.programLevel), constant-only \(row.constantOnly), unchanged \(row.unchanged), no code \(row.unknown)"
    }
    return ["  edits by syntax tree", line("all", figures.total), line("kept", figures.kept)]
      + figures.byDomain.sorted { $0.key < $1.key }.map { line($0.key, $0.value) }
  }

  private static func specialists(_ figures: [String: [String: Int]]) -> String {
    figures.sorted { $0.key < $1.key }.prefix(40).map { name, labels in
      "\(clean(name, 24)) \(labels.values.reduce(0, +))/\(labels["keep"] ?? 0)"
    }.joined(separator: ", ") + "  (trials/kept)"
  }

  private static func labels(_ counts: [String: Int]) -> String {
    counts.sorted { ($1.value, $0.key) < ($0.value, $1.key) }.prefix(40).map {
      "\(clean($0.key, 40)) \($0.value)"
    }
    .joined(separator: ", ")
  }

  private static func ids(_ ids: some Collection<String>, _ limit: Int) -> String {
    if ids.isEmpty { return "none" }
    return ids.prefix(limit).map { clean($0, 16) }.joined(separator: " ")
      + (ids.count > limit ? " and \(ids.count - limit) more" : "")
  }

  private static func clean(_ text: String, _ limit: Int) -> String {
    TerminalText.oneLine(text, limit: limit)
  }
  static func percent(_ share: Double) -> String { fixed(share * 100, 1) + " %" }
  private static func hours(_ seconds: Double) -> String { fixed(seconds / 3600, 1) }
  static func fixed(_ value: Double, _ digits: Int) -> String { String(format: "%.\(digits)f", value) }
  private static func short(_ value: Double) -> String { String(format: "%.4g", value) }
  static func number(_ value: Double) -> String { "\(value)" }
}
