import AssayRPC
import AssayServices

/// The cases of a scorer (docs/evaluator-protocol.md, "Only a scorer").
public enum ScorerSuite {
  /// - Parameter task: the name of the task that it judges.
  public static func make(_ subject: Subject, task: String) -> ConformanceSuite {
    let probe = Probe(
      service: "assay.scorer.v1.ScorerService", method: ScorerServiceMethods.listInputs.name,
      request: Wire.text(1, task), textField: 1, text: task, caller: "evaluator",
      denied: ("operator", ScorerServiceMethods.listInputs.name))
    return ConformanceSuite(
      cases: WireCases(subject: subject, probe: probe).cases
        + ScorerCases(subject: subject, task: task).cases
        + ProcessCases(subject: subject, caller: "evaluator").cases)
  }
}
