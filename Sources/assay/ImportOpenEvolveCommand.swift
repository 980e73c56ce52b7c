import ArgumentParser
import AssayImport
import Foundation

struct ImportOpenEvolveCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "openevolve", abstract: "A checkpoint of OpenEvolve.",
    discussion:
      "The store has no verdicts: a new best is read as kept, everything else as discarded, and a flag says so."
  )

  @Argument(
    help: ArgumentHelp(
      "Folder with programs/, or with checkpoints/, whose newest one is taken.", valueName: "dir"))
  var directory: String

  @OptionGroup var place: ImportPlace

  func run() async throws {
    let source = URL(filePath: directory).standardizedFileURL
    let options = try place.options(for: source)
    try await place.run { try await EvolutionImport.openEvolve(source, options) }
  }
}
