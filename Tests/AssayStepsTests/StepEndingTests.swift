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
    let result = try StepEnding.memory.result(of: command)
    #expect(result.host == SandboxHost(kernel: "", cpu: "", cores: []))
    #expect(result.outcome == .limit(.memory) && result.peakMemoryBytes == 7 && result.outputs.count == 1)
    #expect(throws: SandboxError.self) { try StepEnding.memory.node() }
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
