import AssayProof

/// A verified record for people.
enum ProofText {
  static func text(of summary: ProofVerifier.Summary, in folder: String) -> String {
    let labels = summary.labels.sorted { ($1.value, $0.key) < ($0.value, $1.key) }.map {
      "\($0.value) \($0.key)"
    }
    let revoked =
      summary.revoked.isEmpty
      ? "none" : summary.revoked.map { "trial \($0)" }.joined(separator: ", ")
    let state =
      !summary.finished
      ? "no final report yet"
      : summary.reportStands
        ? "ended with a signed report"
        : "ended with a signed report, about a trial that was REVOKED since"
    return """
      run \(summary.run): \(summary.statements) signed statements hold, \(summary.objects) recipes, proposals and outputs fit
        trials     \(summary.trials) (\(labels.joined(separator: ", ")))
        best       trial \(summary.best), \(summary.bestScore.isEmpty ? "no score" : summary.bestScore)
        revoked    \(revoked)\(summary.audits > 0 ? ", in \(summary.audits) audit(s)" : "")
        rules      \(summary.policy ? "registered before the first verdict" : "never registered")
        log        root \(summary.root), \(summary.cosigned ? "cosigned by the evaluator" : "NOT cosigned by the evaluator")
        state      \(state)
        evaluator  \(summary.evaluatorKey)
        log key    \(summary.logKey)
      """
  }
}
