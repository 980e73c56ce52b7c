import AssayMessages
import AssayPatch
import AssayRPC
import AssayStatistics
import AssayTask
import AssayVerdict
import Foundation
import GRDB
import Logging

/// What events do to the record. Everything here runs inside a transaction.
extension Evaluator {
  func machine(_ database: Database, _ id: MeasurementID) throws -> TrialStateMachine? {
    guard
      let data = try Data.fetchOne(
        database, sql: "SELECT machine FROM measurements WHERE run_id = ? AND trial = ? AND purpose = ?",
        arguments: [id.run, id.trial, id.purpose.rawValue])
    else { return nil }
    return try JSONDecoder().decode(TrialStateMachine.self, from: data)
  }

  /// Begins a measurement.
  func begin(_ database: Database, _ id: MeasurementID, _ machine: TrialStateMachine) throws {
    try database.execute(
      sql: "INSERT INTO measurements (run_id, trial, purpose, machine, work) VALUES (?, ?, ?, ?, ?)",
      arguments: [
        id.run, id.trial, id.purpose.rawValue, try JSONEncoder().encode(machine),
        machine.pendingWork == nil ? nil : "due",
      ])
    try perform(database, id, machine, machine.opening)
  }

  /// Applies an event and does what follows from it.
  func advance(_ database: Database, _ id: MeasurementID, _ event: TrialStateMachine.Event) throws {
    if id.purpose == .smoke { return try endSmokeRun(database, id, event) }
    guard var machine = try machine(database, id) else { return }
    let before = machine
    let actions = machine.apply(event)
    guard machine != before || !actions.isEmpty else { return }
    try database.execute(
      sql: "UPDATE measurements SET machine = ?, work = ? WHERE run_id = ? AND trial = ? AND purpose = ?",
      arguments: [
        try JSONEncoder().encode(machine), machine.pendingWork == nil ? nil : "due", id.run, id.trial,
        id.purpose.rawValue,
      ])
    try database.execute(sql: "UPDATE runs SET version = version + 1 WHERE run_id = ?", arguments: [id.run])
    try perform(database, id, machine, actions)
  }

  private func perform(
    _ database: Database, _ id: MeasurementID, _ machine: TrialStateMachine,
    _ actions: [TrialStateMachine.Action]
  ) throws {
    for action in actions {
      switch action {
      case .work: continue  // stored with the machine; the scoring loop takes it up
      case .cancelJobs: try queue.cancel(database, id)
      case .weigh: try weigh(database, id, machine)
      case .enqueue(let key): try enqueue(database, id, machine, key)
      case .decide(let decision): try decide(database, id, machine, decision)
      }
    }
  }

  private func enqueue(
    _ database: Database, _ id: MeasurementID, _ machine: TrialStateMachine, _ key: TrialStateMachine.JobKey
  ) throws {
    let run = try RunRow.fetch(database, id.run)
    let number =
      id.purpose == .confirm && Confirmation.side(of: key.seed) == .incumbent ? run.incumbent : id.trial
    guard let trial = try TrialRow.find(database, run: id.run, trial: number),
      let recipe = try TrialRow.snapshot(database, run: id.run, trial.record.snapshotId)
    else {
      throw EvaluatorError(
        .damagedState, "trial \(number) of run \(id.run) has no recipe in the state folder")
    }
    var specification = JobSpecification(owned: try owned(run.taskName), measurement: id, recipe: recipe)
    if case .probePredict = key {
      let baseline = try self.machine(database, MeasurementID(run: id.run, trial: 0, purpose: .trial))
      specification.knownInputs = baseline?.groups.first
    }
    try queue.insert(
      database, id: JobSpecification.id(id, key, attempt: machine.attempt), measurement: id,
      specialist: id.purpose == .trial ? trial.specialist : "", key: key,
      spec: specification.job(key, machine), needs: specification.needs(key))
  }

  // MARK: Decisions

  private func decide(
    _ database: Database, _ id: MeasurementID, _ machine: TrialStateMachine,
    _ decision: TrialStateMachine.Decision
  ) throws {
    var run = try RunRow.fetch(database, id.run)
    let owned = try owned(run.taskName)
    let outcome: ScoreRule.Outcome =
      switch decision {
      case .failed(let failure): .failed(failure)
      case .measured(let measured):
        try scoreRule(database, id, owned).outcome(measured)
      }
    switch id.purpose {
    case .trial:
      try noteOutlay(database, id, machine, outcome, owned)
      if id.trial == 0, case .score(let score) = outcome,
        try measureAgain(database, run, machine, score, owned)
      {
        break
      }
      try decideTrial(database, &run, id, machine, outcome, owned)
      try drain(database, &run, owned)
    case .again:
      try settleBaseline(database, &run, machine, outcome, owned)
      try drain(database, &run, owned)
    case .confirm:
      try settle(database, &run, id, machine, decision, owned)
      try drain(database, &run, owned)
    case .final:
      try finish(database, &run, owned)
    case .smoke: break  // it has no machine
    }
    try run.save(database)
  }

