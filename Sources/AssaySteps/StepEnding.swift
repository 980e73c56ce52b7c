public import AssayGPU
public import AssayRunner
public import AssaySandbox
import AssayVerdict
import Foundation

/// How a step of a cluster ended, where that was no failure of ours.
public enum StepEnding: Sendable {
  case answered(StepFolder.Answer)
  /// The scheduler killed it at its memory limit: the command's own doing, where nodes have no control groups of ours. With the GPUs that
  /// it had been given.
  case memory(given: [GPUDevice])

  /// What the command did.
  ///
  /// - Throws: `SandboxError` for a failure of ours on the node.
  public func result(of command: SandboxCommand) throws(SandboxError) -> SandboxResult {
    switch self {
    case .answered(.result(let result)): return result
    case .answered(.failed(let reason)), .answered(.unfit(let reason, _)):
      throw SandboxError(.infrastructure, reason)
    case .answered(.node), .answered(.gpus), .answered(.run): throw Self.mistaken
    case .memory:
      var result = SandboxResult(
        outcome: .limit(.memory), wallNanoseconds: 0, cpuNanoseconds: 0,
        peakMemoryBytes: command.limits.memoryBytes, outputs: command.outputs.map { _ in .missing }, log: [])
      // A node, but nobody is left to say what kind.
      result.host = SandboxHost(kernel: "", cpu: "", cores: [])
      return result
    }
  }

  /// What the command did with GPUs.
  ///
  /// - Throws: `SandboxError` for a failure of ours on the node.
  public func run(of command: SandboxCommand) throws(SandboxError) -> GPURun {
    switch self {
    case .answered(.run(let run)): return run
    case .answered(.result):
      throw SandboxError(
        .infrastructure,
        "the node ran the job without its GPUs: assay-runner is older there; install the same everywhere")
    case .memory(let given):
      let seen = given.map {
        ProvenanceStatement.GPU(
          uuid: $0.uuid, model: $0.model, samples: 0, peakMemoryBytes: nil, meanUtilization: nil)
      }
      let now = Date()
      return GPURun(result: try result(of: command), gpus: seen, started: now, finished: now)
    default:
      _ = try result(of: command)
      throw Self.mistaken
    }
  }

  /// A GPU that a step without a command was given.
  ///
  /// - Throws: `SandboxError` for a failure of ours on the node.
  public func gpu() throws(SandboxError) -> GPUDevice {
    switch self {
    case .answered(.gpus(let devices)):
      guard let device = devices.first else { throw Self.mistaken }
      return device
    case .answered(.failed(let reason)), .answered(.unfit(let reason, _)):
      throw SandboxError(.infrastructure, reason)
    default: throw Self.mistaken
    }
  }

  /// What a node is, and what keeps untrusted code in there, of a step without a command.
  ///
  /// - Throws: `SandboxError` when nothing does.
  public func node() throws(SandboxError) -> (isolation: IsolationReport, host: SandboxHost) {
    switch self {
    case .answered(.node(let isolation, let host)): return (isolation, host)
    case .answered(.failed(let reason)), .answered(.unfit(let reason, _)):
      throw SandboxError(.isolationUnavailable, "on a node of the cluster: \(reason)")
    case .answered(.result), .answered(.gpus), .answered(.run), .memory: throw Self.mistaken
    }
  }

  private static let mistaken = SandboxError(
    .infrastructure, "a node of the cluster answered something else than was asked")
}
