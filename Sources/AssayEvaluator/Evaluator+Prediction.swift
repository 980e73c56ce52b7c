import AssayMessages
import AssayStatistics
import AssayTask
import Foundation
import GRDB
import Logging

/// Trials that are nearly certain to break a cap are answered without being run (docs/cheap-gates.md). Everything here runs inside a
/// transaction.
extension Evaluator {
  func enforcesPredictions(_ owned: OwnedTask) -> Bool {
    owned.task.file.probe?.isEnforced ?? true
  }

  /// What is probed of a trial before it is run; nil for nothing.
  func probes(_ database: Database, _ run: String, _ specialist: String, _ owned: OwnedTask) throws
    -> TrialStateMachine.Probes?
  {
    guard let probe = owned.task.file.probe else { return nil }
    let probes = TrialStateMachine.Probes(positions: [0], predicts: probe.predicts)
    guard enforcesPredictions(owned) else { return probes }
    let costs = try Row.fetchAll(
      database,
      sql:
        "SELECT whole, probe FROM outlays WHERE run_id = ? AND probe IS NOT NULL ORDER BY trial DESC LIMIT 50",
      arguments: [run]
    ).compactMap { row -> (whole: Double, probe: Double)? in
      guard let whole = try Self.outlay(row["whole"]), whole.size != nil,
        let probe = try Self.outlay(row["probe"])
      else { return nil }
      return (whole.cpuSeconds, probe.cpuSeconds)
    }
    let last = try Int64.fetchAll(
      database,
      sql:
        "SELECT broke FROM outlays WHERE run_id = ? AND specialist = ? AND position = 0 ORDER BY trial DESC LIMIT ?",
      arguments: [run, specialist, ProbeRule.window])
    let pays = ProbeRule.pays(
      broken: last.count { $0 != 0 }, of: last.count, probeCPUSeconds: Spread.mean(costs.map(\.probe)),
      wholeCPUSeconds: Spread.mean(costs.map(\.whole)))
    return pays ? probes : nil
  }

  /// Why a trial is refused before anything is run; nil when nothing is foreseen.
  func foreseen(_ database: Database, _ run: RunRow, _ trial: LineageV1.Trial, _ owned: OwnedTask) throws
    -> TrialFailure?
  {
    guard !trial.change.isEmpty else { return nil }
    let gate = try gate(database, run.id, "o.change = ?", [trial.change])
    let parent = try outlay(database, run.id, trial.proposal?.parent ?? 0)
    guard let prediction = gate.bySameChange(trial.change, parent: parent) else { return nil }
    let failure = try note(database, run, trial.trial, [prediction], owned)
    // A trial that is answered so leaves no measurement behind.
    if failure != nil {
      try insert(database, run.id, trial, position: 0, broke: true, whole: nil, probe: nil, owned)
    }
    return failure
  }

  /// Answers a measurement whose probes have ended.
  func weigh(_ database: Database, _ id: MeasurementID, _ machine: TrialStateMachine) throws {
    let run = try RunRow.fetch(database, id.run)
    let owned = try owned(run.taskName)
    var failure: TrialFailure?
    if id.trial != 0, let probe = Self.probe(machine, at: 0, owned) {
      let predictions = try gate(database, run.id, "o.probe IS NOT NULL", []).byProbe(probe)
      failure = try note(database, run, id.trial, predictions, owned)
    }
    try advance(database, id, .weighed(failure))
  }

  /// Records what was predicted of a trial.
  ///
  /// - Returns: why it is refused; nil when it is run, be it to see whether the prediction is right.
  private func note(
    _ database: Database, _ run: RunRow, _ trial: UInt32, _ predictions: [CheapGate.Prediction],
    _ owned: OwnedTask
  ) throws -> TrialFailure? {
    var failure = CheapGate.failure(predictions)
    if failure != nil, !enforcesPredictions(owned) || run.secret.checksPrediction(of: trial) {
      logger.notice("trial \(trial) of run \(run.id) is run to check what is predicted of it")
      failure = nil
    }
    for prediction in predictions {
      try database.execute(
        sql: """
          INSERT INTO predictions (run_id, trial, cap, basis, expected, lower, refused) VALUES (?, ?, ?, ?, ?, ?, ?)
          ON CONFLICT DO NOTHING
          """,
        arguments: [
          run.id, trial, prediction.cap.rawValue, prediction.basis, prediction.expected, prediction.lower,
          failure != nil && prediction.refuses,
        ])
    }
    return failure
  }

