public import AssayGPU
public import AssayRunner
public import AssaySandbox
import AssaySteps
import Foundation
public import Logging
import Synchronization

/// Runs each command as a step of its own on a Slurm cluster, in the same sandbox, under the same clock and limits as on one host:
/// both are on the node. Slurm chooses the node and bounds what the step as a whole may use.
public struct SlurmLauncher: GPUScheduler {
  public let isolation: IsolationReport
  public let host: SandboxHost?
  private let configuration: SlurmConfiguration
  private let logger: Logger
  private let kinds: GPUKinds
  private let nodes: GPUNodes

  public var gpus: [ScheduledGPUs] { kinds.list }
  public var isFindingGPUs: Bool { kinds.isFinding }

  private static let prefix = "assay-"
  /// How long the last process of a step may take to go.
  private static let longestEnd = Duration.seconds(120)

  /// Cancels what a killed predecessor left, and proves on a node that untrusted code can be isolated there.
  ///
  /// - Throws: `SandboxError` with the remedy.
  public static func open(_ configuration: SlurmConfiguration, logger: Logger) async throws(SandboxError)
    -> SlurmLauncher
  {
    for left in (try? FileManager.default.contentsOfDirectory(atPath: configuration.folder)) ?? []
    where left.hasPrefix(prefix) {
      _ = try await SlurmTool.run("scancel", ["--quiet", "--name=\(left)"])
      try? FileManager.default.removeItem(atPath: configuration.folder + "/" + left)
    }
    let probe = SandboxCommand(arguments: [], limits: SandboxLimits(wallMilliseconds: 60_000))
    let request = SlurmRequest(name: newName(), command: probe, configuration: configuration)
    let (isolation, host) = try await perform(
      nil, as: request, configuration, logger, patience: .zero
    ).node()
    return SlurmLauncher(isolation: isolation, host: host, configuration: configuration, logger: logger)
  }

  private init(
    isolation: IsolationReport, host: SandboxHost, configuration: SlurmConfiguration, logger: Logger
  ) {
    self.isolation = isolation
    self.host = host
    self.configuration = configuration
    self.logger = logger
    kinds = GPUKinds(logger: logger)
    nodes = GPUNodes(logger: logger)
  }

  private static func newName() -> String { prefix + UUID().uuidString.lowercased() }

  public func run(_ command: SandboxCommand) async throws(SandboxError) -> SandboxResult {
    let request = SlurmRequest(name: Self.newName(), command: command, configuration: configuration)
    logger.debug("step \(request.name): \(request.options(configuration).joined(separator: " "))")
    return try await Self.perform(command, as: request, configuration, logger).result(of: command)
  }

  public func run(_ command: SandboxCommand, with need: GPUNeed) async throws(SandboxError) -> GPURun {
    guard let kind = need.choose(among: gpus) else {
      throw SandboxError(
        .infrastructure,
        "no node of the partition has \(need.count) GPUs that the job could use; start the runner for one that has (--slurm-partition), or let the task ask for less"
      )
    }
    let request = SlurmRequest(
      name: Self.newName(), command: command,
      gpus: .init(
        kind: kind.name, count: need.count,
        avoided: nodes.avoided(for: kind.name, count: need.count).keys.sorted()),
      configuration: configuration)
    logger.debug("step \(request.name): \(request.options(configuration).joined(separator: " "))")
    let ending = try await Self.perform(
      command, StepGPUs(need, from: .slurm), as: request, configuration, logger)
    if case .answered(.unfit(let reason, let node)) = ending { nodes.avoid(node, because: reason) }
    return try ending.run(of: command)
  }

  public func findGPUs() async {
    await kinds.find {
      () async throws(SandboxError) in
      let found = SlurmGPUs(
        lines: try await SlurmTool.lines(
          "sinfo", ["--Node", "--noheader", "--format=\(SlurmGPUs.format)"]),
        partition: configuration.partition)
      nodes.note(found.kinds)
      return found.counts
    } probe: {
      kind async throws(SandboxError) in
      // Little, so that a node that is nearly full has it.
      let look = SandboxCommand(
        arguments: [], limits: SandboxLimits(wallMilliseconds: 60_000, memoryBytes: 256 << 20))
      let request = SlurmRequest(
        name: Self.newName(), command: look, gpus: .init(kind: kind, count: 1), configuration: configuration)
      return try await Self.perform(
        nil, StepGPUs(GPUNeed(count: 1), from: .slurm), as: request, configuration, logger
      ).gpu()
    }
  }

