import Foundation
import Synchronization

/// Prints a run's progress: one line a verdict, and on a terminal a line at the bottom that is rewritten in place.
public final class RunPrinter: Sendable {
  /// Prints nothing.
  public static let silent = RunPrinter(json: false, isSilent: true)

  private let json: Bool
  private let isSilent: Bool
  private let live: Bool
  private let footer = Mutex("")

  public convenience init(json: Bool) { self.init(json: json, isSilent: false) }

  private init(json: Bool, isSilent: Bool) {
    self.json = json
    self.isSilent = isSilent
    live = !json && !isSilent && TerminalWidth.isTerminal
  }

  /// A sentence for people: to standard error when standard output carries JSON.
  public func say(_ text: String) {
    footer.withLock { footer in
      clear(footer)
      write(text + "\n", to: json ? .standardError : .standardOutput)
      draw(footer)
    }
  }

  /// A fact: a JSON object, or a line for people.
  public func verdict(_ row: TrialRow, best: String?, timeLeft: Duration?) throws {
    let line: String
    if json {
      line = try row.json()
    } else {
      let tail = "best \(best ?? "-")\(timeLeft.map { ", \(DurationText.format($0)) left" } ?? "")"
      line = Self.line(row, tail: tail, width: TerminalWidth.current, style: .current)
    }
    footer.withLock { footer in
      clear(footer)
      write(line + "\n", to: .standardOutput)
      draw(footer)
    }
  }

  /// Replaces the line at the bottom; ignored when standard output is not a terminal.
  public func progress(_ text: String) {
    guard live else { return }
    footer.withLock { footer in
      clear(footer)
      footer = TerminalText.oneLine(text, limit: TerminalWidth.current - 1)
      draw(footer)
    }
  }

  /// Any Codable fact as one line of JSON; nothing in text mode.
  public func fact(_ value: some Encodable) throws {
    guard json else { return }
    write(try JSONLine.encode(value) + "\n", to: .standardOutput)
  }

  static func line(_ row: TrialRow, tail: String, width: Int, style: TerminalStyle) -> String {
    let label = TerminalText.fit(row.label, 20)
    let facts = [
      TerminalText.fit(String(row.trial), 4),
      TerminalText.fit(row.specialist.isEmpty ? "-" : row.specialist, 9),
      label,
      TerminalText.fit(row.score ?? "-", 10),
      TerminalText.fit("\(TrialTable.seconds(row.seconds))s", 7),
      TerminalText.fit(tail, 27),
    ].joined(separator: " ")
    let words = row.score == nil ? row.reason : row.hypothesis
    let painted = facts.replacing(
      label, with: style.paint(label, TerminalStyle.color(ofLabel: row.label)), maxReplacements: 1)
    return painted + " " + TerminalText.oneLine(words, limit: max(20, width - facts.count - 1))
  }

  private func clear(_ footer: String) {
    if live, !footer.isEmpty { write("\r\u{1B}[2K", to: .standardOutput) }
  }

  private func draw(_ footer: String) {
    if live, !footer.isEmpty { write(footer, to: .standardOutput) }
  }

  private func write(_ text: String, to handle: FileHandle) {
    guard !isSilent else { return }
    // A reader that went away (`assay trials | head`) is not our failure.
    try? handle.write(contentsOf: Data(text.utf8))
  }
}
