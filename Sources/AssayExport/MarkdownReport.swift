public import AssayAudit
import Foundation

/// An audit as a Markdown page. Texts of agents stand in it as text: no markup of theirs takes effect.
public enum MarkdownReport {
  public static func text(of audit: RunAudit) -> String {
    var lines = ["# \(escaped(audit.name))", ""]
    lines.append(
      audit.provenance == .signed
        ? "Every verdict was signed by the run's evaluator."
        : "**Imported and unsigned**: these figures are what the record claims.")
    lines += [
      "", "Score: `\(code(audit.scoreName))`, \(audit.lowerIsBetter ? "lower" : "higher") is better.", "",
    ]
    lines += summary(audit)
    if !audit.claims.isEmpty { lines += claims(audit.claims) }
    lines += progress(audit)
    lines += labels(audit)
    if let views = audit.views { lines += self.views(views) }
    lines += repairs(audit.repairs)
    lines += doubts(audit)
    if let edits = audit.edits { lines += self.edits(edits) }
    lines += mix(audit.failureMix)
    lines += flags(audit)
    return lines.joined(separator: "\n") + "\n"
  }

  static func claims(_ claims: [ClaimRow]) -> [String] {
    ["## Published figures", ""]
      + table(
        ["figure", "published", "from the rows", "corrected", "why", "rows"],
        claims.map { [$0.figure, $0.published, $0.rederived, $0.corrected, $0.correction, ids($0.rows, 12)] })
  }

  private static func summary(_ audit: RunAudit) -> [String] {
    let counts = audit.counts
    let progress = audit.progress
    let best = progress.best.map { "\($0.score) (\($0.id))" } ?? "-"
    let baseline = progress.baseline.map { "\($0)" } ?? "-"
    var rows: [[String]] = [
      ["trials", "\(counts.trials), \(counts.realTrials) without infrastructure failures"],
      ["kept", "\(counts.kept) (\(percent(counts.realKeepRate)) of those that ran)"],
      ["legal scores", percent(counts.validRate)],
      ["best", "\(best), baseline \(baseline)"],
      ["improvement", progress.improvementPercent.map { "\(fixed($0, 4)) %" } ?? "-"],
      ["node-time", "\(fixed(audit.cost.nodeSeconds / 3600, 1)) h"],
      ["failures repaired by the next trial", audit.repairs.repairRate.map(percent) ?? "-"],
      ["predictions of the right direction", audit.calibration.directionRight.map(percent) ?? "-"],
    ]
    if let cost = audit.cost.nodeSecondsPerKeep {
      rows.append(["node-time a kept edit", "\(fixed(cost / 3600, 2)) h"])
    }
    return table(["", ""], rows)
  }

  private static func progress(_ audit: RunAudit) -> [String] {
    ["## Best so far", ""]
      + table(
        ["trial", "score", "after trials", "node-hours"],
        audit.progress.steps.suffix(50).map {
          [$0.id, "\($0.score)", "\($0.trials)", fixed($0.nodeSeconds / 3600, 2)]
        })
  }

  private static func labels(_ audit: RunAudit) -> [String] {
    let labels = audit.counts.byLabel.sorted { ($1.value, $0.key) < ($0.value, $1.key) }
    let names = labels.map(\.key)
    return ["## Labels", ""]
      + table(
        ["label", "trials", "node-hours"],
        labels.map { [$0.key, "\($0.value)", fixed((audit.cost.byLabel[$0.key] ?? 0) / 3600, 1)] })
      + ["## Specialists", ""]
      + table(
        ["specialist"] + names,
        audit.counts.bySpecialist.sorted { $0.key < $1.key }.map { row in
          [row.key] + names.map { row.value[$0].map(String.init) ?? "" }
        })
  }

  private static func views(_ figures: ViewFigures) -> [String] {
    ["## What proposals were made from", "", escaped(ViewFigures.caution)]
      + (figures.partial + figures.unknown > 0
        ? [
          "Of \(figures.partial) proposals only a part is known, since the lineage service was started anew before them, and nothing of \(figures.unknown)."
        ] : []) + [""]
      + table(
        ["view", "proposals", "kept", "gain", "CPU hours", "kB", "made without it", "of them kept"],
        figures.views.map {
          [
            $0.view, "\($0.proposals)", "\($0.kept)", short($0.gain), fixed($0.cpuSeconds / 3600, 2),
            "\($0.bytes / 1000)", "\($0.otherProposals)", "\($0.otherKept)",
          ]
        })
  }

  private static func repairs(_ figures: RepairFigures) -> [String] {
    guard figures.total.failures > 0 else { return [] }
    return ["## Failures and their repair", ""]
      + table(
        [
          "label", "failures", "next valid", "same again", "cited by a valid one", "cited by a kept one",
          "valid child",
        ],
        (figures.byLabel.sorted { $0.key < $1.key } + [("all", figures.total)]).map { name, row in
          [
            name, "\(row.failures)", "\(row.nextValid)", "\(row.repeated)", "\(row.citedValid)",
            "\(row.citedKept)",
            "\(row.descendantValid)",
          ]
        })
  }

