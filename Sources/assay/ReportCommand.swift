import ArgumentParser
import AssayDashboard
import AssaySupervisor
import Foundation
import Logging

struct ReportCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "report", abstract: "Write a run as one file that can be read anywhere.",
    discussion: """
      `--html FILE` writes the dashboard's page with the record inside: it opens from disk, asks nobody for anything, and
      nothing in it can run but its own script.
      """)

  @Option(name: .long, help: ArgumentHelp("The HTML file to write.", valueName: "file"))
  var html: String

  @OptionGroup var shown: ShownRuns

  @OptionGroup var options: StateOptions

  func run() async throws {
    let runs = try shown.locations(options)
    let progress = ProgressBar()
    do {
      let data = try await RunReport.html(of: runs, logger: Logger(label: "assay")) { done, all in
        progress.show("reading trials", done: done, of: all)
      }
      progress.clear()
      do {
        try data.write(to: URL(filePath: html))
      } catch {
        throw SupervisorError(
          .unavailable, "cannot write \(html): make its folder first, and see that it may be written to.")
      }
      if options.json {
        print(try JSONLine.encode(["file": html, "bytes": String(data.count)]))
      } else {
        print("report written to \(html), \(data.count / 1000) kB")
      }
    } catch let error as DashboardError {
      throw SupervisorError(.unavailable, error.message)
    }
  }
}
