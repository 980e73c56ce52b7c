import AssayMessages
import AssayRPC
import AssayServices
import AssayTask
import Crypto
import Foundation
import Logging

/// A person's own trial: submitted to the run's evaluator, which is started for it when the run is stopped.
public struct PersonalSubmission: Sendable {
  let task: String
  let patch: [UInt8]
  let specialist: String
  let hypothesis: String
  let parent: UInt32?
  let expectedDelta: String
  let idempotencyKey: String?
  let state: URL
  let prepared: URL

  public init(
    task: String, patch: [UInt8], specialist: String, hypothesis: String, parent: UInt32?,
    expectedDelta: String,
    idempotencyKey: String?, state: URL, prepared: URL
  ) {
    self.task = task
    self.patch = patch
    self.specialist = specialist
    self.hypothesis = hypothesis
    self.parent = parent
    self.expectedDelta = expectedDelta
    self.idempotencyKey = idempotencyKey
    self.state = state
    self.prepared = prepared
  }

  /// The verdict of a submission.
  public struct Outcome: Sendable {
    public let row: TrialRow
    public func json() throws -> String { try row.json() }
    public var text: String {
      "trial \(row.trial): \(row.label)\(row.score.map { ", score \($0)" } ?? "")\n  \(row.reason)"
    }
  }

  public func run(printer: RunPrinter) async throws -> Outcome {
    let directory = try StateDirectory.create(at: state)
    if let known = try RunDescription.load(from: directory), known.evaluator != nil {
      guard (try? await directory.lockForRun()) == nil else {
        throw SupervisorError(
          .unavailable,
          "this run's evaluator is somebody else's: start the run with assay run, then submit to it.")
      }
      return try await submit(to: directory, known)
    }
    let own = try OwnTask.load(named: task)
    let loaded = own.task
    guard loaded.partitions.contains(where: { $0.name == specialist }) else {
      throw SupervisorError(
        .usage,
        "task \(loaded.name) has no specialist '\(specialist)'. It has: \(loaded.partitions.map(\.name).joined(separator: ", "))."
      )
    }
    guard let lock = try? await directory.lockForRun() else {
      guard let description = try RunDescription.load(from: directory) else {
        throw SupervisorError(
          .stateConflict, "another assay is starting in \(state.path); try again when its run is up.")
      }
      return try await submit(to: directory, description)
    }
    defer { withExtendedLifetime(lock) {} }
    let description = try RunSession.describe(
      task: RunTask(loaded), folder: own.folder, evaluator: nil, specialists: loaded.partitions.map(\.name),
      seed: 1,
      lineageEnabled: nil, in: directory)
    let ready = try await TaskLoading.prepare(loaded, into: prepared, say: printer.say)
    let fleet = try Fleet(
      directory: directory, description: description, task: RunTask(loaded), prepared: ready,
      preparedRoot: prepared,
      slots: ProcessInfo.processInfo.activeProcessorCount, proposer: "evolve")
    return try await withThrowingTaskGroup(of: Outcome?.self) { group in
      for process in try fleet.coreProcesses() {
        group.addTask {
          try await process.run(logger: Logger(label: "assay"))
          return nil
        }
      }
      group.addTask {
        _ = try await fleet.withOperatorClients { evaluator, _ in
          try await RunFollower.open(
            description, maxTrials: 0, evaluator: evaluator, printer: printer)
        }
        return try await submit(to: directory, description)
      }
      defer { group.cancelAll() }
      while let next = try await group.next() {
        if let outcome = next { return outcome }
      }
      throw SupervisorError(
        .unavailable, "the services stopped before there was a verdict; see \(directory.logs.path)")
    }
  }

  private func submit(to directory: StateDirectory, _ description: RunDescription) async throws -> Outcome {
    try await Fleet.withOperatorClients(of: directory) { evaluator, lineage in
      var state = EvaluatorV1.GetRunStateRequest()
      state.runId = description.runID
      let current =
        try await evaluator.getRunState(state, CallOptions(timeout: .seconds(30), waitForReady: true)).state
        ?? .init()
      var request = EvaluatorV1.SubmitTrialRequest()
      request.runId = description.runID
      var proposal = AgentV1.Proposal()
      proposal.specialist = specialist
      proposal.parent = parent ?? current.incumbent
      proposal.hypothesis = hypothesis
      proposal.expectedDelta = expectedDelta
      proposal.edit = patch
      proposal.motive = "person"
      request.proposal = proposal
      let digest = SHA256.hash(data: request.serialized()).map { String(format: "%02x", $0) }.joined()
      let accepted = try await evaluator.submitTrial(
        request,
        CallOptions(
          timeout: .seconds(60), idempotencyKey: idempotencyKey ?? "person-\(digest)", waitForReady: true))
      var wait = EvaluatorV1.WaitVerdictRequest()
      wait.runId = description.runID
      wait.trial = accepted.trial
      wait.waitMs = 20_000
      while true {
        let answer = try await evaluator.waitVerdict(
          wait, CallOptions(timeout: .seconds(60), waitForReady: true))
        guard answer.decided else { continue }
        var record = LineageV1.TrialRecord()
        var trial = LineageV1.Trial()
        trial.trial = accepted.trial
        trial.proposal = proposal
        record.trial = trial
        record.verdict = answer.verdict
        try await untilRecorded(accepted.trial, of: description.runID, by: lineage)
        return Outcome(row: TrialRow(record))
      }
    }
  }

  /// Gives the record a moment to have the verdict, so that `assay show` has it too; a lineage that is down gets it later.
  private func untilRecorded(_ trial: UInt32, of run: String, by lineage: LineageServiceClient) async throws {
    var request = LineageV1.GetTrialRequest()
    request.runId = run
    request.trial = trial
    let deadline = ContinuousClock.now + .seconds(5)
    while ContinuousClock.now < deadline {
      let record = try? await lineage.getTrial(request, CallOptions(timeout: .seconds(1))).record
      if record?.verdict != nil { return }
      try await Task.sleep(for: .milliseconds(20))
    }
  }
}
