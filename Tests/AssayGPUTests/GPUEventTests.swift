import AssayGPUTesting
import Testing

@testable import AssayGPU

/// What devices report by themselves.
@Suite struct GPUEventTests {
  static let one = "gpu GPU-a H100 81559 9.0 0 0\n"

  private func listen(_ nvml: StandInNVML, to uuids: [String]) -> GPUListener {
    GPUDriver(library: nvml.path, probe: [], patience: .seconds(5)).listen(to: uuids)
  }

  @Test("what is reported from the listening on, each once, and nothing of other devices")
  func queue() throws {
    let before = Self.one + "gpu GPU-b H100 81559 9.0 1 0\nxid GPU-a 13\n"
    let nvml = try StandInNVML(before)
    let listener = listen(nvml, to: ["GPU-a"])
    #expect(listener.coverage == .whole)
    #expect(listener.take().isEmpty, "of before")
    try nvml.set(before + "xid GPU-b 79\nxid GPU-a 31\nxid GPU-a 31\ndouble_bit GPU-a\n")
    #expect(
      Set(listener.take()) == [
        GPUEvent(uuid: "GPU-a", kind: .xid(GPUXid(31)), isWhole: true, count: 2),
        GPUEvent(uuid: "GPU-a", kind: .doubleBitError, isWhole: true),
      ])
    #expect(listener.take().isEmpty)
    #expect(listener.coverage == .whole)
  }

  @Test("a partition hears what is its own and what is the whole device's, not what is another's")
  func partitions() throws {
    let state = Self.one + "mig 0 0 MIG-x H100_MIG 20096 1 0\nmig 0 1 MIG-y H100_MIG 20096 2 0\n"
    let nvml = try StandInNVML(state)
    let listener = listen(nvml, to: ["MIG-x"])
    try nvml.set(state + "xid MIG-y 31\nxid MIG-x 13\nxid GPU-a 79\n")
    #expect(
      Set(listener.take()) == [
        GPUEvent(uuid: "MIG-x", kind: .xid(GPUXid(13)), isWhole: false),
        GPUEvent(uuid: "MIG-x", kind: .xid(GPUXid(79)), isWhole: true),
      ])
  }

  @Test("a device that is lost tells why, and then nothing more")
  func lost() throws {
    let nvml = try StandInNVML(Self.one + "gpu GPU-b H100 81559 9.0 1 0\n")
    let listener = listen(nvml, to: ["GPU-a", "GPU-b"])
    try nvml.set("gpu GPU-a H100 81559 9.0 0 0\ngpu GPU-b H100 81559 9.0 1 15\nxid GPU-b 79\n")
    // Which one it was it does not tell.
    #expect(Set(listener.take().map(\.uuid)) == ["GPU-a", "GPU-b"])
    #expect(listener.coverage == .whole)
    #expect(listener.take().isEmpty && listener.coverage == .part)
  }

  @Test("a driver from before events, and one that does not tell, are listened to not at all")
  func untold() throws {
    for options in [["-DOLD"], ["-DNOEVENTS"]] {
      let listener = listen(try StandInNVML(Self.one, options: options), to: ["GPU-a"])
      #expect(listener.coverage == .none && listener.take().isEmpty)
    }
    #expect(listen(try StandInNVML(Self.one + "events none\n"), to: ["GPU-a"]).coverage == .none)
    #expect(listen(try StandInNVML(Self.one), to: ["GPU-a", "GPU-gone"]).coverage == .none)
    // Without ECC there are Xids.
    let nvml = try StandInNVML(Self.one + "events no_ecc\n")
    let listener = listen(nvml, to: ["GPU-a"])
    try nvml.set(Self.one + "events no_ecc\nxid GPU-a 45\n")
    #expect(listener.take().map(\.text) == ["Xid 45 (taken away after another error)"])
  }

  @Test(
    "whose doing an Xid is: what a program can bring about is its own, what a device says of itself is ours")
  func causes() {
    for number: UInt64 in [13, 31, 32, 43, 45, 68, 69, 109, 137] {
      #expect(GPUXid(number).cause == .application, "\(number)")
    }
    for number: UInt64 in [48, 62, 63, 64, 74, 79, 92, 94, 95, 119, 120, 140, 149, 171] {
      #expect(GPUXid(number).cause == .hardware, "\(number)")
    }
    for number: UInt64 in [0, 1, 154, 500, 999, .max] {
      #expect(GPUXid(number).cause == .unknown, "\(number)")
    }
    #expect(GPUXid.hardware.isDisjoint(with: GPUXid.application))
    for number: UInt64 in [48, 64, 74, 79, 95, 109, 119] { #expect(GPUXid(number).needsReset, "\(number)") }
    for number: UInt64 in [13, 31, 43, 45, 63, 92, 94] { #expect(!GPUXid(number).needsReset, "\(number)") }
    #expect(GPUXid(79).text == "Xid 79 (fell off its bus)" && GPUXid(500).text == "Xid 500")
    let lost = GPUEvent(uuid: "GPU-a", kind: .xid(GPUXid(79)), isWhole: true)
    #expect(lost.isOurs && lost.remedy.contains("nvidia-smi --gpu-reset -i GPU-a"))
    #expect(!GPUEvent(uuid: "GPU-a", kind: .xid(GPUXid(31)), isWhole: true).isOurs)
    #expect(GPUEvent(uuid: "GPU-a", kind: .doubleBitError, isWhole: true).isOurs)
  }
}
