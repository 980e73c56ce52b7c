public import AssayAgent
public import AssayAgentsFile
import AssayModel
public import AssaySandbox
import AssayTools
public import Foundation
public import Logging

/// Makes the proposer of a specialist, or an analyst, from its settings.
public struct ProposerDesk: Sendable {
  private let run: String
  private let evaluator: any EvaluatorPort
  private let smoke: (any SmokeRunPort)?
  private let view: (any ViewPort)?
  private let record: (any LineagePort)?
  private let reader: RecipeReader
  private let sandbox: Sandbox?
  private let folder: URL?
  private let seed: UInt64
  private let budget: any ModelBudget
  private let logger: Logger

  /// - Parameters:
  ///   - smoke: nil where the evaluator is asked for no smoke runs.
  ///   - view: nil in a run without lineage, as is `record`.
  ///   - sandbox: needed by programs, used by the reader.
  ///   - folder: transcripts, the working copy of programs, and the submission under way; nil for evolve alone.
  public init(
    run: String, evaluator: any EvaluatorPort, smoke: (any SmokeRunPort)? = nil, view: (any ViewPort)?,
    record: (any LineagePort)? = nil, reader: RecipeReader, sandbox: Sandbox?, folder: URL?, seed: UInt64,
    budget: any ModelBudget,
    logger: Logger
  ) {
    self.run = run
    self.reader = reader
    self.sandbox = sandbox
    self.folder = folder
    self.seed = seed
    self.budget = budget
    self.logger = logger
    self.evaluator = evaluator
    self.smoke = smoke
    self.view = view
    self.record = record
  }

  private func services(_ settings: SpecialistSettings) throws(AgentError) -> SessionServices {
    SessionServices(
      run: run, evaluator: evaluator, view: view, record: record, reader: reader, smoke: smoke,
      techniques: try settings.techniques.map { (folder) throws(AgentError) in
        try TechniqueLibrary(folder: folder)
      })
  }

  /// Runs `body` with the proposer, and with the journal that it needs.
  ///
  /// - Throws: `AgentError` with the remedy where the settings cannot be met on this machine.
  public func withProposer(
    of settings: SpecialistSettings, environment: [String: String] = ProcessInfo.processInfo.environment,
    _ body: (any Proposer, (any SubmissionJournal)?) async throws -> Void
  ) async throws {
    switch settings.proposer {
    case .evolve: try await body(EvolveProposer(reader: reader, seed: seed), nil)
    case .llm:
      let (models, store, folder) = try models(of: settings, environment)
      let services = try services(settings)
      try await ModelClient.with { client in
        let proposer = LLMProposer(
          ModelSessions(
            run: run, services: services, models: models, client: client, budget: budget, store: store,
            limits: .init(turns: settings.maximumTurns), logger: logger))
        try await body(proposer, SubmissionFile(folder.appending(path: "pending.json")))
      }
    case .command:
      guard let command = settings.command else {
        throw AgentError(
          .refused, "the agents file names no command for this specialist; write 'command: [...]'")
      }
      guard let sandbox else {
        throw AgentError(
          .refused,
          "programs are run in a sandbox only, and there is none on this machine: install bubblewrap")
      }
      let folder = try folderOfSessions()
      let store = try SessionStore(folder: folder.appending(path: "transcripts"), secrets: [])
      try store.fileLeftovers()
      let proposer = CommandProposer(
        run: run, services: try services(settings), settings: command, sandbox: sandbox, folder: folder,
        store: store,
        logger: logger)
      try await body(proposer, SubmissionFile(folder.appending(path: "pending.json")))
    }
  }

  /// Runs `body` with what holds an analyst's sessions; with nil where the built-in analyst is to look, which needs no model.
  ///
  /// - Throws: `AgentError` with the remedy where the settings cannot be met on this machine.
  public func withAnalyst(
    of settings: SpecialistSettings, environment: [String: String] = ProcessInfo.processInfo.environment,
    _ body: ((any AnalystSessions)?) async throws -> Void
  ) async throws {
    switch settings.proposer {
    case .evolve: try await body(nil)
    case .command:
      logger.warning(
        "a program cannot be an analyst, the built-in one works; write 'proposer: llm' for one with a model")
      try await body(nil)
    case .llm:
      let (models, store, _) = try models(of: settings, environment)
      let services = try services(settings)
      try await ModelClient.with { client in
        try await body(
          LLMAnalyst(
            ModelSessions(
              run: run, services: services, models: models, client: client, budget: budget, store: store,
              limits: .init(turns: settings.maximumTurns), logger: logger)))
      }
    }
  }

  /// The models that the settings name, and where sessions with them are kept.
  private func models(
    of settings: SpecialistSettings, _ environment: [String: String]
  ) throws -> ([ModelChoice], SessionStore, URL) {
    let models = settings.models.map { ModelChoice($0, environment: environment) }
    guard !models.isEmpty else {
      throw AgentError(.refused, "the agents file names no model for this specialist; write 'model: NAME'")
    }
    for (choice, said) in zip(models, settings.models)
    where choice.endpoint.key == nil && (said.keyFile ?? said.keyVariable) != nil {
      logger.warning(
        "there is no key in \(said.keyFile ?? "the variable \(said.keyVariable ?? "")"); \(choice.endpoint.name) is asked without one"
      )
    }
    let folder = try folderOfSessions()
    let store = try SessionStore(
      folder: folder.appending(path: "transcripts"), secrets: models.compactMap(\.endpoint.key))
    try store.fileLeftovers()
    return (models, store, folder)
  }

  private func folderOfSessions() throws(AgentError) -> URL {
    guard let folder else {
      throw AgentError(.refused, "this proposer needs a folder; give one with --state")
    }
    do {
      try FileManager.default.createDirectory(
        at: folder, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
    } catch {
      throw AgentError(
        .refused, "the folder \(folder.path) cannot be made; give another with --state", cause: error)
    }
    return folder
  }
}
