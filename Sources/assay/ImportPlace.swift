import ArgumentParser
import AssayImport
import AssaySupervisor
import Foundation

/// Where an import goes.
struct ImportPlace: ParsableArguments {
  @Option(
    name: .long,
    help: ArgumentHelp("Name of the imported run. Default: the folder's own name.", valueName: "name"))
  var name: String?

  @Option(
    name: .long,
    help: ArgumentHelp("New folder for the imported run. Default: its name below ./.assay.", valueName: "dir")
  )
  var state: String?

  @Flag(name: .long, help: "Print one JSON object, with stable keys.")
  var json = false

  /// - Parameter source: the folder or file that is imported, for the default of its name.
  func options(for source: URL, lowerIsBetter: Bool? = nil) throws -> ImportOptions {
    var named = source.standardizedFileURL
    if named.lastPathComponent == "blackboard" { named.deleteLastPathComponent() }
    let name = name ?? named.deletingPathExtension().lastPathComponent
    guard !name.isEmpty, name.utf8.count <= 64, !name.hasPrefix("."),
      name.utf8.allSatisfy({ $0 > 0x20 && $0 != UInt8(ascii: "/") && $0 != 0x7F })
    else {
      throw SupervisorError(
        .usage,
        "'\(TerminalText.oneLine(name, limit: 64))' cannot be the name of a run; give a plain one with --name."
      )
    }
    let folder = state.map { URL(filePath: $0).standardizedFileURL } ?? RunLocation.folder(named: name)
    return ImportOptions(
      folder: folder, name: name, lowerIsBetter: lowerIsBetter, progress: ProgressLine("importing").update)
  }

  /// Runs an import and prints what was found.
  func run(_ body: @escaping @Sendable () async throws -> ImportReport) async throws {
    let finished: ImportReport?
    do {
      finished = try await Interruption.allowing(body)
    } catch let error as ImportError {
      ProgressLine.clear()
      throw SupervisorError(error)
    }
    ProgressLine.clear()
    guard let report = finished else {
      FileHandle.standardError.write(
        Data("stopped; nothing was imported, and the same command begins again\n".utf8))
      throw ExitCode(130)
    }
    print(json ? try JSONLine.encode(report) : Self.text(report))
  }

  private static func text(_ report: ImportReport) -> String {
    var lines = [
      report.alreadyImported
        ? "\(report.name) was imported before, from the same contents; nothing was changed"
        : "imported \(report.name): \(report.rows) rows, unsigned, recipe-claimed",
      "  score     \(TerminalText.oneLine(report.scoreName, limit: 64)), \(report.lowerIsBetter ? "lower" : "higher") is better",
      "  kept in   \(report.folder)",
      "  digest    \(report.digest)",
    ]
    if report.flags.isEmpty { lines.append("  flags     none") }
    for (kind, count) in report.flags.sorted(by: { ($1.value, $0.key) < ($0.value, $1.key) }) {
      lines.append("  \(TerminalText.fit(String(count), 9)) \(kind)")
    }
    return lines.joined(separator: "\n")
  }
}
