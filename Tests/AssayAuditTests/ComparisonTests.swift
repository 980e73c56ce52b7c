import AssayAudit
import AssayTrajectory
import Testing

@Suite struct ComparisonTests {
  private func audit(kept: Int, of trials: Int, failing: Int = 0, score: String = "loss") -> RunAudit {
    var rows: [TrialFacts] = []
    for position in 0...trials {
      var row = RecordedTrial(position: position, id: String(position))
      row.label =
        position == 0
        ? "baseline" : position <= kept ? "keep" : position <= kept + failing ? "crash" : "discard"
      row.outcome = TrialOutcome(label: row.label) ?? .unreadable
      row.score = Reading(raw: "", value: row.outcome == .failed ? nil : 100 - Double(min(position, kept)))
      row.totalSeconds = Reading(raw: "", value: position == 0 ? nil : 10)
      rows.append(TrialFacts(row))
    }
    return RunAudit(
      Trajectory(
        run: RecordedRun(
          name: "x", provenance: .signed, format: "test", scoreName: score, lowerIsBetter: true),
        trials: rows))
  }

  @Test func sharesAndTheirInterval() throws {
    let comparison = Comparison(audit(kept: 20, of: 200), audit(kept: 5, of: 100))
    #expect(comparison.keepRate.a == 0.1 && comparison.keepRate.b == 0.05)
    // 1.96 sqrt(0.1 0.9 / 200 + 0.05 0.95 / 100)
    let width = try #require(comparison.keepRate.halfWidth)
    #expect(abs(width - 0.05964) < 1e-4)
    #expect(comparison.sameScore)
    #expect(!Comparison(audit(kept: 1, of: 2), audit(kept: 1, of: 2, score: "other")).sameScore)
  }

  @Test func bestAtEqualTrialsAndCost() {
    let comparison = Comparison(audit(kept: 60, of: 100), audit(kept: 10, of: 200, failing: 3))
    #expect(comparison.bestByTrials.map(\.at) == [25, 50, 100])
    #expect(comparison.bestByTrials.map(\.a) == [75, 50, 40])
    #expect(comparison.bestByTrials.map(\.b) == [90, 90, 90])
    #expect(comparison.bestByNodeSeconds.map(\.at) == [100, 250, 500, 750, 1000])
    #expect(comparison.bestByNodeSeconds.map(\.a) == [90, 75, 50, 40, 40])
    #expect(comparison.repairRate.b == 1.0 / 3)
  }
}