  /// Measures seeds of the baseline again that are far from the others. False when there are none.
  private func measureAgain(
    _ database: Database, _ run: RunRow, _ machine: TrialStateMachine, _ score: ScoreRule.Score,
    _ owned: OwnedTask
  ) throws -> Bool {
    let suspects = Disturbance.suspects(
      score.seeds, smallestEffect: owned.task.metric.smallestEffect.value)
    guard !suspects.isEmpty else { return false }
    logger.notice(
      "baseline of run \(run.id): \(suspects.count) seed(s) far from the others are measured again")
    try begin(
      database, MeasurementID(run: run.id, trial: 0, purpose: .again),
      TrialStateMachine(seeds: suspects.map { machine.seeds[$0] }, preflight: false))
    return true
  }

  /// Decides the baseline once its suspects were measured again; when that failed, by what was measured first.
  private func settleBaseline(
    _ database: Database, _ run: inout RunRow, _ repeated: TrialStateMachine, _ outcome: ScoreRule.Outcome,
    _ owned: OwnedTask
  ) throws {
    let id = MeasurementID(run: run.id, trial: 0, purpose: .trial)
    guard let first = try machine(database, id), case .measured(let measured)? = first.decision,
      case .score(var score) = try scoreRule(database, id, owned).outcome(measured)
    else { return }
    var note = ""
    if case .score(let again) = outcome {
      let repeats = Dictionary(
        zip(repeated.seeds, again.seeds).compactMap { seed, score in
          first.seeds.firstIndex(of: seed).map { ($0, score) }
        }, uniquingKeysWith: { $1 })
      let settled = Disturbance.settled(
        score.seeds, repeats: repeats, smallestEffect: owned.task.metric.smallestEffect.value)
      let changed = settled.indices.filter { settled[$0] != score.seeds[$0] }
      note = repeats.keys.sorted().map { index in
        let outcome = changed.contains(index) ? "the host had disturbed it" : "it is the seed's own"
        return "; seed \(index + 1) gave \(Quantity.decimal(score.seeds[index])), and "
          + "\(Quantity.decimal(repeats[index] ?? 0)) when measured again: \(outcome)"
      }.joined()
      score.seeds = settled
    }
    try decideTrial(database, &run, id, first, .score(score), owned, note: note)
  }

  private static func unusableBaseline(_ failure: TrialFailure) -> String {
    guard failure.wireLabel == .disqualified else {
      return
        "the baseline cannot be measured (\(failure.label)): \(failure.reason). Repair the task; no trial was charged."
    }
    let remedy =
      failure.rule == ComputeRule.ruleID
      ? "Write what it uses into the task's compute, or widen the tolerance"
      : "Lower the gate, measure more seeds (seeds.baseline), or ask for the mean alone (confidence: 0.5)"
    return "the baseline itself is disqualified: \(failure.reason). \(remedy); no trial was charged."
  }

  /// By what a measurement is judged.
  func scoreRule(_ database: Database, _ id: MeasurementID, _ owned: OwnedTask) throws -> ScoreRule {
    var rule = ScoreRule(
      metric: owned.task.metric, gates: owned.task.file.gates, compute: owned.task.file.compute)
    if id.purpose == .final { rule.admission = .final }
    // Seeds of the baseline that are measured again stand for the score alone.
    if id.purpose == .again { rule.admission = .comparison }
    let baseline = MeasurementID(run: id.run, trial: 0, purpose: .trial)
    if id.trial != 0, case .measured(let measured)? = try machine(database, baseline)?.decision {
      rule.baseline = measured
    }
    return rule
  }

