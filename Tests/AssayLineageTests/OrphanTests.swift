import AssayMessages
import Foundation
import Testing

@testable import AssayLineage

@Suite("Orphaned wins and repeated changes", .timeLimit(.minutes(1)))
struct OrphanTests {
  private static let base = "A = 1\nB = 1\nC = 1\nD = 1\nE = 1\nF = 1\n"

  private func text(_ changes: (String, String)...) -> String {
    changes.reduce(Self.base) { $0.replacing($1.0, with: $1.1) }
  }

  /// The baseline, two wins on it (A, then C), and what came of them.
  private func record() async throws -> Record {
    let record = try await Record.make()
    try await record.add(0, .baseline, score: "1", text: Self.base)
    try await record.add(1, .keep, score: "0.9", text: text(("A = 1", "A = 2")))
    try await record.add(2, .keep, score: "0.8", text: text(("C = 1", "C = 2")))
    return record
  }

  private func states(_ record: Record) async throws -> [UInt32: LineageV1.OrphanState] {
    var request = LineageV1.ListTrialsRequest()
    request.runId = Record.run
    request.view = .orphaned
    let records = try await record.store.list(request).records
    return Dictionary(
      records.map { ($0.trial?.trial ?? .max, $0.orphan) }, uniquingKeysWith: { first, _ in first })
  }

  @Test("a win beside the best recipe's ancestors is one, until its change stands there")
  func orphaned() async throws {
    let record = try await record()
    #expect(try await states(record) == [1: .applies])
    // Ancestors are none, and neither is what was discarded.
    try await record.add(3, parent: 2, .discard, score: "0.81", text: text(("C = 1", "C = 3")))
    try await record.add(
      4, parent: 2, .keep, score: "0.7", text: text(("C = 1", "C = 2"), ("F = 1", "F = 2")))
    #expect(try await states(record) == [1: .applies])
    // The best recipe changed the same line differently.
    try await record.add(
      5, parent: 4, .keep, score: "0.6",
      text: text(("C = 1", "C = 2"), ("F = 1", "F = 2"), ("A = 1", "A = 9")))
    #expect(try await states(record) == [1: .collides])
    // Its change is there, though it is no ancestor.
    try await record.add(
      6, parent: 4, .keep, score: "0.5",
      text: text(("C = 1", "C = 2"), ("F = 1", "F = 2"), ("A = 1", "A = 2")))
    // Trial 5 is beside the lineage now: its A = 9 collides with A = 2.
    #expect(try await states(record) == [5: .collides])
  }

  @Test("a run without wins has none, and pages are whole")
  func pages() async throws {
    let empty = try await Record.make()
    #expect(try await empty.numbers(.orphaned).isEmpty)
    try await empty.add(0, .baseline, score: "1", text: Self.base)
    #expect(try await empty.numbers(.orphaned).isEmpty)
    let record = try await record()
    for number in 3..<12 {
      try await record.add(
        UInt32(number), parent: 0, .keep, score: "0.\(90 - number)", text: text(("F = 1", "F = \(number)")))
    }
    let all = try await record.numbers(.orphaned)
    #expect(all == [1, 2, 3, 4, 5, 6, 7, 8, 9, 10])
    #expect(try await record.numbers(.orphaned, pageSize: 3) == all)
  }

  @Test("the view for agents lists them before everything that is filled in")
  func rendered() async throws {
    let record = try await record()
    let text = try await record.store.view(Record.run, specialist: "opt", characters: 4000)
    let orphans = try #require(text.range(of: "## Orphaned wins"))
    let best = try #require(text.range(of: "## Best lineage"))
    #expect(orphans.lowerBound < best.lowerBound)
    #expect(text[orphans.upperBound..<best.lowerBound].contains("\n1 opt on 0: keep 0.9"))
  }

  @Test("the same change is found whoever made it and on whatever parent")
  func repeated() async throws {
    let record = try await record()
    let digest = String(repeating: "a", count: 64)
    try await record.add(3, specialist: "opt", .discard, score: "1", change: digest)
    try await record.add(4, specialist: "arch", .discard, score: "1", change: String(digest.dropLast() + "b"))
    try await record.add(5, parent: 2, specialist: "data", .discard, score: "1", change: digest)
    try await record.add(6, parent: 4, specialist: "arch", change: digest)
    #expect(try await record.numbers(.repeated) == [5, 6])
    #expect(try await record.numbers(.repeated, pageSize: 1) == [5, 6])
    #expect(try await record.store.trial(Record.run, 5).repeats == 3)
    #expect(try await record.store.trial(Record.run, 6).repeats == 3)
    #expect(try await record.store.trial(Record.run, 3).repeats == 0)
    #expect(try await record.store.trial(Record.run, 2).repeats == 0)
  }
}
