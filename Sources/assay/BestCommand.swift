import ArgumentParser
import AssaySupervisor
import Foundation

struct BestCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "best",
    abstract: "The best trial so far; its recipe as a folder, or the way to it as a git branch.",
    discussion: """
      --git writes a branch whose commits are the kept lineage: one commit a kept trial, from the baseline to the best, with
      hypothesis and verdict in the message. Nothing else of the repository changes.

        assay best --out winner
        assay best --git my-recipes --branch assay/golf-mini
      """)

  @Option(name: .long, help: ArgumentHelp("Write the winning recipe to this new folder.", valueName: "dir"))
  var out: String?

  @Option(
    name: .long,
    help: ArgumentHelp("Write the kept lineage to this repository, made if need be.", valueName: "dir"))
  var git: String?

  @Option(name: .long, help: ArgumentHelp("Name of the new branch.", valueName: "name"))
  var branch = "assay"

  @OptionGroup var options: StateOptions

  func run() async throws {
    if let git {
      let count = try await GitRepository.writeLineage(
        of: RunLocation.find(options.state), to: URL(filePath: git), branch: branch)
      if options.json {
        return print(try JSONLine.encode(["branch": branch, "repository": git, "commits": String(count)]))
      }
      return print("branch \(branch) written to \(git): \(count) commits")
    }
    if case .imported(let run) = try options.location() {
      guard out == nil else {
        throw SupervisorError(
          .usage, "an imported run has no recipe that was measured here; see its snapshots.")
      }
      let best = try await ImportedView(run).best()
      return print(options.json ? try JSONLine.encode(best) : ImportedView.warning + "\n" + best.text)
    }
    let best = try await RunReader.with(options.directory()) { reader in
      let best = try await reader.best()
      if let out { try await reader.writeRecipe(of: best.row.trial, to: URL(filePath: out)) }
      return best
    }
    if options.json {
      print(try JSONLine.encode(best))
    } else {
      print(best.text)
      if let out { print("recipe written to \(out)") }
    }
  }
}