  /// Keeps what a trial cost, for predictions of those that come, and beside those that were made of it.
  func noteOutlay(
    _ database: Database, _ id: MeasurementID, _ machine: TrialStateMachine, _ outcome: ScoreRule.Outcome,
    _ owned: OwnedTask
  ) throws {
    guard let trial = try TrialRow.find(database, run: id.run, trial: id.trial)?.record else { return }
    var broke = false
    if case .failed(let failure) = outcome {
      broke = CheapGate.Cap.allCases.map(\.label).contains(failure.wireLabel)
    }
    for position in machine.seeds.indices {
      let whole = Outlay(
        train: machine.trained[position], predictions: Array(machine.predicted[position].values),
        task: owned.task.file, isProbe: false)
      try insert(
        database, id.run, trial, position: position, broke: broke,
        whole: machine.trained[position] == nil ? nil : whole,
        probe: Self.probe(machine, at: position, owned), owned)
      guard position == 0 else { continue }
      for (cap, actual) in [
        (CheapGate.Cap.size, whole.size), (.train, whole.train), (.predict, whole.predict),
      ] {
        try database.execute(
          sql: "UPDATE predictions SET actual = ? WHERE run_id = ? AND trial = ? AND cap = ?",
          arguments: [actual, id.run, id.trial, cap.rawValue])
      }
    }
  }

  /// How many trials were answered by a prediction; how many were predicted to fail and run all the same; and how many of those did not
  /// break that cap.
  static func predictionCounts(_ database: Database, run: String) throws -> (UInt32, UInt32, UInt32) {
    let row = try Row.fetchOne(
      database,
      sql: """
        SELECT COUNT(DISTINCT CASE WHEN refused THEN trial END) AS refused,
          COUNT(DISTINCT CASE WHEN NOT refused AND lower > 1 AND actual IS NOT NULL THEN trial END) AS checked,
          COUNT(DISTINCT CASE WHEN NOT refused AND lower > 1 AND actual <= 1 THEN trial END) AS wrong
        FROM predictions WHERE run_id = ?
        """, arguments: [run])
    func count(_ name: String) -> UInt32 { UInt32(clamping: (row?[name] as Int64?) ?? 0) }
    return (count("refused"), count("checked"), count("wrong"))
  }

  // MARK: Parts

  private static func probe(_ machine: TrialStateMachine, at position: Int, _ owned: OwnedTask) -> Outlay? {
    guard let report = machine.probes?.trained[position] else { return nil }
    return Outlay(
      train: report, predictions: machine.probes?.predicted[position].map { [$0] } ?? [],
      task: owned.task.file, isProbe: true)
  }

  private func insert(
    _ database: Database, _ run: String, _ trial: LineageV1.Trial, position: Int, broke: Bool, whole: Outlay?,
    probe: Outlay?, _ owned: OwnedTask
  ) throws {
    let empty = Outlay(train: nil, predictions: [], task: owned.task.file, isProbe: false)
    try database.execute(
      sql: """
        INSERT INTO outlays (run_id, trial, position, specialist, parent, change, broke, whole, probe)
        VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING
        """,
      arguments: [
        run, trial.trial, position, trial.proposal?.specialist ?? "", trial.proposal?.parent ?? 0,
        trial.change,
        broke, try Self.text(whole ?? empty), try probe.map(Self.text),
      ])
  }

  private func gate(
    _ database: Database, _ run: String, _ condition: String, _ arguments: StatementArguments
  ) throws -> CheapGate {
    let rows = try Row.fetchAll(
      database,
      sql: """
        SELECT o.trial, o.change, o.whole, o.probe, p.whole AS parent FROM outlays o
          LEFT JOIN outlays p ON p.run_id = o.run_id AND p.trial = o.parent AND p.position = 0 AND o.trial <> 0
        WHERE o.run_id = ? AND \(condition) ORDER BY o.trial DESC LIMIT 400
        """, arguments: StatementArguments([run]) + arguments)
    return CheapGate(
      precedents: try rows.compactMap { row in
        guard let whole = try Self.outlay(row["whole"]) else { return nil }
        return CheapGate.Precedent(
          trial: UInt32(clamping: row["trial"] as Int64), change: row["change"], whole: whole,
          probe: try Self.outlay(row["probe"]), parent: try Self.outlay(row["parent"]))
      })
  }

  private func outlay(_ database: Database, _ run: String, _ trial: UInt32) throws -> Outlay? {
    try Self.outlay(
      String.fetchOne(
        database, sql: "SELECT whole FROM outlays WHERE run_id = ? AND trial = ? AND position = 0",
        arguments: [run, trial]))
  }

  private static func outlay(_ text: String?) throws -> Outlay? {
    try text.map { try JSONDecoder().decode(Outlay.self, from: Data($0.utf8)) }
  }

  private static func text(_ outlay: Outlay) throws -> String {
    String(decoding: try JSONEncoder().encode(outlay), as: UTF8.self)
  }
}
