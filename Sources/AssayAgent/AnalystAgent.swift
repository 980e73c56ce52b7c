import AssayMessages
import AssayPatch
public import AssayRPC
public import AssayServices
public import Logging

/// Where insights are written.
public protocol InsightPort: Sendable {
  func appendInsight(
    _ request: LineageV1.AppendInsightRequest, _ options: CallOptions
  ) async throws(RPCError) -> LineageV1.AppendInsightResponse
}

extension LineageServiceClient: InsightPort {}

/// An analyst at work: reads the record, and after every so many trials writes what they amount to. It submits nothing.
///
/// The built-in one keeps nothing: started again it writes the same insights, which the record has once. Sessions with a model
/// know what earlier ones have looked at.
public struct AnalystAgent: Sendable {
  private let configuration: AgentConfiguration
  private let evaluator: any EvaluatorPort
  private let lineage: any LineagePort & InsightPort
  private let analyst: any Analyst
  private let sessions: (any AnalystSessions)?
  private let every: Int
  private let logger: Logger
  private let pause: @Sendable (Duration) async throws -> Void

  /// - Parameters:
  ///   - sessions: look at the record in place of `analyst`; nil for none.
  ///   - every: trials between two looks.
  ///   - pause: waits between attempts; throws when the agent is to stop.
  public init(
    configuration: AgentConfiguration, evaluator: any EvaluatorPort, lineage: any LineagePort & InsightPort,
    analyst: any Analyst = SummarisingAnalyst(), sessions: (any AnalystSessions)? = nil, every: Int = 10,
    logger: Logger,
    pause: @escaping @Sendable (Duration) async throws -> Void = { try await Task.sleep(for: $0) }
  ) {
    self.configuration = configuration
    self.evaluator = evaluator
    self.lineage = lineage
    self.analyst = analyst
    self.sessions = sessions
    self.every = max(1, every)
    self.logger = logger
    self.pause = pause
  }

  /// Works until the run ends or the task is cancelled.
  public func run() async throws {
    let task = try await patiently { () throws(RPCError) in
      try await evaluator.describeTask(
        .with { $0.runId = configuration.run }, CallOptions(timeout: .seconds(20))
      ).task
    }
    var mirror = LineageMirror(run: configuration.run, port: lineage)
    var state = try await stateAfter(0)
    var written = sessions?.covered(in: configuration.run, by: configuration.specialist) ?? 0
    var attemptPause = configuration.firstAttemptPause
    while state.isOpen || state.phase == .draining {
      if !state.paused,
        state.specialists.first(where: { $0.specialist == configuration.specialist })?.paused != true
      {
        mirror = try await patiently { () throws(RPCError) in
          var copy = mirror
          try await copy.refresh()
          return copy
        }
        let trials = mirror.trials.values.sorted { $0.number < $1.number }
        // By number, so that what is written does not depend on which trial ended first.
        let decided = trials.prefix { $0.outcome != nil }
        if let sessions {
          // What came while a session was held, or while none could be, is one look.
          let verdicts = decided.count { $0.number != 0 }
          if state.isOpen, verdicts >= written + every {
            do {
              try await sessions.analyse(try research(task, state, mirror, verdicts: verdicts), write: append)
              written = verdicts
              attemptPause = configuration.firstAttemptPause
            } catch {
              guard try await goesOn(after: error, &attemptPause) else { return }
              state = try await stateAfter(0)
              continue
            }
          }
        } else {
          while decided.count > written + every {
            written += every
            try await write(Array(decided.prefix(written + 1)), metric: metric(task, state))
          }
        }
      }
      state = try await stateAfter(state.version)
    }
  }

  private func metric(
    _ task: EvaluatorV1.TaskDescription?, _ state: EvaluatorV1.RunState
  ) -> TaskKnowledge.Metric {
    TaskKnowledge.Metric(
      name: task?.metric?.name ?? "score", unit: task?.metric?.unit ?? "",
      lowerIsBetter: task?.metric?.direction != .maximize,
      smallestEffect: Double(task?.metric?.smallestEffect ?? "") ?? 0, noise: Double(state.noiseSd) ?? 0,
      keepMargin: Double(state.keepMargin) ?? 0)
  }

  /// What a session is shown.
  private func research(
    _ task: EvaluatorV1.TaskDescription?, _ state: EvaluatorV1.RunState, _ mirror: LineageMirror,
    verdicts: Int
  ) throws -> ResearchState {
    guard let task else {
      throw AgentError(.badState, "the evaluator described no task; check which task it was started with")
    }
    let knowledge = try TaskKnowledge(task, scope: EditScope(files: [:]), state: state)
    let baseline = TrialKnowledge(
      number: 0, specialist: "", parent: 0, outcome: .baseline, score: Double(state.baselineScore),
      recipe: knowledge.baseline)
    return ResearchState(
      task: knowledge, specialist: configuration.specialist, iteration: verdicts,
      lineage: mirror.knowledge(incumbent: Int(state.incumbent), baseline: baseline))
  }

  /// Whether another session is worth holding after one that failed; waits before it is.
  private func goesOn(after error: any Error, _ wait: inout Duration) async throws -> Bool {
    guard let failure = error as? AgentError else { throw error }
    switch failure.code {
    case .noProposal:
      logger.notice("\(failure.message); looking again in \(wait)")
      try await pause(wait)
      wait = min(wait * 2, configuration.longestAttemptPause)
      return true
    case .budgetExhausted:
      logger.notice("\(configuration.specialist) ends: \(failure.message)")
      return false
    case .cancelled: throw CancellationError()
    default: throw failure
    }
  }

  private func write(_ trials: [TrialKnowledge], metric: TaskKnowledge.Metric) async throws {
    for lesson in try await analyst.insights(trials, metric: metric) { try await append(lesson) }
  }

  /// Writes an insight; the record has it when this returns.
  private func append(_ lesson: Lesson) async throws {
    let bounded = lesson.bounded
    let request = LineageV1.AppendInsightRequest.with {
      $0.runId = configuration.run
      $0.insight = AgentV1.Insight.with {
        $0.specialist = configuration.specialist
        $0.text = bounded.text
        $0.trials = bounded.trials.map(UInt32.init(clamping:))
      }
    }
    _ = try await patiently { () throws(RPCError) in
      try await lineage.appendInsight(request, CallOptions(timeout: .seconds(20)))
    }
    logger.info("insight: \(bounded.text)")
  }

  private func stateAfter(_ version: UInt64) async throws -> EvaluatorV1.RunState {
    let request = EvaluatorV1.GetRunStateRequest.with {
      $0.runId = configuration.run
      $0.afterVersion = version
      $0.waitMs = version == 0 ? 0 : 20_000
    }
    return try await patiently { () throws(RPCError) in
      try await evaluator.getRunState(request, CallOptions(timeout: .seconds(30))).state ?? .init()
    }
  }

  /// Calls until it works: a service that restarts is waited for.
  private func patiently<Answer: Sendable>(
    _ call: () async throws(RPCError) -> Answer
  ) async throws -> Answer {
    var wait = configuration.firstPause
    while true {
      do {
        return try await call()
      } catch {
        switch error.code {
        case .permissionDenied, .unimplemented, .invalidArgument:
          throw AgentError(.refused, "an analyst could not go on: \(error.message)", cause: error)
        default: break
        }
      }
      try Task.checkCancellation()
      try await pause(wait)
      wait = min(wait * 2, configuration.longestPause)
    }
  }
}
