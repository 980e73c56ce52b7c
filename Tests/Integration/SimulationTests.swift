import Foundation
import Testing

/// Whole fleets in one process (docs/simulation.md): what is promised holds in each, and mistakes made on purpose are found.
@Suite(.serialized, .tags(.slow), .timeLimit(.minutes(20))) struct SimulationTests {
  private static let seeds = ProcessInfo.processInfo.environment["ASSAY_SIM_SEEDS"] ?? "1000"

  @Test func noSeedFindsAnything() async throws {
    let ended = try await Program.run("assay-sim", ["--seeds", Self.seeds])
    #expect(ended.status == 0, "\(ended.output.suffix(4000))")
    #expect(ended.output.contains("\(Self.seeds) seeds in"))
    print(ended.output)
  }

  @Test func aSeedIsTheSameEachTime() async throws {
    let first = try await Program.run("assay-sim", ["--from", "1", "--seeds", "30", "--json"])
    let second = try await Program.run(
      "assay-sim", ["--from", "1", "--seeds", "30", "--json", "--jobs", "1"])
    // Which is done first is not the seed's.
    #expect(Set(first.output.split(separator: "\n")) == Set(second.output.split(separator: "\n")))
    #expect(first.rows.count == 30)
    #expect(Set(first.rows.compactMap { $0["digest"] as? String }).count == 30)
  }

  @Test(
    "a mistake made on purpose is found within 200 seeds, and its seed shows it again",
    arguments: ["acknowledge-before-commit", "forget-idempotency", "no-fencing", "charge-our-failures"])
  func mistakes(_ name: String) async throws {
    let ended = try await Program.run("assay-sim", ["--seeds", "200", "--break", name, "--json"])
    #expect(ended.status == 1)
    let found = try #require(ended.rows.first { ($0["violations"] as? [String])?.isEmpty == false })
    let seed = try #require(found["seed"] as? Int)
    let again = try await Program.run("assay-sim", ["--seed", "\(seed)", "--break", name, "--json"])
    #expect(again.rows.first?["digest"] as? String == found["digest"] as? String)
    #expect(again.rows.first?["violations"] as? [String] == found["violations"] as? [String])
    print("\(name): seed \(seed), \((found["violations"] as? [String])?.first ?? "")")
  }
}
