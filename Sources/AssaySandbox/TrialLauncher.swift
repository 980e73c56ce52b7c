/// Runs untrusted commands somewhere: on this host, or on a node that a scheduler chooses.
public protocol TrialLauncher: Sendable {
  /// What keeps untrusted code in where commands run.
  var isolation: IsolationReport { get }

  /// Where commands run; nil for this host.
  var host: SandboxHost? { get }

  /// Runs a command to its end; cancelling the task kills everything it started.
  ///
  /// - Throws: `SandboxError` for failures of ours. What the command did, limits included, is in the result.
  func run(_ command: SandboxCommand) async throws(SandboxError) -> SandboxResult
}

extension Sandbox: TrialLauncher {
  public var host: SandboxHost? { nil }
}
