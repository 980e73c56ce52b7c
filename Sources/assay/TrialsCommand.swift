import ArgumentParser
import AssayMessages
import AssaySupervisor

struct TrialsCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "trials",
    abstract: "List trials.",
    discussion:
      """
      Views: all, leaderboard, kept, recent, in-flight, failures, revoked, lineage (from the best up to the baseline), orphaned (kept trials whose \
      change the best recipe lacks), repeated (trials that made the change of an earlier one on another parent).
      """
  )

  @Option(name: .long, help: "Which view.")
  var view: TrialListing.View = .all

  @Option(name: .long, help: "Only this specialist's trials.")
  var specialist: String?

  @Option(name: .long, help: "Only this label, such as size_blocked.")
  var label: String?

  @Option(name: .long, help: "At most this many.")
  var limit: Int = 1000

  @OptionGroup var options: StateOptions

  func run() async throws {
    let listing = try TrialListing(view: view, specialist: specialist, label: label, limit: limit)
    let rows: [TrialRow]
    switch try options.location() {
    case .live(let directory): rows = try await RunReader.with(directory) { try await $0.trials(listing) }
    case .imported(let run):
      rows = try await ImportedView(run).trials(listing)
      if !options.json { print(ImportedView.warning) }
    }
    if options.json {
      for row in rows { print(try row.json()) }
    } else {
      print(TrialTable.render(rows))
    }
  }
}

extension TrialListing.View: ExpressibleByArgument {}
