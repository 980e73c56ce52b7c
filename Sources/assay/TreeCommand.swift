import ArgumentParser
import AssaySupervisor

struct TreeCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "tree", abstract: "The lineage as a tree: who was edited from whom.")

  @Flag(name: .long, help: "Only kept trials and what leads to them.")
  var kept = false

  @OptionGroup var options: StateOptions

  func run() async throws {
    let rows: [TrialRow]
    switch try options.location() {
    case .live(let directory): rows = try await RunReader.with(directory) { try await $0.trials(.everything) }
    case .imported(let run):
      rows = try await ImportedView(run).trials(.everything)
      if !options.json { print(ImportedView.warning) }
    }
    let tree = TrialTree(rows: rows, keptOnly: kept)
    if options.json {
      for row in tree.ordered { print(try row.json()) }
    } else {
      print(tree.text)
    }
  }
}
