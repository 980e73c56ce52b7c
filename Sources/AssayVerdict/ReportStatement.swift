public import AssayIdentity
public import AssayMessages
import Foundation

/// The final report of a run as a signed in-toto statement.
public enum ReportStatement {
  public static let predicateType = "https://assay.dev/final-report/v1"

  private struct Wire: Codable {
    struct Subject: Codable {
      var name: String
      var digest: [String: String]
    }
    struct Predicate: Codable {
      var run: String
      var best: UInt32
      var bestScores, baselineScores: [String]
      var bestMean, baselineMean, improvement, halfWidth: String
      var betterBeyondNoise: Bool
      var split: String
    }
    var type: String
    var predicateType: String
    var subject: [Subject]
    var predicate: Predicate

    private enum CodingKeys: String, CodingKey {
      case type = "_type"
      case predicateType, subject, predicate
    }
  }

  /// - Parameter snapshotID: of the best trial's recipe.
  public static func signed(
    _ report: EvaluatorV1.FinalReport, run: String, snapshotID: String, with key: IdentityKey
  ) throws -> [UInt8] {
    let wire = Wire(
      type: "https://in-toto.io/Statement/v1", predicateType: predicateType,
      subject: [.init(name: "recipe", digest: ["sha256": snapshotID])],
      predicate: .init(
        run: run, best: report.best, bestScores: report.bestScores, baselineScores: report.baselineScores,
        bestMean: report.bestMean, baselineMean: report.baselineMean, improvement: report.improvement,
        halfWidth: report.halfWidth, betterBeyondNoise: report.betterBeyondNoise, split: report.split))
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    return DSSEEnvelope(signing: [UInt8](try encoder.encode(wire)), with: key).json()
  }

  /// Verifies an envelope and only then parses it.
  public static func verified(envelope: [UInt8], run: String, key: PublicIdentity) throws(IdentityError)
    -> EvaluatorV1.FinalReport
  {
    let payload = try DSSEEnvelope(json: envelope).verifiedPayload(by: key)
    guard let wire = try? JSONDecoder().decode(Wire.self, from: Data(payload)),
      wire.predicateType == predicateType,
      wire.predicate.run == run
    else { throw IdentityError(.malformed, "the envelope is signed, but holds no final report of this run") }
    var report = EvaluatorV1.FinalReport()
    report.best = wire.predicate.best
    report.bestScores = wire.predicate.bestScores
    report.baselineScores = wire.predicate.baselineScores
    report.bestMean = wire.predicate.bestMean
    report.baselineMean = wire.predicate.baselineMean
    report.improvement = wire.predicate.improvement
    report.halfWidth = wire.predicate.halfWidth
    report.betterBeyondNoise = wire.predicate.betterBeyondNoise
    report.split = wire.predicate.split
    report.envelope = envelope
    return report
  }
}
