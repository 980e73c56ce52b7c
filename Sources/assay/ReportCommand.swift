import ArgumentParser
import AssayDashboard
import AssayExport
import AssaySupervisor
import Foundation
import Logging

struct ReportCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "report", abstract: "Write a run as one file that can be read anywhere.",
    discussion: """
      Without `--html`: every figure of `assay audit` as a Markdown page, printed or written with `--out` (or `--markdown`, which
      is the same), of your own runs and of imported ones. Texts of agents stand in it as text.

      `--html FILE` writes the dashboard's page with the record inside: it opens from disk, asks nobody for anything, and
      nothing in it can run but its own script. What model requests cost is read from the run's evaluator, as `assay costs` does.

      Neither replaces a file that is there.
      """)

  @Option(name: .long, help: ArgumentHelp("The new HTML file to write.", valueName: "file"))
  var html: String?

  @Option(
    name: [.customLong("out"), .customLong("markdown")],
    help: ArgumentHelp("The new Markdown file to write instead of printing.", valueName: "file"))
  var out: String?

  @OptionGroup var audit: AuditArguments

  @OptionGroup var shown: ShownRuns

  @OptionGroup var options: StateOptions

  func validate() throws {
    if html != nil, out != nil { throw ValidationError("Give --html or --out, not both.") }
  }

  func run() async throws {
    guard let html else { return try await writeMarkdown() }
    try Self.check(html, "--html")
    let runs = try shown.locations(options)
    let progress = ProgressBar()
    do {
      let data = try await RunReport.html(of: runs, logger: Logger(label: "assay")) { done, all in
        progress.show("reading trials", done: done, of: all)
      }
      progress.clear()
      try write(data, to: html)
    } catch let error as DashboardError {
      throw SupervisorError(.unavailable, error.message)
    }
  }

  private static func check(_ file: String, _ option: String) throws {
    guard FileManager.default.fileExists(atPath: file) else { return }
    throw SupervisorError(.usage, "\(file) exists; name a new file with \(option).")
  }

  private func write(_ data: Data, to file: String) throws {
    do {
      try data.write(to: URL(filePath: file), options: .withoutOverwriting)
    } catch {
      throw SupervisorError(
        .unavailable, "cannot write \(file): make its folder first, and see that it may be written to.")
    }
    if options.json {
      print(try JSONLine.encode(["file": file, "bytes": String(data.count)]))
    } else {
      print("report written to \(file), \(data.count / 1000) kB")
    }
  }

  private func writeMarkdown() async throws {
    if let out { try Self.check(out, "--out") }
    let options = try audit.options()
    var pages: [String] = []
    for run in try shown.locations(self.options) {
      pages.append(MarkdownReport.text(of: try await run.audit(options)))
    }
    let text = pages.joined(separator: "\n")
    guard let out else { return print(text, terminator: "") }
    try write(Data(text.utf8), to: out)
  }
}
