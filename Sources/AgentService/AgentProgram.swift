import ArgumentParser
import AssayAgent
import AssayIdentity
import AssaySandbox
import AssayServiceHost
import AssayServices
import Logging

/// `assay-agent`: one process, one specialist. Dials only.
@main struct AgentProgram: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "assay-agent", abstract: "Proposes edits for one partition of a recipe.")

  @Option(help: ArgumentHelp("The partition that this agent owns.", valueName: "name"))
  var specialist: String

  @Option(name: .customLong("run"), help: ArgumentHelp("The run to work in.", valueName: "id"))
  var runID: String

  @Option(
    help: ArgumentHelp(
      "The evaluator's address; several, separated by commas, share the calls.", valueName: "url"))
  var evaluator: String

  @Option(help: ArgumentHelp("The evaluator's public key, assay-ed25519:...", valueName: "key"))
  var evaluatorKey: String

  @Option(
    help: ArgumentHelp("The lineage's address; not given together with --no-lineage.", valueName: "url"))
  var lineage: String?

  @Option(help: ArgumentHelp("The lineage's public key, assay-ed25519:...", valueName: "key"))
  var lineageKey: String?

  @Option(help: ArgumentHelp("This agent's private key.", valueName: "file"))
  var key: String

  @Option(help: "Decides every choice of the proposer, together with what it sees.")
  var seed: UInt64 = 0

  @Option(help: "How proposals are made: evolve.")
  var proposer: String = "evolve"

  @Flag(help: "Work without any lineage: no path to it exists in this process.")
  var noLineage = false

  @OptionGroup var options: ServiceOptions
  @OptionGroup var tls: TLSOptions

  func validate() throws {
    guard proposer == "evolve" else {
      throw ValidationError("the proposer '\(proposer)' is not known; use evolve")
    }
    if noLineage {
      guard lineage == nil, lineageKey == nil else {
        throw ValidationError("--no-lineage excludes --lineage and --lineage-key; leave one side out")
      }
    } else if lineage == nil || lineageKey == nil {
      throw ValidationError("give --lineage and --lineage-key, or --no-lineage")
    }
  }

  func run() async throws {
    options.bootstrapLogging()
    let identity = try IdentityKey.load(from: key)
    let evaluatorClient = EvaluatorServiceClient(
      try ServiceDialing.client(evaluator, serverKey: evaluatorKey, as: identity, tls: try tls.credentials()))
    var lineageClient: LineageServiceClient?
    if let lineage, let lineageKey {
      lineageClient = LineageServiceClient(
        try ServiceDialing.client(lineage, serverKey: lineageKey, as: identity, tls: try tls.credentials()))
    }
    let logger = Logger(label: "assay-agent.\(specialist)")
    var sandbox: Sandbox?
    do {
      sandbox = try await Sandbox.open()
    } catch {
      logger.warning("recipes are read in a plain process with limits, not in a sandbox: \(error.message)")
    }
    let reader = try RecipeReader(sandbox: sandbox)
    let agent = SpecialistAgent(
      configuration: AgentConfiguration(specialist: specialist, run: runID), evaluator: evaluatorClient,
      lineage: lineageClient, proposer: EvolveProposer(reader: reader, seed: seed), logger: logger)
    try await ServiceHost.run([AgentWork(agent: agent)], options: options, logger: logger)
  }
}
