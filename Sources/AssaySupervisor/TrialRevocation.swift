import AssayMessages
import AssayRPC
import AssayServices
import Foundation

/// `assay revoke`: a person's decision that a verdict does not hold.
public struct TrialRevocation: Sendable {
  private let trial: UInt32
  private let reason: String
  private let directory: StateDirectory
  private let prepared: URL

  public init(trial: UInt32, reason: String, directory: StateDirectory, prepared: URL) {
    self.trial = trial
    self.reason = reason
    self.directory = directory
    self.prepared = prepared
  }

  /// What was signed: the stable keys of `--json`.
  public struct Outcome: Codable, Sendable {
    public var trial: UInt32
    public var reason: String
    public var requestedBy: String
    /// The best that stands now; 0 for the baseline.
    public var incumbent: UInt32

    private enum CodingKeys: String, CodingKey {
      case trial, reason, incumbent
      case requestedBy = "requested_by"
    }

    public var text: String {
      let best = incumbent == 0 ? "the baseline" : "trial \(incumbent)"
      return
        "trial \(trial) is revoked by \(TerminalText.oneLine(requestedBy, limit: 128)): \(TerminalText.oneLine(reason, limit: 1000))\nthe best that stands is \(best)"
    }
  }

  public func run(printer: RunPrinter) async throws -> Outcome {
    guard let description = try RunDescription.load(from: directory) else {
      throw SupervisorError(.usage, "no run was started in \(directory.root.path) yet.")
    }
    let own = try description.evaluator == nil ? OwnTask.load(named: description.taskPath) : nil
    if let own, own.task.digest != description.taskDigest {
      throw SupervisorError(
        .stateConflict,
        "the folder \(description.taskPath) has changed since the run in \(directory.root.path) began; put it back as it was, or, when its rules changed, `assay task audit` first."
      )
    }
    let (trial, reason) = (trial, reason)
    let answer = try await Fleet.withEvaluator(
      of: directory, description, own: own?.task, prepared: prepared, say: printer.say
    ) { evaluator, lineage in
      var request = EvaluatorV1.RevokeTrialRequest()
      request.runId = description.runID
      request.trial = trial
      request.reason = reason
      let record = RunReader(lineage: lineage, description: description, running: true)
      let before = (try? await record.statementCount()) ?? 0
      let answer: EvaluatorV1.RevokeTrialResponse
      do throws(RPCError) {
        answer = try await evaluator.revokeTrial(
          request, CallOptions(timeout: .seconds(60), waitForReady: true))
      } catch {
        throw Fleet.explained(error, "revokes no trials")
      }
      try await record.settle(statements: before + Int(answer.statements))
      return answer
    }
    let revocation = answer.revocation ?? .init()
    return Outcome(
      trial: trial, reason: revocation.reason, requestedBy: revocation.requestedBy,
      incumbent: answer.incumbent)
  }
}
