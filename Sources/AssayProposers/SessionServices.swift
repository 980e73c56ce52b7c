public import AssayAgent
import AssayMessages
public import AssayPatch
import AssayRPC
import AssayTools

/// What a session asks of the run's services: the task in words, and the lineage's view.
public struct SessionServices: Sendable {
  private let run: String
  private let evaluator: any EvaluatorPort
  private let view: (any ViewPort)?
  let reader: RecipeReader
  /// Nil where nothing can be tried.
  let smoke: SmokeRuns?
  /// What the tools of a session ask the lineage by; nil in a run without one.
  let views: SessionViews?
  private let techniques: TechniqueLibrary?

  /// - Parameters:
  ///   - view: nil in a run without lineage.
  ///   - record: what the tools of sessions read; nil to read the agent's own copy.
  ///   - smoke: nil where the evaluator is asked for no smoke runs.
  ///   - techniques: what the operator wrote down for all runs; nil for nothing.
  public init(
    run: String, evaluator: any EvaluatorPort, view: (any ViewPort)?, record: (any LineagePort)? = nil,
    reader: RecipeReader, smoke: (any SmokeRunPort)? = nil, techniques: TechniqueLibrary? = nil
  ) {
    views = record.map { SessionViews(run: run, port: $0) }
    self.smoke = smoke.map { SmokeRuns(run: run, port: $0) }
    self.techniques = techniques
    self.run = run
    self.evaluator = evaluator
    self.view = view
    self.reader = reader
  }

  /// How a session begins.
  public struct Opening: Sendable, Hashable {
    public var system: [String]
    public var message: String
    public var parent: Int
    public var recipe: RecipeTree
    /// SHA-256 of the task's knowledge.
    public var knowledge: String
    /// SHA-256 of the technique library; nil without one.
    public var techniques: String?
  }

  /// The prompts of a session.
  public func opening(_ state: ResearchState) async throws -> Opening {
    let start = ResearchTools.startingPoint(of: state)
    let brief = try await brief()
    let prompts = PromptBuilder(
      brief: brief, task: state.task, specialist: state.specialist, hasLineage: state.lineage != nil,
      techniques: techniques)
    let rendered = try await rendered(state)
    return Opening(
      system: prompts.system, message: prompts.opening(state, parent: start.trial, view: rendered),
      parent: start.trial, recipe: start.recipe, knowledge: brief.knowledgeDigest,
      techniques: techniques?.digest)
  }

  /// How a session of an analyst begins. It has no working copy, so `parent` is the baseline and says nothing.
  func analystOpening(_ state: ResearchState) async throws -> Opening {
    let brief = try await brief()
    let prompts = AnalystPrompt(
      brief: brief, task: state.task, analyst: state.specialist, techniques: techniques)
    return Opening(
      system: prompts.system, message: prompts.opening(state, view: try await rendered(state)), parent: 0,
      recipe: state.task.baseline, knowledge: brief.knowledgeDigest, techniques: techniques?.digest)
  }

  private func brief() async throws -> ResearchBrief {
    do {
      var request = EvaluatorV1.DescribeTaskRequest()
      request.runId = run
      let answer = try await evaluator.describeTask(request, CallOptions(timeout: .seconds(20)))
      return ResearchBrief(answer.task ?? .init())
    } catch {
      throw AgentError(.noProposal, "the task could not be read: \(error)", cause: error)
    }
  }

  /// The lineage as its service renders it; nil without one.
  private func rendered(_ state: ResearchState) async throws -> String? {
    guard state.lineage != nil, let view else { return nil }
    var request = LineageV1.RenderViewRequest()
    request.runId = run
    request.specialist = state.specialist
    do {
      return try await view.renderView(request, CallOptions(timeout: .seconds(20))).text
    } catch {
      throw AgentError(.noProposal, "the lineage's view could not be read: \(error)", cause: error)
    }
  }
}
