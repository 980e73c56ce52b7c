import Foundation
import Synchronization

/// A bar on standard error while something takes long; nothing when that is not a terminal.
public final class ProgressBar: Sendable {
  private struct State {
    var isShown = false
    var percent = -1
  }
  private let state = Mutex(State())
  private let live: Bool

  public init() { live = isatty(STDERR_FILENO) == 1 }

  /// Draws how far it is, when that has changed by a percent.
  public func show(_ what: String, done: Int, of all: Int) {
    guard live, all > 0 else { return }
    let percent = min(100, done * 100 / all)
    let isNew = state.withLock { state in
      defer { state = State(isShown: true, percent: percent) }
      return state.percent != percent
    }
    guard isNew else { return }
    write("\r\u{1B}[2K" + Self.line(what, done: done, of: all, width: TerminalWidth.current))
  }

  /// Takes the bar away.
  public func clear() {
    guard
      state.withLock({ state in
        defer { state = State() }; return state.isShown
      })
    else { return }
    write("\r\u{1B}[2K")
  }

  static func line(_ what: String, done: Int, of all: Int, width: Int) -> String {
    let facts = "\(what)  \(done)/\(all)  "
    let room = min(40, width - facts.count - 3)
    guard room >= 8 else { return TerminalText.fit(facts, max(1, min(width - 1, facts.count))) }
    let filled = room * min(done, all) / max(1, all)
    return facts + "[" + String(repeating: "#", count: filled) + String(repeating: "-", count: room - filled)
      + "]"
  }

  private func write(_ text: String) {
    try? FileHandle.standardError.write(contentsOf: Data(text.utf8))
  }
}
