public import AssayGPU
public import AssayRunner
public import AssaySandbox
import AssaySteps
import Foundation
public import Logging

/// Runs each command as a Job of its own on a Kubernetes cluster, in the same sandbox, under the same clock and limits as on one host:
/// both are in the Job's pod. The cluster chooses the node and bounds what the pod as a whole may use.
public struct KubernetesLauncher: GPUScheduler {
  public let isolation: IsolationReport
  public let host: SandboxHost?
  private let configuration: KubernetesConfiguration
  private let api: KubernetesAPI
  private let logger: Logger
  private let kinds: GPUKinds
  private let nodes: GPUNodes

  public var gpus: [ScheduledGPUs] { kinds.list }
  public var isFindingGPUs: Bool { !configuration.gpus.isEmpty && kinds.isFinding }

  private static let prefix = "assay-"
  /// Seconds between two looks at a Job that does not change.
  private static let look = 10
  /// How long the API server may be away, or a pod take to go.
  private static let patience = Duration.seconds(60)

  /// Deletes what a killed predecessor left, and proves in a pod that untrusted code can be isolated there.
  ///
  /// - Throws: `SandboxError` with the remedy.
  public static func open(_ configuration: KubernetesConfiguration, logger: Logger) async throws(SandboxError)
    -> KubernetesLauncher
  {
    let api = try KubernetesAPI(configuration.access)
    for left in (try? FileManager.default.contentsOfDirectory(atPath: configuration.folder)) ?? []
    where left.hasPrefix(prefix) {
      try await api.delete(left)
      StepFolder(folder: URL(filePath: configuration.folder).appending(path: left)).remove()
    }
    let probe = SandboxCommand(arguments: [], limits: SandboxLimits(wallMilliseconds: 60_000))
    let (isolation, host) = try await perform(probe, sending: nil, configuration, api).node()
    return KubernetesLauncher(
      isolation: isolation, host: host, configuration: configuration, api: api, logger: logger)
  }

  private init(
    isolation: IsolationReport, host: SandboxHost, configuration: KubernetesConfiguration,
    api: KubernetesAPI, logger: Logger
  ) {
    self.isolation = isolation
    self.host = host
    self.configuration = configuration
    self.api = api
    self.logger = logger
    kinds = GPUKinds(logger: logger)
    nodes = GPUNodes(logger: logger)
  }

  public func run(_ command: SandboxCommand) async throws(SandboxError) -> SandboxResult {
    try await Self.perform(command, sending: command, configuration, api).result(of: command)
  }

  public func run(_ command: SandboxCommand, with need: GPUNeed) async throws(SandboxError) -> GPURun {
    guard let kind = need.choose(among: gpus) else {
      throw SandboxError(
        .infrastructure,
        "no node has \(need.count) GPUs that the job could use, as far as the runner was told; correct --kubernetes-gpus, or let the task ask for less"
      )
    }
    return try await Self.perform(
      command, sending: command, with: (kind.name, StepGPUs(need, from: .kubernetes)), among: nodes,
      configuration, api
    ).run(of: command)
  }

  public func findGPUs() async {
    guard !configuration.gpus.isEmpty else { return }
    let counts = Dictionary(
      configuration.gpus.map { ($0.name, GPUKinds.Count(perNode: $0.perNode, total: $0.total)) },
      uniquingKeysWith: { $1 })
    await kinds.find {
      () async throws(SandboxError) in
      counts
    } probe: {
      resource async throws(SandboxError) in
      let look = SandboxCommand(
        arguments: [], limits: SandboxLimits(wallMilliseconds: 60_000, memoryBytes: 256 << 20))
      return try await Self.perform(
        look, sending: nil, with: (resource, StepGPUs(GPUNeed(count: 1), from: .kubernetes)), configuration,
        api
      ).gpu()
    }
  }

  /// What became of a step.
  private enum Placed {
    case ended(StepEnding, node: String?)
    /// No node took it until one is avoided no longer: it is to be asked for anew.
    case untaken
  }

