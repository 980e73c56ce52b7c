import ArgumentParser
import AssayAudit
import AssaySupervisor

struct AuditCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "audit", abstract: "What the rows of a run say, and what is to be doubted about them.",
    discussion: """
      Counts, keep rate, best score against trials and cost, node-time, failures and their repair, predictions, duplicates,
      orphaned wins, kept edits within the noise, gate margins, compute. Where figures were published about the run, they
      stand beside what the rows give and what is left without infrastructure failures, noise and unequal compute, each with
      the ids of the rows behind it. Several runs: each audit, then their totals.

        assay audit                    your newest run
        assay audit theirs --json      an imported one
        assay audit pg cifar nanochat  three, and what they have together
      """)

  @Argument(
    help: ArgumentHelp(
      "Folders of runs, or their names below ./.assay. Default: $ASSAY_STATE, else your newest run.",
      valueName: "run"))
  var runs: [String] = []

  @OptionGroup var audit: AuditArguments

  @Flag(name: .long, help: "Print one JSON object a run, with stable keys.")
  var json = false

  func run() async throws {
    let options = try audit.options()
    var audits: [RunAudit] = []
    for name in runs.isEmpty ? [nil] : runs.map(Optional.some) {
      let audit = try await RunLocation.find(name).audit(options)
      print(json ? try JSONLine.encode(audit) : AuditText.text(of: audit))
      audits.append(audit)
    }
    guard audits.count > 1 else { return }
    let totals = AuditTotals(audits)
    print(json ? try JSONLine.encode(totals) : AuditText.text(of: totals))
  }
}
