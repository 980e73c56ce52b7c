import AssayGPUTesting
import Foundation
import Testing

@testable import AssayGPU

@Suite struct GPUInventoryTests {
  static let two = """
    gpu GPU-a NVIDIA_H100 81559 9.0 3 0
    gpu GPU-b NVIDIA_H100 81559 9.0 1 0

    """

  @Test("devices are found with what tells them apart, a driver that appears later too")
  func devices() throws {
    let nvml = try StandInNVML(Self.two)
    let found = GPUInventory.discover(library: nvml.path)
    #expect(found.faults.isEmpty)
    #expect(found.driver == "550.54.15")
    #expect(found.folder == nvml.folder.path)
    #expect(found.devices.map(\.uuid) == ["GPU-a", "GPU-b"])
    #expect(found.devices.map(\.node) == [3, 1], "the number of the device node is no index")
    #expect(found.devices[0].memoryBytes == 81559 << 20)
    #expect(found.summary == "2 × NVIDIA H100 (81559 MiB, compute capability 9.0)")
    try nvml.set("")
    #expect(GPUInventory.discover(library: nvml.path).devices.isEmpty)
  }

  @Test("a device that is lost is told, and the others are used")
  func lost() throws {
    let nvml = try StandInNVML("gpu GPU-a A 1000 8.0 0 15\ngpu GPU-b B 1000 8.0 1 0\n")
    let found = GPUInventory.discover(library: nvml.path)
    #expect(found.devices.map(\.uuid) == ["GPU-b"])
    let fault = try #require(found.faults.first)
    #expect(fault.code == .deviceUnreadable)
    #expect(fault.message == "GPU 0 does not open: GPU is lost (status 15)")
    #expect(fault.remedy.contains("Xid"))
  }

