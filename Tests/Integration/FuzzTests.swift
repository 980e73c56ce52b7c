import Testing

/// A short run of what `make fuzz` does at length.
@Suite(.tags(.slow), .timeLimit(.minutes(5))) struct FuzzTests {
  @Test func nothingIsFoundInAShortRun() async throws {
    let ended = try await Program.run("assay-fuzz", ["--inputs", "300000", "--seed", "20261124"])
    #expect(ended.status == 0, "\(ended.output)\(ended.errors)")
    #expect(ended.output.contains("300000 inputs from seed 20261124, nothing found"), "\(ended.output)")
    // Each surface was given inputs, and took some: nothing is refused at the door.
    for surface in ["messages", "reflection", "signatures", "edits", "server", "replies"] {
      let line = ended.output.split(separator: "\n").first { $0.hasPrefix(surface) } ?? ""
      let numbers = line.split { !$0.isNumber }.compactMap { Int($0) }
      #expect(numbers.count == 2 && numbers.allSatisfy { $0 > 100 }, "\(line)")
    }
  }

  @Test func whatIsFoundIsToldWithTheWayToSeeItAgain() async throws {
    // No process is this small.
    let ended = try await Program.run("assay-fuzz", ["--inputs", "100", "--memory", "1", "--jobs", "1"])
    #expect(ended.status != 0)
    #expect(ended.errors.contains("MiB of memory"), "\(ended.errors)")
    #expect(ended.errors.contains("assay-fuzz --seed 1 --from 99 --inputs 1"), "\(ended.errors)")
  }
}
