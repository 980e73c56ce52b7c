import AssayMessages
import AssayRPC
import AssayTask
import Foundation
import GRDB
import Logging

/// Bounds, stop rules and pauses. Everything that takes a database runs inside a transaction.
extension Evaluator {
  /// Who may submit in a run.
  func members(_ control: RunControl, _ owned: OwnedTask) -> [String] {
    control.arm?.members.map(\.specialist) ?? owned.task.partitions.map(\.name)
  }

  func rules(_ control: RunControl, _ owned: OwnedTask) -> StopRules {
    StopRules(control.bounds, minimize: owned.task.metric.direction == .minimize)
  }

  func progress(
    _ database: Database, _ run: RunRow, _ control: RunControl, _ owned: OwnedTask
  ) throws -> StopRules.Progress {
    let entries = try Ledger(database, run: run.id).entries()
    let charged = run.decided - min(run.decided, control.refunded)
    return StopRules.Progress(
      account: entries.values.reduce(Account()) { $0 + $1.account },
      everybodyIsExhausted: members(control, owned).allSatisfy { name in
        guard let entry = entries[name] else { return false }
        return entry.isExhausted || entry.account.isExhausted(control.bound(of: name))
      },
      beganAt: run.createdAt + control.pausedFor, improvedAt: control.improvedAt,
      trialsSinceImprovement: charged - min(charged, control.improvedAfter),
      kept: run.incumbent == 0 ? nil : run.incumbentScore, isPaused: control.pausedAt != nil)
  }

  /// Lets a run take no more submissions when one of its rules says so; those in flight end.
  func applyStopRules(
    _ database: Database, _ run: inout RunRow, _ control: inout RunControl, _ owned: OwnedTask
  ) throws {
    guard run.phase == .accepting, !run.isClosing else { return }
    let rules = rules(control, owned)
    let progress = try progress(database, run, control, owned)
    guard let reason = rules.reason(progress, now: configuration.clock.now()) else { return }
    control.stop = reason
    try control.save(database)
    run.phase = .draining
    run.isClosing = true
    logger.info("run \(run.id) takes no more trials: \(rules.words(reason))")
  }

  // MARK: Trials

  /// Refuses a submission that a pause or a bound forbids.
  func admit(_ database: Database, _ run: RunRow, _ control: RunControl, _ specialist: String) throws {
    guard control.pausedAt == nil, !control.pausedSpecialists.contains(specialist) else {
      throw RPCError(
        .failedPrecondition, reason: "PAUSED",
        "\(control.pausedAt != nil ? "run '\(run.id)'" : "specialist '\(specialist.prefix(64))'") is paused; wait for the run's state to change, then submit again"
      )
    }
    let ledger = Ledger(database, run: run.id)
    let own = try ledger.entry(of: specialist).account
    var whole = Amount(control.bounds?.run)
    whole.trials = 0
    // Each submission comes by here: what nothing is compared with is not summed over all specialists.
    let total = whole == Amount() ? Account() : try ledger.total()
    let bound = control.bound(of: specialist)
    guard
      let refusal = Refusal.worse(
        total.refusal(ofTrialWithin: whole), own.refusal(ofTrialWithin: bound))
    else { return }
    throw Self.refused(refusal, left: "run: \(total.left(of: whole)); specialist: \(own.left(of: bound))")
  }

  static func refused(_ refusal: Refusal, left: String) -> RPCError {
    switch refusal {
    case .spent:
      RPCError(
        .resourceExhausted, reason: "BUDGET_SPENT",
        "the budget does not allow it. Left are, \(left). An operator may open the run again with higher bounds.",
        metadata: ["left": left])
    case .reserved:
      RPCError(
        .resourceExhausted, reason: "BUDGET_RESERVED",
        "what is left of the budget is set aside for what is in flight; wait for the run's state to change, then try again",
        metadata: ["left": left])
    }
  }

