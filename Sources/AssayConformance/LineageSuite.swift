import AssayRPC
import AssayServices

/// The cases of a lineage service (docs/architecture.md): append-only, proven, readable.
public enum LineageSuite {
  /// - Parameters:
  ///   - run: an id that the record has not seen; the suite plays its evaluator.
  ///   - specialist: the name of an agent that the service trusts.
  public static func make(_ subject: Subject, run: String, specialist: String) -> ConformanceSuite {
    let probe = Probe(
      service: "assay.lineage.v1.LineageService", method: LineageServiceMethods.listRuns.name, request: [],
      textField: 2, text: "", caller: "operator",
      denied: ("agent/\(specialist)", LineageServiceMethods.appendTrial.name))
    let record = RecordCases(subject: subject, run: run, specialist: specialist)
    return ConformanceSuite(
      cases: WireCases(subject: subject, probe: probe).cases + record.cases
        + ProcessCases(subject: subject, caller: "operator").cases + record.last)
  }
}
