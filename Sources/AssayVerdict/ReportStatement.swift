public import AssayIdentity
public import AssayMessages

/// The final report of a run as a signed in-toto statement.
public enum ReportStatement {
  public static let predicateType = "https://assay.dev/final-report/v1"

  private struct Predicate: Codable {
    var run: String
    var best: UInt32
    var bestScores, baselineScores: [String]
    var bestMean, baselineMean, improvement, halfWidth: String
    var betterBeyondNoise: Bool
    var split: String
  }

  /// - Parameter snapshotID: of the best trial's recipe.
  public static func signed(
    _ report: EvaluatorV1.FinalReport, run: String, snapshotID: String, with key: IdentityKey
  ) throws -> [UInt8] {
    let predicate = Predicate(
      run: run, best: report.best, bestScores: report.bestScores, baselineScores: report.baselineScores,
      bestMean: report.bestMean, baselineMean: report.baselineMean, improvement: report.improvement,
      halfWidth: report.halfWidth, betterBeyondNoise: report.betterBeyondNoise, split: report.split)
    return try StatementJSON.signed(
      predicateType, subject: [.init(name: "recipe", digest: ["sha256": snapshotID])], predicate: predicate,
      with: key)
  }

  /// Verifies an envelope and only then parses it.
  public static func verified(envelope: [UInt8], run: String, key: PublicIdentity) throws(IdentityError)
    -> EvaluatorV1.FinalReport
  {
    let predicate: Predicate = try StatementJSON.verified(envelope, predicateType, by: key)
    guard predicate.run == run else {
      throw IdentityError(.malformed, "the envelope holds the final report of another run")
    }
    var report = EvaluatorV1.FinalReport()
    report.best = predicate.best
    report.bestScores = predicate.bestScores
    report.baselineScores = predicate.baselineScores
    report.bestMean = predicate.bestMean
    report.baselineMean = predicate.baselineMean
    report.improvement = predicate.improvement
    report.halfWidth = predicate.halfWidth
    report.betterBeyondNoise = predicate.betterBeyondNoise
    report.split = predicate.split
    report.envelope = envelope
    return report
  }
}