  /// Sets aside what a trial may use at most: a probe, all its seeds, and a confirmation, up to their caps.
  func reserve(
    _ database: Database, _ run: RunRow, trial: UInt32, by specialist: String, _ owned: OwnedTask
  ) throws {
    let file = owned.task.file
    let groups =
      try machine(database, MeasurementID(run: run.id, trial: 0, purpose: .trial))?.groups.count ?? 1
    func cap(_ phase: TaskFile.Phase) -> Double {
      phase.limits.cpuSeconds > 0
        ? phase.limits.cpuSeconds : phase.limits.wallSeconds * Double(max(1, file.environment.cores))
    }
    let seeds = Double(max(1, file.seeds.perTrial) + 2 * file.seeds.confirm)
    let probe = file.probe.map { cap($0.train) + ($0.predicts ? 2 * cap(file.predict) : 0) } ?? 0
    let seconds = seeds * (cap(file.train) + Double(max(1, groups)) * cap(file.predict)) + probe
    let walls = file.train.limits.wallSeconds + Double(max(1, groups)) * file.predict.limits.wallSeconds
    func milliseconds(_ seconds: Double) -> UInt64 { UInt64(min(max(0, seconds * 1000), 1e15)) }
    try Ledger(database, run: run.id).reserve(
      trial: trial, by: specialist,
      Amount(
        trials: 1, cpuMilliseconds: milliseconds(seconds),
        gpuMilliseconds: milliseconds(seeds * walls * Double(Self.gpus(owned)))))
  }

  /// How many GPUs each job holds: what the task asks for, or as many as the label `gpus` says where it asks for a runner with a `gpu`, else
  /// one.
  static func gpus(_ owned: OwnedTask) -> Int {
    if let needed = owned.task.file.environment.gpus { return needed.count }
    let labels = owned.task.file.environment.labels
    guard labels["gpu"] != nil || labels["gpus"] != nil else { return 0 }
    return max(0, min(1024, labels["gpus"].flatMap(Int.init) ?? 1))
  }

  /// Accounts for a verdict, and asks the stop rules.
  func account(
    _ database: Database, _ run: inout RunRow, _ verdict: LineageV1.Verdict, _ owned: OwnedTask
  ) throws {
    var control = try RunControl.fetch(database, run.id)
    let now = configuration.clock.now()
    if verdict.trial == 0 {
      control.improvedAt = now
    } else {
      let ours = verdict.label == .harnessAbort
      let cpu = verdict.usage.reduce(UInt64(0)) { $0 &+ $1.cpuNs / 1_000_000 }
      let wall = verdict.usage.reduce(UInt64(0)) { $0 &+ $1.wallNs / 1_000_000 }
      try Ledger(database, run: run.id).close(
        trial: verdict.trial,
        ours
          ? nil
          : Amount(
            trials: 1, cpuMilliseconds: cpu, gpuMilliseconds: wall &* UInt64(Self.gpus(owned))))
      if ours {
        control.refunded += 1
        control.aborts += 1
        if control.aborts == RunControl.abortsThatPause, control.pausedAt == nil {
          control.pause("", at: now)
          run.reason =
            "paused: \(control.aborts) trials in a row ended by failures of the harness. Look at the runners' logs, then resume the run."
          logger.error("run \(run.id) is \(run.reason)")
        }
      } else {
        control.aborts = 0
      }
      if verdict.label == .keep {
        control.improvedAt = now
        control.improvedAfter = run.decided - min(run.decided, control.refunded)
      }
    }
    try control.save(database)
    try applyStopRules(database, &run, &control, owned)
  }

  // MARK: The operator

  public func pauseRun(_ request: EvaluatorV1.PauseRunRequest, _ context: CallContext) async throws
    -> EvaluatorV1.PauseRunResponse
  {
    try await commit { database in
      var run = try RunRow.fetch(database, request.runId)
      let owned = try self.owned(run.taskName)
      var control = try RunControl.fetch(database, run.id)
      let known = self.members(control, owned) + (control.arm?.analysts ?? [])
      guard request.specialist.isEmpty || known.contains(request.specialist) else {
        throw RPCError(
          .invalidArgument, reason: "UNKNOWN_SPECIALIST",
          "run '\(run.id)' has no specialist '\(request.specialist.prefix(64))'; it has \(known.joined(separator: ", "))"
        )
      }
      let now = self.configuration.clock.now()
      if request.paused {
        control.pause(request.specialist, at: now)
      } else {
        control.resume(request.specialist, at: now)
        if request.specialist.isEmpty, run.reason.hasPrefix("paused:") { run.reason = "" }
      }
      try control.save(database)
      try self.applyStopRules(database, &run, &control, owned)
      try self.drain(database, &run, owned)
      try run.save(database)
    }
    announce()
    var response = EvaluatorV1.PauseRunResponse()
    response.state = try await state(request.runId)
    return response
  }

