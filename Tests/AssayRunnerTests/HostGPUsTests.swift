import AssayGPU
import AssayGPUTesting
import AssaySandbox
import Foundation
import Glibc
import Testing

@testable import AssayRunner

@Suite(.timeLimit(.minutes(1))) struct HostGPUsTests {
  static let one = "gpu GPU-a H100 81559 9.0 0 0\n"

  @Test("a stranger's process beside a job ends it as a failure of ours, the job's own do not")
  func stranger() async throws {
    let nvml = try StandInNVML(Self.one)
    let gpus = HostGPUs(GPUPlaces(library: nvml.path), farewell: .zero)
    await #expect(throws: RunnerError.self) {
      try await gpus.with(GPUNeed(count: 1), for: "job") { devices in
        let gauge = GPUGauge()
        // Ours, and one that has ended.
        try nvml.set(Self.one + "busy GPU-a \(getpid()) 20 100\nbusy GPU-a 4000000000 20 100\n")
        try await withThrowingTaskGroup(of: Void.self) { group in
          group.addTask { try await gpus.watch(devices, every: .milliseconds(1), gauge) }
          while gauge.statement(of: devices[0]).samples < 3 { await Task.yield() }
          try nvml.set(Self.one + "busy GPU-a 1 20 700\n")
          let before = gauge.statement(of: devices[0]).samples
          group.addTask {
            while gauge.statement(of: devices[0]).samples < before + 3, !Task.isCancelled {
              await Task.yield()
            }
          }
          defer { group.cancelAll() }
          try await group.next()
        }
      }
    }
    #expect(await gpus.look().map(\.outOfService) != [""], "and the GPU is out of service")
  }

  @Test(
    "a stranger who comes late is seen when the job has ended; what a recipe nests is its own however deep")
  func late() async throws {
    let nvml = try StandInNVML(Self.one)
    let gpus = HostGPUs(GPUPlaces(library: nvml.path), farewell: .zero)
    await #expect(throws: RunnerError.self) {
      try await gpus.with(GPUNeed(count: 1), for: "job") { devices in
        try await gpus.confirm(devices)
        try nvml.set(Self.one + "busy GPU-a 1 20 700\n")
        try await gpus.confirm(devices)
      }
    }
    #expect(HostGPUs.owner(of: 1) == .somebody)
    #expect(HostGPUs.owner(of: 4_000_000_000) == .unknown)
    let nested = Process()
    nested.executableURL = URL(filePath: "/usr/bin/python3")
    nested.arguments = [
      "-c",
      """
      import os, sys
      for _ in range(300):
          if os.fork():
              os.wait()
              os._exit(0)
      print(os.getpid(), flush=True)
      sys.stdin.read()
      """,
    ]
    let (output, input) = (Pipe(), Pipe())
    nested.standardOutput = output
    nested.standardInput = input
    try nested.run()
    let text = String(decoding: output.fileHandleForReading.availableData, as: UTF8.self)
    let deepest = try #require(UInt32(text.trimmingCharacters(in: .whitespacesAndNewlines)))
    #expect(HostGPUs.owner(of: deepest) == .runner)
    try input.fileHandleForWriting.close()
    nested.waitUntilExit()
  }

  @Test(
    "a driver that hangs does not hang the runner: its GPUs are out of service, and seen again once it answers"
  )
  func hang() async throws {
    let nvml = try StandInNVML(Self.one)
    let runner = URL(filePath: RunnerTests.launcher).deletingLastPathComponent().appending(
      path: "assay-runner")
    var places = GPUPlaces(library: nvml.path, probe: [runner.path, "gpus", "--nvml", nvml.path])
    places.patience = .seconds(3)
    let gpus = HostGPUs(places)
    #expect(await gpus.look().map(\.outOfService) == [""])
    let gauge = GPUGauge()
    try await gpus.with(GPUNeed(count: 1), for: "job") { devices in
      try nvml.set(Self.one + "busy GPU-a \(getpid()) 20 100\n")
      await withThrowingTaskGroup(of: Void.self) { group in
        group.addTask { try await gpus.watch(devices, every: .milliseconds(1), gauge) }
        while gauge.statement(of: devices[0]).samples < 2 { await Task.yield() }
        group.cancelAll()
      }
      try await gpus.confirm(devices)
      #expect(gauge.statement(of: devices[0]).peakMemoryBytes == 100 << 20)
      try nvml.set("hang\n")
      await #expect(throws: RunnerError.self) { try await gpus.confirm(devices) }
    }
    #expect(await gpus.look().map(\.outOfService) == ["the driver did not answer within 3.0 seconds"])
    try nvml.set(Self.one)
    while await gpus.inventory().devices.isEmpty { await Task.yield() }
  }

  @Test(
    "errors of memory while a job ran are a failure of ours, those before are not; what held the clock back is stated"
  )
  func health() async throws {
    let nvml = try StandInNVML(Self.one + "health GPU-a 5 1 0\n")
    let gpus = HostGPUs(GPUPlaces(library: nvml.path), farewell: .zero)
    try await gpus.with(GPUNeed(count: 1), for: "one") { devices in
      let gauge = await gpus.gauge(devices)
      try nvml.set(Self.one + "health GPU-a 5 2 44\n")
      await withThrowingTaskGroup(of: Void.self) { group in
        group.addTask { try await gpus.watch(devices, every: .milliseconds(1), gauge) }
        while gauge.statement(of: devices[0]).samples < 2 { await Task.yield() }
        group.cancelAll()
      }
      try await gpus.confirm(devices, gauge)
      let stated = gauge.statement(of: devices[0])
      #expect(stated.uncorrectedErrors == 0 && stated.remappedRows == 1)
      #expect(stated.slowdowns == ["power cap": stated.samples, "hardware thermal slowdown": stated.samples])
    }
    await #expect(throws: RunnerError.self) {
      try await gpus.with(GPUNeed(count: 1), for: "two") { devices in
        let gauge = await gpus.gauge(devices)
        try nvml.set(Self.one + "health GPU-a 7 2 0\n")
        try await gpus.confirm(devices, gauge)
      }
    }
    #expect(
      await gpus.look().map(\.outOfService) == [
        "GPU GPU-a had 2 memory errors while a job ran that ECC did not correct"
      ])
  }

  @Test("two runners of one machine do not give the same GPU, and what one leaves the other may have")
  func twoRunners() async throws {
    let nvml = try StandInNVML(Self.one + "gpu GPU-b H100 81559 9.0 1 0\n")
    let places = GPUPlaces(library: nvml.path, locks: nvml.folder.path)
    let (first, second) = (HostGPUs(places, farewell: .zero), HostGPUs(places, farewell: .zero))
    try await first.with(GPUNeed(count: 1), for: "one") { devices in
      #expect(devices.map(\.uuid) == ["GPU-a"])
      // The other one finds out, and takes what is left.
      try await second.with(GPUNeed(count: 1), for: "two") { devices in
        #expect(devices.map(\.uuid) == ["GPU-b"])
      }
      #expect(await second.look().map(\.outOfService) == ["another runner of this machine has it", ""])
      await #expect(throws: RunnerError.self) {
        try await second.with(GPUNeed(count: 2), for: "three") { _ in }
      }
    }
    let third = HostGPUs(places, farewell: .zero)
    try await third.with(GPUNeed(count: 2), for: "four") { #expect($0.count == 2) }
    // A folder that is not there locks nothing; what is on a GPU is looked at all the same.
    var nowhere = places
    nowhere.locks = "/nowhere"
    try await HostGPUs(nowhere, farewell: .zero).with(GPUNeed(count: 2), for: "five") {
      #expect($0.count == 2)
    }
  }

  @Test("what a job leaves behind takes its GPU out of service")
  func leftover() async throws {
    let nvml = try StandInNVML(Self.one)
    let gpus = HostGPUs(GPUPlaces(library: nvml.path), farewell: .zero)
    try await gpus.with(GPUNeed(count: 1), for: "one") { devices in
      #expect(devices.map(\.uuid) == ["GPU-a"])
      #expect(await gpus.look().map(\.outOfService) == [""])
    }
    try await gpus.with(GPUNeed(count: 1), for: "two") { _ in
      try nvml.set(Self.one + "busy GPU-a 77 20 100\n")
    }
    try nvml.set(Self.one)
    #expect(await gpus.look().map(\.outOfService) == ["process 77 is still there after a job"])
    await #expect(throws: RunnerError.self) { try await gpus.with(GPUNeed(count: 1), for: "three") { _ in } }
  }

  @Test("a GPU that is lost under a job is a failure of ours")
  func lost() async throws {
    let nvml = try StandInNVML(Self.one)
    let gpus = HostGPUs(GPUPlaces(library: nvml.path), farewell: .zero)
    await #expect(throws: RunnerError.self) {
      try await gpus.with(GPUNeed(count: 1), for: "job") { devices in
        try await gpus.confirm(devices)
        try nvml.set("gpu GPU-a H100 81559 9.0 0 15\n")
        do { try await gpus.confirm(devices) } catch let error as RunnerError {
          #expect(error.message.hasPrefix("GPU GPU-a was lost while a job ran (GPU 0 does not open"))
          throw error
        }
      }
    }
    try nvml.set(Self.one)
    #expect(await gpus.look().map(\.outOfService) == ["GPU GPU-a was lost while a job ran"])
  }

  @Test(
    "device nodes: by minor number, those of a partition by the kernel's table, and what is missing is told")
  func nodes() throws {
    let folder = FileManager.default.temporaryDirectory.appending(path: "assay-nodes-\(UUID().uuidString)")
    defer { try? FileManager.default.removeItem(at: folder) }
    func put(_ path: String, _ text: String = "") throws {
      let file = folder.appending(path: path)
      try FileManager.default.createDirectory(
        at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
      try Data(text.utf8).write(to: file)
    }
    for name in [
      "nvidiactl", "nvidia-uvm", "nvidia-uvm-tools", "nvidia2", "nvidia3", "nvidia-caps/nvidia-cap12",
    ] {
      try put("dev/\(name)")
    }
    let table = "proc/driver/nvidia/capabilities/gpu2/mig/gi1"
    try put("\(table)/access", "DeviceFileMinor: 12\nDeviceFileMode: 292\nDeviceFileModify: 1\n")
    let places = GPUPlaces(
      devices: folder.appending(path: "dev").path, tables: folder.appending(path: "proc").path)
    var gpu = GPUDevice(uuid: "u", model: "m", memoryBytes: 1, major: 9, minor: 0, node: 3)
    #expect(
      try places.nodes(for: [gpu]).map(\.destination) == [
        "/dev/nvidiactl", "/dev/nvidia-uvm", "/dev/nvidia3", "/dev/nvidia-uvm-tools",
      ])
    gpu.node = 2
    gpu.instance = .init(gpuInstance: 1, computeInstance: 0)
    #expect(throws: RunnerError.self, "no table of the compute instance") { try places.nodes(for: [gpu]) }
    try put("\(table)/ci0/access", "DeviceFileMinor: 13\n")
    #expect(throws: RunnerError.self, "no node of it") { try places.nodes(for: [gpu]) }
    try put("dev/nvidia-caps/nvidia-cap13")
    #expect(
      try places.nodes(for: [gpu]).map(\.destination) == [
        "/dev/nvidiactl", "/dev/nvidia-uvm", "/dev/nvidia2", "/dev/nvidia-caps/nvidia-cap12",
        "/dev/nvidia-caps/nvidia-cap13", "/dev/nvidia-uvm-tools",
      ])
  }

  /// The runner's program, as it asks the driver.
  private static func probed(_ nvml: StandInNVML) -> GPUPlaces {
    let runner = URL(filePath: RunnerTests.launcher).deletingLastPathComponent().appending(
      path: "assay-runner")
    return GPUPlaces(library: nvml.path, probe: [runner.path, "gpus", "--nvml", nvml.path])
  }

  @Test(
    "what a device reports of itself is a failure of ours, at a look or after the job, and the GPU is out of service until it is reset",
    arguments: ["xid GPU-a 31\nxid GPU-a 79\n", "double_bit GPU-a\n"])
  func hardware(reports: String) async throws {
    let nvml = try StandInNVML(Self.one)
    let gpus = HostGPUs(Self.probed(nvml), farewell: .zero)
    for isLate in [false, true] {
      try nvml.set(Self.one)
      let gpus = isLate ? HostGPUs(Self.probed(nvml), farewell: .zero) : gpus
      do {
        try await gpus.with(GPUNeed(count: 1), for: "job") { devices in
          let gauge = await gpus.gauge(devices)
          try nvml.set(Self.one + reports)
          if !isLate { try await gpus.watch(devices, every: .milliseconds(1), gauge) }
          try await gpus.confirm(devices, gauge)
        }
        Issue.record("nothing was thrown")
      } catch let error as RunnerError {
        #expect(error.code == .gpus && error.message.contains("while a job ran; reset it"), "\(error)")
      }
      let reason = await gpus.look().first?.outOfService ?? ""
      #expect(reason.hasPrefix("it reported") && reason.contains("--gpu-reset"), "\(reason)")
    }
  }

  @Test(
    "what a program brought about changes nothing, but is stated; a GPU that it left in need of a reset is given to nobody"
  )
  func application() async throws {
    let nvml = try StandInNVML(Self.one)
    let gpus = HostGPUs(GPUPlaces(library: nvml.path), farewell: .zero)
    try await gpus.with(GPUNeed(count: 1), for: "one") { devices in
      let gauge = await gpus.gauge(devices)
      try nvml.set(Self.one + "xid GPU-a 13\nxid GPU-a 13\nxid GPU-a 500\n")
      try await gpus.confirm(devices, gauge)
      let stated = gauge.statement(of: devices[0])
      #expect(stated.xids == ["13": 2, "500": 1] && stated.listened == "whole")
      #expect(stated.driver == "550.54.15")
    }
    #expect(await gpus.look().map(\.outOfService) == [""])
    try await gpus.with(GPUNeed(count: 1), for: "two") { devices in
      let gauge = await gpus.gauge(devices)
      try nvml.set(Self.one + "xid GPU-a 13\nxid GPU-a 13\nxid GPU-a 500\nxid GPU-a 109\n")
      try await gpus.confirm(devices, gauge)
      #expect(gauge.statement(of: devices[0]).xids == ["109": 1], "of before are not its own")
    }
    let reason = await gpus.look().first?.outOfService ?? ""
    #expect(reason.hasPrefix("it reported Xid 109 (context switch timed out); reset it"), "\(reason)")
  }

  @Test("a device's failure takes all its partitions out of service, a partition's only that one")
  func partitions() async throws {
    let state = Self.one + "mig 0 0 MIG-x H100_MIG 20096 1 0\nmig 0 1 MIG-y H100_MIG 20096 2 0\n"
    for (report, count) in [("xid MIG-x 94\n", 1), ("xid GPU-a 95\n", 2), ("xid MIG-y 94\n", 0)] {
      let nvml = try StandInNVML(state)
      let gpus = HostGPUs(GPUPlaces(library: nvml.path), farewell: .zero)
      try? await gpus.with(GPUNeed(count: 1), for: "job") { devices in
        #expect(devices.map(\.uuid) == ["MIG-x"])
        let gauge = await gpus.gauge(devices)
        try nvml.set(state + report)
        try await gpus.confirm(devices, gauge)
      }
      #expect(await gpus.look().count { !$0.outOfService.isEmpty } == count, "\(report)")
    }
  }

  @Test(
    "a listener that dies or hangs fails no job, and the statement says so", arguments: ["dead", "stuck"])
  func listener(how: String) async throws {
    let nvml = try StandInNVML(Self.one)
    var places = Self.probed(nvml)
    places.patience = .seconds(3)
    let gpus = HostGPUs(places, farewell: .zero)
    try await gpus.with(GPUNeed(count: 1), for: "job") { devices in
      let gauge = await gpus.gauge(devices)
      #expect(gauge.statement(of: devices[0]).listened == "whole")
      try nvml.set(Self.one + "events \(how)\nxid GPU-a 79\n")
      try await gpus.confirm(devices, gauge)
      #expect(gauge.statement(of: devices[0]).listened == "part")
      #expect(gauge.statement(of: devices[0]).xids == [:])
    }
    #expect(await gpus.look().map(\.outOfService) == [""])
    let untold = try StandInNVML(Self.one, options: ["-DNOEVENTS"])
    let quiet = HostGPUs(GPUPlaces(library: untold.path), farewell: .zero)
    try await quiet.with(GPUNeed(count: 1), for: "job") { devices in
      let stated = await quiet.gauge(devices).statement(of: devices[0])
      #expect(stated.listened == "none" && stated.xids == nil)
    }
  }

  @Test("clocks, temperature, energy and who else was there, of the time of the job alone")
  func figures() async throws {
    let nvml = try StandInNVML(Self.one + "clocks GPU-a 300 2619 1900 2619 1980 2620 30 1000\n")
    let gpus = HostGPUs(GPUPlaces(library: nvml.path), farewell: .zero)
    try await gpus.with(GPUNeed(count: 1), for: "job") { devices in
      let gauge = await gpus.gauge(devices)
      try nvml.set(
        Self.one + "clocks GPU-a 1755 2619 1900 2619 1980 2620 63 5000\nbusy GPU-a 4000000000 20 100\n")
      await withThrowingTaskGroup(of: Void.self) { group in
        group.addTask { try await gpus.watch(devices, every: .milliseconds(1), gauge) }
        while gauge.statement(of: devices[0]).samples < 2 { await Task.yield() }
        group.cancelAll()
      }
      try nvml.set(Self.one + "clocks GPU-a 300 2619 1900 2619 1980 2620 70 7500\n")
      try await gpus.confirm(devices, gauge)
      let stated = gauge.statement(of: devices[0])
      #expect(
        stated.clocks
          == .init(
            meanSM: 1755, maxSM: 1755, meanMemory: 2619, maxMemory: 2619, setSM: 1900, setMemory: 2619,
            limitSM: 1980, limitMemory: 2620))
      #expect(stated.maxTemperature == 63, "not that of after")
      #expect(stated.energyMillijoules == 6500)
      #expect(stated.processLooks == stated.samples && stated.unknownProcessLooks == stated.samples)
    }
  }

  @Test(
    "a process of the job that outlives its parents, as one that hangs within the driver, stays the job's")
  func orphan() async throws {
    let nvml = try StandInNVML(Self.one)
    let gpus = HostGPUs(GPUPlaces(library: nvml.path), farewell: .zero)
    let parent = Process()
    parent.executableURL = URL(filePath: "/usr/bin/python3")
    // The child inherits nothing by which one waits for the parent.
    parent.arguments = [
      "-c",
      """
      import subprocess, sys
      nothing = subprocess.DEVNULL
      print(subprocess.Popen(["sleep", "600"], stdin=nothing, stdout=nothing, stderr=nothing).pid, flush=True)
      sys.stdin.read()
      """,
    ]
    let (output, input) = (Pipe(), Pipe())
    parent.standardOutput = output
    parent.standardInput = input
    try parent.run()
    let text = String(decoding: output.fileHandleForReading.availableData, as: UTF8.self)
    let child = try #require(UInt32(text.trimmingCharacters(in: .whitespacesAndNewlines)))
    defer { kill(pid_t(child), SIGKILL) }
    try await gpus.with(GPUNeed(count: 1), for: "job") { devices in
      let gauge = await gpus.gauge(devices)
      try nvml.set(Self.one + "busy GPU-a \(child) 20 100\n")
      await withThrowingTaskGroup(of: Void.self) { group in
        group.addTask { try await gpus.watch(devices, every: .milliseconds(1), gauge) }
        while gauge.statement(of: devices[0]).samples < 1 { await Task.yield() }
        group.cancelAll()
      }
      try input.fileHandleForWriting.close()
      parent.waitUntilExit()
      #expect(HostGPUs.owner(of: child) == .somebody, "by its parents it would be a stranger")
      try await gpus.confirm(devices, gauge)
    }
    // Whether it was found after the job or at this look.
    let reason = await gpus.look().first?.outOfService ?? ""
    #expect(reason.hasPrefix("process \(child)"), "\(reason)")
  }
}
