import Foundation

/// Colours for people at a terminal: nothing where output goes elsewhere, or where `NO_COLOR` says so (no-color.org).
public struct TerminalStyle: Sendable {
  public let isColored: Bool

  public init(isColored: Bool) { self.isColored = isColored }

  /// Of standard output. `CLICOLOR_FORCE` colours where there is no terminal.
  public static var current: TerminalStyle {
    let environment = ProcessInfo.processInfo.environment
    func isSet(_ name: String) -> Bool { !(environment[name] ?? "").isEmpty }
    if isSet("NO_COLOR") { return TerminalStyle(isColored: false) }
    if isSet("CLICOLOR_FORCE") { return TerminalStyle(isColored: true) }
    return TerminalStyle(isColored: TerminalWidth.isTerminal && environment["TERM"] != "dumb")
  }

  /// The 16 colours that every terminal has, as its owner chose them.
  public enum Color: Int, Sendable {
    case red = 31
    case green = 32
    case yellow = 33
    case blue = 34
    case magenta = 35
    case faint = 2
    case bold = 1
  }

  public func paint(_ text: String, _ color: Color?) -> String {
    guard isColored, let color, !text.isEmpty else { return text }
    return "\u{1B}[\(color.rawValue)m\(text)\u{1B}[0m"
  }

  /// The colour of a label; none for what is ordinary.
  public static func color(ofLabel label: String) -> Color? {
    switch label {
    case "keep": .green
    case "baseline": .magenta
    case "in_flight": .blue
    case "discard": .faint
    case "harness_abort": .yellow
    default: .red
    }
  }
}