  /// - Parameters:
  ///   - sent: what the step is to run; nil only to look at its node.
  ///   - gpus: the resource that gives them, and what the step has to find; nil for none.
  ///   - nodes: which to avoid for these GPUs, and where it is noted how they were; nil for any.
  private static func perform(
    _ command: SandboxCommand, sending sent: SandboxCommand?,
    with gpus: (resource: String, step: StepGPUs)? = nil, among nodes: GPUNodes? = nil,
    _ configuration: KubernetesConfiguration, _ api: KubernetesAPI
  ) async throws(SandboxError) -> StepEnding {
    while true {
      let avoided =
        gpus.flatMap { nodes?.avoided(for: $0.resource, count: $0.step.need.count) } ?? [:]
      let placed = try await place(command, sending: sent, with: gpus, avoiding: avoided, configuration, api)
      guard case .ended(let ending, let node) = placed else { continue }
      switch (ending, node, gpus) {
      case (.answered(.unfit(let reason, _)), let node?, _):
        nodes?.avoid(node, because: reason)
      case (.answered(.run), let node?, let gpus?), (.memory, let node?, let gpus?):
        nodes?.note(node, had: gpus.step.need.count, of: gpus.resource)
      default: break
      }
      return ending
    }
  }

  /// Asks for the Job once.
  ///
  /// - Parameter avoided: nodes that are not to take it, and until when each.
  private static func place(
    _ command: SandboxCommand, sending sent: SandboxCommand?, with gpus: (resource: String, step: StepGPUs)?,
    avoiding avoided: [String: ContinuousClock.Instant], _ configuration: KubernetesConfiguration,
    _ api: KubernetesAPI
  ) async throws(SandboxError) -> Placed {
    let name = prefix + UUID().uuidString.lowercased()
    let step = StepFolder(folder: URL(filePath: configuration.folder).appending(path: name))
    defer { step.remove() }
    do { try step.write(sent, gpus?.step) } catch {
      throw SandboxError(
        .infrastructure,
        "cannot write \(step.folder.path): \(error.localizedDescription); it has to be on a volume that Jobs share"
      )
    }
    let state: StepState
    var node: String?
    do throws(SandboxError) {
      try await api.create(
        JobManifest(
          name: name, command: command, folder: step.folder.path,
          gpus: gpus.map { .init(resource: $0.resource, count: $0.step.need.count) },
          avoided: avoided.keys.sorted(),
          configuration: configuration))
      state = try await end(of: name, step, api, node: &node, untakenUntil: avoided.values.min())
    } catch {
      await delete(name, api)
      throw error
    }
    await delete(name, api)
    if let answer = step.answer() { return .ended(.answered(answer), node: node) }
    switch state {
    case .memory: return .ended(.memory(given: step.given()), node: node)
    case .going where node == nil: return .untaken
    case .failed(let reason): throw SandboxError(.infrastructure, "Kubernetes Job \(name): \(reason)")
    case .going, .ended:
      throw SandboxError(
        .infrastructure,
        "Kubernetes Job \(name) ended without a result in \(step.folder.path); is that folder on a volume that Jobs mount there?"
      )
    }
  }

  /// Waits until a step has ended, can never run, or, where there is such a limit, no node has taken it in time. An API server that is
  /// away for a while costs no trial.
  private static func end(
    of name: String, _ step: StepFolder, _ api: KubernetesAPI, node: inout String?,
    untakenUntil limit: ContinuousClock.Instant?
  ) async throws(SandboxError) -> StepState {
    var seen = ContinuousClock.now
    while true {
      guard !Task.isCancelled else { throw SandboxError(.infrastructure, "the step was cancelled") }
      do throws(SandboxError) {
        let pods = try await api.pods(of: name)
        let state = StepState(job: try await api.job(name), pods: pods)
        node = StepState.node(of: pods) ?? node
        guard state == .going, step.answer() == nil else { return state }
        if node == nil, let limit, limit < .now { return state }
        seen = .now
        try await api.change(of: name, seconds: look)
      } catch {
        guard error.code != .isolationUnavailable, seen.duration(to: .now) < patience else { throw error }
        try? await Task.sleep(for: .seconds(2))
      }
    }
  }

  /// Deletes a Job, and waits for its pod: two jobs never share a core.
  private static func delete(_ name: String, _ api: KubernetesAPI) async {
    // Unstructured on purpose: whoever ends a step is often being cancelled itself. It is awaited right here.
    await Task {
      let begun = ContinuousClock.now
      while begun.duration(to: .now) < patience {
        do throws(SandboxError) {
          try await api.delete(name)
          if try await api.pods(of: name).isEmpty { return }
        } catch {
          guard error.code != .isolationUnavailable else { return }
        }
        try? await Task.sleep(for: .milliseconds(200))
      }
    }.value
  }
}
