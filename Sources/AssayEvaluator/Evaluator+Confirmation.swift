import AssayMessages
import AssayTask
import Foundation
import GRDB

/// A trial that looks better than the incumbent challenges it, one trial of a run at a time: so the incumbent that it is measured
/// beside is the one that it would replace. Everything here runs inside a transaction.
extension Evaluator {
  /// Puts a trial in line for its confirmation.
  func provisional(_ database: Database, _ run: inout RunRow, _ trial: UInt32, _ owned: OwnedTask) throws {
    try database.execute(
      sql: "INSERT INTO challengers (run_id, trial) VALUES (?, ?) ON CONFLICT DO NOTHING",
      arguments: [run.id, trial])
    try challenge(database, &run, owned)
  }

  /// Begins the confirmation of the next trial in line that still looks better than the incumbent; those that do not are decided.
  func challenge(_ database: Database, _ run: inout RunRow, _ owned: OwnedTask) throws {
    while run.challenger == 0,
      let next = try Row.fetchOne(
        database, sql: "SELECT trial, attempt FROM challengers WHERE run_id = ? ORDER BY trial LIMIT 1",
        arguments: [run.id])
    {
      let trial = next["trial"] as UInt32
      let attempt = next["attempt"] as Int
      let id = MeasurementID(run: run.id, trial: trial, purpose: .trial)
      guard let screened = try machine(database, id), case .measured(let measured)? = screened.decision,
        case .score(let score) = try scoreRule(database, id, owned).outcome(measured),
        let ruling = run.ruling(on: score)
      else {
        throw EvaluatorError(
          .damagedState, "trial \(trial) of run \(run.id) waits for its confirmation without a score")
      }
      guard ruling.isKept else {
        try leaveLine(database, run, trial)
        try decideTrial(database, &run, id, screened, .score(score), owned)
        continue
      }
      run.challenger = trial
      run.challenges += 1
      let purpose = MeasurementID.Purpose.confirm.rawValue
      let seeds = run.secret.seeds(
        trial: trial, purpose: attempt == 0 ? purpose : "\(purpose)/\(attempt)",
        count: owned.task.file.seeds.confirm)
      try begin(
        database, MeasurementID(run: run.id, trial: trial, purpose: .confirm),
        TrialStateMachine(seeds: Confirmation.positions(seeds), preflight: false, attempt: attempt))
    }
  }

  /// Decides the challenger by what was measured of it and of the incumbent.
  func settle(
    _ database: Database, _ run: inout RunRow, _ id: MeasurementID, _ machine: TrialStateMachine,
    _ decision: TrialStateMachine.Decision, _ owned: OwnedTask
  ) throws {
    guard run.challenger == id.trial, let keepRule = run.keepRule,
      let screened = try self.machine(
        database, MeasurementID(run: run.id, trial: id.trial, purpose: .trial))
    else { return }
    var verdict = LineageV1.Verdict()
    verdict.runId = run.id
    verdict.trial = id.trial
    verdict.incumbent = run.incumbent
    verdict.usage = Array((screened.usage() + machine.usage(prefix: Confirmation.phasePrefix)).prefix(1024))
    let scoreRule = try scoreRule(database, id, owned)
    var comparison = scoreRule
    comparison.admission = .comparison
    let (ofTrial, ofIncumbent): (ScoreRule.Outcome, ScoreRule.Outcome?) =
      switch decision {
      case .failed(let failure) where machine.failedPosition.map(Confirmation.side(of:)) == .incumbent:
        (.failed(Self.uncomparable(run.incumbent, failure)), nil)
      case .failed(let failure): (.failed(failure), nil)
      case .measured(let both):
        (
          scoreRule.outcome(Confirmation.measured(.trial, of: both)),
          comparison.outcome(Confirmation.measured(.incumbent, of: both))
        )
      }
    switch (ofTrial, ofIncumbent) {
    case (.failed(let failure), _):
      failure.fill(&verdict, rulesVersion: (run.rules ?? owned.task.file.rules).version)
      verdict.reason = "on a fresh seed of its confirmation: \(failure.reason)"
    case (.score, .failed(let failure)?):
      let failure = Self.uncomparable(run.incumbent, failure)
      verdict.label = failure.wireLabel
      verdict.reason = failure.reason
    case (.score(let score), .score(let incumbent)?):
      let ruling = ConfirmationRule(keepRule: keepRule).rule(
        trial: score.seeds, incumbent: incumbent.seeds, challenge: run.challenges,
        incumbentTrial: run.incumbent)
      verdict.score = Quantity.decimal(score.mean)
      verdict.seedScores = score.seeds.map(Quantity.decimal)
      verdict.delta = Quantity.decimal(score.mean - incumbent.mean)
      verdict.noise = ruling.halfWidth.isFinite ? Quantity.decimal(ruling.halfWidth) : ""
      verdict.label = ruling.isConfirmed ? .keep : .discard
      verdict.reason = ruling.reason + score.note + Self.screening(screened, scoreRule)
      if ruling.isConfirmed {
        run.incumbent = id.trial
        run.incumbentScore = score.mean
        run.incumbentSeeds = score.seeds.count
        run.challenges = 0
      }
    case (.score, nil): return
    }
    try leaveLine(database, run, id.trial)
    run.challenger = 0
    try record(database, &run, verdict, machine: screened, confirmation: machine, owned)
    // The next confirmation's jobs read the incumbent from here.
    try run.save(database)
    try challenge(database, &run, owned)
  }

  /// What the screening gave, for whoever asks how much of it was luck.
  private static func screening(_ machine: TrialStateMachine, _ rule: ScoreRule) -> String {
    guard case .measured(let measured)? = machine.decision, case .score(let score) = rule.outcome(measured)
    else { return "" }
    return "; its screening gave \(Quantity.decimal(score.mean))"
  }

  /// The incumbent could not be measured again: nothing is known against the trial.
  private static func uncomparable(_ incumbent: UInt32, _ failure: TrialFailure) -> TrialFailure {
    TrialFailure(
      .harnessAbort,
      "the incumbent, trial \(incumbent), could not be measured beside it on a fresh seed (\(failure.label): \(failure.reason.prefix(800))). "
        + "The trial is not charged.")
  }

  func leaveLine(_ database: Database, _ run: RunRow, _ trial: UInt32) throws {
    try database.execute(
      sql: "DELETE FROM challengers WHERE run_id = ? AND trial = ?", arguments: [run.id, trial])
  }
}
