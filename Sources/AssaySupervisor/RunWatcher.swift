import AssayRPC
import Foundation
import UnixSignals

/// Follows a run until it ends: on a screen for people, or a line a verdict.
public struct RunWatcher: Sendable {
  /// How following ended.
  public enum End: Sendable {
    /// For people.
    case ended(String)
    /// The run's services went away: whoever goes on does so after this event.
    case lost(after: UInt64)
  }

  let reader: RunReader
  let printer: RunPrinter

  public init(_ reader: RunReader, json: Bool) {
    self.reader = reader
    printer = RunPrinter(json: json)
  }

  /// A line for each verdict after an event.
  public func list(after seen: UInt64) async throws -> End {
    var sequence = seen
    do {
      while true {
        let (rows, next) = try await reader.verdicts(after: sequence, waiting: .seconds(1))
        let status = try await reader.status()
        for row in rows { try printer.verdict(row, best: status.bestScore, timeLeft: nil) }
        if next == sequence, status.state != "running" { return .ended("the run is \(status.state)") }
        sequence = next
      }
    } catch let error as RPCError {
      guard error.code == .unavailable || error.code == .deadlineExceeded else { throw error }
      return .lost(after: sequence)
    }
  }

  /// A screen that is drawn anew as verdicts come; Ctrl-C ends it.
  public func draw() async throws -> End {
    // The alternate screen, so that what was there comes back; the cursor stays hidden meanwhile.
    Self.write("\u{1B}[?1049h\u{1B}[?25l")
    defer { Self.write("\u{1B}[?25h\u{1B}[?1049l") }
    return try await withThrowingTaskGroup(of: End.self) { group in
      let signals = await UnixSignalsSequence(trapping: .sigint, .sigterm)
      group.addTask {
        for await _ in signals { break }
        return .ended("left alone: the run is as it was")
      }
      group.addTask {
        do {
          return .ended(try await screens())
        } catch let error as RPCError {
          guard error.code == .unavailable || error.code == .deadlineExceeded else { throw error }
          return .lost(after: 0)
        }
      }
      defer { group.cancelAll() }
      return try await group.next() ?? .ended("")
    }
  }

  private func screens() async throws -> String {
    var rows: [TrialRow] = []
    var sequence: UInt64 = 0
    let minimizes = try await reader.minimizes()
    while true {
      let (fresh, next) = try await reader.verdicts(after: sequence, waiting: .milliseconds(500))
      rows += fresh
      let status = try await reader.status()
      let waiting = try await reader.trials(
        TrialListing(view: .inFlight, specialist: nil, label: nil, limit: 50))
      for index in rows.indices { rows[index].incumbent = rows[index].trial == status.best }
      let screen = WatchScreen(status: status, rows: rows, inFlight: waiting, minimizes: minimizes)
      let size = TerminalWidth.size
      let lines = screen.lines(width: size.columns, height: size.rows, style: .current)
      Self.write("\u{1B}[H" + lines.map { $0 + "\u{1B}[K" }.joined(separator: "\r\n") + "\u{1B}[J")
      if next == sequence, status.state != "running" { return "the run is \(status.state)" }
      sequence = next
    }
  }

  private static func write(_ text: String) {
    try? FileHandle.standardOutput.write(contentsOf: Data(text.utf8))
  }
}