  @Test("of a partitioned device its partitions are given, not the device")
  func partitions() throws {
    let state = """
      gpu GPU-a NVIDIA_A100 40960 8.0 0 0
      gpu GPU-b NVIDIA_A100 40960 8.0 1 0
      mig 1 0 MIG-x NVIDIA_A100_MIG_3g.20gb 20096 1 0
      mig 1 4 MIG-y NVIDIA_A100_MIG_3g.20gb 20096 2 0

      """
    let nvml = try StandInNVML(state)
    let found = GPUInventory.discover(library: nvml.path)
    #expect(found.faults.isEmpty)
    #expect(found.devices.map(\.uuid) == ["GPU-a", "MIG-x", "MIG-y"])
    #expect(found.devices.map(\.node) == [0, 1, 1])
    #expect(found.devices[2].instance == .init(gpuInstance: 2, computeInstance: 0))
    #expect(found.devices[2].computeCapability == "8.0")
    #expect(
      found.summary.contains("2 × NVIDIA A100 MIG 3g.20gb (20096 MiB, compute capability 8.0, MIG instance)"))
  }

  @Test("what goes on on a device, and on a partition of which less is told")
  func activity() throws {
    let state = """
      gpu GPU-a NVIDIA_A100 40960 8.0 0 0
      gpu GPU-b NVIDIA_A100 40960 8.0 1 0
      mig 1 0 MIG-x NVIDIA_A100_MIG_3g.20gb 20096 1 0
      busy GPU-a 71 30 100
      busy GPU-a 72 40 200
      busy MIG-x 73 90 50

      """
    let stand = try StandInNVML(state)
    let nvml = try NVML(library: stand.path)
    #expect(
      nvml.activity(of: "GPU-a") == GPUActivity(processes: [71, 72], memoryBytes: 300 << 20, utilization: 70))
    #expect(
      nvml.activity(of: "MIG-x") == GPUActivity(processes: [73], memoryBytes: 50 << 20, utilization: nil))
    #expect(nvml.activity(of: "GPU-other") == nil)
    #expect(GPUInventory.discover(library: stand.path).processes == ["GPU-a": [71, 72], "MIG-x": [73]])
  }

  @Test("errors, replaced rows and what holds the clock back; idling and a set clock are none")
  func health() throws {
    let nvml = try StandInNVML("gpu GPU-a A 1000 9.0 0 0\ngpu GPU-b B 2000 9.0 1 0\nhealth GPU-a 3 2 c7\n")
    let driver = try NVML(library: nvml.path)
    let seen = try #require(driver.activity(of: "GPU-a"))
    #expect(seen.uncorrectedErrors == 3 && seen.remappedRows == 2)
    #expect(seen.slowdowns == [.powerCap, .hardwareThermal, .powerBrake])
    let silent = try #require(driver.activity(of: "GPU-b"))
    #expect(silent.uncorrectedErrors == nil && silent.remappedRows == nil && silent.slowdowns == nil)
  }

  @Test("needs are met by memory and by capability, read by its parts")
  func needs() throws {
    let nvml = try StandInNVML("gpu GPU-a A 1000 9.0 0 0\ngpu GPU-b B 2000 10.0 1 0\n")
    let found = GPUInventory.discover(library: nvml.path)
    func count(_ memoryBytes: UInt64, _ computeCapability: String) -> Int {
      let need = GPUNeed(count: 1, memoryBytes: memoryBytes, computeCapability: computeCapability)
      return found.devices.count(where: need.admits)
    }
    #expect(count(0, "") == 2)
    #expect(count(1001 << 20, "") == 1)
    #expect(count(0, "9.0") == 2, "10.0 is more than 9.0")
    #expect(count(0, "9.1") == 1)
    #expect(count(0, "11") == 0)
  }

  @Test("a driver that is absent, too old or that fails is a finding with a remedy")
  func faults() throws {
    let absent = GPUInventory.discover(library: "/nowhere/libnvidia-ml.so.1")
    #expect(absent.faults.map(\.code) == [.driverAbsent])
    #expect(absent.devices.isEmpty && absent.summary.isEmpty)

    let other = GPUInventory.discover(library: "libm.so.6")
    #expect(other.faults.map(\.code) == [.driverTooOld])
    #expect(other.faults.first?.message == "libm.so.6 has no function nvmlInit_v2")

    // Drivers from before partitions have whole devices.
    let old = try StandInNVML(Self.two, options: ["-DOLD"])
    #expect(GPUInventory.discover(library: old.path).devices.count == 2)

    let failing = try StandInNVML("init 9\n" + Self.two)
    let found = GPUInventory.discover(library: failing.path)
    #expect(found.faults.map(\.code) == [.driverFailed])
    #expect(found.faults.first?.message.hasSuffix("does not start: Driver Not Loaded (status 9)") == true)

    let state = Self.two + "mig 1 0 MIG-x NVIDIA_H100_MIG 20096 1 0\n"
    let early = try StandInNVML(state, options: ["-DNOPARTS"])
    let partly = GPUInventory.discover(library: early.path)
    #expect(partly.faults.map(\.code) == [.driverTooOld], "partitions of which it does not tell")
    #expect(partly.devices.map(\.uuid) == ["GPU-a"])
    for fault in absent.faults + other.faults + found.faults + partly.faults {
      #expect(!fault.remedy.isEmpty)
    }
  }

  @Test("clocks, temperature and energy, and what a driver does not tell")
  func figures() throws {
    let nvml = try StandInNVML(Self.two + "clocks GPU-a 1755 2619 1980 2619 1980 2620 63 1200500\n")
    let driver = try NVML(library: nvml.path)
    let seen = try #require(driver.activity(of: "GPU-a"))
    #expect(seen.clocks == GPUClocks(sm: 1755, memory: 2619))
    #expect(seen.setClocks == GPUClocks(sm: 1980, memory: 2619))
    #expect(seen.mostClocks == GPUClocks(sm: 1980, memory: 2620))
    #expect(seen.temperature == 63 && seen.millijoules == 1_200_500)
    let silent = try #require(driver.activity(of: "GPU-b"))
    #expect(silent.clocks == nil && silent.setClocks == nil && silent.mostClocks == nil)
    #expect(silent.temperature == nil && silent.millijoules == nil)
  }

  @Test("how GPUs are connected: by their own NVLinks, over a switch, over the bus, and to which cores")
  func topology() throws {
    let four = Self.two + "gpu GPU-c NVIDIA_H100 81559 9.0 4 0\ngpu GPU-d NVIDIA_H100 81559 9.0 5 0\n"
    let nvml = try StandInNVML(
      four + """
        path GPU-a GPU-b 20 4 0
        path GPU-a GPU-c 50 0 0
        path GPU-b GPU-c 40 0 0
        path GPU-c GPU-d 30 2 0
        cores GPU-a f
        cores GPU-b f
        cores GPU-c f0
        cores GPU-d f0

        """)
    let found = GPUInventory.discover(library: nvml.path)
    #expect(
      found.topology.pairs == [
        .init("GPU-a", "GPU-b", GPUPath(links: 4, ancestor: .switches)),
        .init("GPU-a", "GPU-c", GPUPath(ancestor: .system)),
        .init("GPU-b", "GPU-c", GPUPath(ancestor: .node)),
        .init("GPU-c", "GPU-d", GPUPath(links: 2, ancestor: .hostBridge)),
      ])
    #expect(found.topology.cores["GPU-c"] == [4, 5, 6, 7])
    #expect(
      found.topology.summary(of: found.devices)
        == "3-1: 4 NVLinks; 4-5: 2 NVLinks; 1-4: one NUMA node; 3-4: across NUMA nodes; cores 0-3: 1, 3; cores 4-7: 4, 5"
    )
    try nvml.set(
      Self.two + "gpu GPU-c NVIDIA_H100 81559 9.0 4 0\n"
        + "path GPU-a GPU-b 50 18 1\npath GPU-a GPU-c 50 18 1\npath GPU-b GPU-c 50 18 1\n")
    let switched = GPUInventory.discover(library: nvml.path)
    #expect(switched.topology.pairs.map(\.path.links) == [18, 18, 18])
    #expect(switched.topology.summary(of: switched.devices) == "each pair: 18 NVLinks")
    try nvml.set(Self.two)
    #expect(GPUInventory.discover(library: nvml.path).topology == GPUTopology())
  }
}
