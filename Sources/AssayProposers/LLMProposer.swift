public import AssayAgent
import AssayModel
import AssayPatch
import AssayReflection
import AssayTools

/// Proposes edits in sessions with a language model that uses tools on a working copy. A fresh session a proposal.
public struct LLMProposer: Proposer {
  private let sessions: ModelSessions

  public init(_ sessions: ModelSessions) { self.sessions = sessions }

  public func propose(_ state: ResearchState) async throws(AgentError) -> RecipeProposal {
    do {
      return try await session(state)
    } catch let error as AgentError {
      throw error
    } catch {
      throw AgentError(.cancelled, "the session was stopped", cause: error)
    }
  }

  private func session(_ state: ResearchState) async throws -> RecipeProposal {
    let services = sessions.services
    let opening = try await services.opening(state)
    let tools = ResearchTools(
      state: state, parent: opening.parent, copy: MemoryWorkingCopy(opening.recipe), reader: services.reader,
      motive: "llm", smoke: services.smoke, views: services.views)
    let session = sessions.name(state)
    var request = ModelRequest(
      model: "", system: opening.system, messages: [ModelMessage(.user, [.text(opening.message)])],
      tools: tools.definitions, maximumOutput: 0)
    let transcript = try sessions.begin(
      session, of: state.specialist, opening, tools: tools.definitions.map(\.name),
      ["iteration": .integer(Int64(state.iteration)), "parent": .integer(Int64(opening.parent))])
    var account = ModelCaller.Account()
    var outcome = "stopped"
    defer {
      do throws(AgentError) {
        try sessions.end(transcript, of: state.specialist, outcome, account)
      } catch {
        sessions.logger.error("\(error.message)")
      }
    }
    do {
      try await ModelConversation(
        tools: tools, caller: sessions.caller(for: state.specialist), transcript: transcript,
        limits: sessions.limits, session: session, words: Self.words,
        isOver: { _ in await tools.submission != nil }
      ).hold(&request, &account)
    } catch {
      outcome = (error as? AgentError)?.message ?? "stopped"
      throw error
    }
    guard let proposal = await tools.submission else {
      outcome = "no submission"
      throw AgentError(.noProposal, "the session ended without a submission")
    }
    outcome = "submitted"
    return proposal
  }

  private static let words = ModelConversation.Words(
    useTools:
      "You used no tool. Edit your working copy with edit_file and call submit; words alone change nothing.",
    hurry: "Submit what you have, or it is lost.", missing: "a submission")
}