  private static func doubts(_ audit: RunAudit) -> [String] {
    var rows: [[String]] = []
    if let noise = audit.noise {
      rows.append([
        "noise between two measurements", "± \(short(noise.estimate.band)): \(noise.estimate.basis)",
      ])
      rows.append(["kept within the noise", "\(noise.keptWithin.count): \(ids(noise.keptWithin, 40))"])
      rows.append(["kept beyond the noise", "\(noise.keptBeyond.count): \(ids(noise.keptBeyond, 40))"])
    }
    if let gate = audit.gate {
      rows.append([
        "gate \(gate.limit)",
        "\(gate.passed.count) of \(gate.measured) passed, \(gate.passedWithinError) by less than 1.645 standard errors: "
          + gate.passed.prefix(20).map { "\($0.id) z \(fixed($0.z, 2))" }.joined(separator: ", "),
      ])
    }
    if let compute = audit.compute {
      let score = compute.equalScore.map { "\($0)" } ?? "-"
      rows.append([
        "compute of the best",
        "\(fixed(compute.ratio, 2)) times what the run began with; at equal compute \(score) (\(compute.equalID ?? "-"))",
      ])
    }
    rows.append(["in the best recipe", ids(audit.ancestry.bestLineage.reversed(), 60)])
    rows.append(["kept and not in the best recipe", ids(audit.ancestry.orphanedWins, 60)])
    for group in audit.duplicates.groups.prefix(20) { rows.append(["same \(group.by)", ids(group.ids, 20)]) }
    return ["## What is to be doubted", ""] + table(["", ""], rows)
  }

  private static func edits(_ figures: EditFigures) -> [String] {
    ["## Edits by syntax tree", ""]
      + table(
        ["domain", "program-level", "constant-only", "unchanged", "no code"],
        (figures.byDomain.sorted { $0.key < $1.key } + [("all", figures.total), ("kept", figures.kept)]).map {
          [$0, "\($1.programLevel)", "\($1.constantOnly)", "\($1.unchanged)", "\($1.unknown)"]
        })
  }

  private static func mix(_ mix: FailureMix) -> [String] {
    guard !mix.parts.isEmpty else { return [] }
    return ["## Labels over time", ""]
      + table(
        ["trials", "labels"],
        mix.parts.map { part in
          [
            "\(part.first) to \(part.last)",
            part.labels.sorted { ($1.value, $0.key) < ($0.value, $1.key) }.map { "\($0.key) \($0.value)" }
              .joined(separator: ", "),
          ]
        })
  }

  private static func flags(_ audit: RunAudit) -> [String] {
    guard !audit.flags.isEmpty || !audit.notices.isEmpty else { return [] }
    return ["## Flags", ""]
      + table(
        ["flag", "rows"],
        audit.flags.sorted { ($1.value, $0.key) < ($0.value, $1.key) }.map { [$0.key, "\($0.value)"] }
          + audit.notices.map { [$0.kind.rawValue, $0.detail] })
  }

  static func table(_ head: [String], _ rows: [[String]]) -> [String] {
    func line(_ cells: [String]) -> String { "| " + cells.map(escaped).joined(separator: " | ") + " |" }
    return [line(head), "|" + String(repeating: " --- |", count: head.count)] + rows.map(line) + [""]
  }

  /// Text that stays text: no markup, no table cells, no control characters.
  static func escaped(_ text: String) -> String {
    var result = ""
    for scalar in text.unicodeScalars.prefix(2000) {
      switch scalar {
      case "<": result += "&lt;"
      case ">": result += "&gt;"
      case "&": result += "&amp;"
      case "|", "*", "_", "`", "[", "]", "\\", "#", "!": result += "\\" + String(scalar)
      case "\n", "\r", "\t": result += " "
      case _ where scalar.value < 0x20 || (0x7F...0x9F).contains(scalar.value): continue
      case _ where (0x202A...0x202E).contains(scalar.value) || (0x2066...0x2069).contains(scalar.value):
        continue
      default: result.unicodeScalars.append(scalar)
      }
    }
    return result
  }

  private static func code(_ text: String) -> String { escaped(text).replacing("`", with: "'") }
  private static func ids(_ ids: some Collection<String>, _ limit: Int) -> String {
    ids.isEmpty
      ? "none"
      : ids.prefix(limit).joined(separator: " ") + (ids.count > limit ? " and \(ids.count - limit) more" : "")
  }
  private static func percent(_ share: Double) -> String { fixed(share * 100, 1) + " %" }
  private static func fixed(_ value: Double, _ digits: Int) -> String {
    String(format: "%.\(digits)f", value)
  }
  private static func short(_ value: Double) -> String { String(format: "%.4g", value) }
}
