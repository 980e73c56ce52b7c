import AssayMessages
import AssayPatch
import AssayRPC
public import Logging

/// One specialist at work: looks, proposes, submits, waits for the verdict, and looks again.
///
/// It keeps nothing that matters: killed at any moment and started again, it goes on without a double
/// submission, because the key of a submission follows from how many the record already has.
public struct SpecialistAgent: Sendable {
  private let configuration: AgentConfiguration
  private let evaluator: any EvaluatorPort
  private let lineage: (any LineagePort)?
  private let proposer: any Proposer
  private let journal: (any SubmissionJournal)?
  private let logger: Logger
  private let pause: @Sendable (Duration) async throws -> Void

  /// - Parameters:
  ///   - lineage: nil in a run without lineage.
  ///   - journal: for proposers that do not make the same proposal again when asked again.
  ///   - pause: waits between attempts; throws when the agent is to stop.
  public init(
    configuration: AgentConfiguration, evaluator: any EvaluatorPort, lineage: (any LineagePort)?,
    proposer: any Proposer, journal: (any SubmissionJournal)? = nil, logger: Logger,
    pause: @escaping @Sendable (Duration) async throws -> Void = { try await Task.sleep(for: $0) }
  ) {
    self.configuration = configuration
    self.evaluator = evaluator
    self.lineage = lineage
    self.proposer = proposer
    self.journal = journal
    self.logger = logger
    self.pause = pause
  }

  /// Works until the run ends or the task is cancelled. Throws when going on makes no sense.
  public func run() async throws {
    let task = try await patiently("read the task") { () throws(RPCError) in
      try await evaluator.describeTask(
        .with { $0.runId = configuration.run }, CallOptions(timeout: .seconds(20)))
    }
    guard let description = task.task else {
      throw AgentError(.badState, "the evaluator described no task; check which task it was started with")
    }
    var state = try await stateAfter(nil)
    var mirror = lineage.map { LineageMirror(run: configuration.run, port: $0) }
    var proposed: [RecipeTree] = []
    var iteration = 0
    var attemptPause = configuration.firstAttemptPause
    var pending = journal?.pending()
    while true {
      guard state.isOpen else { return logger.info("the run is over for \(configuration.specialist)") }
      guard state.admits(configuration.specialist) else {
        state = try await stateAfter(state.version)
        continue
      }
      let knowledge = try TaskKnowledge(description, specialist: configuration.specialist, state: state)
      if mirror != nil {
        try await refresh(&mirror)
        if configuration.instance == nil,
          let trial = mirror?.inFlight(of: configuration.specialist).first
        {
          // Submitted before this process was started.
          guard try await verdict(of: trial, state: state) != nil else { return }
          try await settle(&mirror, trial)
          state = try await stateAfter(nil)
          continue
        }
        iteration = max(iteration, mirror?.count(of: configuration.specialist) ?? 0)
        state = try await stateAfter(nil)
        try await catchUp(&mirror, with: Int(state.incumbent))
      } else if let pending {
        iteration = max(iteration, pending.iteration)
      }
      let research = ResearchState(
        task: knowledge, specialist: configuration.specialist, iteration: iteration,
        lineage: mirror?.knowledge(
          incumbent: Int(state.incumbent), baseline: baseline(knowledge, state)), proposed: proposed)
      let proposal: RecipeProposal
      // What an earlier process was about to submit, or did, is said again: its key makes that harmless.
      let again = pending.flatMap { $0.iteration == iteration ? $0 : nil }
      pending = nil
      do {
        proposal = if let said = again?.proposal { said } else { try await proposer.propose(research) }
      } catch {
        switch error.code {
        case .exhausted, .readerLimit:
          logger.notice("\(error.message); waiting for others' results")
          state = try await stateAfter(state.version)
        case .noProposal:
          logger.notice("\(error.message); trying again in \(attemptPause)")
          try await pause(attemptPause)
          attemptPause = min(attemptPause * 2, configuration.longestAttemptPause)
          state = try await stateAfter(nil)
        case .cancelled: throw CancellationError()
        case .budgetExhausted:
          return logger.notice("\(configuration.specialist) ends: \(error.message)")
        default: throw error
        }
        continue
      }
      attemptPause = configuration.firstAttemptPause
      let submission = try await TraceContext.$current.withValue(.root()) {
        try await submit(proposal, edit: again.map { [UInt8]($0.edit) }, research)
      }
      journal?.clear()
      switch submission {
      case .accepted(let number):
        iteration += 1
        proposed.append(proposal.recipe)
        logger.info("trial \(number): \(proposal.motive): \(proposal.hypothesis.prefix(200))")
        guard let answer = try await verdict(of: number, state: state) else { return }
        mirror?.learn(
          TrialKnowledge(
            number: number, specialist: configuration.specialist, parent: proposal.parent,
            hypothesis: proposal.hypothesis, motive: proposal.motive, recipe: proposal.recipe,
            verdict: answer.verdict, log: answer.logExcerpt))
      case .refused:
        proposed.append(proposal.recipe)
      case .keyTaken:
        // An earlier process submitted under this key and the record does not show it yet, or this run has no
        // record: then the next key is the way on.
        if mirror == nil {
          proposed.append(proposal.recipe)
          iteration += 1
        } else {
          try await awaitRecord(&mirror, beyond: iteration)
        }
      case .closed:
        // The state tells why; when it changes, the answer may.
        state = try await stateAfter(state.version)
        continue
      }
      state = try await stateAfter(nil)
    }
  }

