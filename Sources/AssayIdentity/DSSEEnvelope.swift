import Foundation

/// A signed statement: DSSE v1 (github.com/secure-systems-lab/dsse, protocol.md), Ed25519.
///
/// The signature covers type and exact bytes; verify first, parse after.
public struct DSSEEnvelope: Sendable, Hashable {
  public static let inTotoType = "application/vnd.in-toto+json"
  static let maximumBytes = 1 << 20

  public let payloadType: String
  public let payload: [UInt8]
  public let signatures: [Signature]

  public struct Signature: Sendable, Hashable {
    /// A hint only; never used to choose a key.
    public let keyID: String
    public let bytes: [UInt8]
  }

  private struct Wire: Codable {
    struct Signature: Codable {
      var keyid: String?
      var sig: String
    }
    var payload: String
    var payloadType: String
    var signatures: [Signature]
  }

  /// Signs a payload.
  public init(signing payload: [UInt8], type: String = inTotoType, with key: IdentityKey) {
    payloadType = type
    self.payload = payload
    signatures = [
      Signature(
        keyID: key.publicIdentity.text,
        bytes: key.sign(Self.preAuthenticationEncoding(type: type, payload: payload)))
    ]
  }

  /// Parses the JSON form without believing anything in it.
  public init(json: [UInt8]) throws(IdentityError) {
    guard json.count <= Self.maximumBytes else {
      throw IdentityError(
        .malformed, "the envelope has \(json.count) bytes, at most \(Self.maximumBytes) are read")
    }
    guard let wire = try? JSONDecoder().decode(Wire.self, from: Data(json)),
      let payload = Self.bytes(wire.payload), !wire.signatures.isEmpty, wire.signatures.count <= 16
    else { throw IdentityError(.malformed, "this is no DSSE envelope") }
    var signatures: [Signature] = []
    for signature in wire.signatures {
      guard let bytes = Self.bytes(signature.sig) else {
        throw IdentityError(.malformed, "a signature of the envelope is not base64")
      }
      signatures.append(Signature(keyID: signature.keyid ?? "", bytes: bytes))
    }
    payloadType = wire.payloadType
    self.payload = payload
    self.signatures = signatures
  }

  /// Base64 of which every text has exactly one form: else bits that nobody signed could be changed.
  private static func bytes(_ text: String) -> [UInt8]? {
    guard let data = Data(base64Encoded: text), data.base64EncodedString() == text else { return nil }
    return [UInt8](data)
  }

  public func json() -> [UInt8] {
    let wire = Wire(
      payload: Data(payload).base64EncodedString(), payloadType: payloadType,
      signatures: signatures.map { .init(keyid: $0.keyID, sig: Data($0.bytes).base64EncodedString()) })
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    guard let data = try? encoder.encode(wire) else { preconditionFailure("strings always encode") }
    return [UInt8](data)
  }

  /// The payload, when `identity` signed it as `type`.
  public func verifiedPayload(by identity: PublicIdentity, type: String = inTotoType) throws(IdentityError)
    -> [UInt8]
  {
    let message = Self.preAuthenticationEncoding(type: payloadType, payload: payload)
    guard payloadType == type,
      signatures.contains(where: { identity.isValid(signature: $0.bytes, for: message) })
    else {
      throw IdentityError(.signatureInvalid, "the envelope is not signed by \(identity.text) as \(type)")
    }
    return payload
  }

  /// PAE: "DSSEv1" SP len(type) SP type SP len(payload) SP payload.
  static func preAuthenticationEncoding(type: String, payload: [UInt8]) -> [UInt8] {
    Array("DSSEv1 \(type.utf8.count) \(type) \(payload.count) ".utf8) + payload
  }
}
