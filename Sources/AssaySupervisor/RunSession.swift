import AssayMessages
import AssayRPC
import AssayServices
import AssayTask
import Foundation
import Logging
import UnixSignals

/// One `assay run`: owns the state folder, starts the services, follows the run to its end.
public struct RunSession: Sendable {
  private let options: RunOptions
  private let printer: RunPrinter
  private let logger: Logger

  public init(options: RunOptions, printer: RunPrinter) {
    self.options = options
    self.printer = printer
    logger = Logger(label: "assay.run")
  }

  /// Runs until the run is finished or a signal asks to stop.
  ///
  /// - Throws: `SupervisorError`; nothing that was acknowledged is lost by any of them.
  public func run() async throws -> RunEnd {
    try await withThrowingTaskGroup(of: RunEnd.self) { group in
      let signals = await UnixSignalsSequence(trapping: .sigint, .sigterm)
      group.addTask {
        var seen = 0
        for await _ in signals {
          seen += 1
          if seen == 1 {
            printer.say(
              "stopping: services are draining. Once more to stop at once; run the same command again to go on."
            )
            return .interrupted
          }
        }
        return .interrupted
      }
      group.addTask { try await work() }
      defer { group.cancelAll() }
      return try await group.next() ?? .interrupted
    }
  }

  /// Runs until the run is finished or the task is cancelled.
  func work() async throws -> RunEnd {
    // A task of ours is checked before anything is written.
    let own = try options.evaluator == nil ? OwnTask.load(named: options.task) : nil
    if let own,
      let notice = LocalGraphics.notice(
        own.task.file.environment.gpus, of: own.task.name, present: LocalGraphics.count())
    {
      printer.say(notice)
    }
    let directory = try StateDirectory.create(at: options.state)
    let lock = try await directory.lockForRun()
    defer { withExtendedLifetime(lock) {} }
    let task: RunTask
    if let own {
      task = RunTask(own.task)
    } else if let evaluator = options.evaluator {
      // The keys of deployed services are not ours to make.
      let keys =
        options.lineageService != nil
        ? KeyRing.existing(in: directory.keys)
        : try KeyRing.prepare(
          in: directory.keys, specialists: options.specialists ?? KeyRing.specialists(in: directory.keys),
          runners: ["local"],
          lineageEnabled: options.lineageEnabled, evaluator: try evaluator.identity())
      task = try await evaluator.describe(options.task, keys: keys)
    } else {
      throw SupervisorError(.usage, "a run needs a task or an evaluator that owns one")
    }
    let description = try Self.describe(
      task: task, folder: own?.folder, evaluator: options.evaluator, lineageService: options.lineageService,
      specialists: try chosenSpecialists(of: task),
      seed: options.seed, lineageEnabled: options.lineageEnabled,
      arm: options.arm?.arm(partitions: task.specialists, lineage: options.lineageEnabled), in: directory)
    return try await drive(task: task, own: own?.task, description: description, directory: directory)
  }

  /// The agents file by an absolute path, once it is known to speak of this run's specialists and analysts.
  private func agents(_ choice: AgentsChoice?, of specialists: [String]) throws -> AgentsChoice? {
    guard let choice else { return nil }
    for name in specialists {
      if let gap = choice.file.gap(of: name) { throw SupervisorError(.usage, "\(choice.path) \(gap).") }
    }
    for name in choice.file.names where !specialists.contains(name) {
      printer.say("\(choice.path) has settings for '\(name)', which is no specialist of this run")
    }
    return AgentsChoice(path: URL(filePath: choice.path).standardizedFileURL.path, file: choice.file)
  }

  private func chosenSpecialists(of task: RunTask) throws -> [String] {
    let known = task.specialists
    guard let wanted = options.specialists else { return known }
    for name in wanted where !known.contains(name) {
      throw SupervisorError(
        .usage, "task \(task.name) has no specialist '\(name)'. It has: \(known.joined(separator: ", ")).")
    }
    return known.filter(wanted.contains)
  }

