import AssayGPU
import AssaySandbox
import AssaySteps
import Foundation
import Testing

@Suite("How a step of a cluster ended") struct StepEndingTests {
  private let command = SandboxCommand(
    arguments: ["/bin/true"], outputs: [.init("a", maximumBytes: 1, to: "/a")],
    limits: SandboxLimits(wallMilliseconds: 1, memoryBytes: 7))

  @Test("a step that was killed at its memory limit names no host: the runner's is another")
  func memory() throws {
    let result = try StepEnding.memory(given: []).result(of: command)
    #expect(result.host == SandboxHost(kernel: "", cpu: "", cores: []))
    #expect(result.outcome == .limit(.memory) && result.peakMemoryBytes == 7 && result.outputs.count == 1)
    #expect(throws: SandboxError.self) { try StepEnding.memory(given: []).node() }
  }

  @Test(
    "a step with GPUs that was killed says which it had; one that an older program ran had none, and counts for nothing"
  )
  func gpus() throws {
    let device = GPUDevice(uuid: "GPU-a", model: "H100", memoryBytes: 1, major: 9, minor: 0, node: 0)
    let killed = try StepEnding.memory(given: [device]).run(of: command)
    #expect(killed.gpus.map(\.uuid) == ["GPU-a"] && killed.gpus.map(\.samples) == [0])
    #expect(killed.result.outcome == .limit(.memory))
    #expect { try StepEnding.answered(.result(killed.result)).run(of: command) } throws: {
      ($0 as? SandboxError)?.message.contains("install the same everywhere") == true
    }
    #expect { try StepEnding.answered(.unfit("a stranger", node: "n0")).run(of: command) } throws: {
      ($0 as? SandboxError)?.message == "a stranger"
    }
    #expect(try StepEnding.answered(.gpus([device])).gpu() == device)
    #expect(throws: SandboxError.self) { try StepEnding.answered(.gpus([])).gpu() }
    #expect(throws: SandboxError.self) { try StepEnding.answered(.run(killed)).result(of: command) }
  }

  @Test func failures() {
    #expect { try StepEnding.answered(.failed("no disk")).result(of: command) } throws: {
      ($0 as? SandboxError)?.code == .infrastructure
    }
    #expect { try StepEnding.answered(.failed("no bwrap")).node() } throws: {
      ($0 as? SandboxError)?.code == .isolationUnavailable
    }
  }

  @Test("a step that an earlier version wrote has no devices")
  func earlier() throws {
    var fields = try #require(
      JSONSerialization.jsonObject(with: JSONEncoder().encode(command)) as? [String: Any])
    #expect(fields.removeValue(forKey: "devices") != nil)
    let read = try JSONDecoder().decode(
      SandboxCommand.self, from: JSONSerialization.data(withJSONObject: fields))
    #expect(read.devices.isEmpty)
    #expect(read.arguments == command.arguments && read.limits == command.limits)
  }
}
