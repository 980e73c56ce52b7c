public import AssaySandbox
public import AssayVerdict
public import Foundation

/// What a command did with GPUs, and what was seen of them, from outside of the sandbox.
public struct GPURun: Sendable, Hashable, Codable {
  public var result: SandboxResult
  /// Those that it had.
  public var gpus: [ProvenanceStatement.GPU]
  /// When the command began and ended, by the clock of the host that ran it.
  public var started, finished: Date

  public init(result: SandboxResult, gpus: [ProvenanceStatement.GPU], started: Date, finished: Date) {
    self.result = result
    self.gpus = gpus
    self.started = started
    self.finished = finished
  }
}
