import AssayMessages
import AssayRPC
import AssayServices
import AssayTask
import Foundation
import Logging

/// Opens the run at the evaluator, starts agents when it accepts, prints verdicts, and closes it at its limits.
struct RunFollower: Sendable {
  let options: RunOptions
  let description: RunDescription
  let task: RunTask
  let fleet: Fleet
  let printer: RunPrinter
  let logger: Logger

  func follow() async throws -> RunEnd {
    try await fleet.withOperatorClients { evaluator, lineage in
      let started = ContinuousClock.now
      let state: EvaluatorV1.RunState
      do {
        state = try await Self.open(
          description, maxTrials: options.trials, bounds: options.budget.wire, evaluator: evaluator,
          printer: printer)
      } catch let failure as SupervisorError {
        // Why the baseline failed is in its verdict, for whoever asks when the services are down: policy and verdict.
        if failure.code == .negative, description.evaluator == nil {
          let reader = RunReader(lineage: lineage, description: description, running: true)
          try await reader.settle(statements: 2)
        }
        throw failure
      }
      if state.phase == .finished { return try await finished(state, lineage: lineage) }
      // An evaluator that keeps deadlines itself says when; for another one this process does.
      let deadline = state.bounds == nil ? options.budget.maxTime.map { started.advanced(by: $0) } : nil
      printer.say(
        "baseline \(state.baselineScore) \(task.metricUnit), noise sd \(state.noiseSd); a keep must gain more than \(state.keepMargin)"
      )
      return try await withThrowingTaskGroup(of: RunEnd?.self) { group in
        for (index, agent) in try fleet.agentProcesses().enumerated() {
          group.addTask {
            // Not all at once: what the first ones propose, the others then know of.
            try await Task.sleep(for: Self.stagger * index)
            try await agent.run(logger: logger)
            return nil
          }
        }
        group.addTask { try await watch(evaluator: evaluator, lineage: lineage, deadline: deadline) }
        defer { group.cancelAll() }
        while let next = try await group.next() {
          if let end = next { return end }
        }
        return .interrupted
      }
    }
  }

  static let stagger = Duration.milliseconds(150)
  /// A service that is started again and again, or is somebody else's, may be away for minutes; one that does not stay up ends the run by
  /// its supervisor.
  private static let patience = CallOptions(timeout: .seconds(300), waitForReady: true)

  /// Opens the run and waits until its baseline is measured.
  ///
  /// - Parameter maxTrials: 0 for no bound of this opening.
  @discardableResult
  static func open(
    _ description: RunDescription, maxTrials: UInt32, bounds: EvaluatorV1.RunBounds? = nil,
    evaluator: EvaluatorServiceClient, printer: RunPrinter
  ) async throws -> EvaluatorV1.RunState {
    var open = EvaluatorV1.OpenRunRequest()
    open.runId = description.runID
    open.taskName = description.taskName
    open.seed = description.seed
    open.maxTrials = maxTrials
    open.lineageEnabled = description.lineageEnabled
    open.bounds = bounds
    open.arm = description.arm?.wire
    var state =
      try await evaluator.openRun(open, CallOptions(timeout: .seconds(60), waitForReady: true)).state
      ?? .init()
    if state.phase == .measuringBaseline {
      printer.say("measuring the baseline")
    }
    while true {
      switch state.phase {
      case .failed:
        throw SupervisorError(
          .negative,
          "\(state.reason) `assay show 0` shows what it printed.")
      case .unspecified, .measuringBaseline:
        printer.progress(
          "measuring the baseline: \(state.queuedJobs) jobs waiting, \(state.leasedJobs) running")
        state = try await next(of: description, evaluator, after: state.version)
      default:
        return state
      }
    }
  }

  private static func next(
    of description: RunDescription, _ evaluator: EvaluatorServiceClient, after version: UInt64
  ) async throws -> EvaluatorV1.RunState {
    var request = EvaluatorV1.GetRunStateRequest()
    request.runId = description.runID
    request.afterVersion = version
    request.waitMs = 5000
    return try await evaluator.getRunState(request, Self.patience)
      .state ?? .init()
  }

