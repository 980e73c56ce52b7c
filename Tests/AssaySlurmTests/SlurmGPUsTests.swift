import Testing

@testable import AssaySlurm

@Suite("GPUs of a partition's nodes") struct SlurmGPUsTests {
  private static let lines = [
    "n0|main*|idle|gpu:h100:8(S:0-1)", "n1|main*|mix|gpu:h100:4(S:0,1),gpu:1g.10gb+me:7,license:4",
    "n2|main*|down*|gpu:h100:16", "n3|main*|drng|gpu:a100:8", "n4|main*|idle~|gpu:nvidia_a100_80gb_pcie:2",
    "n5|main*|alloc|(null)", "n0|big|idle|gpu:h100:8(S:0-1)", "n6|big|alloc|gpu:3",
  ]

  @Test("kinds of the partition's nodes that may get jobs: the most on one node, and all")
  func kinds() {
    let usual = SlurmGPUs(lines: Self.lines, partition: nil)
    #expect(
      usual.counts == [
        "gpu:h100": .init(perNode: 8, total: 12), "gpu:1g.10gb+me": .init(perNode: 7, total: 7),
        "gpu:nvidia_a100_80gb_pcie": .init(perNode: 2, total: 2),
      ])
    #expect(SlurmGPUs(lines: Self.lines, partition: "main").counts == usual.counts)
    #expect(
      SlurmGPUs(lines: Self.lines, partition: "big").counts == [
        "gpu:h100": .init(perNode: 8, total: 8), "gpu": .init(perNode: 3, total: 3),
      ])
    #expect(SlurmGPUs(lines: Self.lines, partition: "none").counts.isEmpty)
  }

  @Test(
    "what is no such line is no GPU",
    arguments: [
      "", "|||", "n0|p*|idle", "n0|p*|idle|gpu:h100:0", "n0|p*|idle|gpu:h100:-1", "n0|p*|idle|gpu:a b:2",
      "n0|p*|idle|gpus:2", "n0|p*|idle|gpu:h100:99999999999999999999", "n0|p*|idle|gpu:a:b:2",
      "n0|p*|idle|)(gpu",
    ])
  func hostile(line: String) {
    #expect(SlurmGPUs(lines: [line], partition: nil).counts.isEmpty)
  }
}
