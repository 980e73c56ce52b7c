public import AssayAgent
public import AssayModel
import AssayPatch
public import AssayReflection

/// The tools of one specialist in one session: what LLM sessions and MCP clients call is the same code.
///
/// Who the specialist is, what it may edit and which run it works in are given here, once; no argument of a tool can change
/// them. Calls are made one after another.
public actor ResearchTools {
  let state: ResearchState
  let reader: RecipeReader
  let copy: any WorkingCopy
  /// How the proposals of this session are told from others: `llm` or `command`.
  let motive: String
  /// Nil where nothing can be tried.
  let smoke: SmokeRuns?
  /// Nil where the lineage at hand is all that there is to ask.
  let views: SessionViews?
  /// Trials whose recipes were fetched in this session.
  var fetched: Set<Int> = []
  private let offered: [ToolName]
  /// The trial that the working copy is based on.
  public internal(set) var parent: Int
  /// What was submitted; at most one proposal a session.
  public internal(set) var submission: RecipeProposal?
  /// How often each tool was called.
  public private(set) var calls: [String: Int] = [:]

  /// - Parameters:
  ///   - copy: holds the recipe of `parent` at first.
  ///   - smoke: nil where the evaluator is asked for no smoke runs.
  ///   - views: answers what is asked of the lineage; nil to answer from `state`.
  ///   - only: the tools to offer, as far as there are such in this run; nil for all.
  public init(
    state: ResearchState, parent: Int, copy: any WorkingCopy, reader: RecipeReader, motive: String,
    smoke: SmokeRuns? = nil, views: SessionViews? = nil, only: Set<ToolName>? = nil
  ) {
    self.views = state.lineage == nil ? nil : views
    self.state = state
    self.parent = parent
    self.copy = copy
    self.reader = reader
    self.motive = motive
    self.smoke = smoke
    offered = ToolName.allCases.filter {
      (state.lineage != nil || !$0.needsLineage) && (smoke != nil || $0 != .smokeRun)
        && (only?.contains($0) ?? true)
    }
  }

  /// The trial that a session starts from: the best so far whose recipe is at hand.
  public static func startingPoint(of state: ResearchState) -> (trial: Int, recipe: RecipeTree) {
    if let lineage = state.lineage, lineage.incumbent != 0,
      let recipe = lineage.trials.first(where: { $0.number == lineage.incumbent })?.recipe
    {
      return (lineage.incumbent, recipe)
    }
    return (0, state.task.baseline)
  }

  public nonisolated var definitions: [ToolDefinition] { offered.map(ToolCatalog.definition) }

  /// Calls a tool. Every mistake of the caller is an answer, marked as an error, with the remedy in it.
  public func call(_ name: String, _ arguments: JSONValue) async -> ToolOutcome {
    guard let tool = ToolName(rawValue: name), offered.contains(tool) else {
      let names = offered.map(\.rawValue).joined(separator: ", ")
      return ToolOutcome(
        "there is no tool '\(UntrustedText.line(name, limit: 60))'; there are \(names)", isError: true)
    }
    calls[name, default: 0] += 1
    do throws(ToolError) {
      let read = try ToolArguments(arguments, known: ToolCatalog.arguments(tool))
      return ToolOutcome(try await run(tool, read))
    } catch {
      return ToolOutcome(error.message, isError: true)
    }
  }

  private func run(_ tool: ToolName, _ arguments: ToolArguments) async throws(ToolError) -> String {
    switch tool {
    case .listFiles: return try await listFiles()
    case .readFile: return try await readFile(arguments)
    case .search: return try await search(arguments)
    case .editFile: return try await editFile(arguments)
    case .diff: return try await diff()
    case .checkSyntax: return try await checkSyntax()
    case .project: return try await project()
    case .smokeRun: return try await smokeRun(arguments)
    case .listTrials: return try await listTrials(arguments)
    case .showTrial: return try await showTrial(arguments)
    case .readSnapshot: return try await readSnapshot(arguments)
    case .rebase: return try await rebase(arguments)
    case .recombine: return try await recombine(arguments)
    case .submit: return try await submit(arguments)
    }
  }

  /// Refuses changes after the submission: what was submitted is what is in the copy.
  func checkOpen() throws(ToolError) {
    guard submission == nil else {
      throw ToolError("this session has submitted; it changes and submits nothing more")
    }
  }

  /// The recipe of a trial.
  func recipe(of number: Int) throws(ToolError) -> RecipeTree {
    if number == 0 { return state.task.baseline }
    guard let trial = state.lineage?.trials.first(where: { $0.number == number }) else {
      throw ToolError("there is no trial \(number) in the lineage at hand")
    }
    guard let recipe = trial.recipe else {
      throw ToolError(
        "the recipe of trial \(number) is not at hand: its edit did not apply, or it is long past")
    }
    return recipe
  }
}
