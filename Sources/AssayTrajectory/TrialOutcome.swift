/// What became of a trial, coarser than its label.
public enum TrialOutcome: String, Codable, Sendable, CaseIterable {
  /// The unedited recipe.
  case baseline
  case kept
  /// Legal, and not kept.
  case discarded
  /// The trial ran, or was stopped, and has no legal score.
  case failed
  /// It failed for a reason that is not the recipe's: never an outcome of the edit.
  case infrastructure
  /// A verdict that was taken back.
  case revoked
  case inFlight = "in_flight"
  /// The record does not say in a way that can be read.
  case unreadable

  /// Whether the trial has a legal score.
  public var isValid: Bool { self == .kept || self == .discarded }

  /// The outcome that a label stands for; nil for a label that is not known.
  public init?(label: String) {
    switch label {
    case "baseline": self = .baseline
    case "keep": self = .kept
    case "discard": self = .discarded
    case "crash", "preflight_crash", "size_blocked", "train_budget_overrun", "eval_budget_overrun",
      "disqualified", "illegal":
      self = .failed
    case "harness_abort": self = .infrastructure
    case "revoked": self = .revoked
    case "in_flight": self = .inFlight
    default: return nil
    }
  }
}