  private func baseline(_ task: TaskKnowledge, _ state: EvaluatorV1.RunState) -> TrialKnowledge {
    TrialKnowledge(
      number: 0, specialist: "", parent: 0, outcome: .baseline, score: Double(state.baselineScore),
      recipe: task.baseline)
  }

  // The services

  private func refresh(_ mirror: inout LineageMirror?) async throws {
    var wait = configuration.firstPause
    while var copy = mirror {
      do {
        try await copy.refresh()
        mirror = copy
        return
      } catch {
        try await patience(error, "read the lineage", &wait)
      }
    }
  }

  /// Gives the lineage a moment to show the incumbent that the evaluator names.
  private func catchUp(_ mirror: inout LineageMirror?, with incumbent: Int) async throws {
    var wait = configuration.firstPause
    for _ in 0..<5 where incumbent != 0 && mirror?.trials[incumbent]?.recipe == nil {
      try await pause(wait)
      wait = min(wait * 2, configuration.longestPause)
      try await refresh(&mirror)
    }
  }

  /// Reads the lineage until it shows more of the specialist's trials than so many.
  private func awaitRecord(_ mirror: inout LineageMirror?, beyond count: Int) async throws {
    var wait = configuration.firstPause
    while true {
      try await pause(wait)
      try await refresh(&mirror)
      if (mirror?.count(of: configuration.specialist) ?? .max) > count { return }
      wait = min(wait * 2, configuration.longestPause)
    }
  }

  /// Reads the lineage until it shows the verdict of a trial.
  private func settle(_ mirror: inout LineageMirror?, _ trial: Int) async throws {
    var wait = configuration.firstPause
    while true {
      try await refresh(&mirror)
      if mirror?.trials[trial]?.outcome != nil || mirror == nil { return }
      try await pause(wait)
      wait = min(wait * 2, configuration.longestPause)
    }
  }

  /// The run's state: at once, or when it is newer than a version.
  private func stateAfter(_ version: UInt64?) async throws -> EvaluatorV1.RunState {
    let request = EvaluatorV1.GetRunStateRequest.with {
      $0.runId = configuration.run
      $0.afterVersion = version ?? 0
      $0.waitMs = version == nil ? 0 : 20_000
    }
    let answer = try await patiently("read the run's state") { () throws(RPCError) in
      try await evaluator.getRunState(request, CallOptions(timeout: .seconds(30)))
    }
    return answer.state ?? EvaluatorV1.RunState()
  }

  enum Submission: Sendable {
    case accepted(Int)
    /// The evaluator does not want this proposal.
    case refused
    /// The key was used for another proposal.
    case keyTaken
    /// The run takes no more.
    case closed
  }

