import AssayMessages
import AssayPatch
import AssayRPC
import AssayStore
import AssayTask
import Foundation
import GRDB
import Logging
import Synchronization

/// The evaluator's own work: syntax, inputs, judgement.
extension Evaluator {
  /// One loop of it; several run side by side.
  func score() async throws {
    try await persistently("scoring") {
      let seen = work.generation
      guard let id = try await claim() else { return try await work.wait(past: seen) }
      defer {
        _ = claimed.withLock { $0.remove(id) }
        work.raise()
      }
      try await work(on: id)
    }
  }

  private func claim() async throws -> MeasurementID? {
    let due = try await store.read { database in
      try Row.fetchAll(
        database,
        sql:
          "SELECT run_id, trial, purpose FROM measurements WHERE work IS NOT NULL ORDER BY rowid LIMIT 1000"
      ).map {
        MeasurementID(
          run: $0["run_id"], trial: UInt32(clamping: $0["trial"] as Int64),
          purpose: MeasurementID.Purpose(rawValue: $0["purpose"]) ?? .trial)
      }
    }
    return claimed.withLock { claimed in
      let next = due.first { !claimed.contains($0) }
      if let next { claimed.insert(next) }
      return next
    }
  }

  private func work(on id: MeasurementID) async throws {
    let found = try await store.read { database -> (TrialStateMachine, RunRow, RecipeTree)? in
      guard let machine = try self.machine(database, id), machine.pendingWork != nil,
        let trial = try TrialRow.find(database, run: id.run, trial: id.trial),
        let recipe = try TrialRow.snapshot(database, run: id.run, trial.record.snapshotId)
      else { return nil }
      return (machine, try RunRow.fetch(database, id.run), recipe)
    }
    guard let (machine, run, recipe) = found, let task = machine.pendingWork else { return }
    let event: TrialStateMachine.Event
    do {
      event = try await TraceContext.$current.withValue(TraceContext(deriving: "\(id.run)/\(id.trial)")) {
        try await result(of: task, id, machine, run, recipe)
      }
    } catch {
      try Task.checkCancellation()
      let error = EvaluatorError.translate(error)
      logger.error("work on \(id) failed: \(error)")
      // A disk may be in trouble for longer than anything else of ours is.
      let isDisk = (error as? EvaluatorError)?.code == .inputOutput
      try await configuration.clock.pause((isDisk ? 2000 : 200) << Int64(min(machine.failedAttempts, 6)))
      // The cause stays in our log: it may speak of held-out data.
      event = .workFailed((error as? EvaluatorError)?.message ?? "an error that the evaluator's log names")
    }
    try await store.write { try self.advance($0, id, event) }
    announce()
  }

  private func result(
    of task: TrialStateMachine.Work, _ id: MeasurementID, _ machine: TrialStateMachine, _ run: RunRow,
    _ recipe: RecipeTree
  ) async throws -> TrialStateMachine.Event {
    let scorer = try owned(run.taskName).scorer
    let request = ScoringRequest(
      isSealed: id.purpose == .final, nonce: run.secret.nonce(trial: id.trial, purpose: id.purpose.rawValue))
    switch task {
    case .preflight:
      let rules = try run.rules ?? owned(run.taskName).task.file.rules
      let failure = TrialFailure(try await scorer.inspect(recipe, rules: rules), rules)
      return failure.map { .preflightFailed($0) } ?? .preflightPassed
    case .inputs:
      let phase = try owned(run.taskName).task.file.predict
      return .inputsReady(try await groups(scorer.inputs(request), phase))
    case .judge(let seed):
      let folder = "\(Self.scratch(in: configuration.stateFolder))/\(UUID().uuidString)"
      defer { try? FileManager.default.removeItem(atPath: folder) }
      for group in machine.groups {
        for file in group.files {
          try await blobs.materialize(file.digest, at: "\(folder)/inputs/\(group.name)/\(file.path)")
        }
        for output in machine.predicted[seed][group.name]?.outputs ?? [] {
          try await blobs.materialize(output.digest, at: "\(folder)/predictions/\(group.name)/\(output.path)")
        }
      }
      return .judged(seed: seed, try await scorer.judge(request, folder: folder))
    }
  }

  /// Stores what the scorer wrote, by group.
  private func groups(_ files: [String: [UInt8]], _ phase: TaskFile.Phase) async throws -> [InputGroup] {
    var groups: [String: [InputGroup.File]] = [:]
    for (path, written) in files.sorted(by: { $0.key < $1.key }) {
      let parts = path.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false)
      guard parts.count == 2, (try? RecipePath.validate(path)) != nil, parts[0].utf8.count <= 32,
        parts[0].allSatisfy({ $0.isASCII && ($0.isLetter || $0.isNumber || $0 == "-" || $0 == "_") })
      else {
        throw EvaluatorError(
          .scorerFailed, "the scorer wrote an input that is in no group's folder; it has to be GROUP/FILE")
      }
      var bytes = written
      if let reveal = phase.reveal, parts[1] == RevealStream.file {
        bytes = try RevealStream.make(
          of: written, reveal, recordBytes: UInt64(max(0, phase.outputs.first?.maximumBytes ?? 0)))
      }
      let digest = try await blobs.put(bytes)
      groups[String(parts[0]), default: []].append(
        .init(path: String(parts[1]), digest: digest, size: UInt64(bytes.count)))
    }
    guard groups.count <= 16 else {
      throw EvaluatorError(.scorerFailed, "the scorer wrote more than 16 groups of inputs")
    }
    if phase.reveal != nil,
      groups.values.contains(where: { !$0.contains(where: { $0.path == RevealStream.file }) })
    {
      throw EvaluatorError(
        .scorerFailed,
        "the task asks for protocol: reveal, and the scorer wrote no GROUP/\(RevealStream.file)")
    }
    return groups.sorted { $0.key < $1.key }.map { InputGroup(name: $0.key, files: $0.value) }
  }
}
