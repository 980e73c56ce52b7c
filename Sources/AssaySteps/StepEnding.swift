public import AssaySandbox

/// How a step of a cluster ended, where that was no failure of ours.
public enum StepEnding: Sendable {
  case answered(StepFolder.Answer)
  /// The scheduler killed it at its memory limit: the command's own doing, where nodes have no control groups of ours.
  case memory

  /// What the command did.
  ///
  /// - Throws: `SandboxError` for a failure of ours on the node.
  public func result(of command: SandboxCommand) throws(SandboxError) -> SandboxResult {
    switch self {
    case .answered(.result(let result)): return result
    case .answered(.failed(let reason)): throw SandboxError(.infrastructure, reason)
    case .answered(.node): throw Self.mistaken
    case .memory:
      var result = SandboxResult(
        outcome: .limit(.memory), wallNanoseconds: 0, cpuNanoseconds: 0,
        peakMemoryBytes: command.limits.memoryBytes, outputs: command.outputs.map { _ in .missing }, log: [])
      // A node, but nobody is left to say what kind.
      result.host = SandboxHost(kernel: "", cpu: "", cores: [])
      return result
    }
  }

  /// What a node is, and what keeps untrusted code in there, of a step without a command.
  ///
  /// - Throws: `SandboxError` when nothing does.
  public func node() throws(SandboxError) -> (isolation: IsolationReport, host: SandboxHost) {
    switch self {
    case .answered(.node(let isolation, let host)): return (isolation, host)
    case .answered(.failed(let reason)):
      throw SandboxError(.isolationUnavailable, "on a node of the cluster: \(reason)")
    case .answered(.result), .memory: throw Self.mistaken
    }
  }

  private static let mistaken = SandboxError(
    .infrastructure, "a node of the cluster answered something else than was asked")
}