  /// Prints each verdict as the lineage records it, and closes the run at its limits.
  private func watch(
    evaluator: EvaluatorServiceClient, lineage: LineageServiceClient, deadline: ContinuousClock.Instant?
  ) async throws -> RunEnd {
    let started = ContinuousClock.now
    var shown: UInt64 = 0
    var state = EvaluatorV1.RunState()
    var closing = false
    var announced = ""
    while true {
      state = try await Self.next(of: description, evaluator, after: state.version)
      let deadline = state.deadlineMs > 0 ? Self.instant(state.deadlineMs) : deadline
      shown = try await printVerdicts(lineage, after: shown, state: state, deadline: deadline)
      let word = Self.announcement(state)
      if word != announced, !word.isEmpty { printer.say(word) }
      announced = word
      let charged = state.decided - min(state.decided, state.refunded)
      let used = state.maxTrials > 0 && charged >= state.maxTrials
      let late = state.deadlineMs == 0 && (deadline.map { ContinuousClock.now >= $0 } ?? false)
      if state.phase == .accepting, !closing, used || late {
        closing = true
        printer.say(
          used ? "all \(state.maxTrials) trials are decided" : "time is up: trials in flight are finished")
        var request = EvaluatorV1.CloseRunRequest()
        request.runId = description.runID
        _ = try await evaluator.closeRun(request, Self.patience)
      }
      switch state.phase {
      case .finished:
        shown = try await printVerdicts(lineage, after: shown, state: state, deadline: nil)
        return try await finished(state, lineage: lineage)
      case .failed:
        throw SupervisorError(.negative, "the run failed: \(state.reason)")
      case .rescoring:
        printer.progress(
          "training best and baseline again on fresh seeds: \(state.queuedJobs + state.leasedJobs) jobs left")
      default:
        let left = deadline.map { DurationText.format(ContinuousClock.now.duration(to: $0)) }
        printer.progress(
          "\(state.paused ? "paused · " : "")\(charged)/\(state.maxTrials) trials · \(state.accepted - min(state.accepted, state.decided)) in flight · best \(state.incumbentScore) "
            + "(baseline \(state.baselineScore)) · \(DurationText.format(started.duration(to: .now))) elapsed\(left.map { " · \($0) left" } ?? "")"
        )
      }
    }
  }

  /// A time of the evaluator's clock on this process's.
  private static func instant(_ milliseconds: Int64) -> ContinuousClock.Instant {
    let left = Double(milliseconds) / 1000 - Date().timeIntervalSince1970
    return ContinuousClock.now.advanced(by: .seconds(left))
  }

  /// What has changed in who may submit; empty when nothing is out of the ordinary.
  private static func announcement(_ state: EvaluatorV1.RunState) -> String {
    if state.paused {
      return state.reason.isEmpty ? "paused: `assay resume` goes on" : state.reason
    }
    let resting = state.specialists.filter(\.paused).map(\.specialist)
    switch state.stop {
    case "deadline": return "time is up: trials in flight are finished"
    case "budget": return "the budget is spent: trials in flight are finished"
    case "patience":
      return "nothing better was found for as long as it was to look: trials in flight are finished"
    case "target": return "the target is reached: trials in flight are finished"
    default: return resting.isEmpty ? "" : "paused: \(resting.joined(separator: ", "))"
    }
  }

  private func printVerdicts(
    _ lineage: LineageServiceClient, after sequence: UInt64, state: EvaluatorV1.RunState,
    deadline: ContinuousClock.Instant?
  ) async throws -> UInt64 {
    var sequence = sequence
    while true {
      var request = LineageV1.FollowEventsRequest()
      request.runId = description.runID
      let page = try await lineage.followEvents(
        request, StreamCursor(after: sequence), Self.patience)
      for event in page.elements.compactMap(\.message.event)
      where event.kind == .verdictRecorded || event.kind == .trialRevoked {
        var wanted = LineageV1.GetTrialRequest()
        wanted.runId = description.runID
        wanted.trial = event.trial
        guard
          let record = try await lineage.getTrial(
            wanted, Self.patience
          ).record
        else { continue }
        guard event.kind == .verdictRecorded else {
          printer.say(
            "trial \(event.trial) is revoked: \(TerminalText.oneLine(record.revocation?.reason ?? "", limit: 1000))"
          )
          continue
        }
        try printer.verdict(
          TrialRow(record), best: state.incumbentScore,
          timeLeft: deadline.map { ContinuousClock.now.duration(to: $0) })
      }
      guard let last = page.elements.last else { return sequence }
      sequence = last.sequence
    }
  }

  /// Gives our own evaluator a moment to vouch for the whole record before it is stopped; it would do so when it runs again.
  private func settle(_ reader: RunReader) async throws {
    guard description.evaluator == nil else { return }
    for _ in 0..<100 {
      if (try? await reader.isSettled()) == true { return }
      try await Task.sleep(for: .milliseconds(20))
    }
  }

  private func finished(_ state: EvaluatorV1.RunState, lineage: LineageServiceClient) async throws -> RunEnd {
    printer.progress("")
    let reader = RunReader(lineage: lineage, description: description, running: true)
    try await settle(reader)
    let best = try await reader.best(final: state.finalReport)
    let status = try await reader.status()
    try printer.fact(status)
    // Not a row of its own among those of the trials.
    try printer.fact(["best": best])
    printer.say(
      "finished: "
        + status.labels.sorted { $0.key < $1.key }.map { "\($0.value) \($0.key)" }.joined(separator: ", "))
    printer.say(best.text)
    return .finished
  }
}
