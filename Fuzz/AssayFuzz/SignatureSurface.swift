import AssayIdentity
import AssayMessages
import AssayVerdict
import Foundation

/// Signed envelopes: whatever is changed, nothing but what was signed is ever believed.
struct SignatureSurface: Surface {
  static let name = "signatures"
  static let weight = 8

  private let key: IdentityKey
  private let statement: VerdictStatement
  private let envelope: [UInt8]
  private let report: [UInt8]
  private let trust: [UInt8]

  init() throws {
    key = IdentityKey()
    var verdict = LineageV1.Verdict()
    (verdict.runId, verdict.trial, verdict.label, verdict.score) = ("r", 3, .keep, "2.5")
    statement = VerdictStatement(
      verdict: verdict,
      facts: .init(
        taskDigest: "a", specialist: "s", parent: 0, snapshotID: "b", proposalDigest: "c", logDigest: "d",
        artifactDigests: ["e"], evaluatorVersion: "1"))
    envelope = try statement.signed(with: key)
    report = Array(
      #"{"payload":"e30=","payloadType":"application/vnd.in-toto+json","signatures":[{"keyid":"x","sig":"AA=="}]}"#
        .utf8)
    trust = Array(
      #"{"trust":[{"name":"operator","roles":["operator"],"key":"\#(key.publicIdentity.text)"}]}"#.utf8)
  }

  var seeds: [[UInt8]] { [envelope, report, trust, Array(key.publicIdentity.text.utf8)] }

  func consume(_ bytes: [UInt8]) throws -> Bool {
    var isRead = false
    if let believed = try? VerdictStatement.verified(envelope: bytes, key: key.publicIdentity) {
      guard believed == statement else { throw Finding("a changed verdict is believed: \(believed)") }
    }
    if (try? DSSEEnvelope(json: bytes)) != nil { isRead = true }
    if (try? ReportStatement.verified(envelope: bytes, run: "r", key: key.publicIdentity)) != nil {
      throw Finding("a report is believed that was never signed")
    }
    _ = try? JSONDecoder().decode(TrustStore.Entry.self, from: Data(bytes))
    let text = String(decoding: bytes, as: UTF8.self)
    if let identity = try? PublicIdentity(text: text), identity != (try? PublicIdentity(text: identity.text))
    {
      throw Finding("the key '\(text)' is another when it is written")
    }
    if DecimalText.isDecimal(text), Double(text)?.isFinite != true {
      throw Finding("the decimal '\(text)' is no finite number")
    }
    return isRead
  }
}
