import ArgumentParser
import AssayAgent
import AssayAgentsFile
import AssayIdentity
import AssayModel
import AssayProposers
import AssaySandbox
import AssayServiceHost
import AssayServices
import Foundation
import Logging

/// `assay-agent`: one process, one specialist. Dials only.
@main struct AgentProgram: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "assay-agent", abstract: "Proposes edits for one partition of a recipe.",
    discussion: """
      How proposals are made: 'evolve' needs nothing; 'llm' and 'command' need an agents file (docs/agents.md) and a folder for
      transcripts and for the submission under way.
      """)

  @Option(help: ArgumentHelp("The partition that this agent owns.", valueName: "name"))
  var specialist: String

  @Option(
    name: .customLong("run"),
    help: ArgumentHelp(
      "The run to work in. Default: whichever run the evaluator has open, one after the other.",
      valueName: "id"))
  var runID: String?

  @Flag(
    help:
      "Other processes of this specialist work beside this one: draw a seed, and submit under keys of its own."
  )
  var shared = false

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

  @Option(help: "Decides every choice of the evolve proposer, together with what it sees.")
  var seed: UInt64 = 0

  @Option(
    help: "How proposals are made: evolve, llm or command. Without it, as the agents file says, or evolve.")
  var proposer: String?

  @Option(help: ArgumentHelp("How specialists make proposals; see docs/agents.md.", valueName: "file"))
  var agents: String?

  @Option(help: ArgumentHelp("Where this agent keeps what it must not forget.", valueName: "folder"))
  var state: String?

  @Flag(
    help: "Write insights about the record, and submit nothing: with a model where the agents file names one."
  )
  var analyst = false

  @Flag(help: "Work without any lineage: no path to it exists in this process.")
  var noLineage = false

  @OptionGroup var options: ServiceOptions
  @OptionGroup var tls: TLSOptions

  func validate() throws {
    if let proposer {
      guard let kind = SpecialistSettings.Proposer(rawValue: proposer) else {
        throw ValidationError("the proposer '\(proposer)' is not known; use evolve, llm or command")
      }
      if kind != .evolve, agents == nil {
        throw ValidationError("the proposer \(proposer) needs --agents FILE; see docs/agents.md")
      }
    }
    if noLineage {
      guard lineage == nil, lineageKey == nil else {
        throw ValidationError("--no-lineage excludes --lineage and --lineage-key; leave one side out")
      }
    } else if lineage == nil || lineageKey == nil {
      throw ValidationError("give --lineage and --lineage-key, or --no-lineage")
    }
  }

  private func settings() throws -> SpecialistSettings {
    guard let agents else { return SpecialistSettings(proposer: .evolve) }
    var settings = try AgentsFile.load(agents).settings(of: specialist)
    if let proposer, let kind = SpecialistSettings.Proposer(rawValue: proposer), kind != settings.proposer {
      // What makes proposals is no matter of an analyst: it has a model where the file says so.
      if analyst, kind != .evolve { return settings }
      guard kind == .evolve else {
        throw ValidationError(
          "the agents file has no \(proposer) settings for '\(specialist)'; write them there")
      }
      settings = SpecialistSettings(proposer: .evolve)
    }
    guard settings.proposer == .evolve || state != nil else {
      throw ValidationError("the proposer \(settings.proposer.rawValue) needs --state FOLDER")
    }
    return settings
  }

  func run() async throws {
    let monitoring = options.bootstrap()
    monitoring.requireContact()
    let settings = try settings()
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
    let instance = shared ? String(UInt64.random(in: 0 ... .max), radix: 36) : nil
    let folder = state.map { URL(filePath: $0) }
    let seed = shared ? UInt64.random(in: 0 ... .max) : self.seed
    let work = { @Sendable [specialist, lineageClient, sandbox] (run: String) async throws in
      let desk = ProposerDesk(
        run: run, evaluator: evaluatorClient, smoke: evaluatorClient, view: lineageClient,
        record: lineageClient, reader: reader, sandbox: sandbox,
        folder: folder, seed: seed, budget: LedgerBudget(run: run, port: evaluatorClient), logger: logger)
      try await desk.withProposer(of: settings) { proposer, journal in
        // What a process beside others was about to submit is known by a key that only it has.
        try await SpecialistAgent(
          configuration: AgentConfiguration(specialist: specialist, run: run, instance: instance),
          evaluator: evaluatorClient, lineage: lineageClient, proposer: proposer,
          journal: instance == nil ? journal : nil, logger: logger
        ).run()
      }
    }
    let analysis = { @Sendable [specialist, lineageClient] (run: String) async throws in
      // An analyst reads the record: without one there is nothing to say.
      guard let lineageClient else { return }
      let desk = ProposerDesk(
        run: run, evaluator: evaluatorClient, view: lineageClient, record: lineageClient, reader: reader,
        sandbox: nil, folder: folder, seed: seed,
        budget: LedgerBudget(run: run, port: evaluatorClient, purpose: "analyse"), logger: logger)
      try await desk.withAnalyst(of: settings) { sessions in
        try await AnalystAgent(
          configuration: AgentConfiguration(specialist: specialist, run: run), evaluator: evaluatorClient,
          lineage: lineageClient, sessions: sessions, logger: logger
        ).run()
      }
    }
    let ending = AgentWork.Ending()
    let agent = AgentWork(ending: ending) { [runID, analyst] in
      let body = analyst ? analysis : work
      if let runID { return try await body(runID) }
      let open = OpenRun(evaluator: evaluatorClient, logger: logger)
      while true { try await body(try await open.next()) }
    }
    try await ServiceHost.run([agent], options: options, monitoring: monitoring, logger: logger)
    // Whoever supervises this process is told that its work is not done, and starts it again.
    if options.exitWithStdin, !ending.isOfItself { throw ExitCode(75) }
  }
}
