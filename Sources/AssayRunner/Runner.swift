import AssayGPU
public import AssayIdentity
public import AssaySandbox
public import AssayServices
import Foundation
public import Logging
import Metrics
public import ServiceLifecycle

/// Runs jobs of one evaluator on this host, one a slot.
public struct Runner: Service {
  private let jobs: JobServiceClient
  private let sandbox: any TrialLauncher
  private let configuration: RunnerConfiguration
  private let key: IdentityKey
  private let logger: Logger
  private let scratch: Scratch

  static let version = "0.1.0"

  /// - Parameter key: the runner's own, with which it signs what it reports.
  /// - Throws: `RunnerError` when the host cannot isolate untrusted code, or has fewer cores than slots.
  public init(
    jobs: JobServiceClient, sandbox: any TrialLauncher, configuration: RunnerConfiguration, key: IdentityKey,
    logger: Logger
  )
    throws(RunnerError)
  {
    guard sandbox.isolation.canRunUntrustedCode else {
      throw RunnerError(
        .configuration, "this host cannot isolate untrusted code (\(sandbox.isolation)); no job is taken")
    }
    self.jobs = jobs
    self.sandbox = sandbox
    self.configuration = configuration
    self.key = key
    self.logger = logger
    scratch = Scratch(configuration.state)
  }

  /// Why no job is taken; nil when nothing is wrong with the host.
  public var trouble: String? { scratch.trouble }

  /// Works until asked to stop; running jobs are handed back.
  public func run() async throws {
    // What a killed predecessor left is of no use to anybody.
    try? FileManager.default.removeItem(at: configuration.state.appending(path: "jobs"))
    configuration.artifactVolume?.clear(owner: configuration.name)
    let cores = SandboxHost.availableCores()
    logger.info(
      "runner \(configuration.name): \(configuration.slots) slots on \(cores.count) cores, isolation: \(sandbox.isolation)"
    )
    if configuration.slots > cores.count {
      logger.warning("more slots than cores: trials share cores, and their times are less steady")
    }
    Gauge(label: "assay_runner_slots").record(configuration.slots)
    Meter(label: "assay_runner_slots_busy").set(0)
    try await cancelWhenGracefulShutdown {
      let facts = HostFacts()
      let gpus = configuration.gpus.map { HostGPUs($0) }
      if let gpus { await tell(gpus.inventory()) }
      try await withThrowingDiscardingTaskGroup { group in
        if let scheduler = sandbox as? any GPUScheduler { group.addTask { await scheduler.findGPUs() } }
        for (index, share) in Self.shares(of: cores, slots: configuration.slots).enumerated() {
          let slot = RunnerSlot(
            jobs: jobs, sandbox: sandbox, configuration: configuration, index: index, cores: share,
            key: key, facts: facts, gpus: gpus, scratch: scratch, logger: logger)
          group.addTask { try await slot.run() }
        }
      }
    }
  }

  private func tell(_ inventory: GPUInventory) {
    if !inventory.devices.isEmpty {
      logger.info("GPUs: \(inventory.summary), driver \(inventory.driver)")
    }
    // A host without a driver is one without GPUs.
    for fault in inventory.faults where fault.code != .driverAbsent { logger.warning("GPUs: \(fault)") }
  }

  /// The cores of each slot: an equal share, at least one.
  static func shares(of cores: [Int], slots: Int) -> [[Int]] {
    guard !cores.isEmpty else { return Array(repeating: [], count: slots) }
    let size = max(1, cores.count / slots)
    return (0..<slots).map { slot in (0..<size).map { cores[(slot * size + $0) % cores.count] } }
  }
}
