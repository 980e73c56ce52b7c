import AssayGPU
import AssayGPUTesting
import AssaySandbox
import Foundation
import Testing

@testable import AssayRunner

@Suite("GPUs that a scheduler gave to a step", .timeLimit(.minutes(1))) struct NodeGPUsTests {
  private static func device(_ number: UInt32, part: UInt32? = nil) -> GPUDevice {
    GPUDevice(
      uuid: part.map { "MIG-\(number)-\($0)" } ?? "GPU-\(number)", model: "H100", memoryBytes: 80 << 30,
      major: 9,
      minor: 0, node: number, instance: part.map { .init(gpuInstance: $0, computeInstance: 0) })
  }

  /// A folder of device nodes.
  private static func nodes(_ numbers: [Int]) throws -> String {
    let folder = FileManager.default.temporaryDirectory.appending(path: "assay-nodes-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    for number in numbers { try Data().write(to: folder.appending(path: "nvidia\(number)")) }
    return folder.path
  }

  private func given(
    _ count: Int, _ scheduler: NodeGPUs.Scheduler, _ environment: [String: String],
    nodes: [Int] = [0, 1, 2], shown: [GPUDevice] = [device(0), device(1), device(2)]
  ) throws -> [String] {
    let folder = try Self.nodes(nodes)
    defer { try? FileManager.default.removeItem(atPath: folder) }
    var inventory = GPUInventory()
    inventory.devices = shown
    return try NodeGPUs(scheduler, places: GPUPlaces(devices: folder), environment: environment)
      .given(count, of: inventory).map(\.uuid)
  }

  @Test(
    "Slurm numbers device nodes, or names UUIDs; CUDA's own numbers are of what the step sees, and count for nothing"
  )
  func slurm() throws {
    #expect(
      try given(2, .slurm, ["SLURM_STEP_GPUS": "1,2", "CUDA_VISIBLE_DEVICES": "0,1"]) == ["GPU-1", "GPU-2"])
    #expect(try given(1, .slurm, ["SLURM_JOB_GPUS": "2"]) == ["GPU-2"])
    let parts = [Self.device(0, part: 1), Self.device(0, part: 2)]
    #expect(
      try given(1, .slurm, ["SLURM_STEP_GPUS": "0", "CUDA_VISIBLE_DEVICES": "MIG-0-2"], shown: parts)
        == ["MIG-0-2"])
  }

  @Test("a device plugin names UUIDs, or shows nothing else")
  func kubernetes() throws {
    #expect(try given(1, .kubernetes, ["NVIDIA_VISIBLE_DEVICES": "GPU-1"]) == ["GPU-1"])
    #expect(
      try given(2, .kubernetes, ["NVIDIA_VISIBLE_DEVICES": "all"], nodes: [0, 2]) == ["GPU-0", "GPU-2"])
    #expect(try given(1, .kubernetes, [:], nodes: [1]) == ["GPU-1"])
  }

  @Test(
    "fewer than were asked for, others than the driver shows, and some that cannot be opened are failures that say what to do",
    arguments: [
      (NodeGPUs.Scheduler.slurm, ["SLURM_STEP_GPUS": "1"], "gave the step 1 GPUs where 2 were asked"),
      (.slurm, ["SLURM_STEP_GPUS": "1,2,0"], "gave the step 3 GPUs where 2"),
      (.slurm, ["SLURM_STEP_GPUS": "1,7"], "/dev/nvidia1, /dev/nvidia7; the node's driver shows others"),
      (.slurm, ["CUDA_VISIBLE_DEVICES": "GPU-1,GPU-9"], "the node's driver shows others"),
      (.slurm, ["CUDA_VISIBLE_DEVICES": "0,1"], "gres.conf has to name their devices"),
      (.slurm, ["SLURM_STEP_GPUS": "a,-1"], "gres.conf has to name their devices"),
      (.kubernetes, [:], "gave the step 3 GPUs where 2 were asked"),
      (.kubernetes, ["NVIDIA_VISIBLE_DEVICES": "GPU-8,GPU-9"], "the node's driver shows others"),
    ])
  func failures(scheduler: NodeGPUs.Scheduler, environment: [String: String], word: String) {
    #expect { try given(2, scheduler, environment) } throws: {
      ($0 as? RunnerError)?.code == .gpus && "\($0)".contains(word)
    }
    #expect { try given(1, .slurm, ["SLURM_STEP_GPUS": "1"], nodes: [0]) } throws: {
      "\($0)".contains("may not open /dev/nvidia1")
    }
  }

  /// Says which GPUs it was given, without running anything.
  private struct Echo: TrialLauncher {
    let isolation: IsolationReport
    var host: SandboxHost? { nil }

    func run(_ command: SandboxCommand) async throws(SandboxError) -> SandboxResult {
      SandboxResult(
        outcome: .exited(0), wallNanoseconds: 1, cpuNanoseconds: 1, peakMemoryBytes: 1, outputs: [],
        log: Array("\(command.environment["CUDA_VISIBLE_DEVICES"] ?? "")".utf8))
    }
  }

  @Test(
    "a step's command has what was given and no other; strangers and too small a GPU are failures of ours")
  func run() async throws {
    let state = "gpu GPU-a H100 81559 9.0 0 0\ngpu GPU-b H100 81559 9.0 1 0\n"
    let nvml = try StandInNVML(state + "busy GPU-b 1 10 300\n")
    let nodes = try Self.nodes([0, 1])
    defer { try? FileManager.default.removeItem(atPath: nodes) }
    for name in ["nvidiactl", "nvidia-uvm"] { try Data().write(to: URL(filePath: "\(nodes)/\(name)")) }
    let echo = Echo(isolation: try await Sandbox.open().isolation)
    func run(_ number: Int, _ need: GPUNeed) async throws -> GPURun {
      let node = NodeGPUs(
        .slurm, places: GPUPlaces(library: nvml.path, devices: nodes),
        environment: ["SLURM_STEP_GPUS": "\(number)"])
      return try await node.run(
        SandboxCommand(arguments: ["/bin/true"], limits: SandboxLimits(wallMilliseconds: 1000)),
        on: try await node.given(1), for: need, by: echo)
    }
    let done = try await run(0, GPUNeed(count: 1))
    #expect(String(decoding: done.result.log, as: UTF8.self) == "GPU-a")
    #expect(done.gpus.map(\.uuid) == ["GPU-a"] && done.started <= done.finished)
    await #expect { try await run(1, GPUNeed(count: 1)) } throws: {
      "\($0)".contains("process 1, which is no job's, uses it")
    }
    await #expect { try await run(0, GPUNeed(count: 1, memoryBytes: 90_000 << 20)) } throws: {
      "\($0)".contains("not good enough for it (H100, 81559 MiB, 9.0)")
    }
  }
}
