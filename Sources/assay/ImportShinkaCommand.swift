import ArgumentParser
import AssayImport
import Foundation

struct ImportShinkaCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "shinka", abstract: "A database of ShinkaEvolve.",
    discussion:
      "The store has no verdicts: a new best is read as kept, everything else as discarded, and a flag says so."
  )

  @Argument(help: ArgumentHelp("The SQLite file, or a folder with one in it.", valueName: "path"))
  var database: String

  @OptionGroup var place: ImportPlace

  func run() async throws {
    let source = URL(filePath: database).standardizedFileURL
    let options = try place.options(for: source)
    try await place.run { try await EvolutionImport.shinka(source, options) }
  }
}
