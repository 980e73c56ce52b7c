import AssayAgent
import AssayMessages
import AssayModel
import AssayModelTesting
import AssayPatch
import AssayRPC
import AssayReflection
import Foundation
import Logging
import Synchronization

@testable import AssayProposers

/// A task, a history and an account, for proposers that ask real servers.
struct ProposerBench: EvaluatorPort, ViewPort {
  static let text = """
    # --- section: model ---
    WIDTH = 64


    # --- section: optimiser ---
    LR = 0.1
    MOMENTUM = 0.9
    """ + "\n"
  static let key = "sk-canary-7f3a9"

  let folder = FileManager.default.temporaryDirectory.appending(path: "assay-proposers-\(UUID().uuidString)")
  let account = Account()

  /// Notes every movement.
  final class Account: ModelBudget {
    struct State {
      var reserved: [String: ModelReservation] = [:]
      var settled: [ModelCharge] = []
      var refunded: [String] = []
      var left = Int.max
    }
    let state = Mutex(State())

    func reserve(_ reservation: ModelReservation) async throws(AgentError) {
      let enough = state.withLock { state -> Bool in
        guard reservation.usage.total <= state.left else { return false }
        state.reserved[reservation.request] = reservation
        return true
      }
      guard enough else { throw AgentError(.budgetExhausted, "nothing left") }
    }
    func settle(_ charge: ModelCharge) async throws(AgentError) {
      state.withLock { state in
        state.settled.append(charge)
        state.reserved[charge.request] = nil
      }
    }
    func refund(_ request: String) async throws(AgentError) {
      state.withLock { state in
        state.refunded.append(request)
        state.reserved[request] = nil
      }
    }
  }

  static func state() throws -> ResearchState {
    let recipe = try RecipeTree(["recipe.py": Array(text.utf8)])
    let task = TaskKnowledge(
      name: "bench", metric: .init(name: "loss", noise: 0.01, keepMargin: 0.02),
      caps: .init(artifactBytes: 1000, trainSeconds: 10, recipeBytes: 2000),
      scope: EditScope(files: ["recipe.py": .sections(["optimiser"])]), baseline: recipe)
    let baseline = TrialKnowledge(
      number: 0, specialist: "", parent: 0, outcome: .baseline, score: 1, recipe: recipe)
    return ResearchState(
      task: task, specialist: "opt", iteration: 0, lineage: LineageKnowledge(trials: [baseline], incumbent: 0)
    )
  }

  func describeTask(
    _ request: EvaluatorV1.DescribeTaskRequest, _ options: CallOptions
  ) async throws(RPCError) -> EvaluatorV1.DescribeTaskResponse {
    var note = EvaluatorV1.KnowledgeNote()
    note.path = "knowledge/notes.md"
    note.text = "Small rates help."
    var task = EvaluatorV1.TaskDescription()
    task.name = "bench"
    task.title = "A bench"
    task.knowledge = [note]
    var response = EvaluatorV1.DescribeTaskResponse()
    response.task = task
    return response
  }
  func getRunState(
    _ request: EvaluatorV1.GetRunStateRequest, _ options: CallOptions
  ) async throws(RPCError) -> EvaluatorV1.GetRunStateResponse { throw RPCError(.unimplemented, "not asked") }
  func submitTrial(
    _ request: EvaluatorV1.SubmitTrialRequest, _ options: CallOptions
  ) async throws(RPCError) -> EvaluatorV1.SubmitTrialResponse { throw RPCError(.unimplemented, "not asked") }
  func waitVerdict(
    _ request: EvaluatorV1.WaitVerdictRequest, _ options: CallOptions
  ) async throws(RPCError) -> EvaluatorV1.WaitVerdictResponse { throw RPCError(.unimplemented, "not asked") }
  func renderView(
    _ request: LineageV1.RenderViewRequest, _ options: CallOptions
  ) async throws(RPCError) -> LineageV1.RenderViewResponse {
    var response = LineageV1.RenderViewResponse()
    response.text = "# Run r, task bench. 1 trial."
    return response
  }

  func services() throws -> SessionServices {
    SessionServices(run: "r", evaluator: self, view: self, reader: try RecipeReader())
  }

  func choice(_ server: ScriptedServer, _ api: ModelEndpoint.API = .anthropic, model: String = "model-a")
    -> ModelChoice
  {
    ModelChoice(
      endpoint: ModelEndpoint(name: "test", api: api, baseURL: server.address, key: Secret(Self.key)),
      model: model,
      maximumOutput: 1000, price: TokenPrice(input: 3000, output: 15_000, cacheRead: 300, cacheWrite: 3750))
  }

  /// One session with models that answer as told.
  func propose(
    _ models: [ModelChoice], limits: ModelSessions.Limits = .init(), pauses: Locked<[Duration]> = Locked([])
  ) async throws -> RecipeProposal {
    try await ModelClient.with(timeouts: .init(idle: .seconds(20), total: .seconds(60))) { client in
      let proposer = LLMProposer(
        ModelSessions(
          run: "r", services: try services(), models: models, client: client, budget: account,
          store: try SessionStore(folder: folder, secrets: models.compactMap(\.endpoint.key)), limits: limits,
          policy: .init(attempts: 3), logger: Logger(label: "test"), pause: { pause in pauses.append(pause) })
      )
      return try await proposer.propose(try Self.state())
    }
  }

  /// The index of transcripts.
  func index() throws -> [JSONValue] {
    let text = try String(contentsOf: folder.appending(path: "sessions.jsonl"), encoding: .utf8)
    return try text.split(separator: "\n").map { try JSONValue(parsing: $0.utf8) }
  }

  /// Everything that was written below the folder.
  func everything() throws -> String {
    let names = try FileManager.default.subpathsOfDirectory(atPath: folder.path)
    return names.compactMap { try? String(contentsOf: folder.appending(path: $0), encoding: .utf8) }.joined()
  }

  func remove() { try? FileManager.default.removeItem(at: folder) }
}

/// A value that closures share.
final class Locked<Value: Sendable>: Sendable {
  private let state: Mutex<Value>
  init(_ value: Value) { state = Mutex(value) }
  var value: Value { state.withLock { $0 } }
}

extension Locked {
  func append<Element: Sendable>(_ element: Element) where Value == [Element] {
    state.withLock { $0.append(element) }
  }
}