  func decideTrial(
    _ database: Database, _ run: inout RunRow, _ id: MeasurementID, _ machine: TrialStateMachine,
    _ outcome: ScoreRule.Outcome, _ owned: OwnedTask, note: String = ""
  ) throws {
    var verdict = LineageV1.Verdict()
    verdict.runId = run.id
    verdict.trial = id.trial
    verdict.incumbent = run.incumbent
    verdict.usage = machine.usage()
    switch outcome {
    case .failed(let failure):
      failure.fill(&verdict, rulesVersion: (run.rules ?? owned.task.file.rules).version)
      if id.trial == 0 {
        run.phase = .failed
        run.reason =
          Self.unusableBaseline(failure)
      }
    case .score(let score):
      verdict.score = Quantity.decimal(score.mean)
      verdict.seedScores = score.seeds.map(Quantity.decimal)
      if id.trial == 0 {
        let metric = owned.task.metric
        let rule = KeepRule(
          baseline: score.seeds, smallestEffect: metric.smallestEffect.value,
          minimize: metric.direction == .minimize, isTime: metric.source != .score)
        run.keepRule = rule
        run.baselineScore = score.mean
        run.incumbentScore = score.mean
        run.incumbentSeeds = score.seeds.count
        run.phase = run.isClosing ? .draining : .accepting
        verdict.label = .baseline
        let margin = rule.margin(
          incumbentSeeds: score.seeds.count, trialSeeds: owned.task.file.seeds.perTrial)
        verdict.noise = Quantity.decimal(margin)
        verdict.reason =
          "measured over \(score.seeds.count) seed(s); standard deviation \(Quantity.decimal(rule.deviation)), "
          + "a keep has to be better by more than \(Quantity.decimal(margin))" + note
        verdict.delta = "0"
      } else if let ruling = run.ruling(on: score), let incumbent = run.incumbentScore {
        if ruling.isKept, owned.task.file.seeds.confirm > 0 {
          return try provisional(database, &run, id.trial, owned)
        }
        verdict.label = ruling.isKept ? .keep : .discard
        verdict.reason = ruling.reason + score.note
        verdict.noise = Quantity.decimal(ruling.margin)
        verdict.delta = Quantity.decimal(score.mean - incumbent)
        if ruling.isKept {
          run.incumbent = id.trial
          run.incumbentScore = score.mean
          run.incumbentSeeds = score.seeds.count
        }
      }
    }
    try record(database, &run, verdict, machine: machine, owned)
  }

  /// Signs and stores a verdict. Every accepted trial comes here exactly once.
  func record(
    _ database: Database, _ run: inout RunRow, _ verdict: LineageV1.Verdict, machine: TrialStateMachine?,
    confirmation: TrialStateMachine? = nil, _ owned: OwnedTask
  ) throws {
    guard let trial = try TrialRow.find(database, run: run.id, trial: verdict.trial), !trial.isDecided else {
      return
    }
    var verdict = verdict
    verdict.decidedAtMs = configuration.clock.now()
    verdict.reason = Bounded.text(verdict.reason, 1900)
    verdict.rule = Bounded.text(verdict.rule, 120)
    let log = machine?.log ?? ""
    var artifacts = machine?.artifacts() ?? []
    for digest in confirmation?.artifacts(where: { Confirmation.side(of: $0) == .trial }) ?? []
    where !artifacts.contains(digest) {
      artifacts.append(digest)
    }
    let provenance = try Provenance.fetch(database, run: run.id, trial: verdict.trial)
    let statement = VerdictStatement(
      verdict: verdict,
      facts: .init(
        taskDigest: run.currentDigest, specialist: trial.specialist,
        parent: trial.record.proposal?.parent ?? 0,
        snapshotID: trial.record.snapshotId,
        proposalDigest: VerdictStatement.digest(trial.record.proposal?.serialized() ?? []),
        logDigest: VerdictStatement.digest(Array(log.utf8)), artifactDigests: artifacts,
        evaluatorVersion: Self.version,
        policyDigest: run.policy.isEmpty ? nil : VerdictStatement.digest(run.policy),
        meaningDigest: trial.record.meaning.isEmpty ? nil : trial.record.meaning,
        changeDigest: trial.record.change.isEmpty ? nil : trial.record.change,
        provenanceDigests: provenance.isEmpty ? nil : provenance.map { VerdictStatement.digest($0.envelope) },
        runnerKeys: provenance.isEmpty ? nil : Set(provenance.map(\.runnerKey)).sorted(),
        hardware: try provenance.isEmpty ? nil : JobQueue.hardware(database, run: run.id)?.text))
    let envelope = try statement.signed(with: configuration.key)
    try TrialRow.decide(database, verdict, envelope: envelope, log: log)
    let id = MeasurementID(run: run.id, trial: verdict.trial, purpose: .trial)
    database.afterNextTransaction { [decisions] _ in decisions.raise(id) }
    if verdict.trial != 0 { run.decided += 1 }
    var append = LineageV1.AppendVerdictRequest()
    var signed = LineageV1.SignedVerdict()
    signed.envelope = envelope
    signed.logExcerpt = log
    signed.provenance = provenance.map(\.envelope)
    append.verdict = signed
    try Outbox.append(database, .verdict, append.serialized(), run: run.id)
    count(database, verdict.label, acceptedAt: trial.record.submittedAtMs)
    try account(database, &run, verdict, owned)
    logger.info(
      "trial \(verdict.trial) of run \(run.id): \(verdict.label.word) \(verdict.score)",
      metadata: [
        "run": "\(run.id)", "trial": "\(verdict.trial)", "label": "\(verdict.label.word)",
        "reason": "\(verdict.reason)",
        "trace": "\(TraceContext(deriving: "\(run.id)/\(verdict.trial)"))",
      ])
  }

