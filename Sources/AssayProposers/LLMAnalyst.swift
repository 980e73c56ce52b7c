public import AssayAgent
import AssayModel
import AssayReflection
import AssayTools

/// Writes insights in sessions with a language model that reads the record. A fresh session a look; it edits and submits nothing.
public struct LLMAnalyst: AnalystSessions {
  private let sessions: ModelSessions

  public init(_ sessions: ModelSessions) { self.sessions = sessions }

  /// Read from the index of transcripts: a session that came to something says how many verdicts it saw.
  public func covered(in run: String, by analyst: String) -> Int {
    sessions.store.entries()
      .filter { $0["session"]?.text?.hasPrefix("\(run)/\(analyst)/") == true }
      .compactMap { $0["verdicts"]?.wholeNumber.map { Int(clamping: $0) } }.max() ?? 0
  }

  public func analyse(
    _ state: ResearchState, write: @escaping @Sendable (Lesson) async throws -> Void
  ) async throws(AgentError) {
    do {
      try await session(state, write)
    } catch let error as AgentError {
      throw error
    } catch {
      throw AgentError(.cancelled, "the session was stopped", cause: error)
    }
  }

  private static let words = ModelConversation.Words(
    useTools:
      "You used no tool. Call write_insight for what the record amounts to, or finish; other words are lost.",
    hurry: "Write what you have with write_insight and call finish.", missing: "an insight")

  private func session(
    _ state: ResearchState, _ write: @escaping @Sendable (Lesson) async throws -> Void
  ) async throws {
    let services = sessions.services
    let opening = try await services.analystOpening(state)
    let tools = AnalystTools(state: state, reader: services.reader, views: services.views, write: write)
    let session = sessions.name(state)
    var request = ModelRequest(
      model: "", system: opening.system, messages: [ModelMessage(.user, [.text(opening.message)])],
      tools: tools.definitions, maximumOutput: 0)
    let transcript = try sessions.begin(
      session, of: state.specialist, opening, tools: tools.definitions.map(\.name),
      ["verdicts": .integer(Int64(state.iteration))])
    var account = ModelCaller.Account()
    var failure: (any Error)?
    do {
      try await ModelConversation(
        tools: tools, caller: sessions.caller(for: state.specialist), transcript: transcript,
        limits: sessions.limits, session: session, words: Self.words,
        isOver: { answer in
          if await tools.isFinished { return true }
          // Whoever has written something may end in plain words.
          return answer.calls.isEmpty ? await !tools.insights.isEmpty : false
        }
      ).hold(&request, &account)
    } catch {
      failure = error
    }
    let insights = await tools.insights
    // What was written counts, whatever ended the session.
    if let error = failure as? AgentError, error.code == .noProposal, !insights.isEmpty { failure = nil }
    var facts: [String: JSONValue] = ["insights": .array(insights.map { .string($0.text) })]
    if failure == nil { facts["verdicts"] = .integer(Int64(state.iteration)) }
    let outcome = failure.map { ($0 as? AgentError)?.message ?? "stopped" } ?? "analysed"
    try sessions.end(transcript, of: state.specialist, outcome, account, facts)
    if let failure { throw failure }
  }
}
