/// What `assay watch` draws: where the run stands, how its best score came down, its newest trials. A value, made anew for each
/// drawing, never wider or higher than the terminal.
public struct WatchScreen: Sendable {
  public var status: RunStatus
  /// Decided trials, oldest first.
  public var rows: [TrialRow]
  public var inFlight: [TrialRow]
  public var minimizes: Bool

  public init(status: RunStatus, rows: [TrialRow], inFlight: [TrialRow], minimizes: Bool) {
    self.status = status
    self.rows = rows
    self.inFlight = inFlight
    self.minimizes = minimizes
  }

  public func lines(width: Int, height: Int, style: TerminalStyle) -> [String] {
    let width = max(20, width)
    func fit(_ text: String) -> String { TerminalText.oneLine(text, limit: width) }
    let state =
      status.state == "running" ? style.paint(status.state, .green) : style.paint(status.state, .yellow)
    let title = fit("\(status.task)  \(status.run)")
    var lines = [
      style.paint(title, .bold) + (title.count + status.state.count + 2 <= width ? "  " + state : "")
    ]
    let best = status.bestScore ?? "-"
    lines.append(
      fit(
        "best \(best) \(status.unit)\(status.best == 0 ? "" : " (trial \(status.best))") · baseline \(status.baselineScore ?? "-") · "
          + "\(status.trials) trials, \(status.labels["keep"] ?? 0) kept, \(status.inFlight) in flight"))
    let curve = Self.curve(rows, width: min(width, 120), minimizes: minimizes)
    if !curve.isEmpty { lines.append(style.paint(curve, .green)) }
    lines.append(
      style.paint(fit("trial  specialist  label                 score        cpu s    words"), .faint))
    let room = max(1, height - lines.count - 1)
    let shown = (inFlight.suffix(max(1, room / 3)) + rows.suffix(room).reversed()).prefix(room)
    for row in shown { lines.append(Self.line(row, width: width, style: style)) }
    return lines
  }

  static func line(_ row: TrialRow, width: Int, style: TerminalStyle) -> String {
    let cells = [
      TerminalText.fit("\(row.incumbent ? "*" : " ")\(row.trial)", 6),
      TerminalText.fit(row.specialist.isEmpty ? "-" : row.specialist, 11),
    ]
    let facts = [
      TerminalText.fit(row.score ?? "-", 12), TerminalText.fit(TrialTable.seconds(row.cpuSeconds), 8),
    ]
    let head = cells.joined(separator: " ") + " "
    let label = TerminalText.fit(row.label, 21)
    let tail =
      " " + facts.joined(separator: " ") + " "
      + (row.score == nil && !row.reason.isEmpty ? row.reason : row.hypothesis)
    if width <= head.count + label.count { return TerminalText.oneLine(head + label, limit: width) }
    return head + style.paint(label, TerminalStyle.color(ofLabel: row.label))
      + TerminalText.oneLine(tail, limit: width - head.count - label.count)
  }

  /// The best so far as a line of blocks, one for each part of the trials: full is where the run began.
  static func curve(_ rows: [TrialRow], width: Int, minimizes: Bool) -> String {
    var best: Double?
    var values: [Double] = []
    for row in rows {
      if ["keep", "baseline"].contains(row.label), let score = row.score.flatMap(Double.init) {
        best = score
      }
      if let best { values.append(best) }
    }
    guard values.count > 1, width > 0, let first = values.first, let last = values.last, first != last else {
      return ""
    }
    let blocks = Array("▁▂▃▄▅▆▇█")
    let count = min(width, values.count)
    return String(
      (0..<count).map { index in
        let value = values[(index + 1) * values.count / count - 1]
        let share = abs(value - last) / abs(first - last)
        let height = minimizes ? share : 1 - share
        return blocks[min(7, max(0, Int((height * 7).rounded())))]
      })
  }
}