  /// Stops runs whose time is up, for as long as the evaluator runs.
  func watchStopRules() async throws {
    try await persistently("watching stop rules") {
      let seen = deadlines.generation
      let now = configuration.clock.now()
      let due = try await store.read { database in
        try self.accepting(database).compactMap { run -> Int64? in
          let owned = try self.owned(run.taskName)
          let control = try RunControl.fetch(database, run.id)
          guard control.bounds != nil else { return nil }
          return self.rules(control, owned).nextDue(
            try self.progress(database, run, control, owned))
        }.min()
      }
      guard let due else { return try await deadlines.wait(past: seen) }
      guard due <= now else {
        return try await race(
          { try await self.deadlines.wait(past: seen) },
          { try await self.configuration.clock.sleepUntil(due) })
      }
      try await store.write { database in
        for var run in try self.accepting(database) {
          let owned = try self.owned(run.taskName)
          var control = try RunControl.fetch(database, run.id)
          try self.applyStopRules(database, &run, &control, owned)
          guard run.phase != .accepting else { continue }
          try self.drain(database, &run, owned)
          try run.save(database)
        }
      }
      announce()
    }
  }

  private func accepting(_ database: Database) throws -> [RunRow] {
    try String.fetchAll(
      database, sql: "SELECT run_id FROM runs WHERE phase = ?",
      arguments: [Int64(EvaluatorV1.RunPhase.accepting.rawValue)]
    ).compactMap { try RunRow.find(database, $0) }
      // A task that this evaluator no longer owns is nobody's to stop.
      .filter { run in configuration.tasks.contains { $0.task.name == run.taskName } }
  }

  /// What a run's state says of all this.
  func describe(
    _ database: Database, _ run: RunRow, _ owned: OwnedTask, in state: inout EvaluatorV1.RunState
  ) throws {
    let control = try RunControl.fetch(database, run.id)
    let entries = try Ledger(database, run: run.id).entries()
    let total = entries.values.reduce(Account()) { $0 + $1.account }
    state.refunded = control.refunded
    state.bounds = control.bounds
    state.spent = total.settled.wire
    state.reserved = total.reserved.wire
    state.paused = control.pausedAt != nil
    let isFull = run.maxTrials > 0 && run.accepted - min(run.accepted, control.refunded) >= run.maxTrials
    state.stop =
      control.stop?.rawValue
      ?? (isFull ? "trials" : run.isClosing ? StopRules.Reason.operator.rawValue : "")
    state.arm = control.arm
    let rules = rules(control, owned)
    if rules.wall > 0 {
      // As whoever reads it counts: on the machine's clock, should that have been set.
      state.deadlineMs = rules.deadline(try progress(database, run, control, owned)) + clockOffset
    }
    let duplicates = try Row.fetchAll(
      database,
      sql:
        "SELECT specialist, COUNT(*) AS count FROM refused_duplicates WHERE run_id = ? GROUP BY specialist",
      arguments: [run.id]
    ).reduce(into: [String: Int64]()) { $0[$1["specialist"]] = $1["count"] }
    state.specialists = (members(control, owned) + (control.arm?.analysts ?? [])).map { name in
      let entry = entries[name] ?? Ledger.Entry()
      var wire = EvaluatorV1.SpecialistState()
      wire.specialist = name
      wire.paused = control.pausedSpecialists.contains(name)
      wire.exhausted = entry.isExhausted || entry.account.isExhausted(control.bound(of: name))
      wire.spent = entry.account.settled.wire
      wire.reserved = entry.account.reserved.wire
      wire.duplicatesRefused = UInt32(clamping: duplicates[name] ?? 0)
      return wire
    }
  }
}
