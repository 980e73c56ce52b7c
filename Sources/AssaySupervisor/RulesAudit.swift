import AssayMessages
import AssayRPC
import AssayServices
import AssayTask
import Foundation

/// `assay task audit`: a run's history screened by the rules that its task has now.
public struct RulesAudit: Sendable {
  private let task: String
  private let directory: StateDirectory
  private let prepared: URL
  private let isDryRun: Bool

  public init(task: String, directory: StateDirectory, prepared: URL, isDryRun: Bool) {
    self.task = task
    self.directory = directory
    self.prepared = prepared
    self.isDryRun = isDryRun
  }

  /// A trial that breaks a rule: the stable keys of `--json`, one object a line.
  public struct Finding: Codable, Sendable, Equatable {
    public var trial: UInt32
    /// What it was decided as, or `in_flight`.
    public var label: String
    public var rule: String
    public var rulesVersion: UInt32
    /// File and line with what stands there.
    public var evidence: String
    /// `revoked`, `illegal` for one in flight, `revoked_before`; `would_be_revoked` and `would_be_illegal` in a dry run.
    public var outcome: String

    private enum CodingKeys: String, CodingKey {
      case trial, label, rule, evidence, outcome
      case rulesVersion = "rules_version"
    }

    public func json() throws -> String { try JSONLine.encode(self) }
  }

  public struct Outcome: Sendable {
    public var findings: [Finding]
    public var screened: UInt32
    public var rulesVersion: UInt32
    public var incumbent: UInt32
    public var isDryRun: Bool

    /// Whether a verdict was taken back, or would be.
    public var changes: Bool { findings.contains { $0.outcome != "revoked_before" } }

    public var text: String {
      let header = "trial  label       rule                  outcome           evidence"
      let rows = findings.map { finding in
        [
          TerminalText.fit(String(finding.trial), 6), TerminalText.fit(finding.label, 11),
          TerminalText.fit(finding.rule, 21),
          TerminalText.fit(finding.outcome.replacing("_", with: " "), 17),
          TerminalText.oneLine(finding.evidence, limit: 200),
        ].joined(separator: " ")
      }
      let best = incumbent == 0 ? "the baseline" : "trial \(incumbent)"
      let end =
        "\(screened) recipes screened by version \(rulesVersion) of the rules, \(findings.count) break them"
        + (isDryRun ? "; nothing was changed" : "; the best that stands is \(best)")
      return ((findings.isEmpty ? [] : [header]) + rows + [end]).joined(separator: "\n")
    }
  }

  public func run(printer: RunPrinter) async throws -> Outcome {
    guard var description = try RunDescription.load(from: directory) else {
      throw SupervisorError(
        .usage, "no run was started in \(directory.root.path) yet; there is nothing to audit.")
    }
    let own = try description.evaluator == nil ? OwnTask.load(named: task) : nil
    if let own {
      try check(own, description)
      description.taskPath = own.folder.path
    }
    let (asked, isDryRun) = (description, isDryRun)
    let answer = try await Fleet.withEvaluator(
      of: directory, asked, own: own?.task, prepared: prepared, say: printer.say
    ) { evaluator, lineage in
      var request = EvaluatorV1.AuditRunRequest()
      request.runId = asked.runID
      request.dryRun = isDryRun
      let record = RunReader(lineage: lineage, description: asked, running: true)
      let before = (try? await record.statementCount()) ?? 0
      while true {
        let answer: EvaluatorV1.AuditRunResponse
        do throws(RPCError) {
          answer = try await evaluator.auditRun(
            request, CallOptions(timeout: .seconds(120), waitForReady: true))
        } catch {
          throw Fleet.explained(error, "audits no runs")
        }
        printer.progress("screening recipes: \(answer.screened) of \(answer.total)")
        guard answer.complete else { continue }
        printer.progress("")
        try await record.settle(statements: before + Int(answer.statements))
        return answer
      }
    }
    if own != nil, !isDryRun, description.taskDigest != answer.taskDigest {
      description.taskDigest = answer.taskDigest
      try description.save(to: directory)
    }
    return outcome(answer)
  }

  /// Refuses another task before anything is started with it.
  private func check(_ own: OwnTask, _ description: RunDescription) throws {
    guard own.task.name == description.taskName else {
      throw SupervisorError(
        .stateConflict,
        "\(directory.root.path) holds a run of \(description.taskName), not of \(own.task.name).")
    }
    guard own.task.digest == description.taskDigest || own.task.frameDigest == description.taskFrame else {
      throw SupervisorError(
        .stateConflict,
        "more than the rules of \(own.folder.path) has changed since the run in \(directory.root.path) began; put everything but 'rules' in task.yaml back as it was."
      )
    }
  }

  private func outcome(_ answer: EvaluatorV1.AuditRunResponse) -> Outcome {
    Outcome(
      findings: answer.findings.map { finding in
        let isOpen = finding.label == .unspecified
        let outcome =
          finding.revokedBefore
          ? "revoked_before" : (isDryRun ? "would_be_" : "") + (isOpen ? "illegal" : "revoked")
        return Finding(
          trial: finding.trial, label: isOpen ? LabelText.inFlight : LabelText.name(finding.label),
          rule: finding.rule, rulesVersion: answer.rulesVersion, evidence: finding.evidence, outcome: outcome)
      }, screened: answer.screened, rulesVersion: answer.rulesVersion, incumbent: answer.incumbent,
      isDryRun: isDryRun)
  }
}
