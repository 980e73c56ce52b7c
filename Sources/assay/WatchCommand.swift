import ArgumentParser
import AssaySupervisor
import Foundation

struct WatchCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "watch", abstract: "Follow a run in this terminal, from wherever.",
    discussion: """
      On a terminal: a screen with the best score, its curve and the newest trials, drawn anew as they come. Elsewhere, or with
      --json: a line for each verdict, from the first one on. Ends when the run does; Ctrl-C leaves the run alone.
      """)

  @OptionGroup var options: StateOptions

  func run() async throws {
    let json = options.json
    let isLive = !json && TerminalWidth.isTerminal && ProcessInfo.processInfo.environment["TERM"] != "dumb"
    var seen: UInt64 = 0
    for _ in 0..<20 {
      let after = seen
      let end = try await RunReader.with(options.directory()) { reader in
        let watcher = RunWatcher(reader, json: json)
        return isLive ? try await watcher.draw() : try await watcher.list(after: after)
      }
      switch end {
      case .ended(let text):
        if !json { print(text) }
        return
      case .lost(let last):
        // Its services stop, or are started again: what is left to read is read from whoever is up then.
        seen = last
        try await Task.sleep(for: .milliseconds(500))
      }
    }
    throw SupervisorError(
      .unavailable, "the run's services do not stay up; its logs folder and `assay doctor` say why.")
  }
}
