import ArgumentParser
import AssaySupervisor
import Foundation

struct BestCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "best", abstract: "The best trial so far; with --out, its recipe as a folder.")

  @Option(name: .long, help: ArgumentHelp("Write the winning recipe to this new folder.", valueName: "dir"))
  var out: String?

  @OptionGroup var options: StateOptions

  func run() async throws {
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
