import ArgumentParser
import AssayArtifacts
import AssayEvaluator
import AssayIdentity
import AssaySandbox
import AssayServiceHost
import AssayServices
import AssayTask
import Foundation
import Logging

/// `assay-evaluator`: owns tasks, held-out data, the score and the verdict.
@main struct EvaluatorProgram: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "assay-evaluator", abstract: "Owns tasks, held-out data, the score and the verdict.")

  @OptionGroup var service: ServiceOptions
  @OptionGroup var listen: ListenOptions

  @Option(
    help: ArgumentHelp(
      "The folder of this evaluator's database and blobs; for its eyes only.", valueName: "folder"))
  var state: String

  @Option(
    help: ArgumentHelp("Where backups go. Default: backups in the state folder.", valueName: "folder"))
  var backups: String?

  @Option(help: ArgumentHelp("A task folder; may be given several times.", valueName: "folder"))
  var task: [String]

  @Option(help: ArgumentHelp("The cache of prepared environments and data.", valueName: "folder"))
  var prepared: String

  @Option(help: ArgumentHelp("The lineage's address.", valueName: "url"))
  var lineage: String

  @Option(help: ArgumentHelp("The lineage's public key, assay-ed25519:...", valueName: "key"))
  var lineageKey: String

  @Option(
    help: ArgumentHelp(
      "A scorer that somebody else runs, in place of the tasks' own: it has the held-out data and judges predictions.",
      valueName: "url"))
  var scorer: String?

  @Option(help: ArgumentHelp("The scorer's public key, assay-ed25519:...", valueName: "key"))
  var scorerKey: String?

  @Option(
    help: ArgumentHelp(
      "A folder shared with runners, where they leave artifacts under their digests; may be read-only here. Default: $ASSAY_ARTIFACT_VOLUME, else artifacts come by RPC.",
      valueName: "folder"))
  var artifactVolume: String?

  func validate() throws {
    if (scorer == nil) != (scorerKey == nil) {
      throw ValidationError("--scorer and --scorer-key go together: a scorer is known by its key.")
    }
  }

  func run() async throws {
    let monitoring = service.bootstrap()
    let logger = Logger(label: "assay-evaluator")
    do {
      try await serve(logger, monitoring)
    } catch {
      logger.critical("\(error)")
      throw ExitCode(3)
    }
  }

  private func serve(_ logger: Logger, _ monitoring: ServiceMonitoring) async throws {
    var monitoring = monitoring
    let identity = try listen.identity()
    let sandbox = try await Sandbox.open()
    logger.info("isolation of scorers: \(sandbox.isolation)")
    let folder = URL(filePath: state).standardizedFileURL.path
    let remote = try scorer.flatMap { address in
      try scorerKey.map {
        try ServiceDialing.client(address, serverKey: $0, as: identity, tls: try listen.tls.credentials())
      }
    }
    var tasks: [OwnedTask] = []
    for directory in task {
      let loaded = try ResearchTask.load(directory: directory)
      let ready = try await TaskPreparation(task: loaded, cache: prepared).prepare { progress in
        logger.info("preparing task \(loaded.name): \(progress)")
      }
      var scorer: any TaskScorer = SandboxedScorer(
        sandbox: sandbox, task: loaded, prepared: ready, scratch: Evaluator.scratch(in: folder))
      if let remote {
        scorer = RemoteScorer(client: ScorerServiceClient(remote), task: loaded.name, inspector: scorer)
      }
      tasks.append(OwnedTask(task: loaded, prepared: ready, scorer: scorer))
    }
    let client = LineageServiceClient(
      try ServiceDialing.client(
        lineage, serverKey: lineageKey, as: identity, tls: try listen.tls.credentials()))
    var configuration = Evaluator.Configuration(
      stateFolder: folder, tasks: tasks, key: identity, lineage: client)
    configuration.backups = backups
    configuration.artifactVolume = try
      (artifactVolume ?? ProcessInfo.processInfo.environment["ASSAY_ARTIFACT_VOLUME"])
      .map { try ArtifactVolume(folder: $0) }
    let evaluator = try await Evaluator.open(configuration, logger: logger)
    monitoring.atScrape { await evaluator.measure() }
    monitoring.readiness.require { evaluator.trouble }
    let server = try listen.makeService("evaluator", router: evaluator.makeRouter(), logger: logger)
    try await ServiceHost.run(
      [EvaluatorWork(evaluator: evaluator), server], options: service, monitoring: monitoring,
      logger: logger)
  }
}