  private func submit(
    _ proposal: RecipeProposal, edit: [UInt8]?, _ research: ResearchState
  ) async throws -> Submission {
    let parent =
      proposal.parent == 0
      ? research.task.baseline : research.lineage?.trials.first { $0.number == proposal.parent }?.recipe
    guard
      let edit = edit ?? parent.flatMap({ try? UnifiedDiff.make(from: $0, to: proposal.recipe).bytes })
    else { return .refused }
    let request = EvaluatorV1.SubmitTrialRequest.with {
      $0.runId = configuration.run
      $0.proposal = AgentV1.Proposal.with {
        $0.specialist = configuration.specialist
        $0.parent = UInt32(clamping: proposal.parent)
        $0.hypothesis = proposal.hypothesis
        $0.expectedDelta = "\(significant(proposal.expectedDelta))"
        $0.edit = edit
        $0.notes = proposal.notes
        $0.motive = proposal.motive
      }
    }
    let key = configuration.submissionKey(iteration: research.iteration)
    try journal?.record(PendingSubmission(key: key, iteration: research.iteration, proposal, edit: edit))
    var wait = configuration.firstPause
    while true {
      do {
        let answer = try await evaluator.submitTrial(
          request, CallOptions(timeout: .seconds(20), idempotencyKey: key))
        return .accepted(Int(answer.trial))
      } catch {
        if error.reason == "IDEMPOTENCY_KEY_REUSED" { return .keyTaken }
        if error.reason == "PARENT_REVOKED" { return .refused }
        if error.reason == "BUDGET_SPENT" || error.reason == "BUDGET_RESERVED" { return .closed }
        switch error.code {
        case .failedPrecondition, .notFound, .outOfRange:
          logger.info("not accepted: \(error.message)")
          // A parent that is not known, or a run that closes: the state tells which.
          return error.code == .failedPrecondition ? .closed : .refused
        case .invalidArgument, .alreadyExists:
          logger.warning("the evaluator refused a proposal: \(error.message)")
          return .refused
        default: try await patience(error, "submit", &wait)
        }
      }
    }
  }

  /// The verdict of a trial; nil when the run ended without one.
  private func verdict(of trial: Int, state: EvaluatorV1.RunState) async throws -> EvaluatorV1
    .WaitVerdictResponse?
  {
    let request = EvaluatorV1.WaitVerdictRequest.with {
      $0.runId = configuration.run
      $0.trial = UInt32(clamping: trial)
      $0.waitMs = 20_000
    }
    while true {
      let answer = try await patiently("wait for the verdict of trial \(trial)") { () throws(RPCError) in
        try await evaluator.waitVerdict(request, CallOptions(timeout: .seconds(30)))
      }
      if answer.decided { return answer }
      let now = try await stateAfter(nil)
      if now.phase == .finished || now.phase == .failed { return nil }
    }
  }

  /// Calls until it works: a service that restarts is waited for.
  private func patiently<Answer: Sendable>(
    _ what: String, _ call: () async throws(RPCError) -> Answer
  ) async throws -> Answer {
    var wait = configuration.firstPause
    while true {
      do {
        return try await call()
      } catch {
        try await patience(error, what, &wait)
      }
    }
  }

  private func patience(_ error: RPCError, _ what: String, _ wait: inout Duration) async throws {
    try Task.checkCancellation()
    switch error.code {
    case .permissionDenied, .unimplemented, .invalidArgument:
      throw AgentError(.refused, "could not \(what): \(error.message)", cause: error)
    default: break
    }
    logger.debug("could not \(what) (\(error)); trying again in \(wait)")
    try await pause(wait)
    wait = min(wait * 2, configuration.longestPause)
  }
}

extension EvaluatorV1.RunState {
  /// Whether the run may still take submissions.
  var isOpen: Bool { phase == .accepting || phase == .measuringBaseline || phase == .unspecified }

  /// Whether a specialist may submit now, as far as the state tells.
  func admits(_ specialist: String) -> Bool {
    guard phase == .accepting, !paused,
      maxTrials == 0 || accepted - min(accepted, refunded) < maxTrials
    else { return false }
    let own = specialists.first { $0.specialist == specialist }
    return own.map { !$0.paused && !$0.exhausted } ?? true
  }
}
