import Testing

@testable import AssayGPU

@Suite struct GPULedgerTests {
  static func device(
    _ uuid: String, node: UInt32, gib: UInt64 = 80, capability: Int32 = 9, model: String = "H100",
    part: UInt32? = nil
  ) -> GPUDevice {
    GPUDevice(
      uuid: uuid, model: model, memoryBytes: gib << 30, major: capability, minor: 0, node: node,
      instance: part.map { .init(gpuInstance: $0, computeInstance: 0) })
  }

  /// xorshift64*, so that a failure can be seen again.
  struct Dice: RandomNumberGenerator {
    var state: UInt64
    mutating func next() -> UInt64 {
      state ^= state >> 12
      state ^= state << 25
      state ^= state >> 27
      return state &* 2_685_821_657_736_338_717
    }
  }

  @Test(
    "whatever is seen, asked and given back: no GPU has two jobs, nor a device one and its partition another",
    arguments: 1...200)
  func property(seed: UInt64) {
    var dice = Dice(state: seed &* 0x9e37_79b9_7f4a_7c15)
    // Node 2 is sometimes whole, sometimes in three parts.
    let fixed = [
      Self.device("a", node: 0), Self.device("b", node: 1),
      Self.device("c", node: 3, gib: 40, capability: 8, model: "A100"),
    ]
    let whole = [Self.device("d", node: 2)]
    let parts = (1...3).map { (number: UInt32) in Self.device("d\(number)", node: 2, gib: 20, part: number) }
    var ledger = GPULedger()
    var held: [String: [GPUDevice]] = [:]
    var now: Int64 = 0
    for step in 0..<300 {
      now += Int64.random(in: 0...20_000, using: &dice)
      switch Int.random(in: 0..<6, using: &dice) {
      case 0, 1:
        let there = (fixed + (Bool.random(using: &dice) ? whole : parts)).filter { _ in
          Int.random(in: 0..<8, using: &dice) > 0
        }
        let bad = there.filter { _ in Int.random(in: 0..<8, using: &dice) == 0 }.map { ($0.uuid, "bad") }
        ledger.see(there.shuffled(using: &dice), faults: Dictionary(uniqueKeysWithValues: bad), now: now)
        for (uuid, _) in bad { #expect(ledger.entries.first { $0.device.uuid == uuid }?.reason != nil) }
      case 2, 3:
        let need = GPUNeed(
          count: Int.random(in: 1...3, using: &dice),
          memoryBytes: [0, 30 << 30, 70 << 30].randomElement(using: &dice)!)
        let before = ledger.entries
        let foreseen = ledger.answer(to: need, of: "job-\(step)")
        #expect(ledger.entries == before)
        let answer = ledger.lease(need, to: "job-\(step)")
        #expect(answer == foreseen)
        if case .leased(let devices) = answer {
          #expect(devices.count == need.count)
          for device in devices {
            #expect(need.admits(device))
            #expect(before.first { $0.device.uuid == device.uuid }?.reason == nil, "out of service")
          }
          if need.count > 1 {
            #expect(devices.allSatisfy { $0.instance == nil } && Set(devices.map(\.model)).count == 1)
          }
          held["job-\(step)"] = devices
        } else {
          #expect(ledger.entries == before, "all or nothing")
        }
      case 4:
        ledger.withdraw(["a", "d1"], because: "foreign process", now: now)
      default:
        guard let job = held.keys.sorted().randomElement(using: &dice) else { continue }
        #expect(Set(ledger.giveBack(job)) == Set(held.removeValue(forKey: job) ?? []))
      }
      let given = held.values.flatMap(\.self)
      #expect(Set(given.map(\.uuid)).count == given.count, "two jobs share one")
      for first in given where first.instance == nil {
        #expect(
          !given.contains { $0.node == first.node && $0.uuid != first.uuid }, "a device and its partition")
      }
      for (job, devices) in held { #expect(Set(ledger.devices(of: job)) == Set(devices), "a lease is kept") }
    }
    for job in held.keys { ledger.giveBack(job) }
    #expect(ledger.entries.allSatisfy { $0.job == nil }, "everything is given back")
    ledger.see(fixed + whole, now: now)
    ledger.see(fixed + whole, now: now + GPULedger.calm)
    #expect(ledger.lease(GPUNeed(count: 3, memoryBytes: 70 << 30), to: "last") != .short)
  }

  @Test("out of service at once, back only after a while without trouble")
  func hysteresis() {
    let devices = [Self.device("a", node: 0)]
    var ledger = GPULedger()
    ledger.see(devices, now: 0)
    ledger.see(devices, faults: ["a": "Xid 79"], now: 1000)
    #expect(ledger.entries[0].reason == "Xid 79")
    #expect(ledger.lease(GPUNeed(count: 1), to: "one") == .lacking)
    ledger.see(devices, now: 1001)
    ledger.see(devices, now: 1000 + GPULedger.calm - 1)
    #expect(ledger.entries[0].reason == "Xid 79", "not yet")
    // Gone for a moment: the wait begins anew.
    ledger.see([], now: 1000 + GPULedger.calm - 1)
    ledger.see(devices, now: 1000 + GPULedger.calm)
    #expect(ledger.entries[0].reason != nil)
    ledger.see(devices, now: 1000 + 2 * GPULedger.calm)
    #expect(ledger.lease(GPUNeed(count: 1), to: "one") == .leased(devices))
    // A lease outlasts its device.
    ledger.see([], now: 200_000)
    #expect(ledger.devices(of: "one") == devices)
    ledger.giveBack("one")
    ledger.see([], now: 200_000 + GPULedger.memory)
    #expect(ledger.entries.count == 1)
    ledger.see([], now: 200_001 + GPULedger.memory)
    #expect(ledger.entries.isEmpty, "forgotten")
  }

  @Test("the smallest kind that is good enough is given, several of one model and whole")
  func choice() {
    let devices = [
      Self.device("a", node: 0), Self.device("b", node: 1),
      Self.device("c", node: 2, gib: 40, capability: 8, model: "A100"),
      Self.device("p", node: 3, gib: 20, part: 1), Self.device("q", node: 3, gib: 20, part: 2),
    ]
    #expect(GPUNeed(count: 1).choose(from: devices)?.map(\.uuid) == ["p"])
    #expect(GPUNeed(count: 1, memoryBytes: 30 << 30).choose(from: devices)?.map(\.uuid) == ["c"])
    #expect(
      GPUNeed(count: 1, computeCapability: "9.0").choose(from: [devices[2], devices[1]])?.map(\.uuid) == ["b"]
    )
    #expect(GPUNeed(count: 2).choose(from: devices)?.map(\.uuid) == ["a", "b"], "no two partitions")
    #expect(GPUNeed(count: 3).choose(from: devices) == nil, "not of one model")
    #expect(GPUNeed(count: 2).most(of: devices) == 2)
    #expect(GPUNeed(count: 1).most(of: devices) == 5)
    #expect(GPUNeed(count: 0).choose(from: devices) == nil)

    var ledger = GPULedger()
    ledger.see(devices, now: 0)
    #expect(ledger.lease(GPUNeed(count: 2), to: "one") == .leased([devices[0], devices[1]]))
    #expect(
      ledger.lease(GPUNeed(count: 2), to: "one") == .leased([devices[0], devices[1]]), "the same again")
    #expect(ledger.lease(GPUNeed(count: 2), to: "two") == .short)
    #expect(ledger.lease(GPUNeed(count: 4), to: "two") == .lacking)
  }
}
