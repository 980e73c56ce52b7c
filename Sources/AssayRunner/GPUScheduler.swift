public import AssayGPU
public import AssaySandbox

/// A launcher that asks a scheduler for a job's GPUs: which ones, the scheduler says, on the node that it chooses.
public protocol GPUScheduler: TrialLauncher {
  /// What it gives, as far as is known now.
  var gpus: [ScheduledGPUs] { get }

  /// Whether more may soon be known.
  var isFindingGPUs: Bool { get }

  /// Finds out what it gives, again and again, until cancelled.
  func findGPUs() async

  /// Runs a command with GPUs that nobody else has; cancelling the task kills everything it started.
  ///
  /// - Throws: `SandboxError` for failures of ours, such as a scheduler that gave too few.
  func run(_ command: SandboxCommand, with need: GPUNeed) async throws(SandboxError) -> GPURun
}
