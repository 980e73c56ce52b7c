import AssayIdentity
import AssayMessages
import AssayRPC
import AssayServices
import AssayVerdict

/// The cases of an evaluator (docs/evaluator-protocol.md).
public enum EvaluatorSuite {
  /// Starts and stops a real runner, which measures the baseline and one honest trial.
  public struct RealRunner: Sendable {
    let start: @Sendable () async throws -> Void
    let stop: @Sendable () async -> Void

    public init(
      start: @escaping @Sendable () async throws -> Void, stop: @escaping @Sendable () async -> Void
    ) {
      self.start = start
      self.stop = stop
    }
  }

  /// - Parameters:
  ///   - task: the name of the task, empty where the evaluator owns one.
  ///   - run: an id that the evaluator has not seen.
  ///   - runner: nil where a runner serves the evaluator already.
  public static func make(_ subject: Subject, task: String, run: String, runner: RealRunner?)
    -> ConformanceSuite
  {
    let stage = EvaluatorStage(subject, task: task, run: run, runner: runner)
    let probe = Probe(
      service: "assay.evaluator.v1.EvaluatorService", method: EvaluatorServiceMethods.describeTask.name,
      request: Wire.text(1, task), textField: 1, text: task, caller: "operator",
      denied: ("observer", EvaluatorServiceMethods.openRun.name))
    return ConformanceSuite(
      cases: WireCases(subject: subject, probe: probe).cases + RunCases(stage: stage).cases
        + SubmissionCases(stage: stage).cases + JobCases(stage: stage).cases
        + LifecycleCases(stage: stage).cases + RevocationCases(stage: stage).cases
        + RunCases(stage: stage).last)
  }
}