  /// - Parameters:
  ///   - command: nil only to look at its node.
  ///   - gpus: what the step has to find; nil for none.
  ///   - patience: how long Slurm's controller may be away when the step has ended, or cannot be asked for.
  private static func perform(
    _ command: SandboxCommand?, _ gpus: StepGPUs? = nil, as request: SlurmRequest,
    _ configuration: SlurmConfiguration, _ logger: Logger, patience: Duration = .seconds(60)
  ) async throws(SandboxError) -> StepEnding {
    let step = StepFolder(folder: URL(filePath: configuration.folder).appending(path: request.name))
    defer { step.remove() }
    do { try step.write(command, gpus) } catch {
      throw SandboxError(
        .infrastructure,
        "cannot write \(step.folder.path): \(error.localizedDescription); it has to be on a file system that all nodes share"
      )
    }
    let words =
      request.options(configuration) + [configuration.program, "step", "--folder", step.folder.path]
      + (configuration.nvml.map { ["--nvml", $0] } ?? [])
    for isLast in [false, true] {
      let ended = try await Self.start(words, as: request.name)
      let state: SlurmState?
      do throws(SandboxError) {
        state = try await settled(step, request.name, within: patience, logger)
      } catch {
        // What a step answered counts, whether or not Slurm knows of it.
        if let answer = step.answer() { return .answered(answer) }
        throw error
      }
      // A controller that was away when srun ended keeps the step's place until its time limit.
      if state?.isOpen == true { await cancel(request.name) }
      if let answer = step.answer() { return .answered(answer) }
      if let state {
        if state.isMemory { return .memory(given: step.given()) }
        throw SandboxError(.infrastructure, state.explanation(output: ended.output))
      }
      // The controller was away when it was asked, and knows nothing of it: it is asked again.
      guard ended.status != 0, !isLast, ended.output.contains("Unable to contact slurm controller") else {
        throw SandboxError(
          .infrastructure,
          "srun ended with status \(ended.status): \(ended.output.prefix(500)). Compare what the task asks for with the partition's limits, and see whether slurmctld is up."
        )
      }
    }
    throw SandboxError(.infrastructure, "srun was not started")
  }

  /// What Slurm says of a step whose srun has ended; nil when it knows of none. A controller that is away for a while costs no trial.
  private static func settled(
    _ step: StepFolder, _ name: String, within patience: Duration, _ logger: Logger
  ) async throws(SandboxError) -> SlurmState? {
    let begun = ContinuousClock.now
    while true {
      do throws(SandboxError) {
        let state = try await state(of: name)
        // Until all is gone on the node, Slurm does not tell why: a step at its memory limit looks like any other.
        guard state?.isEnding == true, step.answer() == nil, !Task.isCancelled,
          begun.duration(to: .now) < longestEnd
        else { return state }
        try? await Task.sleep(for: .milliseconds(500))
      } catch {
        guard error.code != .isolationUnavailable, !Task.isCancelled, begun.duration(to: .now) < patience
        else { throw error }
        logger.warning("Slurm does not answer; \(name) waits for it: \(error)")
        try? await Task.sleep(for: .seconds(2))
      }
    }
  }

  /// Runs srun to its end. A step that nobody wants any more, or that can never run and would wait in the queue for ever, is cancelled
  /// at Slurm: srun passes no signal on that the step has to obey.
  private static func start(_ words: [String], as name: String) async throws(SandboxError) -> SlurmTool.Ended
  {
    let end = End()
    let (ended, refused) = await withTaskGroup(of: Part.self) { group in
      group.addTask {
        let ended: Result<SlurmTool.Ended, SandboxError>
        do throws(SandboxError) { ended = .success(try await SlurmTool.run("srun", words)) } catch {
          ended = .failure(error)
        }
        end.isReached.withLock { $0 = true }
        return .ended(ended)
      }
      group.addTask { .refused(await refusal(of: name, unless: end)) }
      var ended: Result<SlurmTool.Ended, SandboxError>?
      var refused: SandboxError?
      for await part in group {
        switch part {
        case .ended(let result):
          ended = result
          group.cancelAll()
        case .refused(let error): refused = error
        }
      }
      return (ended, refused)
    }
    if let refused { throw refused }
    guard let ended else { throw SandboxError(.infrastructure, "srun was not started") }
    return try ended.get()
  }

  /// Whether srun has ended.
  private final class End: Sendable {
    let isReached = Mutex(false)
  }

  private enum Part: Sendable {
    case ended(Result<SlurmTool.Ended, SandboxError>)
    case refused(SandboxError?)
  }

  /// Watches a step until it has ended: cancels it when the task is cancelled, and, with an error, when it can never run.
  private static func refusal(of name: String, unless end: End) async -> SandboxError? {
    while (try? await Task.sleep(for: .seconds(2))) != nil {
      guard let state = try? await state(of: name), state.isHopeless else { continue }
      await cancel(name)
      return SandboxError(
        .infrastructure,
        "Slurm job \(state.job) can never run (\(state.reason)); compare what the task asks for with the partition's limits"
      )
    }
    if !end.isReached.withLock({ $0 }) { await cancel(name) }
    return nil
  }

  private static func cancel(_ name: String) async {
    // Unstructured on purpose: whoever cancels a step is often being cancelled itself. It is awaited right here.
    _ = await Task { try? await SlurmTool.run("scancel", ["--quiet", "--name=\(name)"]) }.value
  }

  private static func state(of name: String) async throws(SandboxError) -> SlurmState? {
    let ended = try await SlurmTool.run(
      "squeue", ["--noheader", "--states=all", "--name=\(name)", "--format=%i|%T|%r"])
    guard ended.status == 0 else {
      throw SandboxError(
        .infrastructure, "Slurm does not answer (\(ended.output.prefix(300))); see whether slurmctld is up")
    }
    return ended.output.split(whereSeparator: \.isNewline).lazy.compactMap { SlurmState(line: $0) }.first
  }
}
