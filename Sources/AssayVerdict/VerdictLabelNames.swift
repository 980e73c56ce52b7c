public import AssayMessages

extension LineageV1.VerdictLabel {
  /// The label as a word, the same in statements, tables and JSON.
  public var word: String { Self.words.first { $0.label == self }?.word ?? "unknown" }

  /// The label of a word, nil for any other text.
  public init?(word: String) {
    guard let known = Self.words.first(where: { $0.word == word }) else { return nil }
    self = known.label
  }

  /// Whether the trial failed: it has no legal score.
  public var isFailure: Bool { ![.baseline, .keep, .discard, .unspecified].contains(self) }

  /// Every label with its word.
  public static let words: [(label: LineageV1.VerdictLabel, word: String)] = [
    (.baseline, "baseline"), (.keep, "keep"), (.discard, "discard"), (.crash, "crash"),
    (.preflightCrash, "preflight_crash"), (.sizeBlocked, "size_blocked"),
    (.trainBudgetOverrun, "train_budget_overrun"), (.evalBudgetOverrun, "eval_budget_overrun"),
    (.disqualified, "disqualified"), (.illegal, "illegal"), (.harnessAbort, "harness_abort"),
  ]
}
