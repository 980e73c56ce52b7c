import ArgumentParser
import AssayAudit
import AssaySupervisor

struct CompareCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "compare", abstract: "Two runs, or two arms of an experiment, side by side.",
    discussion: """
      Shares come with the 95 % interval of their difference; best scores at equal numbers of trials and at equal node-time.

        assay compare lineage-on lineage-off
      """)

  @Argument(help: ArgumentHelp("Folder of a run, or its name below ./.assay.", valueName: "a"))
  var a: String

  @Argument(help: ArgumentHelp("The other run.", valueName: "b"))
  var b: String

  @OptionGroup var audit: AuditArguments

  @Flag(name: .long, help: "Print one JSON object, with stable keys.")
  var json = false

  func run() async throws {
    let options = try audit.options()
    let comparison = Comparison(
      try await RunLocation.find(a).audit(options), try await RunLocation.find(b).audit(options))
    print(json ? try JSONLine.encode(comparison) : Self.text(of: comparison))
  }

  private static func text(of comparison: Comparison) -> String {
    let (a, b) = (comparison.a, comparison.b)
    func clean(_ text: String) -> String { TerminalText.oneLine(text, limit: 24) }
    func row(_ name: String, _ a: String, _ b: String, _ rest: String = "") -> String {
      "\(TerminalText.fit(name, 30)) \(TerminalText.fit(a, 24)) \(TerminalText.fit(b, 24)) \(rest)"
    }
    func share(_ name: String, _ share: Comparison.Share) -> String {
      row(
        name, AuditText.percent(share.a), AuditText.percent(share.b),
        "\(AuditText.fixed(share.difference * 100, 1))\(share.halfWidth.map { " ± \(AuditText.fixed($0 * 100, 1))" } ?? "") points"
      )
    }
    func number(_ value: Double?) -> String { value.map(AuditText.number) ?? "-" }
    func hours(_ seconds: Double) -> String { AuditText.fixed(seconds / 3600, 2) + " h" }
    var lines = [
      row("", clean(a.name), clean(b.name)), row("provenance", a.provenance.rawValue, b.provenance.rawValue),
      row("score", clean(a.scoreName), clean(b.scoreName), comparison.sameScore ? "" : "not the same score"),
      row("trials that ran", "\(a.counts.realTrials)", "\(b.counts.realTrials)"),
      share("kept", comparison.keepRate), share("legal score", comparison.validRate),
      share("repaired by the next trial", comparison.repairRate),
      row("node-time", hours(a.cost.nodeSeconds), hours(b.cost.nodeSeconds)),
      row(
        "node-time a kept edit", a.cost.nodeSecondsPerKeep.map(hours) ?? "-",
        b.cost.nodeSecondsPerKeep.map(hours) ?? "-"),
      row("baseline", number(a.progress.baseline), number(b.progress.baseline)),
      row("best", number(a.progress.best?.score), number(b.progress.best?.score)),
      row(
        "improvement", a.progress.improvementPercent.map { AuditText.fixed($0, 3) + " %" } ?? "-",
        b.progress.improvementPercent.map { AuditText.fixed($0, 3) + " %" } ?? "-"),
      row("kept beyond the noise", kept(a), kept(b)),
    ]
    for label in Set(a.counts.byLabel.keys).union(b.counts.byLabel.keys).sorted() {
      lines.append(
        row("  " + clean(label), "\(a.counts.byLabel[label] ?? 0)", "\(b.counts.byLabel[label] ?? 0)"))
    }
    lines.append("best so far")
    for point in comparison.bestByTrials {
      lines.append(row("  after \(Int(point.at)) trials", number(point.a), number(point.b)))
    }
    for point in comparison.bestByNodeSeconds {
      lines.append(row("  after \(hours(point.at))", number(point.a), number(point.b)))
    }
    return lines.joined(separator: "\n")
  }

  private static func kept(_ audit: RunAudit) -> String {
    audit.noise.map { "\($0.keptBeyond.count) of \(audit.counts.kept)" } ?? "-"
  }
}
