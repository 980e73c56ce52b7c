import Testing

@testable import AssayGPU

/// Which GPUs of several a job is given.
@Suite struct GPUTopologyTests {
  private static func devices(_ count: Int) -> [GPUDevice] {
    (0..<count).map { GPULedgerTests.device("\($0)", node: UInt32($0)) }
  }

  private static func topology(_ pairs: [(Int, Int, GPUPath)]) -> GPUTopology {
    var topology = GPUTopology()
    topology.pairs = pairs.map { .init("\($0)", "\($1)", $2) }
    return topology
  }

  /// Two groups of an even and an odd numbering: linked within, on other processors between.
  private static func groups(of count: Int, links: UInt32 = 4) -> GPUTopology {
    var pairs: [(Int, Int, GPUPath)] = []
    for first in 0..<count {
      for second in first + 1..<count {
        pairs.append(
          (
            first, second,
            first % 2 == second % 2 ? GPUPath(links: links, ancestor: .switch) : GPUPath(ancestor: .system)
          ))
      }
    }
    return topology(pairs)
  }

  @Test("distances: more links, then fewer, then by what is in common, then what nobody knows")
  func distances() {
    let paths =
      [18, 4, 2, 1].map { GPUPath(links: $0, ancestor: .system) }
      + [.board, .switch, .switches, .hostBridge, .node, .system].map { GPUPath(ancestor: $0) } + [GPUPath()]
    #expect(paths.map(\.distance) == paths.map(\.distance).sorted())
    #expect(Set(paths.map(\.distance)).count == paths.count)
    #expect(GPUPath(links: 1000).distance > 0)
  }

  @Test(
    "the set whose worst connection is best, whatever is free, of few devices and of many",
    arguments: [8, 20])
  func best(count: Int) {
    let devices = Self.devices(count)
    let topology = Self.groups(of: count)
    #expect(topology.best(4, of: devices).map(\.uuid) == ["0", "2", "4", "6"])
    #expect(topology.best(2, of: Array(devices.dropFirst())).map(\.uuid) == ["1", "3"])
    #expect(topology.best(2, of: [devices[0], devices[1], devices[7]]).map(\.uuid) == ["1", "7"])
    #expect(topology.best(count, of: devices).count == count)
    #expect(
      GPUTopology().best(3, of: devices).map(\.uuid) == ["0", "1", "2"], "in order, where nothing is told")
  }

  @Test("one bad connection weighs more than several good ones, then the sum decides, then the job's cores")
  func order() {
    let devices = Self.devices(4)
    // 0, 1 and 2: two good ones and one across processors; 1, 2 and 3: three over one switch.
    let worst = Self.topology([
      (0, 1, GPUPath(links: 18)), (1, 2, GPUPath(links: 18)), (0, 2, GPUPath(ancestor: .system)),
      (1, 3, GPUPath(ancestor: .switch)), (2, 3, GPUPath(ancestor: .switch)),
      (0, 3, GPUPath(ancestor: .system)),
    ])
    #expect(worst.best(3, of: devices).map(\.uuid) == ["1", "2", "3"])
    var equal = Self.topology(
      [(0, 1), (0, 2), (0, 3), (1, 2), (1, 3), (2, 3)].map { ($0.0, $0.1, GPUPath(links: 18)) })
    equal.cores = ["0": [0, 1], "1": [0, 1], "2": [2, 3], "3": [2, 3]]
    #expect(equal.best(2, of: devices, near: [2]).map(\.uuid) == ["2", "3"])
    #expect(equal.best(2, of: devices, near: [1]).map(\.uuid) == ["0", "1"])
    #expect(equal.best(2, of: devices, near: []).map(\.uuid) == ["0", "1"])
    #expect(GPUNeed(count: 1).choose(from: devices, by: equal, near: [3])?.map(\.uuid) == ["2"])
    #expect(GPUNeed(count: 1).choose(from: devices, by: equal, near: [0, 3])?.map(\.uuid) == ["0"])
    // Small ones first all the same.
    let mixed = [devices[2], GPULedgerTests.device("s", node: 9, gib: 20)]
    #expect(GPUNeed(count: 1).choose(from: mixed, by: equal, near: [3])?.map(\.uuid) == ["s"])
  }

  @Test("a job of several gets what is best connected of what is free and in service")
  func ledger() {
    var ledger = GPULedger()
    ledger.see(Self.devices(6), faults: ["0": "bad"], topology: Self.groups(of: 6), now: 0)
    func given(_ answer: GPULedger.Answer) -> [String] {
      if case .leased(let devices) = answer { devices.map(\.uuid) } else { [] }
    }
    #expect(given(ledger.lease(GPUNeed(count: 2), to: "one")) == ["1", "3"])
    #expect(given(ledger.lease(GPUNeed(count: 2), to: "two")) == ["2", "4"])
    ledger.giveBack("one")
    #expect(given(ledger.lease(GPUNeed(count: 3), to: "three")) == ["1", "3", "5"])
  }

  @Test("what needs a reset is out of service until it was not there for a look of a driver that told")
  func reset() {
    let devices = Self.devices(1)
    var ledger = GPULedger()
    ledger.see(devices, now: 0)
    ledger.withdraw(["0"], because: "Xid 79", untilReset: true, now: 0)
    var now = GPULedger.calm * 100
    ledger.see(devices, now: now)
    ledger.see(devices, faults: ["0": "busy"], now: now)
    ledger.withdraw(["0"], because: "another", now: now)
    #expect(ledger.entries[0].reason == "Xid 79", "still, and for that reason")
    // A driver that does not answer says nothing of a reset.
    ledger.see([], absence: "silent", isBlind: true, now: now)
    now += GPULedger.calm * 100
    ledger.see(devices, now: now)
    now += GPULedger.calm
    ledger.see(devices, now: now)
    #expect(ledger.entries[0].reason == "Xid 79")
    ledger.see([], now: now)
    ledger.see(devices, now: now + 1)
    #expect(ledger.entries[0].reason != nil, "not at once")
    ledger.see(devices, now: now + GPULedger.calm)
    #expect(ledger.entries[0].reason == nil)
  }
}
