import AssayMessages
import Testing

@testable import AssaySupervisor

@Suite struct TerminalTests {
  private func row(_ trial: UInt32, _ label: LineageV1.VerdictLabel, score: String = "") -> TrialRow {
    var record = LineageV1.TrialRecord()
    record.trial = LineageV1.Trial()
    record.trial?.trial = trial
    record.trial?.proposal = AgentV1.Proposal()
    record.trial?.proposal?.specialist = "opt"
    record.trial?.proposal?.hypothesis =
      "a hypothesis that is longer than most terminals are wide, so that it has to be cut"
    record.verdict = LineageV1.Verdict()
    record.verdict?.label = label
    record.verdict?.score = score
    return TrialRow(record)
  }

  private let status = RunStatus(
    run: "r-20260101", task: "tiny", state: "running", trials: 3, inFlight: 1, best: 2, bestScore: "0.5",
    baselineScore: "1", metric: "loss", unit: "nats", labels: ["keep": 1], specialists: [], final: nil)

  /// Without what only colours.
  private func plain(_ text: String) -> String {
    text.replacing(#/\u{1B}\[[0-9;]*m/#, with: "")
  }

  @Test("a screen is never wider or higher than its terminal", arguments: [20, 40, 80, 200], [6, 24])
  func fits(width: Int, height: Int) {
    let rows = [row(0, .baseline, score: "1"), row(1, .crash), row(2, .keep, score: "0.5")]
    let screen = WatchScreen(
      status: status, rows: Array(repeating: rows, count: 20).flatMap(\.self),
      inFlight: [row(3, .unspecified)],
      minimizes: true)
    for style in [TerminalStyle(isColored: true), TerminalStyle(isColored: false)] {
      let lines = screen.lines(width: width, height: height, style: style)
      #expect(lines.count <= height)
      for line in lines { #expect(plain(line).count <= width, "\(line)") }
    }
  }

  @Test func colors() {
    let colored = TrialTable.line(row(2, .keep, score: "0.5"), width: 120, style: .init(isColored: true))
    #expect(colored.contains("\u{1B}[32mkeep"))
    let bare = TrialTable.line(row(2, .keep, score: "0.5"), width: 120, style: .init(isColored: false))
    #expect(plain(colored) == bare)
    #expect(!bare.contains("\u{1B}"))
  }

  @Test("the time that is left of a run is told whole") func timeLeft() {
    let line = RunPrinter.line(
      row(2, .keep, score: "-0.366978"), tail: "best -0.366978, 59m52s left", width: 120,
      style: .init(isColored: false))
    #expect(line.contains("best -0.366978, 59m52s left a hypothesis"), "\(line)")
  }

  @Test func curve() {
    let rows = [row(0, .baseline, score: "1"), row(1, .discard, score: "2"), row(2, .keep, score: "0.5")]
    #expect(WatchScreen.curve(rows, width: 80, minimizes: true) == "██▁")
    #expect(WatchScreen.curve(rows, width: 80, minimizes: false) == "▁▁█")
    #expect(WatchScreen.curve(Array(rows.prefix(1)), width: 80, minimizes: true) == "")
  }

  @Test func progress() {
    #expect(
      ProgressBar.line("reading", done: 5, of: 10, width: 60).hasSuffix(
        "[####################--------------------]"))
    #expect(ProgressBar.line("reading", done: 5, of: 10, width: 12).count <= 12)
  }
}
