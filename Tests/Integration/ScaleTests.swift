import Testing

/// A little of what `make scale` does at length.
@Suite(.tags(.slow), .timeLimit(.minutes(5))) struct ScaleTests {
  @Test("simulated agents and runners get verdicts from the real evaluator and lineage, none refused")
  func aFewAgents() async throws {
    let ended = try await Program.run(
      "assay-bench",
      ["scale", "--agents", "6", "--runners", "3", "--seconds", "6", "--stored", "300", "--json"])
    #expect(ended.status == 0, "\(ended.output)\(ended.errors)")
    let figures = try #require(ended.rows.first)
    #expect((figures["verdicts"] as? Int ?? 0) > 0)
    #expect((figures["refused"] as? [String: Int])?.isEmpty == true)
    #expect((figures["stored"] as? Int) == 300)
    #expect((figures["cpu"] as? [String: Double])?.values.allSatisfy { $0 > 0 } == true)
    #expect((figures["files"] as? [String: Double])?.count == 2)
  }

  @Test func callsAtOnceAreChecked() async throws {
    let none = try await Program.run(
      "assay-lineage",
      ["--listen", "ipc:///tmp/none", "--key", "k", "--trust", "t", "--state", "s", "--max-calls", "0"])
    #expect(none.status == 64, "\(none.errors)")
    #expect(none.errors.contains("--max-calls is 1 to 65536"), "\(none.errors)")
    let many = try await Program.run(
      "assay-lineage",
      ["--listen", "ipc:///tmp/none", "--key", "k", "--trust", "t", "--state", "s", "--max-waiting", "70000"])
    #expect(many.errors.contains("--max-waiting is 1 to 65536"), "\(many.errors)")
  }
}
