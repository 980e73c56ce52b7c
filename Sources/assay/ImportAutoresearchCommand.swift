import ArgumentParser
import AssayImport
import Foundation

struct ImportAutoresearchCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "autoresearch",
    abstract:
      "A blackboard of the autoresearch reference implementation: results.tsv and the files beside it.")

  @Argument(help: ArgumentHelp("Folder with results.tsv, or with blackboard/results.tsv.", valueName: "dir"))
  var directory: String

  @Option(
    name: .long,
    help: ArgumentHelp(
      "Whether a lower or a higher score is better. Default: by the score's name, else by the kept trials.",
      valueName: "lower|higher"))
  var direction: Direction?

  enum Direction: String, ExpressibleByArgument, CaseIterable { case lower, higher }

  @OptionGroup var place: ImportPlace

  func run() async throws {
    let source = URL(filePath: directory).standardizedFileURL
    let options = try place.options(for: source, lowerIsBetter: direction.map { $0 == .lower })
    try await place.run { try await AutoresearchImport.run(source, options) }
  }
}
