import Testing

/// A short storm of what `assay-bench storm` does at length.
@Suite(.tags(.slow), .timeLimit(.minutes(5))) struct StormTests {
  @Test("calls to a lineage that is killed at random: each ends, each effect happens once")
  func shortStorm() async throws {
    let ended = try await Program.run("assay-bench", ["storm", "--calls", "20000", "--pause", "0.7"])
    #expect(ended.status == 0, "\(ended.output)\(ended.errors)")
    #expect(ended.output.contains("20000 calls in"), "\(ended.output)")
    #expect(!ended.output.contains(" 0 kills and stops"), "\(ended.output)")
    #expect(ended.output.contains("effects: 1000 wanted, 1000 acknowledged"), "\(ended.output)")
  }
}
