import AssayMessages
import AssayTask
import AssayVerdict
import Foundation
import GRDB

/// Verdicts taken back, and what follows from it, in the same transaction.
extension Evaluator {
  /// Signs and stores a revocation, and tells the lineage.
  func revoke(_ database: Database, _ revocation: LineageV1.Revocation) throws {
    try Standing.insert(database, revocation)
    let envelope = try RevocationStatement.signed(revocation, with: configuration.key)
    try publish(database, envelope, run: revocation.runId)
    logger.notice(
      "trial \(revocation.trial) of run \(revocation.runId) is revoked: \(revocation.reason)",
      metadata: ["requested_by": "\(revocation.requestedBy)"])
  }

  /// Tells the lineage of a statement.
  func publish(_ database: Database, _ envelope: [UInt8], run: String) throws {
    var append = LineageV1.AppendStatementRequest()
    append.runId = run
    append.envelope = envelope
    try Outbox.append(database, .statement, append.serialized(), run: run)
  }

  /// Ends a trial that has no verdict yet, whatever is being measured of it.
  func end(
    _ database: Database, _ run: inout RunRow, _ trial: UInt32, _ failure: TrialFailure, _ owned: OwnedTask
  ) throws {
    let id = MeasurementID(run: run.id, trial: trial, purpose: .trial)
    guard var machine = try machine(database, id) else { return }
    _ = machine.apply(.ended(failure))
    try database.execute(
      sql: "UPDATE measurements SET machine = ?, work = NULL WHERE run_id = ? AND trial = ? AND purpose = ?",
      arguments: [try JSONEncoder().encode(machine), id.run, id.trial, id.purpose.rawValue])
    try queue.cancel(database, id)
    if run.challenger == trial { try giveUpConfirmation(database, &run) }
    try leaveLine(database, run, trial)
    try decideTrial(database, &run, id, machine, .failed(failure), owned)
  }

  /// Stops the confirmation that goes on. Its trial keeps its place in line, and meets other seeds the next time.
  private func giveUpConfirmation(_ database: Database, _ run: inout RunRow) throws {
    guard run.challenger != 0 else { return }
    try forget(database, MeasurementID(run: run.id, trial: run.challenger, purpose: .confirm))
    try database.execute(
      sql: "UPDATE challengers SET attempt = attempt + 1 WHERE run_id = ? AND trial = ?",
      arguments: [run.id, run.challenger])
    run.challenger = 0
    run.challenges -= 1
  }

  private func forget(_ database: Database, _ id: MeasurementID) throws {
    try queue.cancel(database, id)
    try database.execute(
      sql: "DELETE FROM measurements WHERE run_id = ? AND trial = ? AND purpose = ?",
      arguments: [id.run, id.trial, id.purpose.rawValue])
  }

  /// Recomputes the incumbent after revocations, and goes on from there: with the challengers, or with the final comparison.
  func restand(_ database: Database, _ run: inout RunRow, _ owned: OwnedTask) throws {
    let incumbent = try Standing.incumbent(database, run: run.id, from: run.incumbent)
    if incumbent != run.incumbent {
      let earlier = run.incumbent
      try giveUpConfirmation(database, &run)
      run.incumbent = incumbent
      if incumbent == 0 {
        run.incumbentScore = run.baselineScore
        run.incumbentSeeds = run.keepRule?.sampleSize ?? 0
      } else {
        let verdict = try TrialRow.find(database, run: run.id, trial: incumbent)?.verdict
        guard let verdict, let score = Double(verdict.score) else {
          throw EvaluatorError(.damagedState, "trial \(incumbent) of run \(run.id) was kept without a score")
        }
        run.incumbentScore = score
        run.incumbentSeeds = verdict.seedScores.count
      }
      run.challenges = try Standing.challenges(database, run: run.id, of: incumbent)
      logger.notice("the incumbent of run \(run.id) is trial \(incumbent) again, after trial \(earlier)")
      if run.phase == .rescoring {
        try forget(database, MeasurementID(run: run.id, trial: earlier, purpose: .final))
        try compareAnew(database, &run, owned)
      }
    }
    // Jobs of a confirmation read the incumbent from here.
    try run.save(database)
    try challenge(database, &run, owned)
    try drain(database, &run, owned)
  }

  /// Puts another trial beside the baseline in the final comparison.
  private func compareAnew(_ database: Database, _ run: inout RunRow, _ owned: OwnedTask) throws {
    guard run.incumbent != 0 else {
      try forget(database, MeasurementID(run: run.id, trial: 0, purpose: .final))
      run.phase = .draining
      return
    }
    try beginFinal(database, run, trial: run.incumbent, owned)
  }
}
