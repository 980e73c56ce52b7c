/// Makes proposals for a specialist.
public protocol Proposer: Sendable {
  /// The next proposal.
  ///
  /// - Throws: ``AgentError/Code/exhausted`` when nothing new can be thought of until others have results,
  ///   ``AgentError/Code/noProposal`` when this attempt came to nothing and another is worth making, and
  ///   ``AgentError/Code/budgetExhausted`` when there is nothing left to pay for one. Other errors end the agent.
  func propose(_ state: ResearchState) async throws(AgentError) -> RecipeProposal
}

extension EvolveProposer: Proposer {}
