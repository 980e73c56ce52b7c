import AssayProof

/// A verified record for people.
enum ProofText {
  static func text(of summary: ProofVerifier.Summary, in folder: String) -> String {
    let labels = summary.labels.sorted { ($1.value, $0.key) < ($0.value, $1.key) }.map {
      "\($0.value) \($0.key)"
    }
    return """
      run \(summary.run): \(summary.statements) signed statements hold, \(summary.objects) recipes, proposals and outputs fit
        trials     \(summary.trials) (\(labels.joined(separator: ", ")))
        best       trial \(summary.best), \(summary.bestScore.isEmpty ? "no score" : summary.bestScore)
        rules      \(summary.policy ? "registered before the first verdict" : "never registered")
        log        root \(summary.root), \(summary.cosigned ? "cosigned by the evaluator" : "NOT cosigned by the evaluator")
        state      \(summary.finished ? "ended with a signed report" : "no final report yet")
        evaluator  \(summary.evaluatorKey)
        log key    \(summary.logKey)
      """
  }
}
