/// Trials as a table for people.
public enum TrialTable {
  static let header =
    "trial  specialist  parent  label                 score        delta      seconds  cpu s    MB     hypothesis"

  public static func render(
    _ rows: [TrialRow], width: Int = TerminalWidth.current, style: TerminalStyle = .current
  ) -> String {
    rows.isEmpty
      ? "no trials"
      : ([style.paint(header, .faint)] + rows.map { line($0, width: width, style: style) }).joined(
        separator: "\n")
  }

  static func line(_ row: TrialRow, width: Int, style: TerminalStyle) -> String {
    let label = TerminalText.fit(row.mark, 21)
    let facts = [
      TerminalText.fit("\(row.incumbent ? "*" : " ")\(row.trial)", 6),
      TerminalText.fit(row.specialist.isEmpty ? "-" : row.specialist, 11),
      TerminalText.fit(row.parent.map(String.init) ?? "-", 7),
      label,
      TerminalText.fit(row.score ?? "-", 12),
      TerminalText.fit(row.delta.map(signed) ?? "-", 10),
      TerminalText.fit(seconds(row.seconds), 8),
      TerminalText.fit(seconds(row.cpuSeconds), 8),
      TerminalText.fit(String(row.memoryBytes / 1_000_000), 6),
    ].joined(separator: " ")
    let words =
      row.revocation
      ?? (row.label == "keep" || row.label == "baseline" || row.label == "discard" || row.label == "in_flight"
        ? row.hypothesis : row.reason)
    // Painted last: colours have no width.
    let painted = facts.replacing(
      label, with: style.paint(label, TerminalStyle.color(ofLabel: row.label)), maxReplacements: 1)
    return painted + " " + TerminalText.oneLine(words, limit: max(20, width - facts.count - 1))
  }

  static func signed(_ delta: String) -> String {
    delta.hasPrefix("-") || delta == "0" ? delta : "+" + delta
  }

  static func seconds(_ value: Double) -> String {
    let tenths = Int((value * 10).rounded())
    return "\(tenths / 10).\(tenths % 10)"
  }
}
