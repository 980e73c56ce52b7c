/// Trials ordered by descent, drawn with one line each. Works on chains of any length: nothing recurses.
public struct TrialTree: Sendable {
  /// Depth-first, children by number.
  public let ordered: [TrialRow]
  private let prefixes: [String]

  public init(rows: [TrialRow], keptOnly: Bool = false) {
    let byNumber = Dictionary(rows.map { ($0.trial, $0) }, uniquingKeysWith: { first, _ in first })
    var shown = Set(rows.map(\.trial))
    if keptOnly {
      shown = []
      for row in rows where row.label == "keep" || row.label == "baseline" {
        var next: UInt32? = row.trial
        while let number = next, shown.insert(number).inserted { next = byNumber[number]?.parent }
      }
    }
    var children: [UInt32: [UInt32]] = [:]
    var roots: [UInt32] = []
    for row in rows.sorted(by: { $0.trial < $1.trial }) where shown.contains(row.trial) {
      if let parent = row.parent, shown.contains(parent), parent != row.trial {
        children[parent, default: []].append(row.trial)
      } else {
        roots.append(row.trial)
      }
    }
    var ordered: [TrialRow] = []
    var prefixes: [String] = []
    var stack = roots.reversed().map { (number: $0, prefix: "", depth: 0, last: true) }
    while let (number, prefix, depth, last) = stack.popLast() {
      guard let row = byNumber[number] else { continue }
      ordered.append(row)
      prefixes.append(depth == 0 ? "" : prefix + (last ? "└─ " : "├─ "))
      let below = children[number] ?? []
      // Past 24 levels the drawing stops indenting; the parent column still tells.
      let inner = depth == 0 ? "" : depth > 24 ? prefix : prefix + (last ? "   " : "│  ")
      for (index, child) in below.enumerated().reversed() {
        stack.append((number: child, prefix: inner, depth: depth + 1, last: index == below.count - 1))
      }
    }
    self.ordered = ordered
    self.prefixes = prefixes
  }

  public var text: String { text(width: TerminalWidth.current) }

  public func text(width: Int, style: TerminalStyle = .current) -> String {
    zip(prefixes, ordered).map { prefix, row in
      let head =
        "\(prefix)\(row.incumbent ? "*" : "")\(row.trial) \(row.specialist.isEmpty ? "baseline" : row.specialist) "
      let tail = row.score.map { " " + $0 } ?? ""
      let used = head.count + row.mark.count + tail.count
      return head + style.paint(row.mark, TerminalStyle.color(ofLabel: row.label)) + tail + "  "
        + TerminalText.oneLine(row.hypothesis, limit: max(16, width - used - 2))
    }.joined(separator: "\n")
  }
}