  /// The run of a state folder, described when it is new, checked against the task when it is not.
  ///
  /// - Parameter lineageEnabled: nil for whatever the run has.
  static func describe(
    task: RunTask, folder: URL?, evaluator: ExternalEvaluator?, lineageService: ExternalLineage? = nil,
    specialists: [String], seed: UInt64,
    lineageEnabled: Bool?, arm: Arm? = nil, in directory: StateDirectory
  ) throws -> RunDescription {
    if let known = try RunDescription.load(from: directory) {
      guard known.taskName == task.name, known.taskDigest == task.digest else {
        throw SupervisorError(
          .stateConflict,
          "\(directory.root.path) holds a run of \(known.taskName) (task digest \(known.taskDigest.prefix(12))), but \(folder?.path ?? evaluator?.address ?? "the task") is "
            + "\(task.name) (\(task.digest.prefix(12))). A run belongs to one version of its task: use another --state, or restore the task. If only its rules changed, `assay task audit` takes the run over to them."
        )
      }
      guard known.evaluator == evaluator else {
        throw SupervisorError(
          .stateConflict,
          "the run in \(directory.root.path) belongs to \(known.evaluator.map { "the evaluator at \($0.address)" } ?? "an evaluator of its own"); keep it so, or use another --state."
        )
      }
      guard known.lineageService == lineageService else {
        throw SupervisorError(
          .stateConflict,
          "the run in \(directory.root.path) belongs to \(known.lineageService.map { "the lineage at \($0.address)" } ?? "a lineage of its own"); keep it so, or use another --state."
        )
      }
      guard lineageEnabled == nil || known.lineageEnabled == lineageEnabled else {
        throw SupervisorError(
          .stateConflict,
          "the run in \(directory.root.path) was started \(known.lineageEnabled ? "with" : "without") lineage; keep it so, or use another --state."
        )
      }
      guard arm == nil || known.arm == arm else {
        throw SupervisorError(
          .stateConflict,
          "the run in \(directory.root.path) has \(known.arm.map { "the arm '\($0.name)'" } ?? "a specialist for each partition"); keep it so, or use another --state."
        )
      }
      return known
    }
    let stamp = Date().formatted(
      .iso8601.year().month().day().time(includingFractionalSeconds: false).dateSeparator(.omitted)
        .timeSeparator(.omitted))
    let description = RunDescription(
      runID: "\(task.name)-\(stamp.filter { $0.isNumber || $0 == "T" })-\(UInt16.random(in: 0 ... .max))",
      taskName: task.name,
      taskPath: folder?.path ?? "", taskDigest: task.digest, taskFrame: task.frame, seed: seed,
      lineageEnabled: lineageEnabled ?? true,
      specialists: arm?.members.map(\.specialist) ?? specialists, evaluator: evaluator, arm: arm,
      lineageService: lineageService)
    try description.save(to: directory)
    return description
  }

  private func drive(
    task: RunTask, own: ResearchTask?, description: RunDescription, directory: StateDirectory
  ) async throws -> RunEnd {
    var prepared: PreparedTask?
    if let own { prepared = try await TaskLoading.prepare(own, into: options.prepared, say: printer.say) }
    let fleet = try Fleet(
      directory: directory, description: description, task: task, prepared: prepared,
      preparedRoot: options.prepared, mounts: options.mounts,
      slots: options.slots ?? max(1, ProcessInfo.processInfo.activeProcessorCount),
      cores: options.cores, proposer: options.proposer,
      agents: try agents(options.agents, of: description.agents),
      lineageListen: options.lineageListen)
    printer.say(
      "\(task.name): \(task.metricName) in \(task.metricUnit), \(task.minimize ? "lower" : "higher") is better · "
        + "\(description.arm.map { "arm \($0.name): " } ?? "")specialists \(description.specialists.joined(separator: ", ")) · \(fleet.isDeployed ? "deployed services" : "\(fleet.slots) trials at a time") · state \(directory.root.path)"
    )
    return try await withThrowingTaskGroup(of: RunEnd?.self) { group in
      for process in try fleet.coreProcesses() {
        group.addTask {
          try await process.run(logger: logger)
          return nil
        }
      }
      if description.evaluator == nil, !fleet.isDeployed {
        group.addTask {
          try await UnmetNotice(directory: directory, say: printer.say).watch()
          return nil
        }
      }
      group.addTask {
        try await RunFollower(
          options: options, description: description, task: task, fleet: fleet, printer: printer,
          logger: logger
        ).follow()
      }
      defer { group.cancelAll() }
      while let next = try await group.next() {
        if let end = next { return end }
      }
      return .interrupted
    }
  }
}