  // MARK: The end of a run

  /// Goes on to the re-score when the last trial in flight has ended.
  func drain(_ database: Database, _ run: inout RunRow, _ owned: OwnedTask) throws {
    guard run.phase == .draining else { return }
    try stopSmokeRuns(database, run.id)
    let open =
      try Int.fetchOne(
        database, sql: "SELECT COUNT(*) FROM trials WHERE run_id = ? AND decided = 0", arguments: [run.id])
      ?? 0
    guard open == 0 else { return }
    guard run.incumbent != 0 else {
      run.reason = "no trial was better than the baseline"
      var report = EvaluatorV1.FinalReport()
      report.bestMean = run.baselineScore.map(Quantity.decimal) ?? ""
      report.baselineMean = report.bestMean
      report.improvement = "0"
      report.halfWidth = "0"
      report.split = "held-out"
      return try conclude(database, &run, report)
    }
    run.phase = .rescoring
    for trial in [0, run.incumbent] { try beginFinal(database, run, trial: trial, owned) }
  }

  func beginFinal(_ database: Database, _ run: RunRow, trial: UInt32, _ owned: OwnedTask) throws {
    let seeds = run.secret.seeds(
      trial: trial, purpose: MeasurementID.Purpose.final.rawValue,
      count: max(1, owned.task.file.seeds.final))
    try begin(
      database, MeasurementID(run: run.id, trial: trial, purpose: .final),
      TrialStateMachine(seeds: seeds, preflight: false))
  }

  /// Writes the final report once both re-scores are there.
  private func finish(_ database: Database, _ run: inout RunRow, _ owned: OwnedTask) throws {
    guard run.phase == .rescoring else { return }
    let rule = try scoreRule(
      database, MeasurementID(run: run.id, trial: 0, purpose: .final), owned)
    func result(_ trial: UInt32) throws -> ScoreRule.Outcome? {
      switch try machine(database, MeasurementID(run: run.id, trial: trial, purpose: .final))?.decision {
      case .measured(let measured)?: rule.outcome(measured)
      case .failed(let failure)?: .failed(failure)
      case nil: nil
      }
    }
    guard let best = try result(run.incumbent), let baseline = try result(0) else { return }
    var report = EvaluatorV1.FinalReport()
    report.best = run.incumbent
    report.split = "sealed"
    report.improvement = "0"
    report.halfWidth = "0"
    var scores: [[Double]] = []
    for (name, outcome) in [("the best trial", best), ("the baseline", baseline)] {
      switch outcome {
      case .score(let score): scores.append(score.seeds)
      case .failed(let failure):
        scores.append([])
        run.reason +=
          "\(run.reason.isEmpty ? "" : " ")the re-score of \(name) failed (\(failure.label)): \(failure.reason)"
      }
    }
    run.reason = Bounded.text(run.reason, 1900)
    report.bestScores = scores[0].map(Quantity.decimal)
    report.baselineScores = scores[1].map(Quantity.decimal)
    if !scores[0].isEmpty { report.bestMean = Quantity.decimal(Spread.mean(scores[0])) }
    if !scores[1].isEmpty { report.baselineMean = Quantity.decimal(Spread.mean(scores[1])) }
    if !scores[0].isEmpty, !scores[1].isEmpty {
      let comparison = FinalComparison(
        best: scores[0], baseline: scores[1], minimize: owned.task.metric.direction == .minimize)
      report.improvement = Quantity.decimal(comparison.improvement)
      report.halfWidth = comparison.halfWidth.map(Quantity.decimal) ?? ""
      report.betterBeyondNoise = comparison.isBeyondNoise
    }
    try conclude(database, &run, report)
  }

  private func conclude(_ database: Database, _ run: inout RunRow, _ report: EvaluatorV1.FinalReport) throws {
    var report = report
    let snapshot = try TrialRow.find(database, run: run.id, trial: report.best)?.record.snapshotId ?? ""
    report.envelope = try ReportStatement.signed(
      report, run: run.id, snapshotID: snapshot, with: configuration.key)
    run.report = report
    run.phase = .finished
    var request = LineageV1.FinishRunRequest()
    request.runId = run.id
    request.report = report.envelope
    try Outbox.append(database, .finish, request.serialized(), run: run.id)
    logger.info("run \(run.id) is finished: improvement \(report.improvement) +- \(report.halfWidth)")
  }
}
