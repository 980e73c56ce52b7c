/// Looks at the record of a run in sessions, each of which decides itself what it writes.
public protocol AnalystSessions: Sendable {
  /// How many verdicts of a run the sessions of earlier processes have looked at; 0 where that is not known.
  func covered(in run: String, by analyst: String) -> Int

  /// Holds one session. It sees the record and nothing that it could change but by `write`.
  ///
  /// - Parameters:
  ///   - state: its iteration is how many verdicts there are.
  ///   - write: writes one insight; the record has it when it returns.
  /// - Throws: `AgentError`: `noProposal` where the session came to nothing and another may be held after a pause,
  ///   `budgetExhausted` where none can be paid for.
  func analyse(
    _ state: ResearchState, write: @escaping @Sendable (Lesson) async throws -> Void
  ) async throws(AgentError)
}
