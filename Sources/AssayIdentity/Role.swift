/// What a caller may be. An identity holds one or more roles.
public enum Role: String, CaseIterable, Codable, Sendable, Hashable {
  case agent, runner, evaluator, observer, `operator`
}
