import AssayGPU
import AssaySandbox
import Logging
import Testing

@testable import AssaySteps

@Suite("What is known of a scheduler's GPUs", .timeLimit(.minutes(1))) struct GPUKindsTests {
  private static let device = GPUDevice(
    uuid: "GPU-a", model: "H100", memoryBytes: 80 << 30, major: 9, minor: 0, node: 0)

  private func kinds() -> GPUKinds { GPUKinds(logger: Logger(label: "test")) }

  @Test(
    "a kind is offered once one of it was seen; it is looked at once at a time, and again after a failure")
  func seen() {
    let kinds = kinds()
    let counts = ["gpu": GPUKinds.Count(perNode: 2, total: 4)]
    let need = GPUNeed(count: 2)
    #expect(kinds.note(counts) == ["gpu"])
    #expect(kinds.note(counts).isEmpty, "somebody looks already")
    #expect(kinds.list.map(\.outOfService) == [nil] && need.choose(among: kinds.list) == nil)
    kinds.note(.failure(SandboxError(.infrastructure, "no driver")), of: "gpu")
    #expect(kinds.list.map(\.outOfService) == ["no driver"])
    #expect(kinds.note(counts) == ["gpu"])
    kinds.note(.success(Self.device), of: "gpu")
    #expect(need.choose(among: kinds.list)?.name == "gpu")
    #expect(GPUNeed(count: 3).choose(among: kinds.list) == nil, "no node has three")
    #expect(kinds.note(["gpu": .init(perNode: 8, total: 8)]).isEmpty)
    #expect(kinds.list.map(\.perNode) == [8])
    #expect(kinds.note([:]).isEmpty && kinds.list.isEmpty, "its nodes went")
    #expect(kinds.isFinding, "the scheduler was never asked")
  }

  @Test("one that waits for its turn keeps no other from being seen; all of it ends when it is cancelled")
  func waits() async {
    let kinds = kinds()
    await withTaskGroup(of: Void.self) { group in
      group.addTask {
        await kinds.find {
          () async throws(SandboxError) in
          ["busy": .init(perNode: 1, total: 1), "free": .init(perNode: 1, total: 1)]
        } probe: {
          name async throws(SandboxError) in
          if name == "free" { return Self.device }
          try? await Task.sleep(for: .seconds(3600))
          throw SandboxError(.infrastructure, "cancelled")
        }
      }
      while kinds.list.last?.sample == nil { await Task.yield() }
      #expect(kinds.list.first?.sample == nil)
      group.cancelAll()
    }
  }

  @Test("the smallest kind that is good enough; a partition is never one of several")
  func choice() {
    func kind(_ name: String, _ gib: UInt64, part: Bool = false) -> ScheduledGPUs {
      var device = Self.device
      device.memoryBytes = gib << 30
      device.instance = part ? .init(gpuInstance: 1, computeInstance: 0) : nil
      return ScheduledGPUs(name: name, perNode: 8, total: 8, sample: device)
    }
    let kinds = [kind("large", 80), kind("part", 10, part: true), kind("small", 40)]
    #expect(GPUNeed(count: 1).choose(among: kinds)?.name == "part")
    #expect(GPUNeed(count: 2).choose(among: kinds)?.name == "small")
    #expect(GPUNeed(count: 2, memoryBytes: 79 << 30).choose(among: kinds)?.name == "large")
    #expect(GPUNeed(count: 1, computeCapability: "10.0").choose(among: kinds) == nil)
    #expect(GPUNeed(count: 0).choose(among: kinds) == nil)
  }
}
