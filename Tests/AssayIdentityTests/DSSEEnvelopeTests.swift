import Foundation
import Testing

@testable import AssayIdentity

@Suite("DSSE envelopes")
struct DSSEEnvelopeTests {
  private let key = IdentityKey()
  private let payload = Array(#"{"_type":"https://in-toto.io/Statement/v1"}"#.utf8)

  /// The example of DSSE's protocol.md.
  @Test func theEncodingIsThatOfTheSpecification() {
    let encoded = DSSEEnvelope.preAuthenticationEncoding(
      type: "http://example.com/HelloWorld", payload: Array("hello world".utf8))
    #expect(
      String(decoding: encoded, as: UTF8.self) == "DSSEv1 29 http://example.com/HelloWorld 11 hello world")
  }

  @Test func theSignerIsBelievedAndNobodyElse() throws {
    let envelope = DSSEEnvelope(signing: payload, with: key)
    #expect(try envelope.verifiedPayload(by: key.publicIdentity) == payload)
    let error = #expect(throws: IdentityError.self) {
      try envelope.verifiedPayload(by: IdentityKey().publicIdentity)
    }
    #expect(error?.code == .signatureInvalid)
    #expect(throws: IdentityError.self) {
      try envelope.verifiedPayload(by: key.publicIdentity, type: "text/plain")
    }
  }

  @Test func theJSONFormComesBack() throws {
    let envelope = DSSEEnvelope(signing: payload, with: key)
    let again = try DSSEEnvelope(json: envelope.json())
    #expect(again == envelope)
    #expect(try again.verifiedPayload(by: key.publicIdentity) == payload)
  }

  @Test func noChangedByteOfTheJSONIsBelieved() throws {
    let json = DSSEEnvelope(signing: payload, with: key).json()
    for index in json.indices {
      var changed = json
      changed[index] ^= 1
      guard let envelope = try? DSSEEnvelope(json: changed),
        let believed = try? envelope.verifiedPayload(by: key.publicIdentity)
      else { continue }
      // Only what is not signed, such as the key's hint, may change without a notice.
      #expect(believed == payload)
    }
  }

  @Test func aChangedPayloadOrTypeIsNotBelieved() throws {
    let json = String(decoding: DSSEEnvelope(signing: payload, with: key).json(), as: UTF8.self)
    let other = Data(#"{"_type":"forged"}"#.utf8).base64EncodedString()
    let forged = json.replacingOccurrences(of: Data(payload).base64EncodedString(), with: other)
    #expect(forged != json)
    #expect(throws: IdentityError.self) {
      try DSSEEnvelope(json: Array(forged.utf8)).verifiedPayload(by: key.publicIdentity)
    }
    let retyped = json.replacingOccurrences(of: DSSEEnvelope.inTotoType, with: "text/plain")
    #expect(retyped != json)
    #expect(throws: IdentityError.self) {
      try DSSEEnvelope(json: Array(retyped.utf8)).verifiedPayload(by: key.publicIdentity, type: "text/plain")
    }
  }

  @Test(arguments: [
    "", "{}", "[]", "null", #"{"payload":"!","payloadType":"t","signatures":[{"sig":""}]}"#,
    #"{"payload":"","payloadType":"t","signatures":[]}"#,
  ])
  func whatIsNoEnvelopeIsRefused(_ text: String) {
    let error = #expect(throws: IdentityError.self) { try DSSEEnvelope(json: Array(text.utf8)) }
    #expect(error?.code == .malformed)
  }
}
