import AssayGPU
import AssaySandbox
import Foundation

extension HostGPUs {
  /// Runs a command with GPUs that nobody else has, watched.
  ///
  /// - Parameters:
  ///   - interval: between looks at its GPUs.
  /// - Throws: `RunnerError`, `.gpusTaken` or `.gpus`; what the launcher throws.
  func run(
    _ command: SandboxCommand, with need: GPUNeed, for job: String, every interval: Duration,
    by launcher: any TrialLauncher
  ) async throws -> GPURun {
    try await with(need, for: job, near: command.cores) { devices in
      let command = try command.given(devices, of: places, driver: folder)
      let gauge = await gauge(devices)
      let (result, started, finished) = try await timed {
        try await watched(devices, every: interval, gauge) { try await launcher.run(command) }
      }
      try await confirm(devices, gauge)
      return GPURun(
        result: result, gpus: devices.map(gauge.statement), started: started, finished: finished)
    }
  }

  /// Runs `body`; whatever ``watch(_:every:_:)`` throws ends it.
  private func watched(
    _ devices: [GPUDevice], every interval: Duration, _ gauge: GPUGauge,
    _ body: @escaping @Sendable () async throws -> SandboxResult
  ) async throws -> SandboxResult {
    try await withThrowingTaskGroup(of: SandboxResult?.self) { group in
      group.addTask { try await body() }
      group.addTask {
        try await self.watch(devices, every: interval, gauge)
        return nil
      }
      defer { group.cancelAll() }
      while let ended = try await group.next() {
        if let result = ended { return result }
      }
      throw CancellationError()
    }
  }
}

/// When `body` began and ended: a clock that is set meanwhile makes no job end before it began.
func timed(_ body: () async throws -> SandboxResult) async rethrows -> (SandboxResult, Date, Date) {
  let (started, begun) = (Date(), ContinuousClock.now)
  let result = try await body()
  let took = begun.duration(to: .now).components
  return (result, started, started + Double(took.seconds) + Double(took.attoseconds) / 1e18)
}
