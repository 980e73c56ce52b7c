import ArgumentParser
import AssayAudit
import AssaySupervisor

/// A run by folder or name, live or imported.
struct RunArgument: ParsableArguments {
  @Argument(
    help: ArgumentHelp(
      "Folder of a run, or its name below ./.assay. Default: $ASSAY_STATE, else your newest run.",
      valueName: "run"))
  var run: String?

  func location() throws -> RunLocation { try RunLocation.find(run) }
}

/// What an audit takes from outside the record.
struct AuditArguments: ParsableArguments {
  @Option(
    name: .long,
    help: ArgumentHelp(
      "Difference of two scores that is noise. Default: from the record.", valueName: "number"))
  var noise: Double?

  @Option(
    name: .long,
    help: ArgumentHelp(
      "Limit of the gate on the mean over seeds. Default: from the record.", valueName: "number"))
  var gate: Double?

  func options() throws -> AuditOptions {
    if let noise, !(noise.isFinite && noise >= 0) {
      throw SupervisorError(.usage, "--noise is a difference of scores, such as 0.001.")
    }
    return AuditOptions(noiseBand: noise, gateLimit: gate, published: try PublishedClaims.bundled())
  }
}
