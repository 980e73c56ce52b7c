import AssayMessages
import Testing

@testable import AssayLineage

@Suite struct ReadingLedgerTests {
  @Test func whatIsAnsweredIsCountedUntilTheNextTrial() {
    let ledger = ReadingLedger()
    ledger.begin("r")
    ledger.note(.failures, bytes: 100, run: "r", identity: "agent/opt")
    ledger.note(.failures, bytes: 50, run: "r", identity: "agent/opt")
    ledger.note(.recent, bytes: 7, run: "r", identity: "agent/arch")
    let first = ledger.readings("r", "agent/opt")
    #expect(!first.partial)
    #expect(first.readings.map { "\($0.view) \($0.requests) \($0.bytes)" } == ["failures 2 150"])
    // Answered while the trial was being recorded: the next one's.
    ledger.note(.failures, bytes: 9, run: "r", identity: "agent/opt")
    ledger.settle("r", "agent/opt", first)
    #expect(ledger.readings("r", "agent/opt").readings.map { "\($0.requests) \($0.bytes)" } == ["1 9"])
    #expect(ledger.readings("r", "agent/arch").readings.map(\.view) == ["recent"])
    ledger.end("r")
    #expect(ledger.readings("r", "agent/arch").readings.isEmpty)
  }

  @Test func afterAStartOfTheServiceNotAllIsKnownUntilATrialIsRecorded() {
    let ledger = ReadingLedger()
    let first = ledger.readings("r", "agent/opt")
    #expect(first.partial)
    ledger.settle("r", "agent/opt", first)
    #expect(!ledger.readings("r", "agent/opt").partial)
    #expect(ledger.readings("r", "agent/arch").partial)
  }

  @Test func theRecordKeepsWhatATrialWasMadeFrom() async throws {
    let record = try await Record.make()
    try await record.add(0, .baseline, score: "9")
    let (trial, snapshot) = try record.trial(1)
    var readings = LineageV1.Readings()
    var reading = LineageV1.Reading()
    reading.view = "failures"
    reading.requests = 2
    readings.readings = [reading]
    _ = try await record.store.append(trial, snapshot: snapshot, readings: readings, now: 1)
    #expect(try await record.store.trial(Record.run, 1).readings == readings)
    #expect(try await record.store.trial(Record.run, 0).readings == nil)
  }

  @Test func aPageTellsWhichViewsAreOnIt() async throws {
    let record = try await Record.make()
    try await record.add(0, .baseline, score: "9")
    try await record.add(1, .crash, reason: "boom")
    let page = try await record.store.page(Record.run, specialist: "opt", characters: 4000)
    #expect(page.views.map(\.view) == [.recent, .bestLineage, .own, .failures, .leaderboard])
    #expect(
      page.views.allSatisfy { $0.bytes > 0 } && page.views.reduce(0) { $0 + $1.bytes } < page.text.utf8.count)
  }
}
