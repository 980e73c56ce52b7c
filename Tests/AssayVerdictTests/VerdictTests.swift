import AssayIdentity
import AssayMessages
import Foundation
import Testing

@testable import AssayVerdict

@Suite struct VerdictTests {
  static func verdict(_ label: LineageV1.VerdictLabel = .keep, score: String = "2.651234")
    -> LineageV1.Verdict
  {
    var verdict = LineageV1.Verdict()
    verdict.runId = "run-1"
    verdict.trial = 7
    verdict.label = label
    verdict.score = score
    verdict.reason = "gained 0.1 \"quoted\" \u{1F600}"
    verdict.delta = "-0.1"
    verdict.incumbent = 3
    verdict.seedScores = [score]
    verdict.noise = "0.02"
    verdict.decidedAtMs = 1_700_000_000_000
    var usage = LineageV1.PhaseUsage()
    usage.phase = "train"
    usage.seed = .max
    usage.wallNs = 12_345_678_901
    usage.runner = "local/0"
    verdict.usage = [usage]
    return verdict
  }
  static let facts = VerdictStatement.Facts(
    taskDigest: "t", specialist: "opt", parent: 3, snapshotID: "s", proposalDigest: "p", logDigest: "l",
    artifactDigests: ["a"],
    evaluatorVersion: "1")

  @Test func roundTrips() throws {
    let key = IdentityKey()
    for (label, _) in LineageV1.VerdictLabel.words {
      let statement = VerdictStatement(
        verdict: Self.verdict(label, score: label.isFailure ? "" : "1.5"), facts: Self.facts)
      let envelope = try statement.signed(with: key)
      #expect(try VerdictStatement.verified(envelope: envelope, key: key.publicIdentity) == statement)
    }
  }

  @Test func anotherKeyDoesNotVerify() throws {
    let envelope = try VerdictStatement(verdict: Self.verdict(), facts: Self.facts).signed(
      with: IdentityKey())
    let refusal = #expect(throws: IdentityError.self) {
      try VerdictStatement.verified(envelope: envelope, key: IdentityKey().publicIdentity)
    }
    #expect(refusal?.code == .signatureInvalid)
  }

  /// No single-bit change of the bytes makes another verdict: it is refused, or it says the very same.
  @Test func noFlippedBitChangesAVerdict() throws {
    let key = IdentityKey()
    let statement = VerdictStatement(verdict: Self.verdict(), facts: Self.facts)
    let envelope = try statement.signed(with: key)
    for index in envelope.indices {
      for bit in 0..<8 {
        var changed = envelope
        changed[index] ^= 1 << UInt8(bit)
        guard let read = try? VerdictStatement.verified(envelope: changed, key: key.publicIdentity) else {
          continue
        }
        #expect(read == statement, "byte \(index), bit \(bit)")
      }
    }
  }

  @Test(arguments: ["nan", "inf", "-Infinity", "1e5", "0x1", "", " 1", "1.2.3", "--1", "१"])
  func oddScoresAreRefused(_ score: String) throws {
    let key = IdentityKey()
    let envelope = try VerdictStatement(verdict: Self.verdict(.keep, score: score), facts: Self.facts).signed(
      with: key)
    #expect(throws: IdentityError.self) {
      try VerdictStatement.verified(envelope: envelope, key: key.publicIdentity)
    }
  }

  @Test func decimalsKeepSixPlaces() {
    #expect(DecimalText.format(2.6512345678) == "2.651235")
    #expect(DecimalText.format(-0.0000001) == "0")
    #expect(DecimalText.format(-1.5) == "-1.5")
    #expect(DecimalText.format(100) == "100")
    #expect(DecimalText.format(.nan) == nil)
    #expect(DecimalText.format(.infinity) == nil)
    #expect(DecimalText.format(1e15) == nil)
    for _ in 0..<1000 {
      let value = Double.random(in: -1000...1000)
      let text = DecimalText.format(value) ?? ""
      let read = Double(text) ?? .nan
      #expect(abs(read - value) <= 0.000_000_51)
      #expect(DecimalText.isDecimal(text))
    }
  }

  @Test func reportsAreOfTheirRun() throws {
    let key = IdentityKey()
    var report = EvaluatorV1.FinalReport()
    report.best = 4
    report.bestScores = ["1", "2"]
    report.betterBeyondNoise = true
    report.split = "sealed"
    let envelope = try ReportStatement.signed(report, run: "a", snapshotID: "s", with: key)
    var expected = report
    expected.envelope = envelope
    #expect(try ReportStatement.verified(envelope: envelope, run: "a", key: key.publicIdentity) == expected)
    #expect(throws: IdentityError.self) {
      try ReportStatement.verified(envelope: envelope, run: "b", key: key.publicIdentity)
    }
  }
}
